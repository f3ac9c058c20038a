"""The pages that are made of the notebooks say what the notebooks say now."""

from __future__ import annotations

import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import handouts
import pytest

CARDS, CORRECTIONS = handouts.PAGES / "cards.html", handouts.PAGES / "corrections.md"


class Text(HTMLParser):
    """The text of each card, by its title."""

    def __init__(self) -> None:
        super().__init__()
        self.cards: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "section":
            self.cards.append("")

    def handle_data(self, data: str) -> None:
        if self.cards:
            self.cards[-1] += data.replace("\u00a0", " ")


@pytest.mark.parametrize("path", [CARDS, CORRECTIONS], ids=lambda path: path.name)
def test_a_page_is_what_the_notebooks_make_of_it(path: Path) -> None:
    assert path.read_text("utf-8") == handouts.pages()[path], "run: python3 start.py refresh 00"


def test_every_lesson_has_its_card_with_every_line() -> None:
    text = Text()
    text.feed(CARDS.read_text("utf-8"))
    for lesson, card in zip(handouts.lessons(), text.cards, strict=True):
        source = next(cell.source for cell in lesson.cells if "card" in cell.metadata.get("tags", []))
        rows = [line for line in source.splitlines() if line.startswith("| **")]
        assert 5 <= len(rows) <= 7
        assert card.startswith(lesson.number + lesson.title)
        for row in rows:
            label, words = row.strip("| ").split(" | ")
            assert label.strip("*") + words.replace("`", "") in card


def test_every_correction_has_its_claim_a_dated_source_and_a_place() -> None:
    text = CORRECTIONS.read_text("utf-8")
    entries = [entry for entries in tomllib.loads(handouts.TABLE.read_text("utf-8")).values() for entry in entries]
    assert f"\n{len(entries)} claims" in text
    claims = re.split(r"(?m)^\*\*(?=You may read)", text)[1:]
    for entry in entries:
        (claim,) = [claim for claim in claims if entry["says"] in claim]
        assert re.search(r"(?m)^- Source: .*\b202[56]\b", claim)
        place = f'No cell settles "{entry["says"]}": {entry["told"]}' if "told" in entry else f"`{entry['shows']}`"
        assert place in claim
