"""What a check found: one line, and the next step where there is one."""

from __future__ import annotations

from typing import NamedTuple

from .. import look

MARKS = {"fine": "done", "note": "half", "mend": "error", "skipped": "cant"}
"""Each state and its mark. Only `mend` means that something does not work."""


class Finding(NamedTuple):
    """`subject` is what was looked at, `words` what was seen there."""

    state: str
    subject: str
    words: str
    next_step: str = ""

    def __str__(self) -> str:
        line = f"{look.sign(MARKS[self.state])} {self.state:<8} {self.subject}: {self.words}"
        return f"{line}\n{'':<11}Next: {self.next_step}" if self.next_step else line


def fine(subject: str, words: str) -> Finding:
    """Nothing is wrong there."""
    return Finding("fine", subject, words)


def note(subject: str, words: str, next_step: str) -> Finding:
    """It works, and is worth knowing."""
    return Finding("note", subject, words, next_step)


def mend(subject: str, words: str, next_step: str) -> Finding:
    """Something does not work, or is not safe."""
    return Finding("mend", subject, words, next_step)


def skipped(subject: str, words: str) -> Finding:
    """It was not looked at; that says nothing about it."""
    return Finding("skipped", subject, words)
