"""A lesson's notebook run up to an exercise, in this process: what a learner has in hand when they answer it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
        with at(lesson, exercise) as names:
            return shown(exercise, source_of(lesson, exercise, answer), names)

    return run


@contextmanager
def at(lesson: str, exercise: str) -> Iterator[dict[str, Any]]:
    """The names that a learner has when they come to an exercise: every cell above it was run, in this process."""
    names: dict[str, Any] = {}
    for cell in _code_cells(lesson):
        if f"exercise:{exercise}" in cell.metadata.get("tags", []):
            break
        if not cell.source.startswith("%"):
            exec(cell.source, names)
    yield names
    if "sdk" in names:
        names["sdk"].close()


def source_of(lesson: str, exercise: str, answer: str) -> str:
    """What a learner types as this answer: the cell as it is shipped, or the file of that name."""
    if answer != "starter":
        return (ANSWERS / lesson / exercise / f"{answer}.py").read_text("utf-8")
    tagged = [cell for cell in _code_cells(lesson) if f"exercise:{exercise}" in cell.metadata.get("tags", [])]
    assert tagged, f"{lesson} has no cell tagged exercise:{exercise}"
    return str(tagged[0].source)


def shown(exercise: str, source: str, names: dict[str, Any]) -> Verdict:
    """The verdict that a learner sees who runs this cell."""
    exec(source, names)
    verdict = names["exercises"][exercise].verdict
    assert verdict is not None, "the answer never called check"
    return verdict  # type: ignore[no-any-return]


def _code_cells(lesson: str) -> list[Any]:
    path = next(course.NOTEBOOKS.glob(f"[0-9][0-9]_{lesson}.ipynb"))
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
