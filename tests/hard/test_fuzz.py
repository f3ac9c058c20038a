"""The three parsers against mutated input, ten minutes each: streams, request bodies, Markdown.

FUZZ_MINUTES sets the minutes. Each run begins at another number, and every input depends on its number alone: a failure
names it, and FUZZ_FROM begins there.
"""

from __future__ import annotations

import json
import os
import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from api.test_assembly import assembly
from chat.test_render import HOSTILE, MARKS, seen, streamed
from mock.test_properties import HEADERS, MOCK, answered, well_formed

from tutor.api import APIError
from tutor.chat.render import markdown
from tutor.mock import Request

pytestmark = pytest.mark.long

SECONDS = 60 * float(os.environ.get("FUZZ_MINUTES", "10"))
ROOT = Path(__file__).resolve().parents[2]
BODY = {
    "model": "claude-haiku-5-5",
    "max_tokens": 200,
    "stream": True,
    "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
    "stop_sequences": ["END"],
    "tools": [{"name": "clock", "input_schema": {"type": "object", "properties": {"zone": {"type": "string"}}}}],
    "messages": [
        {"role": "user", "content": "Write a haiku about tides."},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "clock", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "noon"}]},
    ],
}
TOKENS = [b"{", b"}", b"[", b"]", b'"', b":", b",", b"\\", b"\n", b"\r", b"\n\n", b"\x00", b"\xff", b"null", b"true"]
TOKENS += [b"-1", b"1e999", b"9" * 40, b'"type"', b'"text"', b'"index"', b"\\ud83d", b"data: ", b"event: ", b"\xe2\x80"]


def for_a_while(attempt: Callable[[random.Random], None]) -> None:
    """Try again and again; how many tries there were is shown with `-s`."""
    first = number = int(os.environ.get("FUZZ_FROM") or random.randrange(10**9))
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            attempt(random.Random(number))
        except BaseException as error:
            error.add_note(f"The same input again: FUZZ_FROM={number}")
            raise
        number += 1
    print(f"{attempt.__qualname__.partition('.')[0]}: {number - first:,} inputs from number {first}")
    assert number - first > 100


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The data with a few cuts, repetitions, insertions and flips."""
    for _ in range(chance.randrange(1, 8)):
        at, to = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        to = min(to, at + chance.choice((1, 8, 200)))
        piece = chance.choice((b"", data[at:to] * 2, chance.choice(TOKENS), bytes([chance.randrange(256)]), data[:at]))
        data = data[:at] + piece[:4000] + data[to:]
    return data


def test_streams() -> None:
    asked = {**BODY, "messages": [{"role": "user", "content": "Write a haiku about tides."}]}
    reply = MOCK.respond(Request("POST", "/v1/messages", HEADERS, json.dumps(asked).encode()))
    assert reply.events is not None
    stream = b"".join(chunk for _, chunk in reply.events)

    def attempt(chance: random.Random) -> None:
        data, reading = mutated(stream, chance), assembly()
        try:
            while data:
                size = chance.choice((1, 7, 64, 4096))
                reading.feed(data[:size])
                data = data[size:]
                while reading.next_event() is not None:
                    continue
            reading.end()
        except APIError as error:
            str(error), repr(error)
        if reading.message is not None:
            assert isinstance(repr(reading.message), str)

    for_a_while(attempt)


def test_request_bodies() -> None:
    whole = json.dumps(BODY).encode()

    def attempt(chance: random.Random) -> None:
        path = chance.choice(("/v1/messages", "/v1/messages/count_tokens"))
        well_formed(MOCK.respond(Request("POST", path, HEADERS, mutated(whole, chance))))
        answered(_spoiled(json.loads(whole), chance), path, {})

    for_a_while(attempt)


def _spoiled(value: object, chance: random.Random) -> object:
    """A JSON value in which something somewhere is something else."""
    if chance.random() < 0.08:
        return chance.choice((None, True, -1, 10**30, 0.5, "", "x" * 300, [], {}, [[]], {"type": "text"}, "\x00", "😀"))
    if isinstance(value, dict):
        return {key: _spoiled(inner, chance) for key, inner in value.items() if chance.random() > 0.02}
    if isinstance(value, list):
        return [_spoiled(inner, chance) for inner in value] * chance.choice((1, 1, 1, 1, 2))
    return value


def test_markdown() -> None:
    lessons = "\n\n".join(path.read_text("utf-8") for path in sorted((ROOT / "tutor" / "lessons").glob("*.txt")))
    marks = [*MARKS, *HOSTILE]

    def attempt(chance: random.Random) -> None:
        at = chance.randrange(len(lessons) - 400)
        parts = re.split(r"(\s+)", lessons[at : at + chance.randrange(400)])
        for _ in range(chance.randrange(12)):
            parts.insert(chance.randrange(len(parts) + 1), chance.choice(marks))
        parts.insert(chance.randrange(len(parts) + 1), f" word{chance.randrange(10_000):04} ")
        text = "".join(parts)
        shown = seen(markdown(text))
        seen(streamed(text, chance.choice((1, 7, 40))))
        assert set(re.findall(r"word\d{4}", text)) <= set(re.findall(r"word\d{4}", shown)), text

    for_a_while(attempt)
