"""Progress: one small file for every exercise done.

A file is written once and never changed, so two kernels cannot undo each other's work,
and a half-written file still counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path


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
            if not path.exists():
                path.write_text(f"done on {date.today().isoformat()}\n", encoding="utf-8")
        except OSError:
            return False
        return True

    def count(self, lesson: str, exercises: Sequence[str]) -> str:
        """How far a lesson is: "2 of 3 exercises done"."""
        done = self.done(lesson)
        return f"{sum(name in done for name in exercises)} of {len(exercises)} exercises done"
