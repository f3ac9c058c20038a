"""The notebooks as files: every rule of `lint.py` holds in each, and each rule finds what it is there for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import lint
import nbformat
import pytest
import refresh

from tutor import course
from tutor.practice import Progress, found
from tutor.practice.overview import Overview, Stop

FILES = sorted(course.NOTEBOOKS.glob("*.ipynb"))


@pytest.mark.parametrize("rule", lint.RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_notebook_keeps_to_the_rule(path: Path, rule: lint.Rule) -> None:
    assert list(rule(nbformat.read(path, as_version=4))) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_tutor_has_the_text_of_the_lesson(path: Path) -> None:
    text = refresh.text_of(nbformat.read(path, as_version=4))
    assert course.lesson_text(path.stem[3:]) == text, "run: python3 start.py refresh"


def test_only_numbered_lessons_lie_in_the_folder() -> None:
    assert [path.name for path in FILES if not re.fullmatch(r"\d\d_[a-z_]+\.ipynb", path.name)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_exercise_has_one_cell_and_every_tagged_cell_an_exercise(path: Path) -> None:
    tagged = [
        tag.removeprefix("exercise:")
        for cell in lint.code(nbformat.read(path, as_version=4))
        for tag in cell.metadata.get("tags", [])
        if tag.startswith("exercise:")
    ]
    assert sorted(tagged) == sorted(found(course.lesson_module(path.stem.partition("_")[2])))


@pytest.mark.parametrize("stop", course.stops(), ids=lambda stop: stop.lesson)
def test_every_exercise_has_the_heading_that_its_link_leads_to(stop: Stop, tmp_path: Path) -> None:
    overview = Overview(course.stops(), Progress(tmp_path))
    notebook = page("\n".join(f"[x]({overview.way_to(stop, name).link})" for name in stop.exercises))
    assert list(lint.links(notebook)) == []


# --- the rules themselves ---------------------------------------------------------------------------


def page(*prose: str, source: str = "1", tags: tuple[str, ...] = (), count: int = 1, **shown: str) -> Any:
    """A notebook of a title, some prose, and one code cell that shows `text` or `html`."""
    kinds = {"text": "text/plain", "html": "text/html", "png": "image/png"}
    data = {kinds[name]: value for name, value in shown.items()}
    output = nbformat.v4.new_output("execute_result", data, execution_count=count)
    cell = nbformat.v4.new_code_cell(source, execution_count=count, outputs=[output], metadata={"tags": list(tags)})
    cells = [nbformat.v4.new_markdown_cell(text) for text in ("# Title", *prose)]
    return nbformat.v4.new_notebook(cells=[*cells, cell])


FAULTS = [
    (lint.counts, page(count=2)),
    (lint.private, page(text="sk-ant-api03-x")),
    (lint.private, page(text="http://127.0.0.1:8765")),
    (lint.private, page(text="/home/amina/course")),
    (lint.private, page(text=r"C:\Users\amina")),
    (lint.private, page(text="2026-11-20T10:15:00Z")),
    (lint.private, page(text="Fri, 20 Nov 2026 10:15:00 GMT")),
    (lint.metadata, page(tags=("exercise", "x"))),
    (lint.length, page(source="1\n" * 16)),
    (lint.headings, page("### Too deep")),
    (lint.headings, page("# A second title")),
    (lint.alt_texts, page(html='<img src="data:image/png;base64,AA==">')),
    (lint.alt_texts, page(html='<img alt="" src="data:image/png;base64,AA==">')),
    (lint.alt_texts, page("![](picture.png)")),
    (lint.alt_texts, page(png="AA==")),
    (lint.current_models, page(source='model="claude-3-5-haiku-20241022"')),
    (lint.current_models, page(source='model="claude-sonnet-4-5"')),
    (lint.current_models, page(source='model="claude-mythos-preview"')),
    (lint.current_models, page(text="claude-2.1")),
    (lint.links, page("[Later](99_later.ipynb)")),
    (lint.links, page("[Below](#nowhere)")),
    (lint.links, page("[There](00_start_here.ipynb#nowhere)")),
    (lint.links, page('<a href="99_later.ipynb">Later</a>')),
    (lint.links, page('*A good place to stop. You need the cells of "Nothing".*')),
]


@pytest.mark.parametrize(("rule", "notebook"), FAULTS, ids=lambda thing: getattr(thing, "__name__", ""))
def test_a_rule_finds_its_fault(rule: lint.Rule, notebook: Any) -> None:
    assert list(rule(notebook)) != []


SOUND = page(
    "## A part\n\n[Start](00_start_here.ipynb) · [above](#A-part) · [source](https://platform.claude.com)",
    '*A good place to stop. You need the cells of "A part".*',
    "```bash\n# no heading\n#### none\n```",
    source='model="claude-3-5-haiku-20241022"',
    tags=("retired-on-purpose",),
    html='<img alt="Words." src="data:image/png;base64,AA==">',
    text="claude-haiku-5-5 2026-10-21",
)


@pytest.mark.parametrize("rule", lint.RULES, ids=lambda rule: rule.__name__)
def test_a_rule_leaves_a_sound_page_alone(rule: lint.Rule) -> None:
    assert list(rule(SOUND)) == []


def test_every_rule_has_a_page_that_breaks_it() -> None:
    assert {rule for rule, _ in FAULTS} == set(lint.RULES)


@pytest.mark.slow
def test_a_notebook_is_run_again_without_a_word_of_its_kernel(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    notebook = page(source="6 * 7")
    refresh.run(notebook, tmp_path)
    assert notebook.cells[-1].outputs[0].data["text/plain"] == "42"
    assert capfd.readouterr() == ("", "")


def test_a_page_is_measured_in_words_and_lines() -> None:
    text = "## A part\n\nThree short words.<details><summary>Folded</summary>away</details>"
    measured = lint.measure(page(text, source="a = 1\n\nb = 2", tags=("exercise:x",)))
    assert measured == {
        "cells": 3,
        "code": 1,
        "median lines": 2,
        "words": 8,
        "unfolded": 6,
        "words a line": 3.0,
        "exercises": 1,
        "minutes ≈": 6,
    }
