"""The proof of the search: questions that nobody wrote the bank for, and questions that must get no answer.

`questions_tuned.yaml` was used to choose the thresholds and to widen the bank, `questions_proof.yaml` was not.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import yaml

from tutor.mock import search
from tutor.mock.entries import folded

pytestmark = pytest.mark.slow

HALVES = ("tuned", "proof")
RIGHT, PRETENDED = 0.92, 0.03


@cache
def half(name):
    return yaml.safe_load(Path(__file__).with_name(f"questions_{name}.yaml").read_text("utf-8"))


def questions(name, *kinds):
    """(lesson, the question whose answer is right, how it is asked)."""
    groups = [(lesson, group) for kind in kinds for lesson, group in half(name)[kind].items()]
    return [(lesson, wanted, asked) for lesson, group in groups for wanted, ways in group.items() for asked in ways]


def answered(lesson, asked):
    return search.load().answer({"messages": [{"role": "user", "content": asked}]}, lesson)


@pytest.mark.parametrize("name", HALVES)
def test_the_right_answer_comes_first_or_is_offered(name):
    asked = questions(name, "plain", "misspelt")
    missed = []
    for lesson, wanted, words in asked:
        found = answered(lesson, words)
        if not any(wanted in entry.ask for entry in [*filter(None, [found.entry]), *found.offered]):
            missed.append(words)
    assert len(missed) <= (1 - RIGHT) * len(asked), missed


@pytest.mark.parametrize("name", HALVES)
def test_hardly_any_other_question_gets_an_answer_that_pretends_to_fit(name):
    asked = [(lesson, words) for lesson, listed in half(name)["nothing"].items() for words in listed]
    assert len(asked) == 60
    pretended = [words for lesson, words in asked if answered(lesson, words).entry]
    assert len(pretended) <= PRETENDED * len(asked), pretended


@pytest.mark.parametrize("name", HALVES)
def test_a_half_has_two_hundred_questions_and_a_third_with_typing_errors(name):
    typed = len(questions(name, "misspelt"))
    assert len(questions(name, "plain")) + typed >= 200
    assert 2 * typed >= len(questions(name, "plain"))


@pytest.mark.parametrize("name", HALVES)
def test_each_wanted_answer_stands_in_the_bank_of_its_lesson(name):
    known = {(entry.lesson, ask) for entry in search.load().entries for ask in entry.ask}
    assert {(lesson, wanted) for lesson, wanted, _ in questions(name, "plain", "misspelt")} <= known


def test_no_question_of_the_proof_is_copied_from_the_bank_or_the_other_half():
    used = {one for entry in search.load().entries for one in entry.folded}
    used |= {folded(asked) for _, _, asked in questions("tuned", "plain", "misspelt")}
    assert [asked for _, _, asked in questions("proof", "plain", "misspelt") if folded(asked) in used] == []
