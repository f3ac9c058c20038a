"""A reply that passes through, read on the side: what it says, what it used, and how far it came."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from ..api.sse import Decoder
from ..journal import Exchange
from ..mock import tokens

_KEPT = 4_000_000  # bytes of one body that the journal keeps
_READ = 64_000_000  # bytes of one body that are looked at: far more than the longest reply of any model
_EVENT = 8_000_000  # bytes of one event
_SAID = 16_000_000  # bytes of deltas that are put together; the longest replies need a few of them
UNREADABLE = (ValueError, RecursionError)  # what `json.loads` raises
_PIECE = 1_000_000  # bytes that are unpacked at a time: a small reply may hold a huge one


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
        self._decoder = Decoder()
        self._kept: list[bytes] = []
        self._size = self._travelled = self._read = self._unfinished = self._said = 0
        length = headers.get("content-length", "")
        self._length = int(length) if length.isascii() and length.isdigit() else -1

    def feed(self, data: bytes, now: float) -> None:
        """The next bytes of the body."""
        self._travelled += len(data)
        for plain in self._plain(data) if self._readable else ():
            self._read += len(plain)
            if self._size < _KEPT:
                self._kept.append(plain[: _KEPT - self._size])
                self._size += len(self._kept[-1])
            if self.streamed:
                events = self._decoder.feed(plain)
                self._unfinished = 0 if events else self._unfinished + len(plain)
                for _, event in events:
                    self._event(event, now)
            if self._read > _READ or self._unfinished > _EVENT:  # it is passed on all the same
                self._readable, self._decoder = False, Decoder()
                return

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
            except UNREADABLE:
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

    def _plain(self, data: bytes) -> Iterator[bytes]:
        if self._unzip is None:
            yield data
            return
        while data:
            try:
                yield self._unzip.decompress(data, _PIECE)
            except zlib.error:
                self._readable = False
                return
            data = self._unzip.unconsumed_tail

    def _event(self, data: bytes, now: float) -> None:
        from ..api.assembly import fold

        try:
            event = json.loads(data)
            if event["type"] == "content_block_delta":
                self._said += len(data)
                if self._said > _SAID:
                    return
            self.exchange.events.append((now - self.exchange.started, event))
            self._message = fold(self._message, event)
        except (*UNREADABLE, LookupError, TypeError, AttributeError):  # not ours to judge: it is passed on as it came
            return
        if self._message is not None:
            self.usage = self._message.get("usage") or {}
        self.complete = self.complete or event.get("type") == "message_stop"
