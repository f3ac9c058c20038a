"""The tutor on what is not locked, each driven once: other versions of ipykernel and JupyterLab, and Notebook 7."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from browser.conftest import ROOT, Lab, running_lab

pytestmark = pytest.mark.long
VERSIONS = ["ipykernel==6.31.0", "notebook==7.6.5", "jupyterlab==4.4.0"]
START = "import ipykernel\nfrom tutor import start\n\nclient, exercises, chat = start('start_here')"


@pytest.fixture(scope="module", params=VERSIONS)
def wanted(request: pytest.FixtureRequest) -> str:
    """A package and its version; the rest is as locked."""
    return str(request.param)


@pytest.fixture(scope="module")
def lab(chromium: str, wanted: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab or Notebook with that package before all others."""
    folder = tmp_path_factory.mktemp("package")
    for installer in (["uv", "pip"], ["pip"]):
        command = [sys.executable, "-m", *installer, "install", "--no-deps", "--target", str(folder), wanted]
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            break
    else:
        pytest.skip(f"{wanted} could not be fetched, so it was not driven")
    app = "notebook" if wanted.startswith("notebook") else "jupyterlab"
    paths = {
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
        "JUPYTER_PATH": str(folder / "share" / "jupyter"),
    }
    if wanted.startswith("jupyterlab"):
        paths["JUPYTERLAB_DIR"] = str(folder / "share" / "jupyter" / "lab")
    with running_lab(sys.executable, tmp_path_factory.mktemp("lab"), app, **paths) as started:
        yield started


def test_the_tutor_answers_and_is_honest_while_a_cell_runs(
    wanted: str, open_notebook: Any, run_cell: Any, type_into_cell: Any
) -> None:
    package, _, version = wanted.partition("==")
    page = open_notebook("00_start_here.ipynb", "notebooks" if package == "notebook" else "lab/tree")
    type_into_cell(page, 2, START)
    run_cell(page, 2)
    if package == "ipykernel":
        type_into_cell(page, 6, "ipykernel.__version__")
        assert version in run_cell(page, 6).inner_text()
    if package == "jupyterlab":
        assert page.evaluate("() => window.jupyterapp.version") == version
    run_cell(page, 13)
    tutor = page.get_by_role("region", name="Tutor")
    box = tutor.get_by_role("textbox", name="Ask the tutor")
    box.click()
    page.keyboard.type("add a cell, dd")  # letters that are commands of the notebook
    page.keyboard.press("Shift+Enter")
    assert box.input_value() == "add a cell, dd\n"
    box.fill("What do check, hint and solution do?")
    box.press("Enter")
    tutor.get_by_text("Reply complete.").wait_for()
    type_into_cell(page, 6, "import time\nfor _ in range(50):\n    time.sleep(0.1)")
    page.evaluate(
        """() => {
            window.jupyterapp.shell.currentWidget.content.activeCellIndex = 6;
            window.jupyterapp.commands.execute("notebook:run-cell");
        }"""
    )
    box.fill("Do I need a key or money for this course?")
    box.press("Enter")
    if wanted == "ipykernel==6.31.0":
        tutor.get_by_text("Waiting for the running cell. Your question is kept.").wait_for()
    tutor.get_by_role("article", name="Tutor").nth(1).locator(".md p").first.wait_for()
    tutor.get_by_text("Reply complete.").wait_for()
