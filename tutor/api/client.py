"""The client: sends a request, sends it again where that helps, and gives back an object.

    client = Client()  # reads ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL
    message = client.messages.create(model=..., max_tokens=..., messages=[...])

Whether to try again, and what a failure means, is decided in `retry` and `failures`; here it is done.
"""

from __future__ import annotations

import copy
import os
import random
import ssl
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import TracebackType
from typing import Self

import httpx

from tutor import __version__
from tutor.api import checked, errors, failures, retry
from tutor.api.body import Body
from tutor.api.calls import NOT_GIVEN, Messages
from tutor.api.catalogue import Models
from tutor.api.hidden import HIDDEN, Secrets
from tutor.api.messages import Json, Sent, encode

API_VERSION = "2026-10-21"
TIMEOUT = httpx.Timeout(600, connect=5)
HEADERS = {
    "accept": "application/json",
    "accept-encoding": "gzip, deflate",
    "anthropic-version": API_VERSION,
    "content-type": "application/json",
    "user-agent": f"tutor-course/{__version__}",
}

Timeout = float | httpx.Timeout | None
_Headers = Mapping[str, str] | None


class Client:
    """Speaks to the Messages API. Close it when you are done, or use it in a `with` block.

    `sleep`, `chance` and `clock` are there for tests; the official SDK does not have them.
    """

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        max_retries: int = 2,
        timeout: Timeout = TIMEOUT,
        default_headers: Mapping[str, str] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.api_key = checked.key(os.environ.get("ANTHROPIC_API_KEY") if api_key is None else api_key)
        self.base_url = checked.url(base_url or os.environ.get("ANTHROPIC_BASE_URL") or checked.BASE_URL)
        self.max_retries = max_retries
        self.timeout = timeout
        self.default_headers = dict(default_headers or {})
        self._sleep, self._chance, self._clock = sleep, chance, clock
        self._http = _connections()

    @property
    def messages(self) -> Messages:
        """Create messages, stream them, count their tokens."""
        return Messages(self)

    @property
    def models(self) -> Models:
        """The models that your key may use."""
        return Models(self)

    def with_options(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        max_retries: int | None = None,
        timeout: Timeout = NOT_GIVEN,
        default_headers: Mapping[str, str] | None = None,
    ) -> Self:
        """The same client with some options changed; the two share their connections."""
        other = copy.copy(self)
        if api_key is not None:
            other.api_key = checked.key(api_key)
        if base_url is not None:
            other.base_url = checked.url(base_url)
        if max_retries is not None:
            other.max_retries = max_retries
        if timeout is not NOT_GIVEN:
            other.timeout = timeout
        other.default_headers = {**self.default_headers, **(default_headers or {})}
        return other

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called; a closed client sends nothing more."""
        return self._http.is_closed

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        has = self.__dict__.get  # it may be shown while it is still being made
        return f"Client(base_url={has('base_url')!r}, api_key={HIDDEN if has('api_key') else 'missing'})"

    @property
    def has_default_timeout(self) -> bool:
        """Whether nobody has chosen a timeout."""
        return self.timeout == TIMEOUT

    def fetch(self, path: str, body: Json | None, headers: _Headers, timeout: Timeout, needs: str) -> tuple[Json, Sent]:
        """A whole reply as JSON, and how it came about; `needs` is a field without which it is not the API's."""
        response, sent = self._send(path, body, headers, timeout, stream=False)
        try:
            found = response.json()
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or needs not in found:
            hide = Secrets(response.request.headers)
            raise failures.unexpected_reply(_shown(response, hide), hide(response.text), needs)
        return found, sent

    def open(self, path: str, body: Json | None, headers: _Headers, timeout: Timeout) -> Body:
        """A reply that is still coming."""
        response, sent = self._send(path, body, headers, timeout, stream=True)
        connection = response.extensions.get("network_stream")
        plain = connection.get_extra_info("socket") if connection else None
        hide = Secrets(response.request.headers)
        return Body(_chunks(response), response.close, plain, _shown(response, hide), sent, hide)

    def _send(
        self, path: str, body: Json | None, headers: _Headers, timeout: Timeout, *, stream: bool
    ) -> tuple[httpx.Response, Sent]:
        """Sends a request until it succeeds, or until another try is not due."""
        content = None if body is None else encode(body)
        sending = self._headers(headers)
        limit = self.timeout if timeout is NOT_GIVEN else timeout
        method, url = "GET" if content is None else "POST", self.base_url + path
        attempts: tuple[int | str, ...] = ()
        while True:
            sending["x-stainless-retry-count"] = str(len(attempts))
            request = self._http.build_request(method, url, content=content, headers=sending, timeout=limit)
            failed: errors.APIError
            try:
                response = self._http.send(request, auth=self._add_key, stream=stream)
                if not response.is_success:
                    response.read()
            except httpx.RequestError as error:
                status, answered = None, httpx.Headers()
                failed = _lost(error, request)
                attempts += (type(failed).__name__,)
            else:
                status, answered = response.status_code, response.headers
                attempts += (status,)
                if response.is_success:
                    return response, Sent(content or b"{}", answered, attempts)
                hide = Secrets(response.request.headers)
                asked = hide(content.decode()) if content and status == 400 else ""
                failed = failures.status_error(_shown(response, hide), hide(response.text), asked)
            failed.attempts = attempts
            now, chance = self._clock(), self._chance()
            wait = retry.next_wait(len(attempts), self.max_retries, status, answered, now=now, chance=chance)
            if wait is None:
                raise failed  # here and not above: a traceback from inside httpx could show the headers
            self._sleep(wait)

    def _headers(self, extra: _Headers) -> dict[str, str]:
        """What a request has besides HEADERS."""
        headers: dict[str, str] = {}
        for more in (self.default_headers, extra or {}):
            headers.update((name.lower(), checked.header(name, value)) for name, value in more.items())
        if not (self.api_key or "authorization" in headers or "x-api-key" in headers):
            raise errors.MissingKeyError(
                "There is no API key, and nothing was sent. "
                "Expected one in the environment variable ANTHROPIC_API_KEY, or as Client(api_key=...)."
            )
        return headers

    def _add_key(self, request: httpx.Request) -> httpx.Request:
        """The last thing before a request goes out."""
        if not ("authorization" in request.headers or "x-api-key" in request.headers):
            request.headers["authorization"] = f"Bearer {self.api_key}"
        return request


class _Http(httpx.Client):
    """Connections that close with the last client that uses them."""

    _ready = False

    def __init__(self) -> None:
        limits = httpx.Limits(max_connections=1000, max_keepalive_connections=100)
        super().__init__(headers=HEADERS, limits=limits, verify=_certificates())
        self._ready = True

    def __del__(self) -> None:
        if self._ready and not sys.is_finalizing():
            self.close()


def _connections() -> _Http:
    """Raises ValueError where the machine's own settings are in the way; httpx would not name them."""
    try:
        return _Http()
    except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
        reason = type(error).__name__  # without its words: an address of a proxy may hold a password
    raise ValueError(
        f"This computer's settings for the network cannot be used ({reason}). Check the environment variables "
        "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY and SSL_CERT_FILE."
    )


@cache
def _certificates() -> ssl.SSLContext:
    """Whom to trust; shared, since reading the certificates takes longer than a request."""
    return httpx.create_ssl_context()


def _chunks(response: httpx.Response) -> Iterator[bytes]:
    """The bytes of a streamed reply as they come."""
    try:
        yield from response.iter_bytes()
        return
    except httpx.RequestError as error:
        failed = _lost(error, response.request, begun=True)
    raise failed


def _lost(error: httpx.RequestError, request: httpx.Request, *, begun: bool = False) -> errors.APIConnectionError:
    """The error for a reply that did not come, or not to its end."""
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    late = isinstance(error, httpx.TimeoutException)
    failed = failures.lost_reply(_shown_request(request), reason, late=late, begun=begun)
    failed.__cause__ = error.with_traceback(None)  # without what httpx had in hand: the headers, the key among them
    error.__cause__ = error.__context__ = None
    error._request = None
    return failed


def _shown(response: httpx.Response, hide: Secrets) -> errors.Response:
    headers = response.headers
    if hide.stands_in(headers):
        headers = httpx.Headers([(name, hide(value)) for name, value in headers.multi_items()])
    return errors.Response(response.status_code, headers, _shown_request(response.request))


def _shown_request(request: httpx.Request) -> errors.Request:
    url = request.url
    return errors.Request.shown(request.method, f"{url.scheme}://{url.netloc.decode()}{url.path}", request.headers)
