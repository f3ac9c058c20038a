"""The tutor on other versions of ipykernel than the locked one: each is fetched and driven once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.conftest import ROOT, Lab, running_lab

pytestmark = pytest.mark.long
VERSIONS = ["6.31.0", "7.1.0", "7.4.0"]


@pytest.fixture(scope="module", params=VERSIONS)
def lab(chromium: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab whose kernels are of another version; the rest is as locked."""
    folder = tmp_path_factory.mktemp("ipykernel")
    wanted = ["--no-deps", "--target", str(folder), f"ipykernel=={request.param}"]
    for installer in (["uv", "pip"], ["pip"]):
        done = subprocess.run([sys.executable, "-m", *installer, "install", *wanted], capture_output=True, check=False)
        if done.returncode == 0:
            break
    else:
        pytest.skip(f"ipykernel {request.param} could not be fetched, so it was not driven")
    path = os.pathsep.join([str(folder), str(ROOT)])
    with running_lab(sys.executable, tmp_path_factory.mktemp("lab"), PYTHONPATH=path) as started:
        started.api("GET", "status")
        (Path(started.root) / "VERSION").write_text(request.param, encoding="utf-8")
        yield started


def test_the_tutor_answers_stops_and_is_honest_while_a_cell_runs(
    lab: Lab, open_notebook: Any, run_cell: Any, type_into_cell: Any
) -> None:
    page = open_notebook("00_start_here.ipynb")
    version = (lab.root / "VERSION").read_text(encoding="utf-8")
    type_into_cell(
        page, 2, "import ipykernel\nfrom tutor import start\n\nclient, exercises, chat = start('start_here')"
    )
    run_cell(page, 2)
    type_into_cell(page, 6, "ipykernel.__version__")
    assert version in run_cell(page, 6).inner_text()
    run_cell(page, 13)
    tutor = page.get_by_role("region", name="Tutor")
    box = tutor.get_by_role("textbox", name="Ask the tutor")
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
    if version.startswith("6."):
        tutor.get_by_text("Waiting for the running cell. Your question is kept.").wait_for()
    tutor.get_by_role("article", name="Tutor").nth(1).locator(".md p").first.wait_for()
    tutor.get_by_text("Reply complete.").wait_for()
