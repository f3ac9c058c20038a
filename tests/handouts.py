"""The pages that are made of the notebooks: all cards on one sheet, and every correction with its source.

`python3 start.py refresh` writes them; a test holds them equal to what the notebooks say now.
"""

from __future__ import annotations

import re
import tomllib
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from markdown_it import MarkdownIt
from solved import NOTEBOOKS, ROOT

LONGEST = 40  # letters of code that fit on a card's line
PAGES = ROOT / "pages"
TABLE = Path(__file__).with_name("notebooks") / "corrections.toml"
FOLD = re.compile(r"(?s)<summary>(You may read.*?)</summary>\s*(.*?)\s*Source: (.*?)\s*</details>")


class Lesson(NamedTuple):
    """A lesson's number, title, file and cells, and when it was checked."""

    number: str
    title: str
    path: Path
    cells: list[Any]
    checked: str


def lessons() -> list[Lesson]:
    return [_lesson(path) for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))]


def _lesson(path: Path) -> Lesson:
    cells = nbformat.read(path, as_version=4).cells
    number, _, title = cells[0].source.splitlines()[0].removeprefix("# ").partition(" ")
    checked = re.search(r"Checked against the documentation on (.+)\.", cells[0].source)
    assert checked, f"{path.name} does not say when it was checked"
    return Lesson(number, title, path, cells, checked[1])


# --- cards ------------------------------------------------------------------------------------------


def cards() -> str:
    """The cards of all lessons as one page that prints on one sheet."""
    every = lessons()
    style = Path(__file__).with_name("cards.css").read_text("utf-8")
    span = f"Lessons {every[0].number} to {every[-1].number}"
    checked = ", ".join(dict.fromkeys(lesson.checked for lesson in every))
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>Cards: Learn the Claude API</title>\n'
        f"<style>\n{style}</style>\n<header><h1>Learn the Claude API: the cards</h1>"
        f"<p>{span} · checked on {checked}</p></header>\n<main>\n"
        + "\n".join(map(_card, every))
        + "\n</main>\n</html>\n"
    )


def _card(lesson: Lesson) -> str:
    source = next(cell.source for cell in lesson.cells if "card" in cell.metadata.get("tags", []))
    rows = re.findall(r"(?m)^\| \*\*(.+?)\*\* \| (.+) \|$", source)
    lines = [
        f'<div class="{label.lower()}"><dt>{escape(label)}</dt><dd>{_inline(words)}</dd></div>' for label, words in rows
    ]
    head = f"<h2><span>{lesson.number}</span>{escape(lesson.title)}</h2>"
    return f"<section>{head}<dl>\n" + "\n".join(lines) + "\n</dl></section>"


def _inline(words: str) -> str:
    """A row's words as HTML: no line begins with a dot, and code is broken only if it would not fit on a line."""
    html = MarkdownIt().renderInline(words.replace(" · ", "\u00a0· "))
    return re.sub(rf"<code>(?=[^<]{{{LONGEST},}}<)", '<code class="long">', html)


# --- corrections ------------------------------------------------------------------------------------

INTRODUCTION = """\
<!-- Made of the notebooks by: python3 start.py refresh -->
# What you may read elsewhere

Pages, videos and books about the API grow old. These claims are not so, or not so any more. Each stands in a lesson,
folded, beside the cell that settles it: run that cell and see. "The cell above" and "the next cell" are the lesson's.

{count} claims, each with its source and the source's date.
"""


def corrections() -> str:
    """Every "You may read ..." of the lessons as Markdown: the claim, what is so, the source, and where it is shown."""
    table = tomllib.loads(TABLE.read_text("utf-8"))
    count = sum(len(entries) for entries in table.values())
    parts = [INTRODUCTION.format(count=count)]
    for lesson in lessons():
        parts.append(f"## [{lesson.number} {lesson.title}](../notebooks/{lesson.path.name})\n")
        entries = table[lesson.path.stem[3:]]
        for cell in lesson.cells:
            for claim, fact, source in FOLD.findall(cell.source):
                here = [entry for entry in entries if entry["says"] in claim + fact]
                shown = "".join(dict.fromkeys(f"- {_settled(lesson, entry)}\n" for entry in here))
                parts.append(f"**{claim}**\n\n{fact}\n\n- Source: {source}\n{shown}")
    return "\n".join(parts)


def _settled(lesson: Lesson, entry: dict[str, str]) -> str:
    if "told" in entry:
        return f'No cell settles "{entry["says"]}": {entry["told"]}.'
    at = next(number for number, cell in enumerate(lesson.cells) if cell.id == entry["cell"])
    sources = "\n".join(cell.source for cell in lesson.cells[:at] if cell.cell_type == "markdown")
    section = re.findall(r"(?m)^## (.+)", sources)[-1]
    return f'Shown in "{section}": `{entry["shows"]}`'


def pages() -> dict[Path, str]:
    """What each page must hold now."""
    return {PAGES / "cards.html": cards(), PAGES / "corrections.md": corrections()}


def write() -> None:
    """Write every page."""
    PAGES.mkdir(exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
