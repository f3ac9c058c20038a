"""The tutor's bank: short answers that point to a section, run where they hold code, one for each correction."""

from __future__ import annotations

import contextlib
import html
import io
import re
import tomllib
from collections import Counter
from functools import cache
from typing import Any

import nbformat
import pytest

from tutor import course
from tutor.mock import search
from tutor.mock.entries import folded

ENTRIES = search.load().entries
QUESTIONS = [entry for entry in ENTRIES if "/" not in entry.id]
LESSONS = sorted({entry.lesson for entry in ENTRIES})
TABLE = course.NOTEBOOKS.parent / "tests" / "notebooks" / "corrections.toml"
CORRECTIONS = tomllib.loads(TABLE.read_text("utf-8"))


@cache
def cells(lesson: str) -> list[Any]:
    path = next(course.NOTEBOOKS.glob(f"[0-9][0-9]_{lesson}.ipynb"))
    return list(nbformat.read(path, as_version=4).cells)


def headings(lesson: str) -> set[str]:
    texts = [cell.source for cell in cells(lesson) if cell.cell_type == "markdown"]
    return {heading.strip() for text in texts for heading in re.findall(r"(?m)^#+ (?:\d\d )?(.+)", text)}


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_has_forty_answers_beside_those_of_its_exercises(lesson: str) -> None:
    assert sum(entry.lesson == lesson for entry in QUESTIONS) >= 40


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_section_named_is_a_heading_of_the_lesson(lesson: str) -> None:
    named = {entry.section for entry in ENTRIES if entry.lesson == lesson and entry.section}
    assert named - headings(lesson) == set()


def test_an_answer_to_a_question_names_a_section() -> None:
    silent = [entry for entry in QUESTIONS if not entry.section and not entry.talk]
    assert [entry.ask[0] for entry in silent] == []


def test_an_answer_is_short() -> None:
    assert [entry.name for entry in ENTRIES if len(entry.answer.split()) > 120] == []


def test_no_two_entries_of_a_lesson_share_a_question() -> None:
    asked = Counter((entry.lesson, one) for entry in ENTRIES for one in set(entry.folded))
    assert [one for one, count in asked.items() if count > 1] == []


@pytest.mark.slow
def test_each_entry_is_found_by_each_of_its_questions() -> None:
    bank = search.load()
    for entry in ENTRIES:
        for ask in entry.ask:
            found = bank.answer({"messages": [{"role": "user", "content": ask}]}, entry.lesson)
            assert found.entry is not None, ask
            assert found.entry.name == entry.name, ask


# --- corrections --------------------------------------------------------------------------------------


def claims(lesson: str) -> list[str]:
    """What the folds "You may read ..." of a lesson say, without marks."""
    summaries = [
        one for cell in cells(lesson) for one in re.findall(r"<summary>(You may read.*?)</summary>", cell.source)
    ]
    return [html.unescape(re.sub(r"</?\w+>", "", summary)) for summary in summaries]


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_correction_of_a_lesson_has_an_answer_word_for_word(lesson: str) -> None:
    known = {one for entry in QUESTIONS if entry.lesson == lesson for one in entry.folded}
    assert [claim for claim in claims(lesson) if folded(claim) not in known] == []


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_claim_of_the_table_of_corrections_has_an_answer(lesson: str) -> None:
    read = [one for entry in QUESTIONS if entry.lesson == lesson for one in entry.folded if one.startswith("you may")]
    says = [html.unescape(re.sub(r"</?\w+>", "", row["says"])) for row in CORRECTIONS[lesson]]
    assert [claim for claim in says if not any(folded(claim) in one for one in read)] == []


# --- code ---------------------------------------------------------------------------------------------


def blocks(answer: str) -> list[str]:
    return re.findall(r"(?s)```python\n(.*?)```", answer)


CODE = [pytest.param(entry.lesson, block, id=entry.name) for entry in ENTRIES for block in blocks(entry.answer)]


@pytest.mark.parametrize(("lesson", "block"), CODE)
def test_the_code_of_an_answer_runs(lesson_house: None, lesson: str, block: str) -> None:
    client, exercises, _ = course.start(lesson)
    prompt = "Explain photosynthesis in one sentence."
    reply = client.messages.create(
        model="claude-haiku-5-5", max_tokens=200, messages=[{"role": "user", "content": prompt}]
    )
    names = {"client": client, "exercises": exercises, "log": course.LOG, "reply": reply.to_dict(), "prompt": prompt}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(block, names)


def test_some_answers_show_code() -> None:
    assert len(CODE) >= 6
