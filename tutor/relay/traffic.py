"""One request as it came, and one reply as it goes out, every byte counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus

HUNG_UP = (ConnectionError, TimeoutError)


@dataclass(frozen=True)
class Incoming:
    """A request as it came: header names as they were written, and the bytes it took."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    head_size: int
    body_size: int

    @cached_property
    def plain(self) -> dict[str, str]:
        """Headers by lower-case name; several of one name are joined by a comma."""
        out: dict[str, str] = {}
        for name, value in self.headers:
            low = name.lower()
            out[low] = f"{out[low]}, {value}" if low in out else value
        return out


class Gone(Exception):
    """The client hung up."""


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
        except HUNG_UP as error:
            self.close = True
            raise Gone from error

    def last(self) -> bytes:
        """What ends the body; counted like the rest."""
        end = b"0\r\n\r\n" if self._chunked else b""
        self.body_size += len(end)
        return end
