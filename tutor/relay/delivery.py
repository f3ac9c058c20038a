"""A reply on its way to the client: the journal always knows what the client is about to know."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from itertools import chain
from typing import Any

from ..journal import Exchange, Journal, Sizes, hide
from ..mock import Reply
from ..mock.faults import Fault
from ..mock.reply import error_event
from ..mock.respond import chat_lesson
from ..mock.rules import Refusal, decoded
from .meter import Meter
from .traffic import Gone, Incoming, Outgoing
from .upstream import reply_headers


def begun(incoming: Incoming, started: float) -> Exchange:
    """The exchange of a request that has just come; without secrets."""
    given = incoming.plain
    body = decoded(incoming.body, given)
    if isinstance(body, Refusal):  # not for us to judge: it is kept as it came
        body = incoming.body
    try:
        asked = json.loads(body) if body else None
    except (ValueError, RecursionError):
        asked = None
    retry = given.get("x-stainless-retry-count", "")
    return Exchange(
        method=incoming.method,
        path=incoming.target,
        request_headers=hide({name: value for name, value in given.items() if not name.startswith("tutor-")}),
        request_body=body,
        request=asked,
        started=started,
        origin="" if chat_lesson(given) is None else "chat",
        attempt=int(retry) if retry.isascii() and retry.isdigit() else 0,
        sizes=Sizes(incoming.head_size, incoming.body_size),
    )


class Delivery:
    """Sends one reply and keeps its exchange up to date. `stopping` ends every wait."""

    def __init__(self, exchange: Exchange, outgoing: Outgoing, journal: Journal, stopping: threading.Event) -> None:
        self.exchange, self._outgoing, self._journal, self._stopping = exchange, outgoing, journal, stopping

    def write(self, reply: Reply) -> None:
        """Send a reply of the stand-in, or of the relay itself."""
        exchange, outgoing = self.exchange, self._outgoing
        exchange.source = reply.source
        if reply.delay and self._stopping.wait(reply.delay):
            raise Gone
        if not reply.status:
            self._journal.add(exchange)
            raise Gone
        headers = [("date", formatdate(usegmt=True)), ("server", "tutor"), *reply.headers.items()]
        if reply.events is None:
            body = reply.body or b""
            headers = outgoing.start(reply.status, headers, len(body) + reply.drop)  # one too many is then not kept
            events = [(0.0, body)]
        else:
            headers = outgoing.start(reply.status, headers, None)
            events = [*reply.events, (0.0, b"")]
        self._head(reply.status, headers)
        meter = Meter(exchange, exchange.reply_headers)
        added = False
        for wait, data in events:
            if wait and self._stopping.wait(wait):
                raise Gone
            now = time.time()
            meter.feed(data, now)
            framed = outgoing.framed(data)
            if not data and not reply.drop:
                framed = outgoing.last()
            self._note(meter, now, end=not data or reply.events is None)
            if not added:
                self._journal.add(exchange)
                added = True
            outgoing.send(framed)
        if reply.drop:
            raise Gone

    def pass_on(
        self, response: Any, fault: Fault | None, limits: dict[str, str], settle: Callable[[Meter], None]
    ) -> None:
        """Send a live reply as it arrives; `settle` is told once, before the client has all of it.

        `limits`: the rate-limit headers of the weather, which then take the place of the API's own.
        """
        exchange, outgoing = self.exchange, self._outgoing
        headers = reply_headers(response)
        if limits:
            headers = [(name, value) for name, value in headers if name.lower() not in limits]
            headers += [*limits.items(), ("tutor-limits", "weather")]
        if fault:
            headers.append(("tutor-source", "fault"))
        length = response.headers.get("content-length", "") if not fault else ""
        headers = outgoing.start(response.status_code, headers, int(length) if length else None, response.reason_phrase)
        self._head(response.status_code, headers)
        exchange.source = "fault" if fault else "live"
        meter = Meter(exchange, exchange.reply_headers)
        self._journal.add(exchange)
        chunks = _afflicted(response.iter_raw(), fault, self._stopping)
        try:
            for data in chain(chunks, (None,)):  # None: the end
                now = time.time()
                if data is None:
                    framed = outgoing.last()
                else:
                    meter.feed(data, now)
                    framed = outgoing.framed(data)
                self._note(meter, now, end=data is None)
                if meter.complete or data is None:
                    meter.tell(settle)
                outgoing.send(framed)
        except Gone:
            for data in () if meter.streamed else chunks:  # it is written and paid for, and says at its end how much
                meter.feed(data, time.time())
            raise
        finally:
            self._note(meter, time.time(), end=True)
            meter.tell(settle)

    def _head(self, status: int, headers: list[tuple[str, str]]) -> None:
        self.exchange.status = status
        self.exchange.reply_headers = hide({name.lower(): value for name, value in headers})

    def _note(self, meter: Meter, now: float, end: bool) -> None:
        meter.settle(end)
        self.exchange.ended = now
        sent = {"down_headers": self._outgoing.head_size, "down_body": self._outgoing.body_size}
        self.exchange.sizes = self.exchange.sizes._replace(**sent)


def _afflicted(chunks: Iterator[bytes], fault: Fault | None, stopping: threading.Event) -> Iterator[bytes]:
    """A live body after the weather: slower, with an error after so many events, or cut."""
    if fault is None:
        yield from chunks
        return
    seen, events = 0, 0
    for data in chunks:
        if fault.slower and stopping.wait(fault.slower):
            raise Gone
        events += data.count(b"\n\n")
        if fault.error_after is not None and events >= fault.error_after:
            kept = b"\n\n".join(data.split(b"\n\n")[: fault.error_after - events - 1]) + b"\n\n"
            yield kept + error_event(fault)
            return
        if fault.cut_after is not None and seen + len(data) >= fault.cut_after:
            yield data[: fault.cut_after - seen]
            if not fault.cut_clean:
                raise Gone
            return
        seen += len(data)
        yield data
