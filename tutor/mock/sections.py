"""The sections of the lessons, for questions that nobody wrote an answer for: where to read about their words."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple


class Section(NamedTuple):
    """A heading and the words below it; `number` as in `01_requests.ipynb`."""

    number: str
    lesson: str
    heading: str
    text: str


def read(notebooks: Path) -> list[Section]:
    """Every section of every lesson, in order. A notebook that cannot be read has none: it is the learner's own."""
    found = []
    for path in sorted(notebooks.glob("[0-9][0-9]_*.ipynb")):
        number, _, lesson = path.stem.partition("_")
        text = "\n".join(_cells(path))
        for part in re.split(r"(?m)^## ", text)[1:]:
            heading, _, below = part.partition("\n")
            found.append(Section(number, lesson, heading.strip(), below))
    return found


def _cells(path: Path) -> list[str]:
    """The sources of the cells; comments in code do not look like headings."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sources = [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return []
    return [text if kind == "markdown" else re.sub(r"(?m)^#+", "", text) for kind, text in sources]
