"""The relay: one loopback address for every request made in a notebook, recorded or live.

who may ask      the local token, this computer's name as Host, no browser page (Origin), only the API's paths
who answers      the stand-in, or the live API with the key added on the way
what is kept     every exchange, without secrets, in the journal; dollars in the budget
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from dataclasses import replace

from ..journal import Exchange, Journal
from ..mock import Mock, Reply, Request, ids, rules
from ..mock.faults import Fault
from ..mock.reply import failed
from ..mock.respond import chat_lesson, wants_written
from ..settings import API, LOCAL_TOKEN_PREFIX, ROOT, Settings, checked_key, likely, write_key
from .budget import Budget
from .delivery import Delivery, begun
from .meter import Meter
from .recorder import Recorder
from .traffic import Gone, Incoming, Outgoing
from .upstream import ALLOWED, Unreachable, Upstream
from .wire import Server

_running: list[Relay] = []
_UNPRICED = "/v1/messages/batches"
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
        server = self._server = Server(port, self._answer, self._knows)
        server.begin()
        _running.append(self)

    def stop(self) -> None:
        """Stop serving and end every connection."""
        server, self._server = self._server, None
        if server is None:
            return
        _running.remove(self)
        self._stopping.set()
        server.end()
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

    def reset(self, lesson: str = "", page: str = "") -> None:
        """Replies begin from the first one again, and the weather is fair. `lesson`, `page`: see `Mock`."""
        self.mock.reset()
        self.mock.lesson, self.mock.page = lesson or self.mock.lesson, page or self.mock.page

    def go_live(self, key: str, remember: bool = False) -> None:
        """From now on requests go to the live API with this key; `remember` writes it into `.env` first.

        Raises `ValueError` for what is no key, and `OSError` if it cannot be remembered; then nothing has changed.
        """
        checked = checked_key(key.strip().removeprefix("ANTHROPIC_API_KEY=").strip("\"' "), "the key")
        if not checked:
            raise ValueError("Expected an API key. Copy one from platform.claude.com/settings/keys.")
        if not likely(checked, self.settings.upstream):
            raise ValueError(
                "Expected a key that begins with sk-ant-. Copy it again from platform.claude.com/settings/keys."
            )
        if remember:
            write_key(self.root / ".env", checked)
        self.take(checked)

    def take(self, key: str) -> None:
        """From now on requests go to the live API with this key, whatever it looks like."""
        self._use_key(key)
        self.mode = "live"

    @property
    def doubts_key(self) -> bool:
        """Whether requests go to the API with a key that it will hardly accept."""
        key = self.settings.key
        return self.mode != "recorded" and key is not None and not likely(key, self.settings.upstream)

    def go_recorded(self) -> None:
        """From now on the stand-in answers; the key is forgotten."""
        self._use_key(None)
        self.mode = "recorded"

    def _use_key(self, key: str | None) -> None:
        old, self._upstream = self._upstream, Upstream(self.settings.upstream, key)
        old.close()
        self.settings = replace(self.settings, key=key)
        self.recorder = Recorder(self.mock.folder, key)

    # --- one request ----------------------------------------------------------------------------------

    def _answer(self, incoming: Incoming, outgoing: Outgoing) -> None:
        exchange = begun(incoming, time.time())
        delivery = Delivery(exchange, outgoing, self.journal, self._stopping)
        request = Request(incoming.method, incoming.target, incoming.plain, incoming.body)
        try:
            if stranger := self._stranger(request):
                delivery.write(refused(stranger, exchange))
            elif self.mode == "recorded" or wants_written(request.headers):
                reply = self.mock.respond(request)
                self._note_use(reply.recording)
                delivery.write(reply)
            else:
                self._live(request, incoming, delivery)
        except Gone:
            raise
        except Unreachable as error:
            delivery.write(refused(rules.Refusal(error.status, error.kind, error.message), exchange))
        except Exception as error:  # a fault of ours must neither print nor end the connection without a word
            if outgoing.started:
                raise Gone from error
            words = f"The relay itself failed ({type(error).__name__}): a fault of the course, not of your code."
            delivery.write(refused(rules.Refusal(500, "api_error", words), exchange))

    def _knows(self, headers: dict[str, list[str]]) -> bool:
        return any(self.token in value for name in ("authorization", "x-api-key") for value in headers.get(name, ()))

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

    def _live(self, request: Request, incoming: Incoming, delivery: Delivery) -> None:
        """Forward a request, unless the budget is spent or the weather is bad. Raises `Unreachable`."""
        costs = request.method == "POST" and not request.path.startswith(_FREE)
        if costs and request.path.startswith(_UNPRICED):
            words = "A batch is paid when it is done, so the meter of this notebook cannot stop it. It was not sent."
            return delivery.write(refused(rules.Refusal(403, "permission_error", words), delivery.exchange))
        if costs and self.budget.is_spent:
            refusal = rules.Refusal(403, "permission_error", self.budget.refusal())
            return delivery.write(refused(refusal, delivery.exchange))
        calm = chat_lesson(request.headers) is not None
        fault = None if calm else self.mock.weather.next(limited=costs)
        limits = {} if calm else self.mock.weather.drained()
        if fault and (fault.status != 200 or fault.silent is not None):
            request_id = ids.request_id(ids.seed(request.method, request.path, request.body, str(time.time())))
            headers = {"content-type": "application/json", "request-id": request_id, **limits}
            return delivery.write(failed(fault, headers, request_id))
        if fault:  # what is to be cut or slowed has to be readable
            plain = [(name, value) for name, value in incoming.headers if name.lower() != "accept-encoding"]
            incoming = replace(incoming, headers=plain)
        with self._upstream.send(incoming) as response:
            return delivery.pass_on(response, fault, limits, self._settle)

    def _settle(self, meter: Meter) -> None:
        """Charge a live reply, and save it if this session records."""
        exchange = meter.exchange
        request, reply = (part if isinstance(part, dict) else {} for part in (exchange.request, exchange.reply))
        reply = {**reply, "usage": meter.spent()}
        if not exchange.origin:
            self.mock.weather.count(meter.spent())
        self.budget.add(reply, str(request.get("model", "")), paid=self.settings.upstream == API)
        if self.mode == "record" and meter.complete:
            self.recorder.save(exchange, self.mock.lesson)

    def _note_use(self, name: str) -> None:
        """Add the name of a replayed recording to the file that TUTOR_USED names, once."""
        if self.settings.used and name not in ("", "none", *self._used):
            self._used.add(name)
            with self.settings.used.open("a", encoding="utf-8") as file:
                file.write(f"{name}\n")


def refused(refusal: rules.Refusal, exchange: Exchange) -> Reply:
    """A refusal of the relay's own, in the API's shape."""
    request_id = ids.request_id(ids.seed(exchange.method, exchange.path, exchange.request_body, refusal.message))
    again = {} if refusal.status >= 500 else {"x-should-retry": "false"}
    fault = Fault(refusal.status, refusal.type, refusal.message, again)
    reply = failed(fault, {"content-type": "application/json", "request-id": request_id}, request_id)
    return replace(reply, headers=reply.headers | {"tutor-source": "relay"}, source="relay")


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
