"""Bytes become the same events, however they were cut."""

from __future__ import annotations

import pytest
from anthropic._streaming import SSEDecoder
from hypothesis import given
from hypothesis import strategies as st

from tutor.api.sse import Decoder

LINES = st.sampled_from(
    [
        b"event: a",
        b"event:b",
        b"data: 1",
        b"data:2",
        b"data:  3",
        b"data",
        b": comment",
        b"id: 7",
        b"retry: 5",
        b"data: \xc3\xa9",
        b"x",
    ]
)
ENDS = st.sampled_from([b"\n", b"\r", b"\r\n"])


@pytest.mark.parametrize(
    ("text", "events"),
    [
        (b"event: ping\ndata: {}\n\n", [(b"ping", b"{}")]),
        (b"event: ping\r\ndata: {}\r\n\r\n", [(b"ping", b"{}")]),
        (b"event: ping\rdata: {}\r\r", [(b"ping", b"{}")]),
        (b"data: {}\n\n", [(b"", b"{}")]),
        (b"data:{}\n\n", [(b"", b"{}")]),
        (b"data: one\ndata: two\n\n", [(b"", b"one\ntwo")]),
        (b"data: 1\n\ndata: 2\n\n", [(b"", b"1"), (b"", b"2")]),
        (b"\xef\xbb\xbfdata: after a byte order mark\n\n", [(b"", b"after a byte order mark")]),
        (b": a comment\nid: 7\nretry: 5\n\n", []),
        (b"event: without data\n\ndata: without its name\n\n", [(b"", b"without its name")]),
        (b"data: not ended\n", []),
        (b"data: \xe2\x80\xa8 is no line end here\n\n", [(b"", b"\xe2\x80\xa8 is no line end here")]),
        (b"", []),
    ],
)
def test_the_format(text: bytes, events: list[tuple[bytes, bytes]]) -> None:
    assert Decoder().feed(text) == events
    byte_by_byte = Decoder()
    assert [event for byte in text for event in byte_by_byte.feed(bytes([byte]))] == events


def test_an_event_is_there_with_the_byte_that_ends_it() -> None:
    decoder = Decoder()
    assert decoder.feed(b"data: 1\r") == []
    assert decoder.feed(b"\r") == [(b"", b"1")]  # not later, though LF may still come
    assert decoder.feed(b"\n") == []


@given(st.lists(st.tuples(st.one_of(LINES, st.just(b"")), ENDS)), st.data())
def test_cuts_change_nothing_and_the_sdk_agrees(lines: list[tuple[bytes, bytes]], data: st.DataObject) -> None:
    text = b"".join(line + end for line, end in lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    decoder = Decoder()
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    events = [event for piece in pieces for event in decoder.feed(piece)]
    assert events == Decoder().feed(text)
    theirs = [((sse.event or "").encode(), sse.data.encode()) for sse in SSEDecoder().iter_bytes(iter([text]))]
    assert [event for event in events if event[1]] == [event for event in theirs if event[1]]
