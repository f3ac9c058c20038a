"""HTTP as it travels: one request read from a socket, one reply written to it, every byte counted.

The standard library's server does the parsing; what it would print, it does not print here.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from typing import Any, cast

BODY_LIMIT = 64 * 1024 * 1024
_GONE = (ConnectionError, TimeoutError)


@dataclass(frozen=True)
class Incoming:
    """A request as it came: header names as they were written, and the bytes it took."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    head_size: int
    body_size: int

    @property
    def plain(self) -> dict[str, str]:
        """Headers by lower-case name; several of one name are joined by a comma."""
        out: dict[str, str] = {}
        for name, value in self.headers:
            low = name.lower()
            out[low] = f"{out[low]}, {value}" if low in out else value
        return out


class Gone(Exception):
    """The client hung up."""


class _Malformed(Exception):
    """A request that is not HTTP, and the status it gets."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Outgoing:
    """The reply being written: `start`, then `send` as often as there is something, then `end`."""

    def __init__(self, send: Callable[[bytes], None], method: str, old: bool) -> None:
        self._send, self._method, self._old = send, method, old
        self._head = b""
        self._chunked = False
        self.started = False
        self.close = old
        self.head_size = 0
        self.body_size = 0

    def start(
        self, status: int, headers: list[tuple[str, str]], length: int | None, reason: str = ""
    ) -> list[tuple[str, str]]:
        """The head, which leaves with the first bytes of the body; returns all its headers.

        `length` None: as many bytes as come.
        """
        try:
            reason = reason or HTTPStatus(status).phrase
        except ValueError:
            reason = "Unknown"
        bodiless = status in (204, 304) or status < 200
        if length is not None and not bodiless:
            headers = [*headers, ("content-length", str(length))]
        elif not bodiless and self._old:
            self.close = True
        elif not bodiless:
            headers, self._chunked = [*headers, ("transfer-encoding", "chunked")], self._method != "HEAD"
        if self.close:
            headers = [*headers, ("connection", "close")]
        lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers), "", ""]
        self._head = "\r\n".join(lines).encode("latin-1", "replace")
        self.started = True
        self.head_size = len(self._head)
        return headers

    def framed(self, data: bytes) -> bytes:
        """The bytes as they will travel; counted now, so that the journal knows before the client does."""
        if self._method == "HEAD" or not data:
            return b""
        framed = b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data
        self.body_size += len(framed)
        return framed

    def send(self, framed: bytes) -> None:
        """Write framed bytes, the head before the first; raises `Gone` when nobody listens any more."""
        head, self._head = self._head, b""
        if not (head or framed):
            return
        try:
            self._send(head + framed)
        except _GONE as error:
            self.close = True
            raise Gone from error

    def last(self) -> bytes:
        """What ends the body; counted like the rest."""
        end = b"0\r\n\r\n" if self._chunked else b""
        self.body_size += len(end)
        return end


class Handler(BaseHTTPRequestHandler):
    """One connection: reads requests, hands each to the server's `answer`, keeps the connection for the next."""

    protocol_version = "HTTP/1.1"
    wbufsize = 0
    disable_nagle_algorithm = True  # else every reply waits 44 ms for the client's acknowledgement
    server: Server

    def handle(self) -> None:
        self.server.opened(self.connection)
        try:
            super().handle()
        except _GONE:
            self.close_connection = True
        finally:
            self.server.closed(self.connection)

    def handle_one_request(self) -> None:
        counter = _Counter(self.rfile)
        stream, self.rfile = self.rfile, cast(Any, counter)
        try:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline:
                self.close_connection = True
                return
            if len(self.raw_requestline) > 65536:
                self.requestline, self.request_version, self.command = "", "", ""
                self.send_error(414)
                return
            if not self.parse_request():
                return
            head = counter.count
            try:
                body = self._body()
            except _Malformed as fault:
                self.send_error(fault.status)
                return
            if body is None:  # the client hung up half-way
                self.close_connection = True
                return
            incoming = Incoming(self.command, self.path, list(self.headers.items()), body, head, counter.count - head)
            outgoing = Outgoing(self.connection.sendall, self.command, self.request_version != "HTTP/1.1")
            try:
                self.server.answer(incoming, outgoing)
            except Gone:
                self.close_connection = True
            if outgoing.close:
                self.close_connection = True
        finally:
            self.rfile = stream

    def _body(self) -> bytes | None:
        """The body, plain or in chunks; None if it broke off. Raises `_Malformed`."""
        coding = self.headers.get("transfer-encoding", "").lower()
        lengths = self.headers.get_all("content-length") or []
        if coding and (lengths or coding != "chunked"):
            raise _Malformed(400)
        if coding:
            return self._chunks()
        if not lengths:
            return b""
        if len(lengths) > 1 or not (lengths[0].isascii() and lengths[0].isdigit()):
            raise _Malformed(400)
        if int(lengths[0]) > BODY_LIMIT:
            raise _Malformed(413)
        body = self.rfile.read(int(lengths[0]))
        return body if len(body) == int(lengths[0]) else None

    def _chunks(self) -> bytes | None:
        parts: list[bytes] = []
        size = 0
        while True:
            line = self.rfile.readline(1026).partition(b";")[0].strip()
            try:
                length = int(line, 16) if line.isalnum() else -1
            except ValueError:
                length = -1
            if length < 0:
                raise _Malformed(400)
            size += length
            if size > BODY_LIMIT:
                raise _Malformed(413)
            parts.append(self.rfile.read(length))
            if len(parts[-1]) < length:
                return None
            while (end := self.rfile.readline(65537)) not in (b"\r\n", b"\n", b""):
                if length:  # only the last chunk has lines after it
                    raise _Malformed(400)
            if not end:
                return None
            if not length:
                return b"".join(parts)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """A request that is not HTTP, in the shape of the API's own errors; the connection ends."""
        kind = "request_too_large" if code == 413 else "invalid_request_error"
        words = "Request exceeds the maximum size" if code == 413 else "The request is not valid HTTP."
        body = json.dumps({"type": "error", "error": {"type": kind, "message": words}}).encode()
        outgoing = Outgoing(self.connection.sendall, self.command or "", old=True)
        outgoing.start(code, [("content-type", "application/json"), ("date", formatdate(usegmt=True))], len(body))
        self.close_connection = True
        try:
            outgoing.send(outgoing.framed(body))
        except Gone:
            return

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a notebook's output belongs to the learner."""


class _Counter:
    """A stream that counts the bytes read from it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.count = 0

    def readline(self, limit: int = -1) -> bytes:
        line: bytes = self._stream.readline(limit)
        self.count += len(line)
        return line

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._stream.read(size)
        self.count += len(data)
        return data


class Server(ThreadingHTTPServer):
    """A server on 127.0.0.1 that gives every request to `answer`, and can end every connection at once."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = os.name != "nt"  # on Windows it would let two servers share a port
    request_queue_size = 256

    def __init__(self, port: int, answer: Callable[[Incoming, Outgoing], None]) -> None:
        self.answer = answer
        self._open: set[socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)

    def server_bind(self) -> None:
        """Bind without asking the network for this computer's name, which can take seconds."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def opened(self, connection: socket) -> None:
        with self._lock:
            self._open.add(connection)

    def closed(self, connection: socket) -> None:
        with self._lock:
            self._open.discard(connection)

    def hang_up(self) -> None:
        """End every open connection."""
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(SHUT_RDWR)
                except OSError:  # it ended by itself a moment ago
                    continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing is printed: the server thread lives in the learner's kernel."""
