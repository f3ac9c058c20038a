"""A message makes a stream: the events as the API sends them, one source for both."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from . import ids, tokens

Block = dict[str, Any]
Event = tuple[float, bytes]

_QUICK = 0.018  # seconds for each token of a reply without a pace of its own


def events(said: Mapping[str, Any], seed: bytes, pace: float, recorded: Any = None) -> list[Event]:
    """The message as server-sent events, each with the seconds to wait before it.

    `recorded` is how the recording arrived: pairs of milliseconds and characters. Padding, ping, cumulative usage, the
    empty thinking delta and the empty first piece of a tool's JSON are as in public recordings of real streams.
    """
    dice = ids.dice(seed, "stream")
    usage = said["usage"]
    opening = {**said, "content": [], "stop_reason": None, "stop_sequence": None, "stop_details": None}
    opening["usage"] = {**usage, "output_tokens": min(usage["output_tokens"], dice.randint(1, 8))}
    opening["usage"].pop("output_tokens_details", None)
    waits = _waits(recorded)
    out: list[Event] = []

    def add(kind: str, wait: float = 0.0, **fields: Any) -> None:
        data = json.dumps({"type": kind, **fields}, ensure_ascii=False, separators=(",", ":"))
        padding = " " * dice.randint(0, 14) if kind != "ping" else ""
        out.append((wait * pace, f"event: {kind}\ndata: {data[:-1]}{padding}}}\n\n".encode()))

    add("message_start", message=opening)
    for index, block in enumerate(said["content"]):
        add("content_block_start", index=index, content_block=_opened(block))
        if index == 0:
            out.append((0.0, b'event: ping\ndata: {"type": "ping"}\n\n'))
        for delta in _deltas(block, waits, dice):
            wait = delta.pop("wait", 0.0)
            add("content_block_delta", wait, index=index, delta=delta)
        add("content_block_stop", index=index)
    ends = {key: said[key] for key in ("stop_reason", "stop_sequence", "stop_details")}
    sums = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")
    more = ("output_tokens_details", "server_tool_use")
    add("message_delta", delta=ends, usage={key: usage[key] for key in (*sums, *more) if key in usage})
    add("message_stop")
    return out


def duration(recorded: Any) -> float:
    """Seconds that a recording with a pace took, unstreamed as well."""
    milliseconds: float = sum(wait for wait, _ in recorded or ())
    return milliseconds / 1000


def _opened(block: Block) -> Block:
    """A block before its first delta."""
    empty: dict[str, Any] = {"text": "", "thinking": "", "signature": ""}
    if block["type"] in ("tool_use", "server_tool_use"):
        empty["input"] = {}
    return {key: empty.get(key, value) for key, value in block.items() if key not in ("citations", "partial_json")}


def _deltas(block: Block, waits: Iterator[tuple[float, int]], dice: Any) -> Iterator[dict[str, Any]]:
    if block["type"] == "text":
        for citation in block.get("citations") or ():
            yield {"type": "citations_delta", "citation": citation}
        for wait, text in _pieces(block["text"], waits, dice):
            yield {"type": "text_delta", "text": text, "wait": wait}
    elif block["type"] == "thinking":
        for wait, text in _pieces(block.get("thinking", ""), waits, dice) or [(0.0, "")]:
            yield {"type": "thinking_delta", "thinking": text, "wait": wait}
        yield {"type": "signature_delta", "signature": block["signature"]}
    elif block["type"] in ("tool_use", "server_tool_use"):
        yield {"type": "input_json_delta", "partial_json": ""}
        whole = block.get("partial_json", json.dumps(block["input"], ensure_ascii=False) if block["input"] else "")
        for wait, text in _pieces(whole, waits, dice):
            yield {"type": "input_json_delta", "partial_json": text, "wait": wait}


def _pieces(text: str, waits: Iterator[tuple[float, int]], dice: Any) -> list[tuple[float, str]]:
    """The text in the pieces of its recording, or in pieces of a few tokens."""
    out: list[tuple[float, str]] = []
    rest = tokens.pieces(text)
    while rest:
        wait, characters = next(waits, (0.0, 0))
        if characters:
            joined = "".join(rest)
            out.append((wait, joined[:characters]))
            rest = [joined[characters:]] if joined[characters:] else []
        else:
            count = dice.randint(2, 6)
            out.append((_QUICK * count, "".join(rest[:count])))
            rest = rest[count:]
    return out


def _waits(recorded: Any) -> Iterator[tuple[float, int]]:
    for milliseconds, characters in recorded or ():
        yield milliseconds / 1000, characters
