"""The model table grows old, and models end: 60 days before, lessons are named, 7 days before a test fails."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tutor import models, settings
from tutor.doctor import freshness
from tutor.models import Model

END = date(2027, 3, 31)
HAIKU = replace(models.find("claude-haiku-4-5") or models.all()[0], retires=END)


def near(today: date, rows: Iterable[Model]) -> set[str]:
    return {model.id for model in rows if model.retires and model.retires - today <= freshness.NEAR}


def test_no_model_that_the_lessons_use_ends_within_seven_days() -> None:
    """If this fails, the lessons named need another model: see "A lesson" in CONTRIBUTING.md."""
    ending = near(date.today(), models.all())
    assert {id: where for id, where in freshness.used(settings.ROOT).items() if id in ending} == {}


@pytest.mark.parametrize(("days", "ids"), [(-1, {HAIKU.id}), (7, {HAIKU.id}), (8, set())])
def test_the_test_above_counts_from_seven_days_before_an_announced_end(days: int, ids: set[str]) -> None:
    later = replace(HAIKU, id="later", retires=None, retires_not_before=END)
    assert near(END - timedelta(days), [HAIKU, later]) == ids


@pytest.mark.parametrize(
    ("days", "states"),
    [(-1, ["mend"]), (0, ["note"]), (7, ["note"]), (60, ["note"]), (61, [])],
)
def test_a_model_in_use_is_named_from_sixty_days_before_its_end(days: int, states: list[str]) -> None:
    found = list(freshness.endings({HAIKU.id: {"03_parameters.ipynb"}}, END - timedelta(days), [HAIKU]))
    assert [each.state for each in found] == states
    assert all("03_parameters.ipynb" in each.words and "31 March 2027" in each.words for each in found)


def test_of_hundreds_of_places_every_lesson_is_named_and_the_rest_is_counted() -> None:
    lessons = {f"0{number}_lesson.ipynb" for number in range(8)}
    places = {HAIKU.id: lessons | {f"answers/{number}" for number in range(200)}}
    (found,) = freshness.endings(places, END, [HAIKU])
    assert all(lesson in found.words for lesson in lessons)
    assert "07_lesson.ipynb and 200 other files, ends on" in found.words
    assert freshness.some({"models.py", "lessons/a.py", "01_a.ipynb"}) == "01_a.ipynb, lessons/a.py, models.py"


@pytest.mark.parametrize(("days", "states"), [(-1, ["note"]), (0, []), (60, [])])
def test_of_a_model_that_no_lesson_uses_only_its_end_is_told(days: int, states: list[str]) -> None:
    assert [each.state for each in freshness.endings({}, END - timedelta(days), [HAIKU])] == states


def test_a_day_before_which_a_model_does_not_end_is_no_end() -> None:
    later = replace(HAIKU, retires=None, retires_not_before=END)
    assert list(freshness.endings({HAIKU.id: {"x"}}, END + timedelta(days=9), [later])) == []


@pytest.mark.parametrize(("days", "state"), [(0, "fine"), (90, "fine"), (91, "note"), (800, "note")])
def test_the_table_is_old_after_ninety_days(days: int, state: str) -> None:
    assert freshness.table(models.as_of() + timedelta(days)).state == state


def cell(source: str, kind: str = "code", *tags: str) -> dict[str, object]:
    return {"cell_type": kind, "metadata": {"tags": list(tags)}, "source": [source]}


def test_what_runs_counts_and_what_is_only_told_does_not(course: Path) -> None:
    cells = [
        cell('ask(model="claude-haiku-4-5")'),
        cell('ask(model="claude-opus-4-6")', "code", "retired-on-purpose"),
        cell("`claude-opus-4-7`", "markdown"),
    ]
    files = {
        "notebooks/01_requests.ipynb": json.dumps({"cells": cells}),
        "notebooks/02_broken.ipynb": "<<<<<<<",
        "tutor/lessons/requests.py": 'MODEL = "claude-opus-4-8"',
        "tutor/answers/requests/a/solution.py": 'model="claude-sonnet-5"',
        "tutor/answers/requests/a/old-model.py": 'model="claude-opus-5"',
        "tutor/recordings/requests/a.yaml": "request:\n  model: claude-sonnet-4-6\n  messages: claude-fable-5",
        "tutor/recordings/tutor/requests.yaml": "answer: claude-fable-5\n```\nclaude-fable-5-1\n```",
    }
    for name, text in files.items():
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        (course / name).write_text(text)
    assert freshness.used(course) == {
        models.DEFAULT: {"models.py"},
        "claude-haiku-4-5-20251001": {"01_requests.ipynb"},
        "claude-opus-4-8": {"lessons/requests.py"},
        "claude-sonnet-5": {"answers/requests/a/solution.py"},
        "claude-sonnet-4-6": {"recordings/requests/a.yaml"},
        "claude-fable-5-1": {"recordings/tutor/requests.yaml"},
    }


def test_the_lessons_as_they_are_use_models_in_each_kind_of_place() -> None:
    places = {place.split("/")[0] for where in freshness.used(settings.ROOT).values() for place in where}
    assert places >= {"03_parameters.ipynb", "lessons", "answers", "recordings"}
