"""How old the model table is, and whether a model that the lessons use is about to end.

Only announced dates count (`retires` in models.toml), not those before which a model does not end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

from .. import models
from ..models import Model
from . import notebooks
from .finding import Finding, fine, mend, note

OLD, SOON, NEAR = timedelta(days=90), timedelta(days=60), timedelta(days=7)
ON_PURPOSE = "retired-on-purpose"  # the tag of a cell whose ids are wrong on purpose
MOST = 6  # places that are named, or more if that many are notebooks
NEWER = "Fetch the newest version of the course (git pull)."


def look(root: Path, today: date) -> Iterator[Finding]:
    """The table's age, and the models whose end is near."""
    yield table(today)
    yield from endings(used(root), today)


def table(today: date) -> Finding:
    """Whether the table was compared with its sources lately."""
    words = f"compared with its sources on {day(models.as_of())}"
    if (age := today - models.as_of()) > OLD:
        return note("Model table", f"{words}, {age.days} days ago; prices and models change", NEWER)
    return fine("Model table", words)


def endings(places: dict[str, set[str]], today: date, rows: Iterable[Model] | None = None) -> Iterator[Finding]:
    """The models of the table that have ended, and those the lessons use that will within 60 days."""
    for model in models.all() if rows is None else rows:
        if model.retires is None:
            continue
        where, left = some(places.get(model.id, ())), model.retires - today
        if left < timedelta(0) and where:
            yield mend(
                "Models", f"{model.id}, used in {where}, ended on {day(model.retires)}: live, it is a 404", NEWER
            )
        elif left < timedelta(0):
            words = f"{model.id} ended on {day(model.retires)}; replies written in advance still know it"
            yield note("Models", words, NEWER)
        elif left <= SOON and where:
            words = f"{model.id}, used in {where}, ends on {day(model.retires)}, {left.days} days from today"
            yield note("Models", words, f"{NEWER} Authors: use another model there.")


def some(places: Iterable[str]) -> str:
    """Every notebook, and the first of the other files: the usual model is used in hundreds."""
    names = sorted(places, key=lambda name: (not name.endswith(".ipynb"), name))
    shown = max(MOST, sum(name.endswith(".ipynb") for name in names))
    more = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {more} other files" if more > 0 else "")


def used(root: Path) -> dict[str, set[str]]:
    """The models that lessons use, and where: cells with code, checks, recordings, solutions, code of the tutor's bank.

    Cells tagged `retired-on-purpose` do not count, nor wrong answers, nor what is only told.
    """
    places: dict[str, set[str]] = {models.DEFAULT: {"models.py"}}
    for name, text in (*_notebooks(root / "notebooks"), *_files(root / "tutor")):
        for id in models.ID.findall(text):
            if model := models.find(id):
                places.setdefault(model.id, set()).add(name)
    return places


def _notebooks(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*.ipynb")):
        for cell in notebooks.cells(path) or []:
            if cell["cell_type"] == "code" and ON_PURPOSE not in cell["tags"]:
                yield path.name, cell["source"]


def _files(package: Path) -> Iterator[tuple[str, str]]:
    """Name and text of what else runs: of recordings the model that is asked, of the tutor's bank the code."""
    for pattern, part in (
        ("lessons/*.py", r"(?s).+"),
        ("answers/*/*/solution.py", r"(?s).+"),
        ("recordings/*/*.yaml", r"(?m)^ *model: .+$"),
        ("recordings/tutor/*.yaml", r"(?s)```.+?```"),
    ):
        for path in sorted(package.glob(pattern)):
            yield path.relative_to(package).as_posix(), "\n".join(re.findall(part, path.read_text(encoding="utf-8")))


def day(when: date) -> str:
    """`5 March 2027`."""
    return f"{when.day} {when:%B %Y}"
