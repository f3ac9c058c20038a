"""The lessons as they lie here: whether they can be read, and what stands in them or beside them that does harm."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from .. import settings
from .finding import Finding, fine, mend

REVOKE = "Revoke that key at platform.claude.com/settings/keys and make a new one."


def look(folder: Path) -> Iterator[Finding]:
    """Every notebook of the folder, and every program beside them."""
    wrong = [*unreadable(folder), *pasted(folder), *shadows(folder)]
    yield from wrong or [fine("Notebooks", "all can be read; no key stands in them")]


def unreadable(folder: Path) -> Iterator[Finding]:
    """Notebooks that JupyterLab could not open, as after a merge that was not finished."""
    for path in sorted(folder.glob("*.ipynb")):
        if not cells(path):
            step = f"Undo the last change to it. The lesson as published: git checkout notebooks/{path.name}"
            yield mend("Notebooks", f"{path.name} cannot be read", f"{step} (what you wrote in it is lost).")


def cells(path: Path) -> list[dict[str, Any]]:
    """The cells of a notebook; none if it is not one."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return [{"tags": cell["metadata"].get("tags", []), **cell} for cell in found]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):  # a learner's file: anything may be in it
        return []


def pasted(folder: Path) -> Iterator[Finding]:
    """Notebooks in which something stands that looks like a key."""
    for path in sorted(folder.glob("*.ipynb")):
        if settings.holds_key(path.read_text(encoding="utf-8", errors="replace")):
            step = f"Delete it there, run the cell again, and save. {REVOKE}"
            yield mend("Notebooks", f"a key stands in {path.name}, and whoever gets that file could use it", step)


def shadows(folder: Path) -> Iterator[Finding]:
    """Programs beside the notebooks that a lesson would import instead of the package of that name."""
    elsewhere = [place for place in sys.path if place and os.path.realpath(place) != os.path.realpath(folder)]
    for file in sorted(folder.glob("*.py")):
        if PathFinder.find_spec(file.stem, elsewhere):
            words = f"the program {file.name} beside the notebooks hides the package {file.stem} from them"
            yield mend("Notebooks", words, f"Give {file.name} another name, then restart the kernel.")
