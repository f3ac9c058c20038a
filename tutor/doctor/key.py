"""The key: whether there is one, where it comes from, and whether others could read it. It is never shown."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from .. import settings
from .finding import Finding, fine, mend, note, skipped
from .notebooks import REVOKE

NAME = "ANTHROPIC_API_KEY"
GIVEN = re.compile(rf"""^\s*(?:export )?{NAME}\s*=[ \t]*['"]?[^\s'"#]""", re.MULTILINE)  # as settings.dotenv reads it
SHAPE = re.compile(r"sk-ant-api\d\d-[A-Za-z0-9_-]{20,}")


def look(environ: Mapping[str, str], root: Path) -> Iterator[Finding]:
    """What there is to say about the key, and about every place where it may lie."""
    text = _raw(root / ".env")
    given = len(GIVEN.findall(text))
    stray = not given and settings.holds_key(text)
    if stray:
        step = f"Write it as one line, {NAME}= and the key, and save the file as UTF-8. Or delete the file."
        yield mend("Key", "a key stands in .env, in a way that is not understood, so it is not used", step)
    if given > 1:
        yield note("Key", f"{given} lines of .env give a key, and the last one counts", "Delete the others.")
    try:
        found = settings.read(environ, root)
    except settings.SettingsError as error:
        yield mend("Key", str(error), "Correct that setting, then run this again.")
    else:
        if found.key:
            outside = environ.get(NAME, "").strip()
            place = "the environment" if outside and not outside.startswith(settings.LOCAL_TOKEN_PREFIX) else ".env"
            yield shape(found.key, place, found.upstream)
        elif not stray:
            yield fine("Key", "there is none, and none is needed: replies are written in advance")
    if given or stray:
        yield from readers(root / ".env")
        yield from git(root)


def _raw(file: Path) -> str:
    """The letters of a file, whatever they are written in; none if it cannot be read, which the settings tell."""
    try:
        return file.read_bytes().replace(b"\0", b"").decode("utf-8", "replace").lstrip("\ufeff\ufffd")
    except OSError:
        return ""


def shape(key: str, place: str, upstream: str) -> Finding:
    """Whether a key from `place` looks like those of the API. A gateway may have keys of its own shape."""
    if upstream != settings.API:
        return fine("Key", f"there is one, from {place}; it goes to another address than the API's own")
    if SHAPE.fullmatch(key):
        return fine("Key", f"there is one, from {place}, and it looks like a key of the API")
    words = f"there is one, from {place}, but it does not look like a key of the API (sk-ant-api..., about 100 signs)"
    return note("Key", words, "Copy it again from platform.claude.com/settings/keys.")


def readers(file: Path) -> Iterator[Finding]:
    """Whether others on this computer may read the file."""
    if os.name == "nt":
        yield skipped("Key", f"who may read {file.name} is not looked at on Windows")
    elif file.stat().st_mode & 0o077:
        yield mend("Key", f"others on this computer can read the key in {file.name}", f"chmod 600 {file.name}")
    else:
        yield fine("Key", f"nobody else on this computer can read {file.name}")


def git(root: Path) -> Iterator[Finding]:
    """Whether the file lies in git, ever did, or soon may."""
    try:
        tracked = _git(root, "ls-files", "--", ".env")
    except FileNotFoundError:
        yield skipped("Key", "whether git would take up .env is not known: there is no git on this computer")
        return
    if tracked.returncode:  # no repository
        return
    if tracked.stdout:
        yield mend("Key", ".env, with the key in it, lies in git", f"git rm --cached .env, and after that: {REVOKE}")
    elif _git(root, "log", "--all", "--format=%h", "-1", "--", ".env").stdout:
        yield mend("Key", ".env lay in git once, and whoever has the history can read it", REVOKE)
    elif _git(root, "check-ignore", "--quiet", ".env").returncode:
        yield mend("Key", "git would take up .env, with the key in it", "Write a line `.env` into the file .gitignore.")
    else:
        yield fine("Key", "git leaves .env alone")


def _git(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False)
