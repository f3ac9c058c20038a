"""Which replies a notebook gets, and the few other settings: read once from the environment and the one `.env`.

ANTHROPIC_API_KEY    a real key: requests go to the live API
ANTHROPIC_BASE_URL   another address that speaks the Messages API: requests go there, with the key if there is one
TUTOR_MODE           recorded, live or record; wins over the guess
TUTOR_STRICT         1: a request nobody wrote a reply for is an error (tests)
TUTOR_PACE           1: replies stream as a model writes; 0: as fast as it goes
TUTOR_BUDGET         dollars one notebook may spend, default 1
TUTOR_USED           a file that gets the names of replayed recordings, for those who look after them
TUTOR_HOME           where progress is kept, default notebooks/.tutor
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tutor import files

LOCAL_TOKEN_PREFIX = "tutor-local-"
ROOT = Path(__file__).resolve().parent.parent
API = "https://api.anthropic.com"
MODES = ("recorded", "live", "record")

_KEY = re.compile(r"sk-ant-[A-Za-z0-9_-]{16,}", re.I)
_DISGUISED = re.compile(
    r"(?:s\W*k\W*a\W*n\W*t\W*)(?:api|admin|sid|oat)\d\d[\s\u200b-\u200d\ufeff\w\u2010-\u2015-]{16,}", re.I
)
_YES = {"1", "true", "yes", "on"}
_NO = {"0", "false", "no", "off"}


class SettingsError(ValueError):
    """A setting that cannot be used; the message says what was expected, what came, and what to do.

    What came may be a key that stands in the wrong place: it is left out.
    """

    def __init__(self, words: str) -> None:
        super().__init__(without_keys(words))

    def _render_traceback_(self) -> list[str]:
        """In a notebook the message alone: where the course noticed it helps nobody."""
        return [f"SettingsError: {self}"]


@dataclass(frozen=True)
class Settings:
    """What was read; the key is never shown."""

    mode: str = "recorded"
    key: str | None = field(default=None, repr=False)
    upstream: str = API
    strict: bool = False
    pace: float = 1.0
    budget: float = 1.0
    home: Path = ROOT / "notebooks" / ".tutor"
    used: Path | None = None


def read(environ: Mapping[str, str], root: Path = ROOT) -> Settings:
    """The settings that `environ` and `root/.env` give; `environ` wins, an empty value counts as unset."""
    here = {name: value.strip() for name, value in environ.items() if value.strip()}
    inherited = here.get("ANTHROPIC_API_KEY", "").startswith(LOCAL_TOKEN_PREFIX)
    if inherited:
        # A child of a notebook inherits the local token and the address beside it: neither is the learner's.
        here = {name: value for name, value in here.items() if name not in ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL")}
    given = dotenv(root / ".env") | here
    key = checked_key(given.get("ANTHROPIC_API_KEY", "")) or None
    upstream = checked_upstream(given.get("ANTHROPIC_BASE_URL", API))
    if inherited and not key and given.get("TUTOR_MODE", "").lower() in ("live", "record"):
        del given["TUTOR_MODE"]  # the key that it was meant for is not here any more: the relay has it
    try:
        home = Path(given.get("TUTOR_HOME") or root / "notebooks" / ".tutor").expanduser()
    except RuntimeError:
        words = "Expected TUTOR_HOME to be a folder; it names the home of a user who is not known here."
        raise SettingsError(f"{words} Write the whole path.") from None
    return Settings(
        mode=_mode(given.get("TUTOR_MODE", ""), key, upstream),
        key=key,
        upstream=upstream,
        strict=_switch("TUTOR_STRICT", given.get("TUTOR_STRICT", "0")),
        pace=_number("TUTOR_PACE", given.get("TUTOR_PACE", "1")),
        budget=_number("TUTOR_BUDGET", given.get("TUTOR_BUDGET", "1")),
        home=home if home.is_absolute() else root / home,
        used=Path(given["TUTOR_USED"]) if "TUTOR_USED" in given else None,
    )


def dotenv(path: Path) -> dict[str, str]:
    """The variables of a `.env` file: `NAME=value` lines, `export` and quotes allowed, `#` begins a comment."""
    found = {}
    for line in _lines(path):
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        name, value = name.strip(), value.strip()
        if not equals or name.startswith("#"):
            continue
        quoted = value[:1] in ("'", '"')
        value = value[1:].partition(value[0])[0] if quoted else value.partition(" #")[0].rstrip()
        if value:
            found[name] = value
    return found


def write_key(path: Path, key: str) -> None:
    """Write the key into `.env`, readable by its owner alone, and leave the other lines as they are.

    Raises `SettingsError` if what is there cannot be read, and `OSError` if it cannot be written.
    """
    kept = [line for line in _lines(path) if not line.removeprefix("export ").startswith("ANTHROPIC_API_KEY=")]
    files.replace(path, "\n".join([*kept, f"ANTHROPIC_API_KEY={key}", ""]), private=True)


def _lines(path: Path) -> list[str]:
    try:
        data = path.read_bytes()
        # What `echo ... > .env` writes in the PowerShell that comes with Windows begins with one of these two marks.
        return data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, UnicodeDecodeError) as error:
        words = f"Expected {path.name} to be readable text, got {type(error).__name__}."
        raise SettingsError(f"{words} Save it as UTF-8, or delete it.") from None


def checked_key(key: str, name: str = "ANTHROPIC_API_KEY") -> str:
    """The key without blanks around it; raises `SettingsError`, which names where it stood and never repeats it."""
    key = key.strip()
    if key.startswith(LOCAL_TOKEN_PREFIX):
        return ""
    if not all("!" <= letter <= "~" for letter in key):
        raise SettingsError(
            f"Expected {name} to be one word of plain letters; what came holds a blank or another sign. "
            "Copy the key again from platform.claude.com/settings/keys."
        )
    return key


def likely(key: str, upstream: str) -> bool:
    """Whether this can be a key for that address: those of the API begin with sk-ant-, others are not known here."""
    return upstream != API or key.startswith("sk-ant-")


def holds_key(text: str) -> bool:
    """Whether something that looks like a real key stands in the text."""
    return _KEY.search(text) is not None or _DISGUISED.search(text) is not None


def without_keys(text: str) -> str:
    """The text with whatever looks like a real key replaced."""
    return _DISGUISED.sub("[a key, left out]", _KEY.sub("[a key, left out]", text))


def checked_upstream(url: str) -> str:
    """The address without a slash at its end; https, unless it is this computer."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment or parts.username is not None:
        raise SettingsError(
            "Expected ANTHROPIC_BASE_URL to be an address such as https://api.anthropic.com, without a user name or "
            "a question mark. Correct it, or unset it for replies written in advance."
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise SettingsError(
            f"Expected ANTHROPIC_BASE_URL to begin with https://, got http:// for {host}. "
            "A key would travel in the open; only this computer (127.0.0.1) may be reached without https."
        )
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether the host is this computer."""
    import ipaddress

    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def spare_loopback(environ: MutableMapping[str, str]) -> None:
    """Send what goes to this computer past any proxy, in both spellings: clients differ in which one they read.

    Where only one spelling is set, the other gets its hosts as well: it might be the one that wins.
    """
    upper, lower = environ.get("NO_PROXY", ""), environ.get("no_proxy", "")
    for name, given in (("NO_PROXY", upper or lower), ("no_proxy", lower or upper)):
        hosts = [host for host in given.split(",") if host]
        environ[name] = ",".join(hosts if "127.0.0.1" in hosts else [*hosts, "127.0.0.1"])


def _mode(wanted: str, key: str | None, upstream: str) -> str:
    wanted, reachable = wanted.lower(), bool(key) or upstream != API
    if wanted not in ("", *MODES):
        raise SettingsError(f"Expected TUTOR_MODE to be one of {', '.join(MODES)}, got {wanted!r}.")
    if wanted == "record" and not key:
        raise SettingsError("TUTOR_MODE is record, and there is no key. Put one into .env or ANTHROPIC_API_KEY.")
    if wanted == "live" and not reachable:
        raise SettingsError("TUTOR_MODE is live, and there is no key. Put one into .env, or unset TUTOR_MODE.")
    return wanted or ("live" if reachable else "recorded")


def _switch(name: str, value: str) -> bool:
    if value.lower() not in _YES | _NO:
        raise SettingsError(f"Expected {name} to be 1 or 0, got {value!r}.")
    return value.lower() in _YES


def _number(name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not (number >= 0 and math.isfinite(number)):
        raise SettingsError(f"Expected {name} to be a number of 0 or more, got {value!r}.")
    return number
