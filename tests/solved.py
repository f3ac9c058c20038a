"""The learner's notebooks, solved: each exercise cell holds its solution, and its expected output says that it is done.

What a solved notebook must show follows from the definitions of the exercises, not from a run: a broken check cannot
write its own expectation.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import nbformat

from tutor import course
from tutor.journal import Journal
from tutor.practice import Exercises, Progress, Verdict
from tutor.practice.overview import Overview

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"


def exercise_of(cell: Any) -> str:
    """The exercise that a cell answers, from its tag `exercise:<name>`; empty for other cells."""
    tags = cell.metadata.get("tags", [])
    return next((tag.removeprefix("exercise:") for tag in tags if tag.startswith("exercise:")), "")


def write_solved(folder: Path) -> None:
    """Write a solved copy of every notebook into `folder`."""
    folder.mkdir(exist_ok=True)
    for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        with tempfile.TemporaryDirectory() as home:
            _solve(notebook, path.stem.partition("_")[2], Progress(Path(home)))
        nbformat.write(notebook, folder / path.name)


def _solve(notebook: Any, lesson: str, progress: Progress) -> None:
    overview = Overview(course.stops(), progress)
    exercises = Exercises(course.lesson_module(lesson), Journal(), progress, lambda verdict, answer: None, overview)
    shown = {"exercises": exercises, "exercises.map": overview}
    for cell in notebook.cells:
        name = exercise_of(cell)
        if name:
            exercise = exercises[name]
            cell.source = exercise.source.rstrip("\n")
            progress.finish(lesson, name)
            done = {"progress": exercises.count(), "onward": exercises.onward_from(exercise)}
            verdict = Verdict("done", exercise=name, text=exercise.praise, **done)
            cell.outputs = [nbformat.v4.new_output("display_data", _bundle(verdict))]
        elif cell.source in shown:
            cell.outputs = [nbformat.v4.new_output("execute_result", _bundle(shown[cell.source]))]


def _bundle(thing: Any) -> dict[str, str]:
    return {"text/html": thing._repr_html_(), "text/plain": repr(thing)}
