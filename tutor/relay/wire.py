"""HTTP/1.1 as it travels: one request read from a socket, one reply written to it, every byte counted.

Written out here rather than taken from `http.server`, which reads headers as if they were an e-mail (as long as all the
rest takes), answers what it does not understand in HTML, and prints.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate
from socket import SHUT_RDWR, create_connection, socket
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

from .traffic import HUNG_UP, Gone, Incoming, Outgoing

BODY_LIMIT, STRANGERS_LIMIT = 64 * 1024 * 1024, 256 * 1024  # bytes; who has no token may send only so much
PATIENCE = 120.0  # seconds without a byte of the next request, after which a connection ends
MOST_CONNECTIONS = 300  # open at a time: who comes then takes the place of the stranger who was silent longest
_LONGEST_LINE, _MOST_HEADERS = 65536, 200
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class _Malformed(Exception):
    """A request that is not HTTP: the status it gets, and words where more can be said."""

    def __init__(self, status: int, words: str = "The request is not valid HTTP.") -> None:
        super().__init__(status)
        self.status = status
        self.words = "Request exceeds the maximum size" if status == 413 else words


class Handler(StreamRequestHandler):
    """One connection: reads requests, hands each to the server's `answer`, keeps the connection for the next."""

    wbufsize = 0
    disable_nagle_algorithm = True  # else every reply waits 44 ms for the client's acknowledgement
    server: Server
    known = False  # whether it has shown the token

    def handle(self) -> None:
        try:
            while self._one_request():
                continue
        except HUNG_UP:
            return
        finally:
            self.server.closed(self.connection)

    def _one_request(self) -> bool:
        """Answer the next request; whether another may follow."""
        self._count = 0
        self.server.waits(self.connection, self.known)
        self.connection.settimeout(PATIENCE)
        try:
            incoming, old = self._read()
            self.connection.settimeout(None)
            self.server.works(self.connection)
        except _Malformed as fault:
            self._complain(fault)
            return False
        except EOFError:  # between two requests, or half-way through one
            return False
        outgoing = Outgoing(self.connection.sendall, incoming.method, old)
        try:
            self.server.answer(incoming, outgoing)
        except Gone:
            return False
        tokens = incoming.plain.get("connection", "").lower()
        return not (outgoing.close or "close" in tokens)

    def _read(self) -> tuple[Incoming, bool]:
        """The next request, and whether it is of HTTP/1.0. Raises `_Malformed`, and `EOFError` if it breaks off."""
        first = self._line(414)
        if first in (b"\r\n", b"\n"):  # RFC 9112 allows an empty line before a request
            first = self._line(414)
        parts = first.decode("latin-1").split()
        if len(parts) != 3 or not parts[0].isalpha() or not parts[2].startswith("HTTP/"):
            raise _Malformed(400)
        if parts[2] not in ("HTTP/1.1", "HTTP/1.0"):
            raise _Malformed(505)
        headers: list[tuple[str, str]] = []
        while (line := self._line(431)) not in (b"\r\n", b"\n"):
            name, colon, value = line.decode("latin-1").removesuffix("\n").removesuffix("\r").partition(":")
            if not colon or not _NAME.fullmatch(name) or len(headers) == _MOST_HEADERS:
                raise _Malformed(431 if len(headers) == _MOST_HEADERS else 400)
            if _CONTROL.search(value):
                raise _Malformed(400, f"The header {name} holds a control character, such as a line break.")
            headers.append((name, value.strip(" \t")))
        head, old = self._count, parts[2] == "HTTP/1.0"
        body = self._body(headers, old)
        return Incoming(parts[0], parts[1], headers, body, head, self._count - head), old

    def _body(self, headers: list[tuple[str, str]], old: bool) -> bytes:
        """The body, plain or in chunks."""
        given: dict[str, list[str]] = {}
        for name, value in headers:
            given.setdefault(name.lower(), []).append(value)
        coding, lengths = given.get("transfer-encoding", []), given.get("content-length", [])
        if (coding and (lengths or old or [one.lower() for one in coding] != ["chunked"])) or len(lengths) > 1:
            raise _Malformed(400)
        if lengths and not (lengths[0].isascii() and lengths[0].isdigit()):
            raise _Malformed(400)
        self.known = self.server.is_known(given)
        limit = BODY_LIMIT if self.known else STRANGERS_LIMIT
        length = int(lengths[0][:20]) if lengths else 0
        if length > limit:
            raise _Malformed(413)
        if "100-continue" in [value.lower() for value in given.get("expect", [])] and not old:
            self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return self._chunks(limit) if coding else self._bytes(length)

    def _chunks(self, limit: int) -> bytes:
        body = bytearray()
        while True:
            digits = self._line(400).partition(b";")[0].strip()
            if not re.fullmatch(rb"[0-9A-Fa-f]{1,16}", digits):
                raise _Malformed(400)
            length = int(digits, 16)
            if len(body) + length > limit:
                raise _Malformed(413)
            body += self._bytes(length)
            while (end := self._line(400)) not in (b"\r\n", b"\n"):
                if length or not end:  # only the last chunk has lines after it
                    raise _Malformed(400)
            if not length:
                return bytes(body)

    def _line(self, too_long: int) -> bytes:
        line = self.rfile.readline(_LONGEST_LINE + 1)
        self._count += len(line)
        if len(line) > _LONGEST_LINE:
            raise _Malformed(too_long)
        if not line.endswith(b"\n"):
            raise EOFError
        return line

    def _bytes(self, length: int) -> bytes:
        data = self.rfile.read(length)
        self._count += len(data)
        if len(data) < length:
            raise EOFError
        return data

    def _complain(self, fault: _Malformed) -> None:
        """Answer what is not HTTP, in the shape of the API's own errors."""
        kind = "request_too_large" if fault.status == 413 else "invalid_request_error"
        body = json.dumps({"type": "error", "error": {"type": kind, "message": fault.words}}).encode()
        outgoing = Outgoing(self.connection.sendall, "", old=True)
        outgoing.start(
            fault.status, [("content-type", "application/json"), ("date", formatdate(usegmt=True))], len(body)
        )
        try:
            outgoing.send(outgoing.framed(body))
        except Gone:
            return


class Server(ThreadingTCPServer):
    """A server on 127.0.0.1 that gives every request to `answer`, and can end every connection at once."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = os.name != "nt"  # on Windows it would let two servers share a port
    request_queue_size = 256

    def __init__(
        self,
        port: int,
        answer: Callable[[Incoming, Outgoing], None],
        is_known: Callable[[dict[str, list[str]]], bool] = lambda headers: True,
    ) -> None:
        """`is_known` tells by the headers whether this is a program of the notebook's."""
        self.answer, self.is_known = answer, is_known
        self._open: set[socket] = set()
        # Who waits for a request: strangers, and those who have shown the token; who has waited longest comes first.
        self._waiting: tuple[dict[socket, None], dict[socket, None]] = {}, {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        super().__init__(("127.0.0.1", port), Handler)

    def begin(self) -> None:
        """Take connections in a daemon thread until `end`."""
        self._thread = threading.Thread(target=self._run, name="tutor-relay", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        """Between two connections the thread sleeps; `serve_forever` would wake every now and then to look."""
        while True:
            try:
                connection, address = self.get_request()
            except OSError:  # closed; or as many files are open as may be
                if self._ended.wait(0.01) or self.socket.fileno() == -1:
                    return
                self._end_the_most_silent()
                continue
            if self._ended.is_set():
                connection.close()
                return
            with self._lock:
                full = len(self._open) >= MOST_CONNECTIONS
            if full:
                self._end_the_most_silent()
            self.opened(connection)
            self.process_request(connection, address)

    def _end_the_most_silent(self) -> None:
        with self._lock, suppress(OSError):
            waiting = self._waiting[0] or self._waiting[1]
            if waiting:
                connection = next(iter(waiting))
                del waiting[connection]
                self._open.discard(connection)
                connection.shutdown(SHUT_RDWR)  # which ends its thread's wait

    def end(self) -> None:
        """Stop taking connections, and end those that are open."""
        self._ended.set()
        with suppress(OSError):
            create_connection(("127.0.0.1", self.port), timeout=1).close()  # wakes the thread
        self._thread.join(5)  # a socket that is closed while a thread waits on it would take one more connection
        self.server_close()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):  # it ended by itself a moment ago
                    connection.shutdown(SHUT_RDWR)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def opened(self, connection: socket) -> None:
        """A stranger from the first moment: its thread may get its turn much later."""
        with self._lock:
            self._open.add(connection)
            self._waiting[False][connection] = None

    def closed(self, connection: socket) -> None:
        with self._lock:
            self._open.discard(connection)
            for waiting in self._waiting:
                waiting.pop(connection, None)

    def waits(self, connection: socket, known: bool) -> None:
        with self._lock:
            self._waiting[known][connection] = None

    def works(self, connection: socket) -> None:
        with self._lock:
            for waiting in self._waiting:
                waiting.pop(connection, None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing is printed: the server thread lives in the learner's kernel."""
