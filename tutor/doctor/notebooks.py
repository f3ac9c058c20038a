"""The lessons as they lie here: whether they can be read, and what stands in them or beside them that does harm."""

from __future__ import annotations

import contextlib
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
        if cells(path) is None:
            step = f"Undo the last change to it. The lesson as published: git checkout notebooks/{path.name}"
            yield mend("Notebooks", f"{path.name} cannot be read", f"{step} (what you wrote in it is lost).")


def cells(path: Path) -> list[dict[str, Any]] | None:
    """The cells of a notebook, their source as one text; None if it is not one."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return [
            {
                "cell_type": cell["cell_type"],
                "tags": list(cell["metadata"].get("tags", [])),
                "source": "".join(cell["source"]),
            }
            for cell in found
        ]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):  # a learner's file: anything may be in it
        return None


def pasted(folder: Path) -> Iterator[Finding]:
    """Notebooks in which something stands that looks like a key."""
    for path in sorted(folder.glob("*.ipynb")):
        text = ""
        with contextlib.suppress(OSError):  # it is told as one that cannot be read
            text = path.read_text(encoding="utf-8", errors="replace")
        if settings.holds_key(text):
            step = f"Delete it there, run the cell again, and save. {REVOKE}"
            yield mend("Notebooks", f"a key stands in {path.name}, and whoever gets that file could use it", step)


def shadows(folder: Path) -> Iterator[Finding]:
    """What beside the notebooks a lesson would import instead of the package of that name."""
    elsewhere = [place for place in sys.path if place and os.path.realpath(place) != os.path.realpath(folder)]
    for file in sorted([*folder.glob("*.py"), *(init.parent for init in folder.glob("*/__init__.py"))]):
        if PathFinder.find_spec(name := file.name.removesuffix(".py"), elsewhere):
            what = "folder" if file.is_dir() else "program"
            words = f"the {what} {file.name} beside the notebooks hides the package {name} from them"
            yield mend("Notebooks", words, f"Give {file.name} another name, then restart the kernel.")
