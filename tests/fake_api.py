"""A loopback server that streams what a test tells it to, event by event, and remembers what it was sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """`pieces` of text, `gap` seconds before each; `then` says how it ends.

    whole, cut (without its last events), silent, error (an event), or hang up: before the first byte.
    """

    pieces: Sequence[str] = ("Hello.",)
    gap: float = 0.0
    then: str = "whole"
    status: int = 200
    error: tuple[str, str] = ("", "")
    headers: dict[str, str] = field(default_factory=lambda: {"tutor-source": "written", "tutor-usage": "estimated"})
    stop_reason: str = "end_turn"


class FakeApi:
    """Use as a context manager; `replies` are given in order, the last one again and again."""

    def __init__(self) -> None:
        self.replies: list[Reply] = [Reply()]
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.closed = threading.Event()  # the client went away in the middle of a stream
        self.released = threading.Event()  # ends silent streams when the test is over
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Silent."""

            def do_POST(self) -> None:
                api.requests.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                api.headers.append({name.lower(): value for name, value in self.headers.items()})
                reply = api.replies.pop(0) if len(api.replies) > 1 else api.replies[0]
                try:
                    api.answer(self, reply)
                except (BrokenPipeError, ConnectionResetError):
                    api.closed.set()
                self.close_connection = True

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FakeApi:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        if reply.then == "hang up":
            return
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.send_header("request-id", "req_test")
        handler.send_header("connection", "close")
        if reply.status != 200:
            kind, words = reply.error
            body = json.dumps({"type": "error", "error": {"type": kind, "message": words}}).encode()
            handler.send_header("content-type", "application/json")
            handler.send_header("content-length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
            return
        handler.send_header("content-type", "text/event-stream")
        handler.end_headers()
        for event in self.events(reply):
            if event["type"] == "content_block_delta" and reply.gap:
                self.released.wait(reply.gap)
            handler.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
            handler.wfile.flush()
        if reply.then == "silent":
            handler.connection.settimeout(0.05)
            while not self.released.is_set():
                try:
                    if handler.connection.recv(1) == b"":
                        self.closed.set()
                        return
                except TimeoutError:
                    continue

    def events(self, reply: Reply) -> Iterable[dict[str, Any]]:
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-haiku-5-5", "content": []}
        usage = {"input_tokens": 412, "output_tokens": 1}
        yield {"type": "message_start", "message": {**message, "stop_reason": None, "usage": usage}}
        yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        yield {"type": "ping"}
        for piece in reply.pieces:
            delta = {"type": "text_delta", "text": piece}
            yield {"type": "content_block_delta", "index": 0, "delta": delta}
        if reply.then == "error":
            kind, words = reply.error
            yield {"type": "error", "error": {"type": kind, "message": words}}
        if reply.then != "whole":
            return
        yield {"type": "content_block_stop", "index": 0}
        end = {"stop_reason": reply.stop_reason, "stop_sequence": None}
        yield {"type": "message_delta", "delta": end, "usage": {"output_tokens": 96}}
        yield {"type": "message_stop"}
