"""What the checks of lesson 04 hand to a learner's function: pieces, events, and streams of the official SDK."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tutor.practice.evidence import Outcome, Screen, outcome_of

Event = dict[str, Any]

# --- typewriter: pieces, and a look at the screen before each next one -----------------------------

PIECES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("a sentence in four pieces", ("The tide", " comes in", " twice", " a day.")),
    ("a piece with a line end, an empty one", ("First line.\n", "", "Second", " line.")),
    ("no piece at all", ()),
)


@dataclass
class Typed:
    """What a function did with the pieces. `late`: a piece was not on the screen when the next one was asked for."""

    whole: str
    taken: int
    late: bool
    unflushed: bool
    outcome: Outcome


def typed(function: Callable[..., Any], pieces: tuple[str, ...]) -> Typed:
    """Hand the pieces to the function one by one, and look at the screen before each next piece."""
    screen = Screen()
    seen: list[tuple[str, str]] = []
    taken = 0

    def one_by_one() -> Iterator[str]:
        nonlocal taken
        for piece in pieces:
            taken += 1
            yield piece
            seen.append((screen.getvalue(), screen.shown))

    outcome = outcome_of(function, one_by_one(), screen=screen)
    due = ["".join(pieces[: number + 1]) for number in range(len(pieces))]
    late = any(_letters(so_far) not in _letters(printed) for so_far, (printed, _) in zip(due, seen, strict=False))
    unflushed = any(_letters(so_far) not in _letters(shown) for so_far, (_, shown) in zip(due, seen, strict=False))
    return Typed("".join(pieces), taken, late, unflushed, outcome)


def _letters(text: str) -> str:
    return "".join(text.split())


# --- assemble: events as JSON -----------------------------------------------------------------------


def start(output_tokens: int = 1) -> Event:
    """A `message_start`, whose usage is only the first count."""
    usage = {"input_tokens": 14, "output_tokens": output_tokens}
    message: Event = {"id": "msg_01", "type": "message", "role": "assistant", "content": [], "stop_reason": None}
    return {"type": "message_start", "message": message | {"usage": usage}}


def text_block(index: int, *pieces: str) -> list[Event]:
    """One text block: start, a delta for each piece, stop."""
    return [
        {"type": "content_block_start", "index": index, "content_block": {"type": "text", "text": ""}},
        *(
            {"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": piece}}
            for piece in pieces
        ),
        {"type": "content_block_stop", "index": index},
    ]


def thinking_block(index: int, thought: str) -> list[Event]:
    """One thinking block: a delta with the thought, one with the signature."""
    block = {"type": "thinking", "thinking": "", "signature": ""}
    deltas = ({"type": "thinking_delta", "thinking": thought}, {"type": "signature_delta", "signature": "EqQB"})
    return [
        {"type": "content_block_start", "index": index, "content_block": block},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def end(output_tokens: int, stop_reason: str | None = "end_turn") -> Event:
    """A `message_delta`."""
    delta = {"stop_reason": stop_reason, "stop_sequence": None}
    return {"type": "message_delta", "delta": delta, "usage": {"output_tokens": output_tokens}}


PING: Event = {"type": "ping"}
STOP: Event = {"type": "message_stop"}


@dataclass(frozen=True)
class Events:
    """One case of `assemble`: the events, and what they add up to."""

    name: str
    events: list[Event]
    text: str
    stop_reason: str
    output_tokens: int
    tolerant: bool = False  # it holds an event that says nothing about the message

    def joined(self, kind: str = "", index: int | None = None) -> str:
        """The text of the deltas of one kind, or of one block."""
        deltas = [event for event in self.events if event["type"] == "content_block_delta"]
        kept = [event["delta"] for event in deltas if index is None or event["index"] == index]
        return "".join(delta.get(kind or "text", "") for delta in kept)

    @property
    def last_piece(self) -> str:
        """The text of the last text delta."""
        return str([e["delta"]["text"] for e in self.events if e.get("delta", {}).get("type") == "text_delta"][-1])

    @property
    def counts(self) -> list[int]:
        """The output tokens of every `message_delta`."""
        return [event["usage"]["output_tokens"] for event in self.events if event["type"] == "message_delta"]

    @property
    def first_count(self) -> int:
        """The output tokens of `message_start`."""
        return int(self.events[0]["message"]["usage"]["output_tokens"])


CASES = (
    Events(
        "plain",
        [start(), *text_block(0, "Habari", " za asubuhi!"), end(9), STOP],
        "Habari za asubuhi!",
        "end_turn",
        9,
    ),
    Events(
        "a ping between",
        [start(), *text_block(0, "Bom")[:2], PING, *text_block(0, " dia!")[1:], end(6, "max_tokens"), STOP],
        "Bom dia!",
        "max_tokens",
        6,
        tolerant=True,
    ),
    Events(
        "thinking first",
        [start(3), *thinking_block(0, "7 times 8."), *text_block(1, "It is", " 56."), end(31), STOP],
        "It is 56.",
        "end_turn",
        31,
    ),
    Events(
        "two text blocks",
        [start(), *text_block(0, "The Nile ", "is in "), *text_block(1, "Africa", "."), end(12), STOP],
        "The Nile is in Africa.",
        "end_turn",
        12,
    ),
    Events(
        "two message_delta",
        [start(4), *text_block(0, "One", " two"), end(5, None), end(8, "stop_sequence"), STOP],
        "One two",
        "stop_sequence",
        8,
    ),
    Events(
        "an event of tomorrow",
        [start(), {"type": "weather_report", "sky": "clear"}, *text_block(0, "Still", " here."), end(7), STOP],
        "Still here.",
        "end_turn",
        7,
        tolerant=True,
    ),
)


# --- survive: streams of the official SDK, made in memory -------------------------------------------

_OPEN = [start(), *text_block(0, "Rain falls", " on the hills", " and runs to the sea.")]
_FAILURE: Event = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
WHOLE, CUT, FAILED = "a whole stream", "a cut stream", "a failed stream"
STREAMS: dict[str, list[Event]] = {
    WHOLE: [*_OPEN, end(14), STOP],
    CUT: _OPEN[:4],
    FAILED: [*_OPEN[:3], _FAILURE],
}
TEXTS = {WHOLE: "Rain falls on the hills and runs to the sea.", CUT: "Rain falls on the hills", FAILED: "Rain falls"}


class Enough(BaseException):
    """Ends a function that opens the stream again and again, also one that catches every `Exception`."""


@dataclass
class Survived:
    """What a function did with one stream, and how often it opened it."""

    name: str
    calls: int = 0
    outcome: Outcome = field(default_factory=Outcome)

    @property
    def text(self) -> Any:
        return self.outcome.value[0]

    @property
    def complete(self) -> bool:
        return bool(self.outcome.value[1])


def survived(function: Callable[..., Any]) -> list[Survived]:
    """Hand each stream to the function: `call()` opens it, as `sdk.messages.stream(...)` does. Nothing is sent."""
    import anthropic
    import httpx2

    def one(name: str) -> Survived:
        wire = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in STREAMS[name])
        headers = {"content-type": "text/event-stream", "request-id": "req_in_memory"}
        network = httpx2.MockTransport(lambda request: httpx2.Response(200, headers=headers, content=wire.encode()))
        result = Survived(name)
        with anthropic.Anthropic(
            api_key="in-memory", base_url="http://127.0.0.1:9", http_client=httpx2.Client(transport=network)
        ) as sdk:

            def call() -> Any:
                result.calls += 1
                if result.calls > 3:
                    raise Enough
                question = [{"role": "user", "content": "Where does rain go?"}]
                return sdk.messages.stream(model="claude-haiku-5-5", max_tokens=100, messages=question)  # type: ignore[arg-type]

            with suppress(Enough):
                result.outcome = outcome_of(function, call)
        return result

    return [one(name) for name in STREAMS]
