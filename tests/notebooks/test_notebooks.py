"""The notebooks as files: run in order, free of secrets and of this machine, and easy to read."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tutor import course, models
from tutor.practice import found

FILES = sorted(course.NOTEBOOKS.glob("*.ipynb"))
LONGEST_CELL = 15


@pytest.fixture(params=FILES, ids=[path.stem for path in FILES])
def notebook(request: pytest.FixtureRequest) -> Any:
    return nbformat.read(request.param, as_version=4)


def code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_only_numbered_lessons_lie_in_the_folder() -> None:
    assert [path.name for path in FILES if not re.fullmatch(r"\d\d_[a-z_]+\.ipynb", path.name)] == []


def test_cells_were_run_once_from_top_to_bottom(notebook: Any) -> None:
    # nbval compares nothing in a cell without a count, so a count that is missing hides a cell from it.
    assert [cell.execution_count for cell in code(notebook)] == list(range(1, len(code(notebook)) + 1))


def test_outputs_hold_no_key_no_address_and_no_path_of_a_machine(notebook: Any) -> None:
    for cell in code(notebook):
        text = json.dumps(cell.outputs)
        for secret in (
            r"sk-ant-",
            r"tutor-local-",
            r"127\.0\.0\.1:\d",
            r"localhost:\d",
            r"/(home|root|tmp|Users|work)/",
        ):
            assert not re.search(secret, text), f"{secret} in the output of {cell.id}"
        assert "widget-view" not in text


def test_the_file_carries_no_widget_state_and_no_times(notebook: Any) -> None:
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert all(set(cell.metadata) <= {"tags"} for cell in notebook.cells)


def test_no_cell_is_longer_than_fifteen_lines(notebook: Any) -> None:
    long = {cell.id: len(cell.source.splitlines()) for cell in code(notebook)}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_CELL} == {}


def test_headings_go_down_one_step_at_a_time(notebook: Any) -> None:
    prose = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    levels = [len(mark) for text in prose for mark in re.findall(r"(?m)^(#+) ", re.sub(r"(?s)```.*?```", "", text))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_models_are_current_except_where_a_cell_is_tagged(notebook: Any) -> None:
    for cell in notebook.cells:
        if "retired-on-purpose" not in cell.metadata.get("tags", []):
            named = set(re.findall(r"claude-[a-z0-9][a-z0-9-]*\d", cell.source))
            assert {name for name in named if models.find(name) is None} == set()


def test_links_to_other_lessons_lead_somewhere(notebook: Any) -> None:
    for cell in notebook.cells:
        for file in re.findall(r"\]\((\d\d_\w+\.ipynb)\)", cell.source):
            assert (course.NOTEBOOKS / file).is_file()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_exercise_has_one_cell_and_every_tagged_cell_an_exercise(path: Path) -> None:
    tagged = [
        tag.removeprefix("exercise:")
        for cell in code(nbformat.read(path, as_version=4))
        for tag in cell.metadata.get("tags", [])
        if tag.startswith("exercise:")
    ]
    assert sorted(tagged) == sorted(found(course.lesson_module(path.stem.partition("_")[2])))
