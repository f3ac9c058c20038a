"""Run every notebook on recorded replies and store its outputs: `python3 start.py refresh [01 ...]`.

What must not be in a committed notebook is left out: widget views, the stylesheet, times. What is made of the notebooks
is made again: the lesson's text for the tutor, and the pages of cards and corrections.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import environment
import handouts
import nbclient
import nbformat
import zmq
from solved import NOTEBOOKS, ROOT
from traitlets.config import Config

WIDGET = "application/vnd.jupyter.widget-view+json"


def refresh(path: Path) -> None:
    """Run one notebook from top to bottom and store what it showed."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as home:
        environ = environment.clean(Path(home))
        os.environ.clear()
        os.environ.update(environ)
        run(notebook, path.parent)
    notebook.metadata.pop("widgets", None)
    notebook.metadata.language_info = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            _strip(output)
    path.write_text(nbformat.writes(notebook, indent=1).rstrip("\n") + "\n", encoding="utf-8")
    text_file(path).write_text(text_of(notebook), encoding="utf-8")


def run(notebook: Any, folder: Path) -> None:
    """Run every cell of a notebook that lies in the folder."""
    where = {"metadata": {"path": str(folder)}}
    quiet = Config({"KernelManager": {"transport_encryption": "auto"}} if zmq.has("curve") else {})  # else it warns
    how = {"timeout": 60, "kernel_name": "python3", "coalesce_streams": True, "config": quiet}
    nbclient.NotebookClient(notebook, resources=where, **how).execute()


def text_file(path: Path) -> Path:
    """Where the package keeps a lesson as text, for the tutor: what a learner's own copy holds is not the tutor's."""
    return ROOT / "tutor" / "lessons" / f"{path.stem[3:]}.txt"


def text_of(notebook: Any) -> str:
    """A lesson as its reader sees it, without outputs: prose and code in order."""
    shown = (f"```python\n{one.source}\n```" if one.cell_type == "code" else one.source for one in notebook.cells)
    return "\n\n".join(shown) + "\n"


def _strip(output: Any) -> None:
    data = output.get("data", {})
    data.pop(WIDGET, None)
    if "text/html" in data:
        data["text/html"] = re.sub(r"(?s)<style>.*?</style>", "<style></style>", data["text/html"])


if __name__ == "__main__":
    wanted = sys.argv[1:] or [""]
    notebooks = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    if missing := [name for name in wanted if not any(each.name.startswith(name) for each in notebooks)]:
        sys.exit(f"No notebook in {NOTEBOOKS} begins with {', '.join(missing)}.")
    for each in notebooks:
        if each.name.startswith(tuple(wanted)):
            print(f"{each.name} ...", flush=True)
            beside = set(each.parent.iterdir())
            refresh(each)
            for made in set(each.parent.iterdir()) - beside:
                made.unlink()
    handouts.write()
