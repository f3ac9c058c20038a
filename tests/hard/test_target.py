"""The relay as a target: other users and web pages of this computer, and programs that mean harm."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tutor.relay import wire

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
BODY = {
    "model": "claude-haiku-5-5",
    "max_tokens": 200,
    "messages": [{"role": "user", "content": "Explain photosynthesis in one sentence."}],
}


AT_REST = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="threads and memory are read from /proc")


class Target(NamedTuple):
    """A relay in a process of its own, and a client that is allowed in."""

    process: subprocess.Popen[str]
    client: httpx.Client

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.client.base_url.port), timeout=20)

    def answers(self) -> bool:
        return self.client.post("/v1/messages", json=BODY).status_code == 200

    def figure(self, name: str) -> int:
        """Of its process: VmRSS in kilobytes, Threads."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith(f"{name}:")).split()[1])

    def comes_down_to(self, threads: int) -> None:
        """Wait for the threads of ended connections, which end when their turn comes."""
        deadline = time.monotonic() + 20
        while (now := self.figure("Threads")) > threads:
            assert time.monotonic() < deadline, f"{now} threads are left, expected {threads}"
            time.sleep(0.05)

    def is_at_rest(self, before: int) -> None:
        """It answers, its threads have ended, and its memory is about what it was."""
        self.comes_down_to(threads=10)
        assert self.figure("VmRSS") - before < 100_000
        assert self.answers()


@pytest.fixture
def target() -> Iterator[Target]:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "TUTOR_PACE": "0"}
    command = [sys.executable, "-m", "tutor.relay", "--port", "0"]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url, token = (process.stdout.readline().strip().rpartition("=")[2].strip("'\"") for _ in range(2))
        headers = {"authorization": f"Bearer {token}", "anthropic-version": "2026-10-21"}
        with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=60) as client:
            yield Target(process, client)
        process.terminate()


@AT_REST
def test_ten_thousand_idle_connections_neither_stop_the_lesson_nor_fill_memory(target: Target) -> None:
    assert target.answers()
    before = target.figure("VmRSS")
    for _ in range(20):
        with ExitStack() as held:
            for _ in range(500):
                held.enter_context(target.connect())
            assert target.answers()
            target.comes_down_to(threads=wire.MOST_CONNECTIONS + 10)
    target.is_at_rest(before)


@AT_REST
def test_two_hundred_requests_at_once_are_all_answered(target: Target) -> None:
    assert target.answers()
    before = target.figure("VmRSS")
    url, headers = str(target.client.base_url.join("/v1/messages")), target.client.headers

    def ask(_: int) -> int:
        return httpx.post(url, json=BODY, headers=headers, trust_env=False, timeout=120).status_code

    with ThreadPoolExecutor(200) as pool:
        assert set(pool.map(ask, range(200))) == {200}
    target.is_at_rest(before)


def stranger(target: Target, *lines: str, body: bytes = b"") -> bytes:
    """What somebody without the token gets."""
    head = "\r\n".join(["POST /v1/messages HTTP/1.1", "Host: 127.0.0.1", *lines, "", ""]).encode()
    with target.connect() as connection:
        connection.sendall(head + body)
        return connection.recv(65536)


def test_a_stranger_cannot_fill_the_memory_with_a_body(target: Target) -> None:
    size = wire.STRANGERS_LIMIT + 1
    assert stranger(target, f"Content-Length: {size}").startswith(b"HTTP/1.1 413 ")
    assert stranger(target, "Transfer-Encoding: chunked", body=b"%x\r\n" % size).startswith(b"HTTP/1.1 413 ")
    assert stranger(target, "Content-Length: 2", body=b"{}").startswith(b"HTTP/1.1 401 ")


def test_a_body_that_never_ends_holds_up_nobody_else(target: Target) -> None:
    with target.connect() as slow:
        slow.sendall(b"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(5):
            slow.sendall(b"x")
            assert target.answers()


SMUGGLED = b"GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.mark.parametrize(
    "head",
    [
        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Content-Length: 0\r\nContent-Length: 0\r\n",
        b"Content-Length: 0, 4\r\n",
        b"Content-Length: 0x4\r\n",
        b"X: y\r\n Content-Length: 4\r\n",
        b"X: y\rContent-Length: 4\r\n",
        b"X: y\x00\r\n",
    ],
)
def test_no_second_request_can_be_hidden_in_a_first(target: Target, head: bytes) -> None:
    with target.connect() as connection:
        connection.sendall(b"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n" + head + b"\r\n" + SMUGGLED)
        answers = b""
        while data := connection.recv(65536):
            answers += data
    assert answers.startswith(b"HTTP/1.1 400 ")
    assert answers.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 403),  # a name that was made to point here (DNS rebinding)
        ({"host": "127.0.0.1.evil.example"}, 403),
        ({"host": "127.0.0.1:80@evil.example"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost:8888"}, 403),  # JupyterLab's own pages have no business here either
        ({"authorization": ""}, 401),
        ({"authorization": "Bearer tutor-local-guessed"}, 401),
    ],
)
def test_a_web_page_and_a_neighbour_are_refused_and_told_nothing(
    target: Target, headers: dict[str, str], status: int
) -> None:
    reply: Any = target.client.post("/v1/messages", json=BODY, headers=headers)
    assert reply.status_code == status
    assert not any(name.startswith("access-control") for name in reply.headers)
    assert target.client.headers["authorization"].removeprefix("Bearer ") not in reply.text


def test_a_page_may_not_even_ask_whether_it_may(target: Target) -> None:
    asked = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    reply = target.client.options("/v1/messages", headers=asked)
    assert reply.status_code == 403
    assert not any(name.startswith("access-control") for name in reply.headers)


@AT_REST
def test_many_who_hang_up_at_once_leave_no_thread(target: Target) -> None:
    assert target.answers()
    threads = target.figure("Threads")

    def hang_up() -> None:
        with target.connect() as connection:
            connection.sendall(b"POST /v1/messages HTTP/1.1\r\n")

    hanging_up = [threading.Thread(target=hang_up) for _ in range(100)]
    for thread in hanging_up:
        thread.start()
    for thread in hanging_up:
        thread.join()
    target.comes_down_to(threads)
    assert target.answers()
