"""Errors as a notebook or the API shows them: which entry of the bank knows this message."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from .entries import Entry, folded

_SHOWN = re.compile(r"Traceback|Error\b\W|Error code: \d|[\"']error[\"']:|_error\b.*[:{]")
_MESSAGE = re.compile(r"""["']message["']\s*:\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")
LEAST = 0.6  # how many words of message and entry must be the same (Dice), if they stand in another order


def looks(text: str) -> bool:
    """Whether this looks like an error that was pasted."""
    return bool(_SHOWN.search(text))


def from_api(text: str) -> bool:
    """Whether the API sent it, and not some other program: its type then tells enough."""
    return bool(re.search(r"_error\b|Error code: \d", text))


class Shown(NamedTuple):
    """Words that a program shows, and the entry that knows them."""

    words: str
    parts: frozenset[str]
    entry: Entry


def shown(entries: Iterable[Entry]) -> list[Shown]:
    """Those of the entries' questions that ask nothing: messages of errors."""
    return [
        Shown(one, frozenset(one.split()), entry)
        for entry in entries
        if not entry.talk
        for ask, one in zip(entry.ask, entry.folded, strict=True)
        if not ask.endswith("?") and " " in one
    ]


def known(text: str, messages: Iterable[Shown]) -> list[Entry]:
    """The entries that know the longest part of the error word for word, else those that know most of its words."""
    words, error, line = f" {folded(text)} ", looks(text), set(folded(message(text)).split())
    best: list[tuple[tuple[bool, float], Entry]] = []
    for one in messages:
        if f" {one.words} " in words if error else one.words.count(" ") > 1 and words.startswith(f" {one.words} "):
            best.append(((True, len(one.words)), one.entry))
        elif error and (alike := 2 * len(one.parts & line) / (len(one.parts) + len(line))) >= LEAST:
            best.append(((False, alike), one.entry))
    most = max((rank for rank, _ in best), default=None)
    return [entry for rank, entry in best if rank == most]


def message(text: str) -> str:
    """What the error says: the field `message` of a JSON error, else the last line without the name of the class."""
    if found := _MESSAGE.search(text):
        return found[1] or found[2] or ""
    lines = [line for line in text.splitlines() if line.strip()] or [""]
    return re.sub(r"^[\w.]*(Error|Exception)\b:?", "", lines[-1])
