"""Any legal stream, however cut, is put together to the same message as by the official SDK; any other says so."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

import anthropic
import httpx2
import jiter
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tutor.api.assembly import Assembly, fold, unfinished_json
from tutor.api.errors import (
    APIError,
    APIResponseValidationError,
    APIStatusError,
    IncompleteStreamError,
    Request,
    Response,
)
from tutor.api.messages import Sent

Json = dict[str, Any]

TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
COUNTS = st.integers(0, 10_000)


@st.composite
def pieces(draw: st.DrawFn, text: str) -> list[str]:
    """A text in pieces, some of them empty."""
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=4)))
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


@st.composite
def block(draw: st.DrawFn) -> tuple[Json, Json, list[Json]]:
    """How a block starts, what comes of it, and the deltas between."""
    kind = draw(st.sampled_from(["text", "cited", "thinking", "withheld", "tool_use", "server_tool_use", "unknown"]))
    if kind in ("text", "cited"):
        text = draw(TEXTS)
        deltas = [{"type": "text_delta", "text": piece} for piece in draw(pieces(text))] if text else []
        whole: Json = {"type": "text", "text": text}
        if kind == "cited":
            cite = {"type": "char_location", "cited_text": draw(TEXTS), "document_index": 0, "document_title": None}
            cite |= {"start_char_index": 0, "end_char_index": 5, "file_id": None}
            deltas += [{"type": "citations_delta", "citation": cite}] * draw(st.integers(1, 2))
            whole["citations"] = [delta["citation"] for delta in deltas if delta["type"] == "citations_delta"]
        return {"type": "text", "text": ""}, whole, deltas
    if kind in ("thinking", "withheld"):
        words = draw(TEXTS) if kind == "thinking" else ""
        signature = draw(TEXTS)
        deltas = [{"type": "thinking_delta", "thinking": piece} for piece in draw(pieces(words))]
        deltas = deltas if draw(st.booleans()) or words else []
        deltas.append({"type": "signature_delta", "signature": signature})
        return (
            {"type": "thinking", "thinking": "", "signature": ""},
            {"type": "thinking", "thinking": words, "signature": signature},
            deltas,
        )
    if kind == "unknown":
        whole = {"type": "garden", "beds": draw(COUNTS)}
        return whole, whole, []
    given_input = draw(st.dictionaries(TEXTS, VALUES, max_size=3))
    written = draw(st.sampled_from(["", json.dumps(given_input, ensure_ascii=draw(st.booleans()))]))
    start = {"type": kind, "id": "toolu_1", "name": "look", "input": {}}
    deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in ["", *draw(pieces(written))]]
    return start, {**start, "input": given_input if written else {}}, deltas


@st.composite
def legal(draw: st.DrawFn) -> tuple[list[Json], Json]:
    """The events of a legal stream, and the message they make."""
    blocks = draw(st.lists(block(), max_size=4))
    usage: Json = {"input_tokens": draw(COUNTS), "output_tokens": 1, "cache_read_input_tokens": draw(COUNTS)}
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-5-5",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": dict(usage),
    }
    events: list[Json] = [{"type": "message_start", "message": copy.deepcopy(message)}]
    for index, (start, whole, deltas) in enumerate(blocks):
        events.append({"type": "content_block_start", "index": index, "content_block": start})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": index})
        message["content"].append(whole)
    for _ in range(draw(st.integers(1, 3))):
        ending = {
            "stop_reason": draw(st.sampled_from(["end_turn", "max_tokens", "tool_use", "refusal", "stop_sequence"])),
            "stop_sequence": draw(st.none() | TEXTS),
            "stop_details": None,
        }
        counted: Json = {"output_tokens": draw(COUNTS)}
        if draw(st.booleans()):
            counted |= {"input_tokens": draw(COUNTS), "cache_read_input_tokens": None}
        events.append({"type": "message_delta", "delta": ending, "usage": counted})
        message |= ending
        usage |= {name: count for name, count in counted.items() if count is not None}
    events.append({"type": "message_stop"})
    message["usage"] = usage
    for _ in range(draw(st.integers(0, 3))):
        extra = draw(st.sampled_from([{"type": "ping"}, {"type": "weather_report", "sun": True}]))
        events.insert(draw(st.integers(0, len(events) - 1)), extra)
    return events, message


@st.composite
def wire(draw: st.DrawFn, events: Iterable[Json]) -> bytes:
    """Events as bytes, as one server or another might write them."""
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    escaped = draw(st.booleans())
    text = ""
    for event in events:
        data = json.dumps(event, ensure_ascii=escaped)
        padded = data[:-1] + " " * draw(st.integers(0, 3)) + "}"
        text += draw(st.sampled_from(["", f": comment{end}", f"id: 1{end}"]))
        text += f"event: {event['type']}{end}data: {padded}{end}{end}"
    return text.encode()


@st.composite
def wires(draw: st.DrawFn) -> tuple[bytes, Json]:
    events, message = draw(legal())
    return draw(wire(events)), message


def assembly() -> Assembly:
    return Assembly(Response(200, {}, Request("POST", "http://test/v1/messages")), Sent())


def read(parts: Iterable[bytes]) -> Assembly:
    reply = assembly()
    for part in parts:
        reply.feed(part)
        while reply.next_event() is not None:
            pass
    reply.end()
    return reply


def cut(text: bytes, at: Iterable[int]) -> list[bytes]:
    places = sorted(at)
    return [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]


def sdk_message(text: bytes) -> Json:
    """What the official SDK makes of the same bytes."""
    transport = httpx2.MockTransport(
        lambda request: httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=text)
    )
    with (
        anthropic.Anthropic(api_key="sk-ant-test", http_client=httpx2.Client(transport=transport)) as sdk,
        sdk.messages.stream(model="claude-haiku-5-5", max_tokens=10, messages=[]) as stream,
    ):
        return stream.get_final_message().to_dict(mode="json", warnings=False)


@given(wires(), st.data())
@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_legal_stream_makes_its_message_wherever_it_is_cut(stream: tuple[bytes, Json], data: st.DataObject) -> None:
    text, message = stream
    places = data.draw(st.lists(st.integers(0, len(text)), max_size=6))
    assert read(cut(text, places)).json == message
    assert read(bytes([byte]) for byte in text).json == message


@given(wires())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_the_sdk_makes_the_same_message(stream: tuple[bytes, Json]) -> None:
    text, message = stream
    assert sdk_message(text) == message


@pytest.mark.long
@given(wires(), st.randoms(use_true_random=False))
@settings(max_examples=2_000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_hundred_thousand_cuts(stream: tuple[bytes, Json], chance: random.Random) -> None:
    text, message = stream
    for _ in range(50):
        places = [chance.randint(0, len(text)) for _ in range(chance.randint(1, 12))]
        assert read(cut(text, places)).json == message


@given(legal(), st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_stream_that_loses_its_end_is_incomplete(stream: tuple[list[Json], Json], data: st.DataObject) -> None:
    events, _ = stream
    text = data.draw(wire(events))
    stop = text.rindex(b"message_stop", 0, text.rindex(b"message_stop"))  # its name stands there twice
    with pytest.raises(IncompleteStreamError):
        read([text[: data.draw(st.integers(0, stop))]])


def _drop(kind: str) -> Callable[[list[Json]], list[Json]]:
    return lambda events: [event for event in events if event["type"] != kind]


def _put(place: int, event: Any) -> Callable[[list[Json]], list[Any]]:
    return lambda events: [*events[:place], event, *events[place:]]


def _swap(place: int, **fields: Any) -> Callable[[list[Json]], list[Json]]:
    return lambda events: [*events[:place], {**events[place], **fields}, *events[place + 1 :]]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_drop("message_start"), "before message_start"),
        (lambda events: [events[0], *events], "a second message_start"),
        (_drop("content_block_start"), "block 0, which has not started"),
        (_swap(1, index=1), "block 1 starts where block 0 should"),
        (_swap(3, index=-1), "block -1, which has not started"),
        (_swap(3, index="0"), "TypeError"),
        (_swap(3, delta={"type": "text_delta"}), "KeyError('text')"),
        (_swap(3, delta={"type": "text_delta", "text": 7}), "TypeError"),
        (_swap(3, delta=None), "TypeError"),
        (_swap(0, message=None), "TypeError"),
        (_swap(0, message={}), "KeyError('content')"),
        (_swap(6, usage=None), "AttributeError"),
        (_swap(6, delta=[1]), "AttributeError"),
        (_put(2, {"no": "type"}), "KeyError('type')"),
        (_put(2, [1]), "expected an object, got list"),
        (_put(2, 7), "expected an object, got int"),
        (
            _put(
                3,
                {
                    "type": "content_block_delta",
                    "index": 0,
                    "delta": {"type": "input_json_delta", "partial_json": "{x}"},
                },
            ),
            "Expecting property name",
        ),
    ],
)
def test_an_event_that_does_not_fit_says_why(
    hello_events: list[Json], change: Callable[[list[Json]], list[Any]], says: str
) -> None:
    lines = b"".join(b"data: %s\n\n" % json.dumps(event).encode() for event in change(hello_events))
    with pytest.raises(APIResponseValidationError, match=r"An event of the stream does not fit") as caught:
        read([lines])
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [b"{", b"{} {}", b"nonsense", b'{"type": "ping"', b"\xff\xfe", b"[" * 100_000, b'{"type": {}}', b'{"type": NaN}'],
)
def test_data_that_is_no_event_is_refused_or_passed_over(data: bytes) -> None:
    with pytest.raises(APIError):
        read([b"event: x\ndata: " + data + b"\n\n"])


@given(
    st.binary(max_size=200)
    | st.lists(st.sampled_from([b"data: ", b"{", b"}", b'"type"', b":", b'"ping"', b"\n", b"\n\n"])).map(b"".join)
)
def test_bytes_of_any_kind_give_a_typed_error(text: bytes) -> None:
    with pytest.raises(APIError):
        read([text])


def test_an_error_event_raises_with_what_had_come(hello_events: list[Json]) -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    reply = assembly()
    for event in [*hello_events[:4], error]:
        reply.feed(b"event: %s\ndata: %s\n\n" % (event["type"].encode(), json.dumps(event).encode()))
    for _ in range(3):
        reply.next_event()
    with pytest.raises(APIStatusError, match="overloaded_error: Overloaded") as caught:
        reply.next_event()
    assert caught.value.type == "overloaded_error"
    assert caught.value.status_code == 200
    partial = reply.with_partial(caught.value).partial
    assert partial is not None
    assert partial.text == "Hello"


def test_fold_reduces_a_stream_to_its_reply_and_leaves_the_events_alone(hello: Json, hello_events: list[Json]) -> None:
    before = copy.deepcopy(hello_events)
    start: Json | None = None
    assert reduce(fold, hello_events, start) == hello
    assert hello_events == before


def test_a_container_that_comes_late_stays(hello_events: list[Json]) -> None:
    hello_events[6]["delta"]["container"] = {"id": "container_1", "expires_at": "2026-11-21T00:00:00Z"}
    hello_events.insert(7, {"type": "message_delta", "delta": {"container": None}, "usage": {"output_tokens": 42}})
    message = reduce(fold, hello_events, None)
    assert message is not None
    assert message["container"]["id"] == "container_1"


@given(st.dictionaries(TEXTS, VALUES, max_size=4), st.data())
def test_input_that_breaks_off_is_read_as_the_sdk_reads_it(value: Json, data: st.DataObject) -> None:
    text = json.dumps(value, ensure_ascii=data.draw(st.booleans()), indent=data.draw(st.sampled_from([None, 2])))
    part = text[: data.draw(st.integers(1, len(text)))]
    assert unfinished_json(part) == jiter.from_json(part.encode(), partial_mode=True)


@pytest.mark.parametrize("text", ['{"a": nothing}', "{]", '{"a": 1}}', "}", "  "])
def test_what_is_not_json_at_all_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        unfinished_json(text)
