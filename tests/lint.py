"""What every notebook keeps to, each rule a function from a notebook to its complaints.

`python tests/lint.py` prints the complaints and a table: how long each lesson is, and how much of it is prose.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import nbformat

from tutor import course, models

LONGEST_CELL = 15
TAGS = re.compile(r"exercise:[a-z_]+|retired-on-purpose|card")
PRIVATE = {
    "a key": r"sk-ant-|tutor-local-",
    "an address": r"127\.0\.0\.1:\d|localhost:\d",
    "a path": r"/(home|root|tmp|Users|work)/|[A-Z]:\\\\",
    "a time": r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\b\d\d:\d\d:\d\d\b",
    "a widget's view": "widget-view",
}
WORDS_A_MINUTE, SECONDS_A_CELL, MINUTES_AN_EXERCISE = 150, 20, 6

Notebook = Any
Rule = Callable[[Notebook], Iterator[str]]


def code(notebook: Notebook) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook: Notebook) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def counts(notebook: Notebook) -> Iterator[str]:
    """Run once, from top to bottom. nbval compares nothing in a cell without a count, so a missing one hides a cell."""
    for number, cell in enumerate(code(notebook), 1):
        if cell.execution_count != number:
            yield f"{cell.id}: count {cell.execution_count} where {number} is due"


def private(notebook: Notebook) -> Iterator[str]:
    """Outputs hold no key, nothing of this machine, no time."""
    for cell in code(notebook):
        text = json.dumps(cell.outputs)
        yield from (f"{cell.id}: shows {what}" for what, shape in PRIVATE.items() if re.search(shape, text))


def metadata(notebook: Notebook) -> Iterator[str]:
    """No widget state, no times, no tag that nobody reads."""
    yield from (f"the notebook carries {name}" for name in set(notebook.metadata) - {"kernelspec", "language_info"})
    for cell in notebook.cells:
        yield from (f"{cell.id}: carries {name}" for name in set(cell.metadata) - {"tags"})
        yield from (f"{cell.id}: tag {tag}" for tag in cell.metadata.get("tags", []) if not TAGS.fullmatch(tag))


def length(notebook: Notebook) -> Iterator[str]:
    """A code cell fits on a screen beside its output."""
    for cell in code(notebook):
        if (lines := len(cell.source.splitlines())) > LONGEST_CELL:
            yield f"{cell.id}: {lines} lines"


def headings(notebook: Notebook) -> Iterator[str]:
    """One title, first; below it no level is left out."""
    found = [(cell.id, mark) for cell in prose(notebook) for mark in re.findall(r"(?m)^(#+) ", plain(cell.source))]
    if [mark for _, mark in found].count("#") != 1 or found[0][1] != "#":
        yield "not one title, at the top"
    for (_, before), (name, after) in pairwise(found):
        if len(after) - len(before) > 1:
            yield f"{name}: {after} under {before}"


def alt_texts(notebook: Notebook) -> Iterator[str]:
    """Every picture says in words what it shows, in prose and in outputs."""
    for cell in notebook.cells:
        html = [str(output.get("data", {}).get("text/html", "")) for output in cell.get("outputs", [])]
        for image in re.findall(r"<img\b[^>]*>", " ".join([cell.source, *html])):
            if not re.search(r'\balt="[^"]+"', image):
                yield f"{cell.id}: a picture without words"
        if re.search(r"!\[\s*\]\(", cell.source):
            yield f"{cell.id}: a picture without words"
        if any(kind.startswith("image/") for output in cell.get("outputs", []) for kind in output.get("data", {})):
            yield f"{cell.id}: a bare picture, which has no place for words"


def current_models(notebook: Notebook) -> Iterator[str]:
    """Model ids stand in the table, except in cells tagged `retired-on-purpose`."""
    for cell in notebook.cells:
        if "retired-on-purpose" in cell.metadata.get("tags", []):
            continue
        named = set(models.ID.findall(cell.source + json.dumps(cell.get("outputs", []))))
        yield from (f"{cell.id}: {name}" for name in sorted(named) if models.find(name) is None)


def links(notebook: Notebook) -> Iterator[str]:
    """Links inside the course lead to a file, anchors to a heading, and a section that is named exists."""
    titles = _titles(notebook)
    for cell in prose(notebook):
        for target in re.findall(r"\]\(([^)\s]+)\)|href=\"([^\"]+)\"", cell.source):
            address = "".join(target)
            file, _, anchor = address.partition("#")
            if address.startswith("https://"):
                continue
            if file and not (course.NOTEBOOKS / file).is_file():
                yield f"{cell.id}: {address}"
                continue
            there = _titles(nbformat.read(course.NOTEBOOKS / file, as_version=4)) if file and anchor else titles
            if (anchor or not file) and anchor not in map(_anchor, there):
                yield f"{cell.id}: {address}"
        if cell.source.startswith("*A good place to stop"):
            yield from (f"{cell.id}: no {name}" for name in re.findall(r'"([^"]+)"', cell.source) if name not in titles)


def _titles(notebook: Notebook) -> list[str]:
    return [title for cell in prose(notebook) for title in re.findall(r"(?m)^#+ (.+)", plain(cell.source))]


def _anchor(title: str) -> str:
    return title.replace(" ", "-")  # JupyterLab's rule


def plain(source: str) -> str:
    """Markdown without its blocks of code."""
    return re.sub(r"(?s)```.*?```", "", source)


RULES: tuple[Rule, ...] = (
    counts,
    private,
    metadata,
    length,
    headings,
    alt_texts,
    current_models,
    links,
)


def measure(notebook: Notebook) -> dict[str, float]:
    """Length and proportions. `minutes` is an estimate: 150 words of unfolded prose a minute, 20 seconds for each code
    cell, 6 minutes for each exercise that is not a stretch."""
    text = "\n".join(plain(cell.source) for cell in prose(notebook))
    open_words = words(re.sub(r"(?s)<details>.*?</details>", "", text))
    lines = [len([line for line in cell.source.splitlines() if line.strip()]) for cell in code(notebook)]
    exercises = [cell.id for cell in code(notebook) if "exercise:" in "".join(cell.metadata.get("tags", []))]
    core = min(len(exercises), 2)
    minutes = open_words / WORDS_A_MINUTE + len(lines) * SECONDS_A_CELL / 60 + core * MINUTES_AN_EXERCISE
    return {
        "cells": len(notebook.cells),
        "code": len(lines),
        "median lines": statistics.median(lines),
        "words": words(text),
        "unfolded": open_words,
        "words a line": round(open_words / sum(lines), 1),
        "exercises": len(exercises),
        "minutes ≈": round(minutes),
    }


def words(text: str) -> int:
    return len(re.findall(r"\w+(?:['’.,-]\w+)*", re.sub(r"<[^>]+>", " ", text)))


def main() -> int:
    notebooks = {path.stem: nbformat.read(path, as_version=4) for path in sorted(course.NOTEBOOKS.glob("*.ipynb"))}
    measured = {name: measure(notebook) for name, notebook in notebooks.items()}
    heads = list(next(iter(measured.values())))
    print(f"{'lesson':<20}", *(f"{head:>13}" for head in heads))
    for name, row in measured.items():
        print(f"{name:<20}", *(f"{value:>13,}" for value in row.values()))
    complaints = [f"{name}: {each}" for name, nb in notebooks.items() for rule in RULES for each in rule(nb)]
    print(*complaints, sep="\n")
    return int(bool(complaints))


if __name__ == "__main__":
    sys.exit(main())
