"""HTTP itself: bodies in chunks, Expect, keep-alive, HEAD, old versions, and what is not HTTP at all."""

from __future__ import annotations

import json
import socket

import pytest

BODY = json.dumps(
    {
        "model": "claude-haiku-5-5",
        "max_tokens": 1000,
        "messages": [{"role": "user", "content": "Write a haiku about tides."}],
    }
).encode()


def chunked(*parts: bytes) -> bytes:
    return b"".join(b"%X\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def test_a_body_may_come_in_chunks(house):
    head = house.head("Transfer-Encoding: chunked", "Connection: close")
    assert house.raw(head + chunked(BODY[:10], BODY[10:])).startswith(b"HTTP/1.1 200 OK\r\n")


def test_the_last_chunk_may_have_lines_after_it(house):
    head = house.head("Transfer-Encoding: chunked", "Connection: close")
    whole = chunked(BODY).removesuffix(b"\r\n") + b"X-Sum: 1\r\n\r\n"
    assert house.raw(head + whole).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_client_may_wait_to_be_told_to_go_on(house):
    head = house.head("Expect: 100-continue", f"Content-Length: {len(BODY)}", "Connection: close")
    assert house.raw(head, until=lambda got: got.endswith(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 Continue\r\n")
    assert b"HTTP/1.1 200 OK\r\n" in house.raw(head + BODY)


def test_requests_may_follow_each_other_on_one_connection(house):
    one = house.head(f"Content-Length: {len(BODY)}") + BODY
    last = house.head(f"Content-Length: {len(BODY)}", "Connection: close") + BODY
    assert house.raw(one + one + last).count(b"HTTP/1.1 200 OK\r\n") == 3


def test_an_http_1_0_client_gets_a_body_without_chunks(house):
    body = json.dumps({**json.loads(BODY), "stream": True}).encode()
    head = house.head(f"Content-Length: {len(body)}").replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    answer = house.raw(head + body)
    assert b"transfer-encoding" not in answer
    assert answer.endswith(b"}\n\n")
    assert b"connection: close\r\n" in answer


@pytest.mark.parametrize("path", ["/v1/models", "/v1/nothing"])
def test_head_gets_no_body(house, path):
    answer = house.raw(house.head("Connection: close", method="HEAD", path=path))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-length: " in head
    assert body == b""


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"])
def test_another_method_is_answered_in_the_apis_shape(house, method):
    answer = house.raw(house.head("Connection: close", method=method))
    assert answer.startswith(b"HTTP/1.1 405 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["type"] == "error"


NOT_HTTP = {
    "a word": b"hello\r\n\r\n",
    "no path": b"POST\r\n\r\n",
    "a version of the future": b"GET /v1/models HTTP/3.0\r\n\r\n",
    "a very long line": b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
    "very many headers": b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 300 + b"\r\n",
    "two lengths": b"POST /v1/messages HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "length and chunks": b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a length that is none": b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    "another coding": b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    "a chunk that is none": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a chunk too long": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n\r\n",
    "a body too large": b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
}


@pytest.mark.parametrize("data", NOT_HTTP.values(), ids=NOT_HTTP)
def test_what_is_not_http_gets_one_answer_and_the_connection_ends(house, data):
    answer = house.raw(data)
    assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5"))
    body = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert (body["type"], set(body["error"])) == ("error", {"type", "message"})
    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    "data", [b"", b"POST /v1/messages HTTP/1.1\r\n", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab"]
)
def test_a_client_that_hangs_up_half_way_is_forgotten(house, data):
    port = int(house.relay.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            continue
    assert house.ask().status_code == 200


def test_no_reply_waits_for_an_acknowledgement(house):
    """Nagle's algorithm would hold each of these back for 40 ms."""
    house.ask("Write a haiku about tides.", stream=True)
    (connection,) = house.relay._server._open
    assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_stranger_makes_room_before_its_thread_has_begun_and_the_notebooks_program_stays(house):
    house.ask()
    server = house.relay._server
    (known,) = server._open
    here, there = socket.socketpair()
    with here, there:
        here.settimeout(10)
        server.opened(there)
        server._end_the_most_silent()
        assert here.recv(1) == b""
    assert house.ask().status_code == 200
    assert server._open == {known}
