"""A reply that passes through, read on the side: what it says, what it used, and how far it came."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from typing import Any

from ..journal import Exchange
from ..mock import tokens

_KEPT = 4_000_000  # bytes of one body that the journal keeps


class Meter:
    """Follows one reply. `feed` takes bytes as they travel and keeps the exchange up to date."""

    def __init__(self, exchange: Exchange, headers: dict[str, str]) -> None:
        self.exchange = exchange
        self.usage: dict[str, Any] = {}
        self.complete = self._told = False
        self.streamed = headers.get("content-type", "").startswith("text/event-stream")
        coding = headers.get("content-encoding", "").strip().lower()
        self._unzip = (
            zlib.decompressobj(wbits=47 if coding == "gzip" else 15) if coding in ("gzip", "deflate") else None
        )
        self._readable = not coding or coding == "identity" or self._unzip is not None
        self._message: dict[str, Any] | None = None
        self._rest = b""
        self._kept: list[bytes] = []
        self._size = self._travelled = 0
        self._length = int(headers.get("content-length", -1))

    def feed(self, data: bytes, now: float) -> None:
        """The next bytes of the body."""
        self._travelled += len(data)
        if not self._readable:
            return
        plain = self._plain(data)
        if self._size < _KEPT:
            self._kept.append(plain)
            self._size += len(plain)
        if self.streamed:
            *blocks, self._rest = (self._rest + plain).replace(b"\r\n", b"\n").split(b"\n\n")
            for block in blocks:
                self._event(block, now)

    def settle(self, end: bool) -> None:
        """Write what is known so far into the exchange; all of it once the reply is complete or at its end."""
        exchange = self.exchange
        if self.streamed:
            exchange.reply = self._message
        if not (end or self.complete or self._travelled == self._length):
            return
        exchange.reply_body = b"".join(self._kept)
        if not self.streamed and exchange.reply is None:
            try:
                exchange.reply = json.loads(exchange.reply_body)
            except ValueError:
                exchange.reply = None
            if isinstance(exchange.reply, dict) and isinstance(exchange.reply.get("usage"), dict):
                self.usage, self.complete = exchange.reply["usage"], True

    def tell(self, settle: Callable[[Meter], None]) -> None:
        """Call `settle` with this meter, once."""
        if not self._told:
            self._told = True
            settle(self)

    def spent(self) -> dict[str, Any]:
        """The usage to charge: of a stream that broke off, what was said is counted by estimate."""
        if self.complete or not self.streamed or self._message is None:
            return self.usage
        said = sum(
            tokens.estimate(str(block.get("text") or block.get("thinking") or block.get("partial_json") or ""))
            for block in self._message.get("content", ())
        )
        return {**self.usage, "output_tokens": max(said, self.usage.get("output_tokens", 0))}

    def _plain(self, data: bytes) -> bytes:
        if self._unzip is None:
            return data
        try:
            return self._unzip.decompress(data)
        except zlib.error:
            self._readable = False
            return b""

    def _event(self, block: bytes, now: float) -> None:
        from ..api.assembly import fold

        data = b"\n".join(line[5:].strip() for line in block.split(b"\n") if line.startswith(b"data:"))
        try:
            event = json.loads(data)
            self.exchange.events.append((now - self.exchange.started, event))
            self._message = fold(self._message, event)
        except (LookupError, TypeError, ValueError, AttributeError):  # not ours to judge: it is passed on as it came
            return
        if self._message is not None:
            self.usage = self._message.get("usage") or {}
        self.complete = self.complete or event.get("type") == "message_stop"
