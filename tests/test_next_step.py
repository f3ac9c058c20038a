"""What a kernel of the course's environment says below a `NameError`, before the course is loaded."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from solved import NOTEBOOKS

NEXT = [
    "Next: run the set-up cell at the top of the lesson.",
    "Or run all cells above this one: Run > Run All Above Selected Cell.",
]
ABOVE = "Next: run all cells above this one: Run > Run All Above Selected Cell."
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
pytestmark = pytest.mark.slow  # it starts a kernel

Raised = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notebooks") / "open.ipynb"


@pytest.fixture(scope="module")
def kernel(notebook: Path) -> Iterator[Any]:
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(env={**os.environ, "JPY_SESSION_NAME": str(notebook)})  # as Jupyter Server does
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture
def raised(kernel: Any, notebook: Path) -> Raised:
    """Runs a cell in a kernel of lesson 00; the last three lines of the error that it shows."""
    shutil.copy(NOTEBOOKS / "00_start_here.ipynb", notebook)

    def run(code: str) -> list[str]:
        shown: list[str] = []

        def look(message: dict[str, Any]) -> None:
            shown.extend(message["content"].get("traceback", []))

        kernel.execute_interactive(code, timeout=60, output_hook=look)
        return COLOURS.sub("", "\n".join(shown)).splitlines()[-3:]

    return run


@pytest.mark.parametrize("name", ["client", "exercises", "chat", "start"])
def test_a_name_that_the_set_up_cell_makes_leads_to_it(raised: Raised, name: str) -> None:
    assert raised(f"{name}.anything") == [f"NameError: name '{name}' is not defined", *NEXT]


def test_a_cell_of_ones_own_above_the_set_up_cell_changes_nothing(raised: Raised, notebook: Path) -> None:
    lesson = json.loads(notebook.read_text("utf-8"))
    lesson["cells"].insert(0, {"cell_type": "code", "source": ["1 + 1"]})
    notebook.write_text(json.dumps(lesson), "utf-8")
    assert raised("client.anything")[1:] == NEXT


@pytest.mark.parametrize("name", ["ask", "questions"])
def test_a_name_that_another_cell_makes_leads_to_all_cells_above(raised: Raised, name: str) -> None:
    assert raised(f"{name}.anything")[1:] == [f"NameError: name '{name}' is not defined", ABOVE]


@pytest.mark.parametrize("code", ["prnt('a')", "messages", "1 / 0", "def f():\n  ask(1)\n  ask = 1\nf()"])
def test_other_errors_are_shown_as_ever(raised: Raised, code: str) -> None:
    assert not {*NEXT, ABOVE} & set(raised(code))


def test_a_name_that_is_there_or_that_the_lesson_only_talks_about_leads_nowhere(raised: Raised, notebook: Path) -> None:
    kinds = {"from tutor import start\nmade = 1": "code", "told = 1": "markdown"}
    cells = [{"cell_type": kind, "source": [source]} for source, kind in kinds.items()]
    notebook.write_text(json.dumps({"cells": cells}))
    assert raised("made")[1:] == NEXT
    assert raised("made = 1\nexec('made', {})")[-1] == "NameError: name 'made' is not defined"  # in other code
    assert raised("told")[-1] == "NameError: name 'told' is not defined"


def test_a_notebook_that_is_no_lesson_or_is_gone_or_damaged_shows_its_errors_as_ever(
    raised: Raised, notebook: Path
) -> None:
    cell = {"cell_type": "code", "source": ["client = connect()"]}
    for content in (json.dumps({"cells": [cell]}), json.dumps([1]), "{", None):
        notebook.unlink() if content is None else notebook.write_text(content)
        assert raised("client")[-1] == "NameError: name 'client' is not defined"


def test_the_kernel_holds_nothing_of_the_course_before_its_set_up_cell(raised: Raised) -> None:
    loaded = "import sys; assert not [name for name in [*sys.modules, *dir()] if 'tutor' in name or 'next' in name]"
    assert raised(loaded) == []
