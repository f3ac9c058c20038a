"""The relay: one loopback address for every request made in a notebook, recorded or live.

who may ask      the local token, this computer's name as Host, no browser page (Origin), only the API's paths
who answers      the stand-in, or the live API with the key added on the way
what is kept     every exchange, without secrets, in the journal; dollars in the budget
"""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate
from itertools import chain
from pathlib import Path
from typing import Any

from ..journal import Exchange, Journal, Sizes, hide
from ..mock import Mock, Reply, Request, ids, rules
from ..mock.faults import Fault
from ..mock.respond import chat_lesson, error_event, failed
from ..settings import LOCAL_TOKEN_PREFIX, ROOT, Settings, checked_key
from .budget import Budget
from .meter import Meter
from .recorder import Recorder
from .upstream import ALLOWED, Unreachable, Upstream, reply_headers
from .wire import Gone, Incoming, Outgoing, Server

_running: list[Relay] = []
_FREE = ("/v1/messages/count_tokens", "/v1/models", "/v1/files")


class Relay:
    """`start` it, point clients at `url` with `token`, `stop` it; it may be started again."""

    def __init__(self, settings: Settings, journal: Journal, mock: Mock | None = None) -> None:
        self.settings, self.journal = settings, journal
        self.mode = settings.mode
        self.token = LOCAL_TOKEN_PREFIX + secrets.token_urlsafe(24)
        self.budget = Budget(settings.budget)
        self.mock = mock or Mock(strict=settings.strict, pace=settings.pace)
        self.mock.token = self.token
        self.root = ROOT
        self.recorder = Recorder(self.mock.folder, settings.key)
        self._used: set[str] = set()
        self._upstream = Upstream(settings.upstream, settings.key)
        self._server: Server | None = None
        self._stopping = threading.Event()

    def __repr__(self) -> str:
        return f"Relay({self.mode}, {self.url if self._server else 'not started'})"

    # --- life -----------------------------------------------------------------------------------------

    def start(self, port: int = 0) -> None:
        """Serve from a daemon thread; a second call changes nothing. Raises `OSError` if the port is taken."""
        if self._server is not None:
            return
        self._stopping.clear()
        server = self._server = Server(port, self._answer)
        threading.Thread(target=server.serve_forever, args=(0.05,), name="tutor-relay", daemon=True).start()
        _running.append(self)

    def stop(self) -> None:
        """Stop serving and end every connection."""
        server, self._server = self._server, None
        if server is None:
            return
        _running.remove(self)
        self._stopping.set()
        server.shutdown()
        server.server_close()
        server.hang_up()
        self._upstream.close()

    def forget(self) -> None:
        """Let go of the socket without ending anything: for a forked child."""
        if self._server is not None:
            self._server.socket.close()
            self._server = None

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        if self._server is None:
            raise RuntimeError("Expected a relay that was started. Call start() first.")
        return f"http://127.0.0.1:{self._server.port}"

    def reset(self) -> None:
        """Replies begin from the first one again, and the weather is fair."""
        self.mock.reset()

    def go_live(self, key: str, remember: bool = False) -> None:
        """From now on requests go to the live API with this key; `remember` writes it into `.env`."""
        checked = checked_key(key)
        if not checked:
            raise ValueError("Expected an API key. Copy one from platform.claude.com/settings/keys.")
        old, self._upstream = self._upstream, Upstream(self.settings.upstream, checked)
        old.close()
        self.mode = "live"
        if remember:
            _remember(self.root / ".env", checked)

    def go_recorded(self) -> None:
        """From now on the stand-in answers; the key is forgotten."""
        old, self._upstream = self._upstream, Upstream(self.settings.upstream, None)
        old.close()
        self.settings = replace(self.settings, key=None)
        self.mode = "recorded"

    # --- one request ----------------------------------------------------------------------------------

    def _answer(self, incoming: Incoming, outgoing: Outgoing) -> None:
        started = time.time()
        exchange = _exchange(incoming, started)
        request = Request(incoming.method, incoming.target, incoming.plain, incoming.body)
        try:
            stranger = self._stranger(request)
            if stranger:
                self._write(self._refused(stranger, exchange), exchange, outgoing)
            elif self.mode == "recorded":
                reply = self.mock.respond(request)
                self._note_use(reply.recording)
                self._write(reply, exchange, outgoing)
            else:
                self._live(request, incoming, exchange, outgoing)
        except Gone:
            raise
        except Exception as error:  # a fault of ours must neither print nor end the connection without a word
            if outgoing.started:
                raise Gone from error
            words = (
                f"The relay itself failed ({type(error).__name__}). This is a fault of the course, not of your code."
            )
            self._write(self._refused(rules.Refusal(500, "api_error", words), exchange), exchange, outgoing)

    def _stranger(self, request: Request) -> rules.Refusal | None:
        """Whoever is not a program of this computer that was told the address."""
        host, _, port = request.headers.get("host", "").rpartition(":")
        if (host or port).lower() not in ("127.0.0.1", "localhost") or (host and not port.isdigit()):
            return rules.Refusal(403, "permission_error", "This address answers only as 127.0.0.1 or localhost.")
        if "origin" in request.headers:
            return rules.Refusal(403, "permission_error", "This address does not answer web pages.")
        if self.mode == "recorded":
            return None  # the stand-in looks at the path and the credential itself, in the API's order
        if not ALLOWED.fullmatch(request.path):
            return rules.Refusal(404, "not_found_error", "Not Found")
        return rules.credential(request.headers, self.token)

    def _live(self, request: Request, incoming: Incoming, exchange: Exchange, outgoing: Outgoing) -> None:
        seed = ids.seed(request.method, request.path, request.body, str(exchange.started))
        costs = request.method == "POST" and not request.path.startswith(_FREE)
        if costs and self.budget.is_spent:
            refusal = rules.Refusal(403, "permission_error", self.budget.refusal())
            return self._write(self._refused(refusal, exchange), exchange, outgoing)
        fault = self.mock.weather.next() if chat_lesson(request.headers) is None else None
        if fault and (fault.status != 200 or fault.silent is not None):
            headers = {"content-type": "application/json", "request-id": ids.request_id(seed)}
            return self._write(failed(fault, headers, headers["request-id"]), exchange, outgoing)
        if fault:  # what is to be cut or slowed has to be readable
            plain = [(name, value) for name, value in incoming.headers if name.lower() != "accept-encoding"]
            incoming = replace(incoming, headers=plain)
        try:
            with self._upstream.send(incoming) as response:
                self._pass_on(response, fault, exchange, outgoing)
        except Unreachable as error:
            refusal = rules.Refusal(error.status, error.kind, error.message)
            self._write(self._refused(refusal, exchange), exchange, outgoing)

    def _refused(self, refusal: rules.Refusal, exchange: Exchange) -> Reply:
        """A refusal of the relay's own, in the API's shape."""
        request_id = ids.request_id(ids.seed(exchange.method, exchange.path, exchange.request_body, refusal.message))
        fault = Fault(refusal.status, refusal.type, refusal.message, {"x-should-retry": "false"})
        headers = {"content-type": "application/json", "request-id": request_id}
        reply = failed(fault, headers, request_id)
        return replace(reply, headers=reply.headers | {"tutor-source": "relay"}, source="relay")

    # --- one reply ------------------------------------------------------------------------------------

    def _write(self, reply: Reply, exchange: Exchange, outgoing: Outgoing) -> None:
        """Send a reply of the stand-in; the journal always knows what the client is about to know."""
        exchange.source = reply.source
        if reply.delay and self._stopping.wait(reply.delay):
            raise Gone
        if not reply.status:
            self.journal.add(exchange)
            raise Gone
        headers = [("date", formatdate(usegmt=True)), ("server", "tutor"), *reply.headers.items()]
        if reply.events is None:
            body = reply.body or b""
            headers = outgoing.start(reply.status, headers, len(body) + reply.drop)  # one too many is then not kept
            events = [(0.0, body)]
        else:
            headers = outgoing.start(reply.status, headers, None)
            events = [*reply.events, (0.0, b"")]
        _head(exchange, reply.status, headers)
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
            self._note(meter, outgoing, now, end=not data or reply.events is None)
            if not added:
                self.journal.add(exchange)
                added = True
            outgoing.send(framed)
        if reply.drop:
            raise Gone

    def _pass_on(self, response: Any, fault: Fault | None, exchange: Exchange, outgoing: Outgoing) -> None:
        """Send a live reply as it arrives; whoever reads it, its usage is counted."""
        headers = reply_headers(response)
        if fault:
            headers.append(("tutor-source", "fault"))
        length = response.headers.get("content-length", "") if not fault else ""
        headers = outgoing.start(response.status_code, headers, int(length) if length else None, response.reason_phrase)
        _head(exchange, response.status_code, headers)
        exchange.source = "fault" if fault else "live"
        meter = Meter(exchange, exchange.reply_headers)
        self.journal.add(exchange)
        try:
            for data in chain(_afflicted(response.iter_raw(), fault, self._stopping), (None,)):  # None: the end
                now = time.time()
                if data is None:
                    framed = outgoing.last()
                else:
                    meter.feed(data, now)
                    framed = outgoing.framed(data)
                self._note(meter, outgoing, now, end=data is None)
                if meter.complete or data is None:
                    self._count(meter)
                outgoing.send(framed)
        finally:
            self._note(meter, outgoing, time.time(), end=True)
            self._count(meter)

    def _count(self, meter: Meter) -> None:
        """Charge a live reply, and save it if this session records; once, and before the client has all of it."""
        if meter.counted:
            return
        meter.counted = True
        request = meter.exchange.request if isinstance(meter.exchange.request, dict) else {}
        self.budget.add(meter.spent(), str(request.get("model", "")))
        if self.mode == "record" and meter.complete:
            self.recorder.save(meter.exchange, self.mock.lesson)

    def _note_use(self, name: str) -> None:
        """Add the name of a replayed recording to the file that TUTOR_USED names, once."""
        if self.settings.used and name not in ("", "none", *self._used):
            self._used.add(name)
            with self.settings.used.open("a", encoding="utf-8") as file:
                file.write(f"{name}\n")

    @staticmethod
    def _note(meter: Meter, outgoing: Outgoing, now: float, end: bool) -> None:
        meter.settle(end)
        meter.exchange.ended = now
        up = meter.exchange.sizes
        meter.exchange.sizes = up._replace(down_headers=outgoing.head_size, down_body=outgoing.body_size)


def _exchange(incoming: Incoming, started: float) -> Exchange:
    given = incoming.plain
    try:
        asked = json.loads(incoming.body) if incoming.body else None
    except (ValueError, RecursionError):
        asked = None
    retry = given.get("x-stainless-retry-count", "")
    return Exchange(
        method=incoming.method,
        path=incoming.target,
        request_headers=hide({name: value for name, value in given.items() if not name.startswith("tutor-")}),
        request_body=incoming.body,
        request=asked,
        started=started,
        origin="" if chat_lesson(given) is None else "chat",
        attempt=int(retry) if retry.isascii() and retry.isdigit() else 0,
        sizes=Sizes(incoming.head_size, incoming.body_size),
    )


def _head(exchange: Exchange, status: int, headers: list[tuple[str, str]]) -> None:
    exchange.status = status
    exchange.reply_headers = hide({name.lower(): value for name, value in headers})


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


def _remember(path: Path, key: str) -> None:
    """Write the key into `.env`, readable by its owner alone, and leave the other lines as they are."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    kept = [line for line in lines if not line.removeprefix("export ").startswith("ANTHROPIC_API_KEY=")]
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write("\n".join([*kept, f"ANTHROPIC_API_KEY={key}", ""]))
    draft.replace(path)


def current() -> Relay | None:
    """The relay of this process that was started last, or None."""
    return _running[-1] if _running else None


def _after_fork() -> None:
    """A forked child has the socket but no thread behind it: it lets go, and asks its parent's relay as any client."""
    for relay in _running:
        relay.forget()
    _running.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
