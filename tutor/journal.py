"""What went over the wire: one `Exchange` for each request and its reply, kept in a `Journal` that forgets the oldest.

Nothing secret is in it: credentials are replaced before an exchange is made.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from typing import Any, NamedTuple, overload

HIDDEN = "[hidden]"
CREDENTIALS = frozenset({"authorization", "x-api-key", "proxy-authorization", "cookie"})

_SHOWN = (
    "authorization",
    "x-api-key",
    "anthropic-version",
    "anthropic-beta",
    "content-type",
    "request-id",
    "retry-after",
)
_LONG = 600
_HEAVY = 100_000


class Sizes(NamedTuple):
    """Bytes as they travelled: first line and headers, then body, up and down."""

    up_headers: int = 0
    up_body: int = 0
    down_headers: int = 0
    down_body: int = 0


@dataclass(eq=False, repr=False)
class Exchange:
    """One request and its reply.

    `request_body` and `reply_body` are as they were before any compression.
    `events` are those of a streamed reply, each with the seconds since `started`; `reply` is then what they add up to.
    `source` says who answered: written, recorded, none (no reply was written), rules, fault, live, or relay.
    """

    method: str
    path: str
    request_headers: dict[str, str] = field(default_factory=dict)
    request_body: bytes = b""
    request: Any = None
    status: int | None = None
    reply_headers: dict[str, str] = field(default_factory=dict)
    reply_body: bytes = b""
    reply: Any = None
    events: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    started: float = 0.0
    ended: float = 0.0
    origin: str = ""
    source: str = ""
    attempt: int = 0
    sizes: Sizes = field(default_factory=Sizes)

    @property
    def request_id(self) -> str | None:
        """The id to quote when asking someone for help."""
        return self.reply_headers.get("request-id")

    @property
    def question(self) -> str:
        """The text of the last user turn, or an empty string."""
        turns = self.request.get("messages") if isinstance(self.request, dict) else None
        users = (
            [turn for turn in turns if isinstance(turn, dict) and turn.get("role") == "user"]
            if isinstance(turns, list)
            else []
        )
        content = users[-1].get("content") if users else ""
        if isinstance(content, list):
            texts = [
                block["text"] for block in content if isinstance(block, dict) and isinstance(block.get("text"), str)
            ]
            content = texts[-1] if texts else ""
        return content if isinstance(content, str) else ""

    @property
    def reason(self) -> str:
        """The status and its name, such as `404 Not Found`."""
        if self.status is None:
            return "no reply"
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return str(self.status)

    def __repr__(self) -> str:
        return f"{self._sent()}\n\n{self._came()}"

    def _repr_html_(self) -> str:
        from .look import panel

        sent, came = (f"<pre><code>{escape(part)}</code></pre>" for part in (self._sent(), self._came()))
        return panel("code", self.reason, f"{self.method} {self.path}", f"<p>Sent</p>{sent}<p>Came back</p>{came}")

    def _sent(self) -> str:
        return f"{self.method} {self.path}\n{_headers(self.request_headers)}{_body(self.request, self.request_body)}"

    def _came(self) -> str:
        events = f"\n\n(put together from {len(self.events)} events)" if self.events else ""
        return f"{self.reason}\n{_headers(self.reply_headers)}{events}{_body(self.reply, self.reply_body)}"


def hide(headers: dict[str, str]) -> dict[str, str]:
    """The headers with every credential replaced by a word."""
    return {name: HIDDEN if name in CREDENTIALS else value for name, value in headers.items()}


def _headers(headers: dict[str, str]) -> str:
    shown = [f"{name}: {headers[name]}" for name in _SHOWN if name in headers]
    more = len(headers) - len(shown)
    if more:
        shown.append(f"... and {more} more header{'s' if more > 1 else ''}")
    return "\n".join(shown)


def _body(value: Any, body: bytes) -> str:
    if value is not None:
        return "\n\n" + json.dumps(_shortened(value), indent=2, ensure_ascii=False)
    text = body.decode("utf-8", "replace")
    return f"\n\n{_shortened(text)}" if text else ""


def _shortened(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _LONG:
        return f"{value[: _LONG // 2]} ... ({len(value):,} characters)"
    if isinstance(value, dict):
        return {key: _shortened(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shortened(item) for item in value]
    return value


class Journal:
    """The exchanges of this notebook, oldest first; it keeps at most so many of them, and so many bytes."""

    def __init__(self, keep: int = 500, keep_bytes: int = 16_000_000) -> None:
        self._keep, self._keep_bytes = keep, keep_bytes
        self._kept: deque[Exchange] = deque()
        self._added = 0
        self._lock = threading.Lock()

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange, and forget the oldest if there are too many."""
        with self._lock:
            self._kept.append(exchange)
            self._added += 1
            while len(self._kept) > self._keep:
                self._kept.popleft()
            if self._added % 64 == 0 or _weight(exchange) > _HEAVY:  # now and then: a stream grows after it was added
                self._forget_the_heaviest_past()

    def _forget_the_heaviest_past(self) -> None:
        total = sum(map(_weight, self._kept))
        while total > self._keep_bytes and len(self._kept) > 1:
            total -= _weight(self._kept.popleft())

    def find(self, request_id: str | None) -> Exchange | None:
        """The exchange with that `request-id`, the latest if there are several."""
        found = (exchange for exchange in reversed(list(self)) if exchange.request_id == request_id)
        return next(found, None) if request_id else None

    @property
    def calls(self) -> list[Exchange]:
        """All exchanges but those of the tutor's own conversation."""
        return [exchange for exchange in self if exchange.origin != "chat"]

    def mark(self) -> int:
        """A place in the journal, for `since`."""
        return self._added

    def since(self, mark: int) -> list[Exchange]:
        """The exchanges added after that place, the forgotten ones left out."""
        with self._lock:
            new = self._added - mark
            return list(self._kept)[-new:] if new > 0 else []

    def __iter__(self) -> Iterator[Exchange]:
        with self._lock:
            return iter(list(self._kept))

    def __len__(self) -> int:
        return len(self._kept)

    def __bool__(self) -> bool:
        return True

    @overload
    def __getitem__(self, place: int) -> Exchange: ...

    @overload
    def __getitem__(self, place: slice) -> list[Exchange]: ...

    def __getitem__(self, place: int | slice) -> Exchange | list[Exchange]:
        return list(self)[place]

    def __repr__(self) -> str:
        lines = [f"{number}  {kept.method} {kept.path}  {kept.reason}" for number, kept in enumerate(self)]
        return "\n".join(lines) if lines else "Nothing was sent yet."


def _weight(exchange: Exchange) -> int:
    return len(exchange.request_body) + len(exchange.reply_body)
