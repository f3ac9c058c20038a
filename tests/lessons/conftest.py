"""A lesson's notebook run up to an exercise, in this process: what a learner has in hand when they answer it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tutor import course
from tutor.practice import Verdict

Answer = Callable[[str, str, str], Verdict]
ANSWERS = Path(course.__file__).parent / "answers"


@pytest.fixture
def judged(lesson_house: None, monkeypatch: pytest.MonkeyPatch) -> Answer:
    """`judged(lesson, exercise, answer)`: the verdict that the file `answers/<lesson>/<exercise>/<answer>.py` gets.

    `answer` may also be `starter`, the cell as the notebook ships it.
    """
    monkeypatch.setenv("TUTOR_STRICT", "0")  # a wrong answer may ask what no recording answers

    def run(lesson: str, exercise: str, answer: str) -> Verdict:
        names: dict[str, Any] = {}
        starter = ""
        for cell in _code_cells(lesson):
            if f"exercise:{exercise}" in cell.metadata.get("tags", []):
                starter = cell.source
                break
            if not cell.source.startswith("%"):
                exec(cell.source, names)
        assert starter, f"{lesson} has no cell tagged exercise:{exercise}"
        source = starter if answer == "starter" else (ANSWERS / lesson / exercise / f"{answer}.py").read_text("utf-8")
        exec(source, names)
        if "sdk" in names:
            names["sdk"].close()
        verdict = names["exercises"][exercise].verdict
        assert verdict is not None, "the answer never called check"
        return verdict

    return run


def _code_cells(lesson: str) -> list[Any]:
    path = next(course.NOTEBOOKS.glob(f"[0-9][0-9]_{lesson}.ipynb"))
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
