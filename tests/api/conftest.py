"""A real HTTP server on loopback that answers as it is told and remembers what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tutor.api import Client

KEY = "sk-ant-test-0123456789abcdef"

HELLO: dict[str, Any] = {
    "id": "msg_hello",
    "type": "message",
    "role": "assistant",
    "model": "claude-haiku-5-5",
    "content": [{"type": "text", "text": "Hello."}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "stop_details": None,
    "usage": {"input_tokens": 14, "output_tokens": 41, "service_tier": "standard"},
}
QUESTION: dict[str, Any] = {
    "model": "claude-haiku-5-5",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "Say hello."}],
}


@dataclass
class Reply:
    """What the server answers: JSON, or pieces of a stream (bytes, or seconds of silence)."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pieces: Sequence[bytes | float] | None = None
    cut: bool = False  # ends without the last chunk, as a broken connection does


@dataclass
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    connection: int


class FakeApi:
    """The server. `replies` are given in order; the last one again and again."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.seen: list[Seen] = []
        self.open = 0  # connections
        self.gone = threading.Event()  # a client closed its connection
        self.stopping = threading.Event()
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                api.open += 1

            def finish(self) -> None:
                super().finish()
                api.open -= 1
                api.gone.set()

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except ConnectionError:
                    self.close_connection = True

            def do_POST(self) -> None:
                api.answer(self)

            do_GET = do_POST

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing is printed."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        data = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        body = json.loads(data) if data else None
        self.seen.append(Seen(handler.command, handler.path, headers, body, handler.client_address[1]))
        reply = self.replies[0] if len(self.replies) == 1 else self.replies.pop(0)
        streams = reply.pieces is not None
        kind = "text/event-stream; charset=utf-8" if streams else "application/json"
        handler.send_response(reply.status)
        for name, value in {"content-type": kind, "request-id": "req_test", **reply.headers}.items():
            handler.send_header(name, value)
        if not streams:
            content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            handler.send_header("content-length", str(len(content)))
            handler.end_headers()
            handler.wfile.write(content)
            return
        handler.send_header("transfer-encoding", "chunked")
        handler.end_headers()
        for piece in reply.pieces or ():
            if isinstance(piece, bytes):
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            else:
                self._be_silent(handler, piece)
        if reply.cut:
            handler.close_connection = True
        else:
            handler.wfile.write(b"0\r\n\r\n")

    def _be_silent(self, handler: BaseHTTPRequestHandler, seconds: float) -> None:
        """Sends nothing for a while, or until the client has gone."""
        end = time.monotonic() + seconds
        handler.connection.settimeout(0.005)
        while time.monotonic() < end and not self.stopping.is_set():
            try:
                if not handler.connection.recv(1):
                    raise ConnectionResetError
            except TimeoutError:
                continue
        handler.connection.settimeout(None)

    def stop(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def api() -> Iterator[FakeApi]:
    server = FakeApi()
    yield server
    server.stop()


@pytest.fixture
def naps() -> list[float]:
    """How long the client slept, each time."""
    return []


@pytest.fixture
def client(api: FakeApi, naps: list[float]) -> Iterator[Client]:
    with Client(
        api_key=KEY, base_url=api.url, sleep=naps.append, chance=lambda: 0.0, clock=lambda: 1_800_000_000.0
    ) as it:
        yield it
