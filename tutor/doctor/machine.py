"""This computer: the relay's address, proxies, the disk, and the clock as far as files can tell."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from .. import models
from ..journal import Journal
from ..settings import Settings
from .finding import Finding, fine, mend, note

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
TIGHT, FULL = 1_000_000_000, 100_000_000  # bytes
ZONES = timedelta(days=1)  # an archive may have been packed in another time zone


def relay() -> Finding:
    """Whether an address of this computer can be opened, and answers: every request of a lesson goes there first."""
    from ..api import Client
    from ..api.errors import APIError
    from ..relay import Relay

    door = Relay(Settings(), Journal())
    try:
        door.start()
    except OSError as error:
        words = f"no port of 127.0.0.1 can be opened ({error.strerror})"
        return mend("Relay", words, "Let Python open ports on this computer: a firewall or a sandbox forbids it.")
    try:
        with Client(door.token, door.url, max_retries=0, timeout=10) as client:
            client.models.list(limit=1)
    except (APIError, ValueError) as error:
        words = f"its port can be opened, but a client does not get through to it. {error}"
        return mend("Relay", words, "Correct the variables of the proxy, or ask who looks after this computer.")
    finally:
        door.stop()
    return fine("Relay", "a port of 127.0.0.1 can be opened, and answers")


def proxy(environ: Mapping[str, str]) -> Iterator[Finding]:
    """What the variables for proxies say, in both spellings. An address may hold a password: only its host is shown."""
    hosts = []
    for name in PROXIES:
        upper, lower = environ.get(name, ""), environ.get(name.lower(), "")
        if upper and lower and upper != lower:
            words = f"{name} and {name.lower()} differ, and clients read one or the other"
            yield note("Proxy", words, "Give both the same value.")
        if (upper or lower) and name != "NO_PROXY":
            hosts.append(f"{name} leads over {_host(upper or lower)}")
    spared = "; what goes to 127.0.0.1 goes past it, in both spellings of NO_PROXY: every lesson sees to that"
    yield fine("Proxy", ", ".join(hosts) + spared if hosts else "no variable names one")


def _host(address: str) -> str:
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname or "an address without a host"
    except ValueError:
        return "an address that cannot be read"


def room(free: int) -> Finding:
    """Whether `free` bytes on the disk are enough."""
    words = f"{free / 1e9:.1f} GB are free"
    if free < FULL:
        return mend("Disk", words, "Free about 1 GB. Until then, notebooks and progress may not be saved.")
    if free < TIGHT:
        return note("Disk", words, "Free some room: a new installation needs about 1 GB.")
    return fine("Disk", words)


def saving(root: Path, home: Path) -> Iterator[Finding]:
    """Whether notebooks, and progress in `home`, can be saved."""
    for what, folder in (("notebooks", root / "notebooks"), ("progress", home)):
        there = next(each for each in (folder, *folder.parents) if each.exists())
        try:
            tempfile.TemporaryFile(dir=there).close()
        except OSError as error:
            words = f"{what} cannot be saved in {folder} ({error.strerror})"
            yield mend("Saving", words, "Make that folder yours to write in, or move the course to one that is.")
        else:
            yield fine("Saving", f"{what} can be saved")


def clock(now: datetime, root: Path) -> Finding:
    """Whether the clock is behind the files of the course, which cannot come from the future."""
    newest = max(datetime.fromtimestamp(path.stat().st_mtime) for path in (root / "tutor").glob("*.*"))
    known = max(newest.date(), models.as_of())
    if now < newest - ZONES or now.date() < models.as_of():
        words = f"this computer says {now:%d %B %Y}, but files of the course are of {known:%d %B %Y}"
        return mend("Clock", words, "Set date and time. A wrong clock breaks https, and waiting after a 429.")
    return fine("Clock", f"this computer says {now:%d %B %Y, %H:%M}; no file of the course is newer")
