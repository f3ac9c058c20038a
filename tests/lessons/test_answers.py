"""Every exercise: the starter is not attempted, the solution is done, a wrong answer gets the feedback of its name."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

from tutor import course
from tutor.practice import Exercise, found

ROOT = Path(course.__file__).parent
EXERCISES: list[tuple[str, Exercise]] = [
    (path.stem, exercise)
    for path in sorted((ROOT / "lessons").glob("[a-z]*.py"))
    for exercise in found(course.lesson_module(path.stem)).values()
]
NAMED = [pytest.param(lesson, each, id=f"{lesson}.{each.name}") for lesson, each in EXERCISES]
FILES = [
    pytest.param(path.parent.parent.name, path.parent.name, path.stem, id=f"{path.parent.name}.{path.stem}")
    for path in sorted((ROOT / "answers").glob("*/*/*.py"))
    if path.stem != "solution"
]


def feedback_ids(lesson: str) -> dict[str, set[str]]:
    """The feedback ids of each exercise of a lesson, read from the source: what `expect` may say.

    Helpers are followed, into the lesson's sibling modules and into `practice/needs.py`.
    """
    files = [
        ROOT / "practice" / "needs.py",
        *(ROOT / "lessons").glob(f"_{lesson}_*.py"),
        ROOT / "lessons" / f"{lesson}.py",
    ]
    bodies = [ast.parse(path.read_text(encoding="utf-8")).body for path in files]
    functions = {node.name: node for body in bodies for node in body if isinstance(node, ast.FunctionDef)}

    def said(name: str) -> set[str]:
        calls = [node for node in ast.walk(functions[name]) if isinstance(node, ast.Call)]
        named = [(call.func.id, call) for call in calls if isinstance(call.func, ast.Name)]
        ids = {ast.literal_eval(call.args[1]) for called, call in named if called == "expect"}
        return ids.union(*(said(called) for called, _ in named if called in functions and called != name))

    return {name: said(name) for name in found(course.lesson_module(lesson))}


@pytest.mark.parametrize(("lesson", "exercise"), NAMED)
def test_the_starter_is_not_attempted_yet(judged: Any, lesson: str, exercise: Exercise) -> None:
    assert judged(lesson, exercise.name, "starter").outcome == "not attempted yet"


@pytest.mark.parametrize(("lesson", "exercise"), NAMED)
def test_the_solution_is_done(judged: Any, lesson: str, exercise: Exercise) -> None:
    assert judged(lesson, exercise.name, "solution").outcome == "done"


@pytest.mark.parametrize(("lesson", "exercise", "answer"), FILES)
def test_a_wrong_answer_gets_the_feedback_it_is_named_for(judged: Any, lesson: str, exercise: str, answer: str) -> None:
    verdict = judged(lesson, exercise, answer)
    assert (verdict.outcome, verdict.feedback) == ("not yet", answer)
    assert all(verdict.lines)


@pytest.mark.parametrize(("lesson", "exercise"), NAMED)
def test_every_feedback_has_a_wrong_answer_and_every_wrong_answer_a_feedback(lesson: str, exercise: Exercise) -> None:
    files = {path.stem for path in (ROOT / "answers" / lesson / exercise.name).glob("*.py")} - {"solution"}
    assert files == feedback_ids(lesson)[exercise.name]
    assert len(files) >= 3


@pytest.mark.parametrize(("lesson", "exercise"), NAMED)
def test_the_tutor_has_an_entry_for_every_feedback_and_every_hint(lesson: str, exercise: Exercise) -> None:
    bank = yaml.safe_load((ROOT / "recordings" / "tutor" / f"{lesson}.yaml").read_text(encoding="utf-8"))
    known = {entry["id"] for entry in bank["entries"] if entry.get("id", "").startswith(f"{exercise.name}/")}
    hints = {f"hint-{number}" for number in range(1, len(exercise.hints) + 1)}
    assert known == {f"{exercise.name}/{name}" for name in feedback_ids(lesson)[exercise.name] | hints}


@pytest.mark.parametrize("lesson", sorted({lesson for lesson, _ in EXERCISES}))
def test_the_suggestions_stand_word_for_word_in_the_bank(lesson: str) -> None:
    bank = yaml.safe_load((ROOT / "recordings" / "tutor" / f"{lesson}.yaml").read_text(encoding="utf-8"))
    asked = {question for entry in bank["entries"] for question in entry["ask"]}
    assert set(course.lesson_module(lesson).SUGGESTIONS) <= asked
