"""An upstream that means harm, or is broken: typed errors, bounded memory, and the key goes to nobody else."""

from __future__ import annotations

import gzip
import json
import time
import tracemalloc

import pytest
from relay.test_upstream import BLOCK, END, LAST, START, STOP, TEXT, event

from tutor.api import APIError, Client
from tutor.relay import meter

pytestmark = pytest.mark.slow

MEGABYTE = 1_000_000


def client_of(live):
    return Client(live.relay.token, live.relay.url, max_retries=0)


def growth(work, until):
    """Bytes of memory that `work` left in use, and the most that it had.

    The relay's thread puts away what it held a moment after the last byte has left: what stays is what is there once
    no more than `until` is, or ten seconds later.
    """
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    work()
    most = tracemalloc.get_traced_memory()[1]
    deadline = time.monotonic() + 10
    while (left := tracemalloc.get_traced_memory()[0] - before) > until and time.monotonic() < deadline:
        time.sleep(0.01)
    tracemalloc.stop()
    return left, most - before


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: nonsense\r\n\r\n{}", 502),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}", 502),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000 + b"\r\n", 502),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 5_000_000 + b"\r\n\r\n", 502),
        (b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 2\r\n\r\n{}", 502),
        (b"\x16\x03\x01\x02\x00\x01", 502),
        (b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/v1/messages\r\nContent-Length: 0\r\n\r\n", 502),
        (b"HTTP/1.1 307 Temporary\r\nLocation: //evil.example\r\nContent-Length: 0\r\n\r\n", 502),
    ],
)
def test_what_cannot_be_a_reply_is_a_502_in_the_apis_shape(live, upstream, head, status):
    upstream.scripts.append([head])
    reply = live.ask()
    assert (reply.status_code, reply.json()["type"]) == (status, "error")
    assert len(upstream.requests) == 1
    live.relay.mode = "recorded"
    assert live.ask().status_code == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"5", b'"text"', b"\xff\xfe\x00", b"[" * 100_000, b"<html>", b'{"usage": []}'],
    ids=repr,
)
@pytest.mark.parametrize("kind", ["application/json", "text/html", "image/png", "text/event-stream", ""])
def test_whatever_comes_with_200_is_a_typed_error_of_the_client(live, upstream, body, kind):
    upstream.answer(body, f"Content-Type: {kind}")
    upstream.answer(body, f"Content-Type: {kind}")
    asked = {"model": "claude-haiku-5-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    with client_of(live) as client:
        with pytest.raises(APIError):
            client.messages.create(**asked)
        with pytest.raises(APIError), client.messages.stream(**asked) as stream:
            list(stream)


@pytest.mark.parametrize(
    "events",
    [
        [LAST, START, TEXT],
        [TEXT, BLOCK, START, LAST],
        [START, STOP, STOP, END, LAST],
        [START, START, LAST],
        [START, event("content_block_start", index=10**9, content_block={"type": "text", "text": ""}), LAST],
        [START, BLOCK, event("content_block_delta", index=-1, delta={"type": "text_delta", "text": 5}), LAST],
        [b"data: " + b"[" * 100_000 + b"\n\n", START, LAST],
        [b"event: message_start\ndata: \xff\xfe\n\n", LAST],
        [b"\x00" * 1000 + b"\n\n", START, LAST],
        [b": comment\n\n" * 1000, START, LAST],
    ],
    ids=range(10),
)
def test_events_in_any_order_and_of_any_shape_are_passed_on_and_break_nothing(live, upstream, events):
    upstream.stream(*events)
    assert live.ask(stream=True).content == b"".join(events)
    upstream.stream(START, BLOCK, TEXT, STOP, END, LAST)
    assert live.ask(stream=True).content.endswith(LAST)


def test_one_event_of_fifty_megabytes_is_passed_on_and_not_kept(live, upstream):
    huge = b"data: " + b"x" * 50 * MEGABYTE + b"\n\n"
    upstream.stream(START, *(huge[at : at + 65536] for at in range(0, len(huge), 65536)), LAST)

    def read():
        with live.client.stream("POST", "/v1/messages", json={"stream": True, "model": "claude-haiku-5-5"}) as reply:
            assert sum(map(len, reply.iter_raw())) == len(START) + len(huge) + len(LAST)

    left, most = growth(read, until=2 * MEGABYTE + meter._KEPT)
    assert most < 2 * meter._EVENT + 12 * MEGABYTE
    assert left <= 2 * MEGABYTE + meter._KEPT


def test_a_stream_without_an_end_is_bounded_and_can_be_left(live, upstream, monkeypatch):
    monkeypatch.setattr(meter, "_SAID", MEGABYTE)
    many = event("content_block_delta", index=0, delta={"type": "text_delta", "text": "x" * 60_000}) * 16
    upstream.stream(START, BLOCK, *[many] * 25)

    def read():
        with live.client.stream("POST", "/v1/messages", json={"stream": True, "model": "claude-haiku-5-5"}) as reply:
            for piece in reply.iter_raw():
                assert piece

    most = meter._KEPT + 3 * meter._SAID  # the body, the events, and the text that they make
    left, _ = growth(read, until=most)
    assert left <= most
    assert live.relay.budget.spent, "what came was not charged, though no usage was told"


def test_a_compressed_bomb_is_passed_on_as_it_came_and_unpacked_in_pieces(live, upstream):
    bomb = gzip.compress(b" " * 300 * MEGABYTE, 9)
    upstream.answer(bomb, "Content-Type: application/json", "Content-Encoding: gzip")

    def read():
        with live.client.stream(
            "POST", "/v1/messages", json={"model": "claude-haiku-5-5"}, headers={"accept-encoding": "gzip"}
        ) as reply:
            assert sum(map(len, reply.iter_raw())) == len(bomb)

    _, most = growth(read, until=meter._KEPT + 12 * MEGABYTE)
    assert most < meter._KEPT + 12 * MEGABYTE


def test_a_compressed_bomb_as_an_error_is_cut(live, upstream):
    bomb = gzip.compress(json.dumps({"type": "error", "error": {"message": " " * 100 * MEGABYTE}}).encode(), 9)
    upstream.answer(bomb, "Content-Type: application/json", "Content-Encoding: gzip", status="500 Oops")
    reply = live.ask()
    assert reply.status_code == 500
    assert len(reply.content) < 100 * MEGABYTE
