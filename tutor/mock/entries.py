"""The answers that were written for learners' questions: one file for each lesson, read and checked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from .recordings import RecordingError, read_yaml


@dataclass(frozen=True)
class Entry:
    """One answer, and the questions it was written for."""

    name: str
    lesson: str
    id: str
    ask: tuple[str, ...]
    answer: str
    section: str
    folded: tuple[str, ...] = field(repr=False)  # the questions, without case and punctuation
    talk: str = ""  # "open" or "again": it answers no question about a lesson, but "hello" or "I don't understand"

    @property
    def exercise(self) -> str:
        """The exercise whose hint or feedback this is: an id like `text_of/hint-1`."""
        return self.id.partition("/")[0] if "/" in self.id else ""

    @property
    def step(self) -> int:
        """Which hint of its exercise this is, from 1; 0 if it is none."""
        number = self.id.rpartition("/hint-")[2]
        return int(number) if "/hint-" in self.id and number.isdigit() else 0

    @property
    def phrases(self) -> tuple[str, ...]:
        """What it is searched by: its questions; of a feedback the words of its id, not "Why was ... reported?"."""
        return (self.id.partition("/")[2], *self.ask[1:]) if self.exercise else self.ask

    def serves(self, lesson: str) -> bool:
        """Whether learners of this lesson may get it: feedback makes sense beside its exercise only."""
        return not self.exercise or self.lesson == lesson


class Lesson(NamedTuple):
    """The entries of one lesson, and the questions to name where none fits."""

    lesson: str
    entries: list[Entry]
    suggestions: list[str]


def read(path: Path) -> Lesson:
    """The bank of one lesson. Raises `RecordingError`."""
    data = read_yaml(path)
    if not isinstance(data, dict) or not isinstance(data.get("entries"), list):
        raise RecordingError(f"tutor/{path.stem}: expected source and entries")
    entries = [_entry(path.stem, number, one) for number, one in enumerate(data["entries"], 1)]
    return Lesson(path.stem, entries, list(data.get("suggestions") or []))


def folded(text: str) -> str:
    """The words only: no case, no punctuation, one blank between them."""
    return " ".join(re.findall(r"\w+", text.lower()))


def _entry(lesson: str, number: int, data: Any) -> Entry:
    name = f"tutor/{lesson}#{number}"
    if not isinstance(data, dict) or not isinstance(data.get("answer"), str) or not (data.get("ask") or data.get("id")):
        raise RecordingError(f"{name}: expected an answer, and ask or id")
    ask = tuple(str(question) for question in data.get("ask") or ())
    section = str(data.get("section", ""))
    talk = str(data.get("talk", ""))
    if talk not in ("", "open", "again"):
        raise RecordingError(f"{name}: talk is open or again")
    words = tuple(map(folded, ask))
    return Entry(name, lesson, str(data.get("id", "")), ask, data["answer"].strip(), section, words, talk)
