"""Requests that go on to the live API, byte for byte, and the replies that come back as they arrive.

The only place that adds the real key. Nothing is followed, retried or changed on the way; headers that belong to one
connection, cookies and everything that begins with `tutor-` stay here.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..journal import HIDDEN
from ..settings import API, is_loopback
from .traffic import Incoming

if TYPE_CHECKING:
    import httpx

CONNECT, READ = 10.0, 600.0
# After half a minute of silence the system asks whether the other side is still there, and gives up after a minute.
ALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPALIVE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 60_000}
_LONGEST_ERROR = 1_000_000  # bytes
ALLOWED = re.compile(r"/v1/(?:messages|models|files)(?:/[A-Za-z0-9_:~-][A-Za-z0-9._:~-]*)*(?:\?[!-~]*)?")

_ONE_CONNECTION = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade", "expect", "content-length", "host",
}  # fmt: skip
_STAYS_HERE = _ONE_CONNECTION | {"cookie", "authorization", "x-api-key", "origin", "referer", "forwarded"}
_READABLE = ("gzip", "deflate", "identity")  # what the meter can read as well


class Unreachable(Exception):
    """No reply came from upstream; the message is for the learner and names no secret."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind, self.message = status, kind, message


class Upstream:
    """The way to one address, with the key for it."""

    def __init__(self, url: str, key: str | None) -> None:
        self._url, self._key = url, key
        self._client: httpx.Client | None = None

    def __repr__(self) -> str:
        return f"Upstream({self._url!r}, {'with' if self._key else 'without'} a key)"

    @contextmanager
    def send(self, incoming: Incoming) -> Iterator[httpx.Response]:
        """The reply, its body still on the way; raises `Unreachable`."""
        import httpx

        client = self._open()
        url = httpx.URL(self._url)
        request = httpx.Request(
            incoming.method,
            url.copy_with(raw_path=(url.raw_path.rstrip(b"/") + incoming.target.encode("ascii"))),
            headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in self._headers(incoming)],
            content=incoming.body,
            extensions={
                "timeout": {"connect": CONNECT, "read": READ, "write": READ, "pool": CONNECT},
                "trace": _keep_alive,
            },
        )
        host = self._host_name()
        try:
            response = client.send(request, stream=True)
        except httpx.TimeoutException:
            raise Unreachable(504, "timeout_error", f"{host} did not answer in time.") from None
        except httpx.HTTPError as error:
            words = f"{host} could not be reached ({type(error).__name__}). Is this computer online?"
            if check := ["ANTHROPIC_BASE_URL"] * (self._url != API) + self._proxies():
                words += f" If it is, check {' and '.join(filter(None, [', '.join(check[:-1]), check[-1]]))}."
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                words = f"{host} showed a certificate that is not trusted here. If your network needs one of its own, "
                words += "set SSL_CERT_FILE to its file."
            raise Unreachable(502, "api_error", words) from None
        try:
            if response.is_redirect:
                words = f"{host} answered with a redirect, which is not followed here. If this network wants a login, "
                raise Unreachable(502, "api_error", words + "open any page in the browser first.")
            yield _without(self._key, response) if self._key else response
        finally:
            response.close()

    def close(self) -> None:
        """End every connection."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _open(self) -> httpx.Client:
        import httpx

        if self._client is None:  # proxies come from the environment, as for any client
            limits = httpx.Limits(max_connections=64, max_keepalive_connections=16)
            host = self._host_name()
            # A proxy elsewhere could not find this computer, and would be shown the key without encryption.
            straight = {f"all://{f'[{host}]' if ':' in host else host}": None} if is_loopback(host) else {}
            try:
                self._client = httpx.Client(follow_redirects=False, limits=limits, mounts=straight)
            except (ValueError, OSError, ImportError) as error:
                words = "The network settings of this computer cannot be used. Check HTTPS_PROXY, HTTP_PROXY, "
                words += f"ALL_PROXY and SSL_CERT_FILE ({type(error).__name__})."
                raise Unreachable(502, "api_error", words) from None
        return self._client

    def _headers(self, incoming: Incoming) -> list[tuple[str, str]]:
        given = incoming.plain
        named = {name.strip().lower() for name in given.get("connection", "").split(",")}
        out = [
            (name, value)
            for name, value in incoming.headers
            if (low := name.lower()) not in _STAYS_HERE | named
            and not low.startswith(("tutor-", "x-forwarded-"))
            and low != "accept-encoding"
        ]
        out.append(("accept-encoding", _encodings(given.get("accept-encoding", ""))))
        if incoming.body or incoming.method == "POST":
            out.append(("content-length", str(len(incoming.body))))
        if self._key:
            out.append(("x-api-key", self._key) if "x-api-key" in given else ("authorization", f"Bearer {self._key}"))
        return [("host", self._host()), *out]

    def _host(self) -> str:
        return urlsplit(self._url).netloc

    def _host_name(self) -> str:
        return urlsplit(self._url).hostname or ""

    def _proxies(self) -> list[str]:
        """The variables that name a proxy which may stand in between."""
        names = () if is_loopback(self._host_name()) else ("HTTPS_PROXY", "ALL_PROXY")
        return [name for name in names if os.environ.get(name) or os.environ.get(name.lower())]


def _keep_alive(event: str, info: Mapping[str, Any]) -> None:
    """Let the system look after a new connection: a computer that slept would else wait ten minutes for what is gone.

    httpx tells of every connection that it opens, also to a proxy: https://www.python-httpx.org/advanced/extensions/
    """
    if event.endswith("connect_tcp.complete"):
        connection = info["return_value"].get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in ALIVE.items():
            if hasattr(socket, name):  # systems differ in what they let be set
                connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _without(key: str, response: httpx.Response) -> httpx.Response:
    """The reply without the key: a gateway may repeat it in a header, or in its words about an error."""
    import httpx

    secret, hidden = key.encode(), HIDDEN.encode()
    headers = [(name, value.replace(secret, hidden)) for name, value in response.headers.raw]
    body = b""
    if response.is_error:
        for piece in response.iter_bytes():
            body += piece
            if len(body) > _LONGEST_ERROR:
                break
        headers = [pair for pair in headers if pair[0].lower() not in (b"content-encoding", b"content-length")]
        headers.append((b"content-length", b"%d" % len(body := body.replace(secret, hidden))))
    elif headers == response.headers.raw:
        return response
    stream = httpx.ByteStream(body) if response.is_error else response.stream
    return httpx.Response(response.status_code, headers=headers, stream=stream, extensions=response.extensions)


def _encodings(accepted: str) -> str:
    asked = (one.partition(";")[0].strip().lower() for one in accepted.split(","))
    return ", ".join(name for name in asked if name in _READABLE) or "identity"


def reply_headers(response: Any) -> list[tuple[str, str]]:
    """The headers of the reply, as they came, without those that belong to one connection."""
    named = {name.strip().lower() for name in response.headers.get("connection", "").split(",")}
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw]
    return [(name, value) for name, value in pairs if name.lower() not in _ONE_CONNECTION | named | {"set-cookie"}]
