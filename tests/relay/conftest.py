"""A relay of one's own, a raw socket to talk to it, and an upstream that says byte for byte what a test tells it to."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tutor.journal import Journal
from tutor.mock import Mock
from tutor.relay import Relay
from tutor.settings import Settings

RECORDINGS = Path(__file__).parent.parent / "mock" / "recordings"
KEY = "sk-ant-api03-planted-in-the-tests-0123456789"
TLS = ssl.create_default_context()  # one for all tests: it takes longer to make than most of them run
VERSION = {"anthropic-version": "2026-10-21"}


def question(content: Any = "Explain photosynthesis in one sentence.", **fields: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": content}]
    return {"model": "claude-haiku-5-5", "max_tokens": 1000, "messages": messages, **fields}


class House:
    """A started relay and a client that is allowed in."""

    def __init__(self, settings: Settings, recordings: Path = RECORDINGS) -> None:
        self.journal = Journal()
        self.relay = Relay(settings, self.journal, Mock(recordings, strict=settings.strict, pace=settings.pace))
        self.relay.start()
        self.headers = {"authorization": f"Bearer {self.relay.token}", **VERSION}
        self.client = httpx.Client(
            base_url=self.relay.url, headers=self.headers, trust_env=False, timeout=20, verify=TLS
        )

    def ask(self, content: Any = "Explain photosynthesis in one sentence.", **fields: Any) -> httpx.Response:
        return self.client.post("/v1/messages", json=question(content, **fields))

    def raw(self, data: bytes, until: Callable[[bytes], bool] | None = None) -> bytes:
        """What comes back over a bare socket, up to the end of the connection or until it is enough."""
        port = int(self.relay.url.rpartition(":")[2])
        with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as connection:
            connection.sendall(data)
            got = b""
            while chunk := connection.recv(65536):
                got += chunk
                if until and until(got):
                    break
            return got

    def head(self, *lines: str, method: str = "POST", path: str = "/v1/messages") -> bytes:
        first = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {self.relay.token}"]
        return "\r\n".join([*first, "anthropic-version: 2026-10-21", *lines, "", ""]).encode()

    def close(self) -> None:
        self.client.close()
        self.relay.stop()


@pytest.fixture
def make_house() -> Iterator[Callable[..., House]]:
    houses: list[House] = []

    def make(recordings: Path = RECORDINGS, **given: Any) -> House:
        houses.append(House(Settings(**{"pace": 0.0, **given}), recordings))
        return houses[-1]

    yield make
    for house in houses:
        house.close()


@pytest.fixture
def house(make_house: Callable[..., House]) -> House:
    return make_house()


class Upstream:
    """A server that answers each request with the next script: bytes to write, and events to wait for between them."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.scripts: list[list[bytes | threading.Event]] = []
        self.requests: list[tuple[bytes, bytes]] = []
        self.gone = threading.Event()  # the other side went away
        self._tls: ssl.SSLContext | None = None
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, 0), family=family)
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def behind_tls(self, folder: Path) -> Path:
        """From now on it speaks TLS; gives back the certificate to trust. Needs the program openssl."""
        files = {name: str(folder / f"{name}.pem") for name in ("cert", "key")}
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        command += ["-addext", "subjectAltName=IP:127.0.0.1", "-out", files["cert"], "-keyout", files["key"]]
        subprocess.run(command, check=True, capture_output=True)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(files["cert"], files["key"])
        self.url = self.url.replace("http:", "https:")
        return Path(files["cert"])

    def answer(self, body: bytes, *headers: str, status: str = "200 OK", pieces: int = 1) -> None:
        lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""]
        step = max(len(body) // pieces, 1)
        self.scripts.append(["\r\n".join(lines).encode(), *(body[at : at + step] for at in range(0, len(body), step))])

    def stream(self, *parts: bytes | threading.Event, headers: tuple[str, ...] = ()) -> None:
        lines = ["HTTP/1.1 200 OK", "Content-Type: text/event-stream; charset=utf-8", *headers]
        head = "\r\n".join([*lines, "Transfer-Encoding: chunked", "", ""]).encode()
        chunks = [part if isinstance(part, threading.Event) else b"%x\r\n%b\r\n" % (len(part), part) for part in parts]
        self.scripts.append([head, *chunks, b"0\r\n\r\n"])

    def json(self, value: Any, *headers: str, **given: Any) -> None:
        self.answer(json.dumps(value).encode(), "Content-Type: application/json", *headers, **given)

    def close(self) -> None:
        with suppress(OSError):  # where closing alone wakes the thread
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        if self._tls:
            try:
                connection = self._tls.wrap_socket(connection, server_side=True)
            except OSError:  # it was not trusted
                return
        with closing(connection), connection.makefile("rb") as stream:
            try:
                while head := self._head(stream):
                    length = next(
                        (
                            int(line.split(b":")[1])
                            for line in head.split(b"\r\n")
                            if line.lower().startswith(b"content-length")
                        ),
                        0,
                    )
                    self.requests.append((head, stream.read(length)))
                    for part in (
                        self.scripts.pop(0) if self.scripts else [b"HTTP/1.1 418 Empty\r\ncontent-length: 0\r\n\r\n"]
                    ):
                        if isinstance(part, bytes):
                            connection.sendall(part)
                        elif not part.wait(10):
                            return
            except OSError:
                self.gone.set()

    @staticmethod
    def _head(stream: Any) -> bytes:
        lines = b""
        while line := stream.readline():
            lines += line
            if line == b"\r\n":
                return lines
        return b""


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    server = Upstream()
    yield server
    server.close()


@pytest.fixture
def live(make_house: Callable[..., House], upstream: Upstream) -> House:
    """A relay that forwards to `upstream` with a planted key."""
    return make_house(mode="live", key=KEY, upstream=upstream.url)
