"""A real HTTP server on loopback that answers as it is told and remembers what it was asked."""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tutor.api import Client

KEY = "sk-ant-test-0123456789abcdef"
Piece = bytes | float | dict[str, Any]


@dataclass
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    connection: int


@dataclass
class Answer:
    """What the server says: a body, or the pieces of a stream (bytes, events, or seconds of silence)."""

    status: int
    headers: dict[str, str]
    body: bytes
    pieces: tuple[Piece, ...] | None = None
    cut: bool = False


class FakeApi:
    """The server. Answers are given in order, the last one again and again."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.seen: list[Seen] = []
        self.open = 0  # connections
        self.gone = threading.Event()  # a connection ended
        self.silent = threading.Event()  # the server has nothing more to say
        self._stopping = threading.Event()
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
                api._answer(self)

            do_GET = do_POST

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing is printed."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def behind_tls(self, folder: Path) -> Path:
        """From now on it speaks TLS; gives back the certificate to trust. Needs the program openssl."""
        files = {name: str(folder / f"{name}.pem") for name in ("cert", "key")}
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        command += ["-addext", "subjectAltName=IP:127.0.0.1", "-out", files["cert"], "-keyout", files["key"]]
        subprocess.run(command, check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files["cert"], files["key"])
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = self.url.replace("http:", "https:")
        return Path(files["cert"])

    def says(self, body: Any, status: int = 200, **headers: str) -> None:
        """The next answer is this JSON (or these bytes)."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.append(Answer(status, _names(headers), content))

    def fails(
        self, status: int, kind: str, message: str, details: dict[str, Any] | None = None, **headers: str
    ) -> None:
        """The next answer is an error in the API's envelope."""
        error = {"type": kind, "message": message, **({"details": details} if details else {})}
        self.says({"type": "error", "error": error, "request_id": "req_test"}, status, **headers)

    def streams(self, *pieces: Piece, cut: bool = False, **headers: str) -> None:
        """The next answer is a stream; `cut` ends it without HTTP's last chunk, as a broken connection does."""
        self.answers.append(Answer(200, _names(headers), b"", pieces, cut))

    def stop(self) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        data = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        body = json.loads(data) if data else None
        self.seen.append(Seen(handler.command, handler.path, headers, body, handler.client_address[1]))
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        kind = "application/json" if answer.pieces is None else "text/event-stream; charset=utf-8"
        handler.send_response(answer.status)
        for name, value in {"content-type": kind, "request-id": "req_test", **answer.headers}.items():
            handler.send_header(name, value)
        if answer.pieces is None:
            handler.send_header("content-length", str(len(answer.body)))
            handler.end_headers()
            handler.wfile.write(answer.body)
        else:
            handler.send_header("transfer-encoding", "chunked")
            handler.end_headers()
            self._stream(handler, answer)

    def _stream(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        for piece in answer.pieces or ():
            if isinstance(piece, float):
                self._be_silent(handler, piece)
                continue
            content = (
                piece
                if isinstance(piece, bytes)
                else b"event: %s\ndata: %s\n\n"
                % (
                    piece["type"].encode(),
                    json.dumps(piece).encode(),
                )
            )
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
        if answer.cut:
            handler.close_connection = True
        else:
            handler.wfile.write(b"0\r\n\r\n")

    def _be_silent(self, handler: BaseHTTPRequestHandler, seconds: float) -> None:
        """Sends nothing for a while, or until the client has gone."""
        self.silent.set()
        end = time.monotonic() + seconds
        handler.connection.settimeout(0.005)
        while time.monotonic() < end and not self._stopping.is_set():
            try:
                if not handler.connection.recv(1):
                    raise ConnectionResetError
            except TimeoutError:
                continue
            except ssl.SSLError as error:  # TLS without its goodbye
                raise ConnectionResetError from error
        handler.connection.settimeout(None)


def _names(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture
def api() -> Iterator[FakeApi]:
    server = FakeApi()
    yield server
    server.stop()


@pytest.fixture
def key() -> str:
    return KEY


@pytest.fixture
def naps() -> list[float]:
    """How long the client slept, each time."""
    return []


@pytest.fixture
def client(api: FakeApi, naps: list[float]) -> Iterator[Client]:
    with Client(KEY, api.url, sleep=naps.append, chance=lambda: 0.5, clock=lambda: 1_800_000_000.0) as it:
        yield it


@pytest.fixture
def question() -> dict[str, Any]:
    return {
        "model": "claude-haiku-5-5",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "Say hello."}],
    }


@pytest.fixture
def hello() -> dict[str, Any]:
    """A reply."""
    return {
        "id": "msg_hello",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-5-5",
        "content": [{"type": "text", "text": "Hello, you."}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "stop_details": None,
        "usage": {"input_tokens": 14, "output_tokens": 41, "service_tier": "standard"},
    }


@pytest.fixture
def hello_events(hello: dict[str, Any]) -> list[dict[str, Any]]:
    """The same reply as a stream."""
    start = {**hello, "content": [], "stop_reason": None, "usage": {**hello["usage"], "output_tokens": 1}}
    ending = {"stop_reason": "end_turn", "stop_sequence": None, "stop_details": None}
    return [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "ping"},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": ", you."}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": ending, "usage": {"output_tokens": 41}},
        {"type": "message_stop"},
    ]
