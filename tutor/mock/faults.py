"""The weather: failures and slowness on order, one for each attempt, and rate limits that drain.

    with faults(529, rate_limit(retry_after=1), cut(after_bytes=300)):
        ...                       # the first request meets a 529, the second a 429, the third a cut stream

`Weather` is the queue; `tutor.relay` hands it to the block. Sources of texts and headers: [F] documentation or a real
error body, as in `rules.py`; [synthetic] no real text was found.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

_TOO_MANY = (
    "This request would exceed your organization's rate limit of {limit:,} {of} per minute. For details, refer to: "
    "https://docs.claude.com/en/api/rate-limits. You can see the response headers for current usage. Please reduce the "
    "prompt length or the maximum tokens requested, or try again later. You may also contact sales at "
    "https://claude.com/contact-sales to discuss your options for a rate limit increase."
)  # [F] a real body of 2026-04; it names organization and model in brackets, which we leave out
_WHY = {
    "enforced_spend_limit_reached": "You have reached your API usage limits: your organization has crossed its monthly "
    "API usage threshold, set based on your organization's API tier. You will regain access on 2026-12-01 at 00:00 "
    "UTC.",  # [F]
    "contract_spend_limit_reached": "You have reached the spend limit of your contract.",  # [synthetic]
    "ramp_limit_exceeded": "Your organization's usage has grown too quickly. Increase it gradually.",  # [synthetic]
}


@dataclass(frozen=True)
class Fault:
    """What one attempt meets. `status` replaces the reply; the others happen to it."""

    status: int = 200
    type: str = ""
    message: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    details: dict[str, Any] | None = None
    bare: bool = False  # from the edge: no envelope, no request id
    cut_after: int | None = None
    cut_clean: bool = True
    error_after: int | None = None
    slower: float = 0.0
    silent: float | None = None


_NO_CREDIT = (
    "Your credit balance is too low to access the Anthropic API. "
    "Please go to Plans & Billing to upgrade or purchase credits."
)
_STATUS = {
    400: ("invalid_request_error", _NO_CREDIT),  # [F]
    401: ("authentication_error", "Invalid authentication credentials"),  # [F]
    402: ("billing_error", "There is a billing problem with this account."),  # [synthetic]
    403: ("permission_error", "Permission denied"),  # [F]
    404: ("not_found_error", "Not Found"),  # [F]
    408: ("timeout_error", "The request timed out."),  # [synthetic]
    409: ("conflict_error", "The request conflicts with another one."),  # [synthetic]
    413: ("request_too_large", "Request exceeds the maximum size"),  # [F]
    500: ("api_error", "Internal server error"),  # [F]
    503: ("api_error", "Service unavailable"),  # [synthetic]
    504: ("timeout_error", "The request timed out."),  # [synthetic]
    529: ("overloaded_error", "Overloaded"),  # [F]
}


def _at_least_0(name: str, value: Any, kind: Any = float) -> None:
    good = isinstance(value, (int, kind)) and not isinstance(value, bool) and 0 <= value < math.inf
    if not good:
        number = "a whole number" if kind is int else "a number"
        raise ValueError(f"Expected {name} to be {number} of 0 or more, got {value!r}.")


def status(code: int) -> Fault:
    """An error of that status, as the API words it."""
    if code == 429:
        return rate_limit()
    if not isinstance(code, int) or code not in _STATUS:
        known = ", ".join(map(str, sorted({*_STATUS, 429})))
        raise ValueError(f"Expected one of the API's error statuses ({known}), got {code!r}.")
    kind, words = _STATUS[code]
    return Fault(code, kind, words, bare=code == 413)


def rate_limit(retry_after: float | None = None, *, error_code: str | None = None) -> Fault:
    """A 429; with `retry_after` seconds, or without. `error_code`: which other limit was met."""
    if error_code not in (None, *_WHY):
        raise ValueError(f"Expected one of {', '.join(_WHY)}, got {error_code!r}.")
    if retry_after is not None:
        _at_least_0("retry_after", retry_after)
    words = _WHY[error_code] if error_code else _TOO_MANY.format(limit=50, of="requests")
    headers = {} if retry_after is None else {"retry-after": f"{retry_after:.15g}"}
    return Fault(429, "rate_limit_error", words, headers, {"error_code": error_code} if error_code else None)


def spend_limit() -> Fault:
    """The 400 of a limit that an organization has set for itself; no waiting helps. [F]"""
    words = "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC."
    return Fault(400, "invalid_request_error", words)


def edge(code: int) -> Fault:
    """A 403 or 413 from the network in front of the API: no envelope and no request id. [F]"""
    if code not in (403, 413):
        raise ValueError(f"Expected 403 or 413, got {code!r}.")
    if code == 413:
        return status(413)
    return Fault(403, "forbidden", "Request not allowed", bare=True)


def cut(after_bytes: int, *, clean: bool = True) -> Fault:
    """A reply that ends after so many bytes; `clean=False` breaks the connection instead of ending the body."""
    _at_least_0("after_bytes", after_bytes, int)
    return Fault(cut_after=after_bytes, cut_clean=clean)


def error_event(after_events: int = 4, *, type: str = "overloaded_error", message: str = "Overloaded") -> Fault:
    """A stream that begins with a 200 and then carries an `error` event."""
    _at_least_0("after_events", after_events, int)
    return Fault(error_after=after_events, type=type, message=message)


def slow(seconds: float) -> Fault:
    """A reply whose every piece comes so many seconds later."""
    _at_least_0("seconds", seconds)
    return Fault(slower=seconds)


def silent(seconds: float = 600) -> Fault:
    """No reply at all for so long; then the connection ends."""
    _at_least_0("seconds", seconds)
    return Fault(silent=seconds)


@dataclass
class Draining:
    """Rate limits of the block: a bucket each, filled again evenly over a minute."""

    requests: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None


def draining(
    requests: int | None = None, input_tokens: int | None = None, output_tokens: int | None = None
) -> Draining:
    """Limits a minute for the whole block; every reply shows in its headers what is left."""
    limits = {"requests": requests, "input_tokens": input_tokens, "output_tokens": output_tokens}
    for name, limit in limits.items():
        if limit is not None:
            _at_least_0(name, limit, int)
    return Draining(**limits)


_NAMES = ("requests", "input-tokens", "output-tokens")
_NORMAL = (1_000, 2_000_000, 400_000)  # Start tier, platform.claude.com/docs/en/api/rate-limits


class Limits:
    """Token buckets of one account, and the headers that show them. Without `drain` they are always full."""

    def __init__(self, drain: Draining | None, now: float) -> None:
        self.drains = drain is not None
        wanted = (drain.requests, drain.input_tokens, drain.output_tokens) if drain else (None, None, None)
        self.limits = {name: w if w is not None else n for name, w, n in zip(_NAMES, wanted, _NORMAL, strict=True)}
        self.left = {name: float(limit) for name, limit in self.limits.items()}
        self._at = now

    def refill(self, now: float) -> None:
        """Fill the buckets for the time that has passed."""
        for name, limit in self.limits.items():
            self.left[name] = min(limit, self.left[name] + limit * max(now - self._at, 0) / 60)
        self._at = now

    def take(self, now: float) -> Fault | None:
        """One request; a 429 if a bucket is empty."""
        if not self.drains:
            return None
        self.refill(now)
        for name, limit in self.limits.items():
            least = 1.0 if name == "requests" else 0.001
            if self.left[name] < least:
                wait = math.ceil((least - self.left[name]) * 60 / limit) if limit else 60
                words = _TOO_MANY.format(limit=limit, of=name.replace("-", " "))
                return Fault(429, "rate_limit_error", words, {"retry-after": str(max(wait, 1))})
        self.left["requests"] -= 1
        return None

    def use(self, usage: dict[str, Any]) -> None:
        """Count a reply: what was read from the cache is free."""
        if self.drains:
            fresh, written = usage.get("input_tokens") or 0, usage.get("cache_creation_input_tokens") or 0
            self.left["input-tokens"] -= fresh + written
            self.left["output-tokens"] -= usage.get("output_tokens") or 0

    def headers(self, now: float, normal: tuple[int, int, int]) -> dict[str, str]:
        """The rate-limit headers, `normal` in fair weather, when one request is gone from buckets that are full."""
        if not self.drains:
            left = (normal[0] - 1.0, float(normal[1]), float(normal[2]))
            return dict(_headers(int(now), normal, left))
        self.refill(now)
        limits = tuple(self.limits[name] for name in _NAMES)
        return dict(_headers(int(self._at), limits, tuple(max(self.left[name], 0.0) for name in _NAMES)))


@lru_cache(maxsize=64)
def _headers(second: int, limits: tuple[int, ...], left: tuple[float, ...]) -> tuple[tuple[str, str], ...]:
    """The headers of the buckets and of both kinds of tokens together; tokens left in thousands, as the API does."""
    shown = dict(zip(_NAMES, zip(limits, left, strict=True), strict=True))
    shown["tokens"] = (sum(limits[1:]), sum(left[1:]))
    out = []
    for name in ("requests", "tokens", "input-tokens", "output-tokens"):
        limit, rest = shown[name]
        rounded = int(rest) if name == "requests" or limit < 10_000 else round(rest / 1000) * 1000
        reset = datetime.fromtimestamp(int(second + (60 * (limit - rest) / limit if limit else 60)), UTC)
        out.append((f"anthropic-ratelimit-{name}-limit", str(limit)))
        out.append((f"anthropic-ratelimit-{name}-remaining", str(rounded)))
        out.append((f"anthropic-ratelimit-{name}-reset", reset.strftime("%Y-%m-%dT%H:%M:%SZ")))
    return tuple(out)


class Weather:
    """The faults that wait for the next attempts, and the limits of the account."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._queue: deque[Fault] = deque()
        self.limits = Limits(None, clock())
        self.busy = False

    def begin(self, *ordered: int | Fault | Draining) -> None:
        """Queue what a block ordered; one block at a time."""
        if self.busy:
            raise RuntimeError("Expected one block of faults at a time, got one inside another. Put them into one.")
        faults: list[Fault] = []
        drain: Draining | None = None
        for one in ordered:
            if isinstance(one, Draining):
                drain = replace(drain, **{k: v for k, v in vars(one).items() if v is not None}) if drain else one
            elif isinstance(one, Fault):
                faults.append(one)
            else:
                faults.append(status(one))
        with self._lock:
            self.busy = True
            self._queue.extend(faults)
            self.limits = Limits(drain, self._clock())

    def end(self) -> None:
        """Back to fair weather; what was not used is dropped."""
        with self._lock:
            self.busy = False
            self._queue.clear()
            self.limits = Limits(None, self._clock())

    def next(self, *, limited: bool = True) -> Fault | None:
        """What this attempt meets; `limited`: whether it counts against the limits."""
        with self._lock:
            if self._queue:
                return self._queue.popleft()
            return self.limits.take(self._clock()) if limited else None

    def headers(self, normal: tuple[int, int, int]) -> dict[str, str]:
        """The rate-limit headers as they stand; `normal`: the limits of the model in fair weather."""
        with self._lock:
            return self.limits.headers(self._clock(), normal)

    def drained(self) -> dict[str, str]:
        """The rate-limit headers of a block that drains limits, else none: for replies of the live API."""
        with self._lock:
            return self.limits.headers(self._clock(), _NORMAL) if self.limits.drains else {}

    def count(self, usage: dict[str, Any]) -> None:
        """Take a reply's tokens from the buckets."""
        with self._lock:
            self.limits.use(usage)
