"""What a client is given, looked at before anything is sent: key, headers, address. A secret is never repeated."""

from __future__ import annotations

from urllib.parse import urlsplit

from tutor.api.hidden import HIDDEN

BASE_URL = "https://api.anthropic.com"


def key(given: str | None) -> str | None:
    """The key without blanks around it. Raises ValueError, without the key in it, for what cannot be a key."""
    given = given.strip() if given else None
    if given and not (given.isascii() and given.isprintable() and " " not in given):
        del given  # a traceback may show variables
        raise ValueError("The API key has a blank or another character that no key has. Copy it again, without quotes.")
    return given


def header(name: str, value: str) -> str:
    """The value of a header. Raises ValueError, without the value in it, for what cannot be one."""
    if not (isinstance(value, str) and value.isascii() and value.isprintable() and value == value.strip()):
        del value  # a traceback may show variables
        raise ValueError(f"Expected the header {name!r} to be a line of plain letters without blanks around it.")
    return value


def url(given: str) -> str:
    """The address without a slash at its end."""
    given = given.strip()
    try:
        parts = urlsplit(given)
        host, _ = (parts.hostname or "").encode("idna"), parts.port
        right = parts.scheme in ("http", "https") and host and not (parts.username or parts.query or parts.fragment)
    except ValueError:
        right = False
    if not right:
        got = HIDDEN if "@" in given or "sk-" in given else repr(given)  # a password, or the key by mistake
        raise ValueError(f"Expected base_url to be like {BASE_URL}, got {got}.")
    return given.rstrip("/")
