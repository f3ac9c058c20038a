"""Errors as a notebook or the API shows them: which entry of the bank knows this message."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .entries import Entry, folded

_SHOWN = re.compile(r"Traceback|Error\b\W|Error code: \d|[\"']error[\"']:|_error\b.*[:{]")
_MESSAGE = re.compile(r"""["']message["']\s*:\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")
LEAST = 0.5  # how much of the message's words an entry must hold, if they stand in another order


def looks(text: str) -> bool:
    """Whether this looks like an error that was pasted."""
    return bool(_SHOWN.search(text))


def known(text: str, entries: Iterable[Entry]) -> list[Entry]:
    """The entries that know the longest part of the error word for word, else those that know most of its words."""
    words, error, line = f" {folded(text)} ", looks(text), set(folded(message(text)).split())
    best: list[tuple[tuple[bool, int], Entry]] = []
    for entry in entries:
        for one in _messages(entry):
            parts = set(one.split())
            if f" {one} " in words if error else one.count(" ") > 1 and words.startswith(f" {one} "):
                best.append(((True, len(one)), entry))
            elif error and len(parts) > 1 and parts <= line and len(parts) >= LEAST * len(line):
                best.append(((False, len(parts)), entry))
    return [entry for rank, entry in best if rank == max(rank for rank, _ in best)]


def message(text: str) -> str:
    """What the error says: the field `message` of a JSON error, else the last line without the name of the class."""
    if found := _MESSAGE.search(text):
        return found[1] or found[2] or ""
    lines = [line for line in text.splitlines() if line.strip()] or [""]
    return re.sub(r"^[\w.]*(Error|Exception)\b:?", "", lines[-1])


def _messages(entry: Entry) -> list[str]:
    """Those of an entry's questions that ask nothing: words that a program shows."""
    return [one for ask, one in zip(entry.ask, entry.folded, strict=True) if not ask.endswith("?") and " " in one]
