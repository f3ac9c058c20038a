"""Progress: one small file for every exercise done.

A file is written once and never changed, so two kernels cannot undo each other's work,
and a half-written file still counts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from tutor import files

_SIGNS, _WIDE = "0123456789abcdefghijklmnopqrstuvwxyz", 3


class Progress:
    """What the learner has done, kept in a folder: `<home>/done/<lesson>/<exercise>.txt`."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "done"

    def done(self, lesson: str) -> frozenset[str]:
        """Names of the exercises done in a lesson."""
        folder = self.folder / lesson
        return frozenset(path.stem for path in folder.glob("*.txt")) if folder.is_dir() else frozenset()

    def finish(self, lesson: str, exercise: str) -> bool:
        """Note that an exercise is done; False when the folder cannot be written."""
        path = self.folder / lesson / f"{exercise}.txt"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            files.create(path, f"done on {date.today().isoformat()}\n")
        except OSError:
            return False
        return True

    def count(self, lesson: str, exercises: Sequence[str]) -> str:
        """How far a lesson is: "2 of 3 exercises done"."""
        done = self.done(lesson)
        return f"{sum(name in done for name in exercises)} of {len(exercises)} exercises done"


def written_as(done: Iterable[tuple[str, str]]) -> str:
    """Exercises done, as a code to copy: three characters for each, from its names, and three that check the rest.

    `done` are pairs of lesson and exercise. Their order does not matter, and new exercises change no old code.
    """
    marks = sorted(_mark(f"{lesson}/{exercise}") for lesson, exercise in done)
    return "".join([*marks, _mark("".join(marks))])


def read_from(code: str, known: Iterable[tuple[str, str]]) -> tuple[list[tuple[str, str]], int]:
    """The exercises of a code that exist today, and how many of it do not. Raises `ValueError` for what is no code."""
    signs = re.sub(r"[\s\"'`]", "", code).lower()
    *marks, check = [signs[at : at + _WIDE] for at in range(0, len(signs), _WIDE)] or [""]
    if check != _mark("".join(marks)):
        raise ValueError(
            f"Expected a whole code, as the map showed it; got {len(signs)} characters that do not fit together. "
            "Copy the code again, from its first character to its last."
        )
    names = {_mark(f"{lesson}/{exercise}"): (lesson, exercise) for lesson, exercise in known}
    return [names[mark] for mark in marks if mark in names], sum(mark not in names for mark in marks)


def _mark(words: str) -> str:
    number = int.from_bytes(hashlib.sha256(words.encode()).digest()[:8], "big")
    return "".join(_SIGNS[number // len(_SIGNS) ** place % len(_SIGNS)] for place in range(_WIDE))
