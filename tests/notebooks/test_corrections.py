"""What learners read elsewhere and what is not so: met in its lesson, with its source and the cell that settles it."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tutor import course

TABLE = tomllib.loads(Path(__file__).with_name("corrections.toml").read_text("utf-8"))
ENTRIES = [pytest.param(lesson, entry, id=f"{lesson}: {entry['says']}") for lesson in TABLE for entry in TABLE[lesson]]
NEARBY = 3  # cells between a claim and what settles it, else they share a heading, or the claim names that heading


@cache
def cells(lesson: str) -> list[Any]:
    path = next(course.NOTEBOOKS.glob(f"[0-9][0-9]_{lesson}.ipynb"))
    return list(nbformat.read(path, as_version=4).cells)


def folds(lesson: str) -> list[tuple[int, str]]:
    """Each "You may read ..." of a lesson with the number of its cell."""
    found = [(place, fold) for place, cell in enumerate(cells(lesson)) for fold in cell.source.split("<details")[1:]]
    return [(place, fold) for place, fold in found if "<summary>You may read" in fold]


def shown(cell: Any) -> str:
    return "\n".join(output.get("text") or output["data"]["text/plain"] for output in cell.outputs)


def above(lesson: str, place: int) -> str:
    """The words of the heading above a cell."""
    headings = [re.findall(r"(?m)^## (.+)", cell.source) for cell in cells(lesson)[: place + 1] if cell.source]
    return next(found[-1] for found in reversed(headings) if found)


@pytest.mark.parametrize(("lesson", "entry"), ENTRIES)
def test_a_correction_is_met_and_settled(lesson: str, entry: dict[str, str]) -> None:
    met = [(place, fold) for place, fold in folds(lesson) if entry["says"] in fold]
    assert len(met) == 1, f"{len(met)} folds of {lesson} say it"
    if "told" in entry:
        assert set(entry) == {"says", "told"}
        return
    place, fold = met[0]
    settling = next(at for at, cell in enumerate(cells(lesson)) if cell.id == entry["cell"])
    assert entry["shows"] in shown(cells(lesson)[settling])
    heading = above(lesson, settling)
    assert abs(settling - place) <= NEARBY or heading == above(lesson, place) or heading in fold


@pytest.mark.parametrize("lesson", TABLE)
def test_no_correction_stands_outside_the_table(lesson: str) -> None:
    known = [entry["says"] for entry in TABLE[lesson]]
    assert [fold for _, fold in folds(lesson) if not any(says in fold for says in known)] == []


@pytest.mark.parametrize("lesson", TABLE)
def test_each_correction_names_a_dated_source(lesson: str) -> None:
    assert [fold for _, fold in folds(lesson) if not re.search(r"(?m)^Source: .*\b202[56]\b", fold)] == []


def test_every_lesson_has_its_corrections() -> None:
    assert set(TABLE) == {path.stem.partition("_")[2] for path in course.NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")}
