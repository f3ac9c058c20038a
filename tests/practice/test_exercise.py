"""The three verbs, the four outcomes, and what counts as an attempt."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest

from tutor import course
from tutor.journal import Journal
from tutor.practice import Exercises, Progress, attempted, checkable, exercise, expect, limit, untouched
from tutor.practice.evidence import outcome_of
from tutor.practice.feedback import Verdict
from tutor.practice.overview import Overview, Stop


@exercise(hints=["Think of one.", "Then of two.", "Write 2."], praise="Two it is.")
def double(answer: Any, journal: Journal) -> None:
    """Return twice one."""
    attempted(answer != 1, "The answer is still the given one.")
    checkable(answer != 3, "the number three.", "Run the cell above again.")
    expect(answer == 2, "not-two", sent=f"`{answer}`.", back="Nothing.", why="Twice one is two.", step="Write `2`.")


@pytest.fixture
def bench(tmp_path: Path) -> Exercises:
    lesson = ModuleType("tutor.lessons.sums")
    double.lesson, double.hinted, double.verdict = "sums", 0, None
    lesson.double = double  # type: ignore[attr-defined]
    stop = Stop("00", "sums", "Sums", "00_sums.ipynb", ("double",), ("double",))
    progress = Progress(tmp_path)
    return Exercises(lesson, Journal(), progress, lambda verdict, answer: None, Overview([stop], progress))


def test_the_name_is_the_functions_and_the_task_its_docstring() -> None:
    assert (double.name, double.task) == ("double", "Return twice one.")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [(..., "not attempted yet"), (1, "not attempted yet"), (3, "can't check"), (4, "not yet"), (2, "done")],
)
def test_a_check_has_four_outcomes(bench: Exercises, answer: Any, outcome: str) -> None:
    assert bench.double.judge(answer).outcome == outcome


def test_a_verdict_says_four_things_and_points_to_the_tutor(bench: Exercises, capsys: Any) -> None:
    bench.double.check(5)
    assert capsys.readouterr().out == (
        "◐ Not yet · double · not-two\n  You gave: `5`.\n  Came back: Nothing.\n  Why it matters: Twice one is two.\n"
        "  Next step: Write `2`.\nTwo ways on: `exercises.double.hint()`, or ask the tutor. "
        "Its first suggestion is now “Why was my last answer not accepted?”\n"
    )


@pytest.mark.parametrize(
    ("answer", "name"),
    [({"id": "msg_1"}, "Sent"), ([{"id": "msg_1"}], "Sent"), (print, "You gave"), ([], "You gave"), (None, "You gave")],
)
def test_only_what_is_a_reply_is_said_to_be_sent(bench: Exercises, answer: Any, name: str) -> None:
    verdict = bench.double.judge(answer)
    assert f"\n  {name}: `" in repr(verdict)
    assert f"<dt>{name}</dt>" in verdict._repr_html_()
    assert verdict.summary.startswith(f"{name}: `")


def test_can_not_check_says_nothing_about_the_answer(bench: Exercises) -> None:
    assert bench.double.judge(3).text.endswith("This says nothing about the answer.")


def test_a_remark_on_a_right_answer_follows_the_praise(bench: Exercises) -> None:
    remarking = replace(bench.double, run=lambda answer, journal: "Three would be too many.")
    assert remarking.judge(2).text == "Two it is. Three would be too many."


def test_done_is_kept_and_counted(bench: Exercises, tmp_path: Path, capsys: Any) -> None:
    bench.double.check(2)
    assert "✓ Done · double · 1 of 1 exercises done" in capsys.readouterr().out
    assert Progress(tmp_path).done("sums") == {"double"}
    assert bench.double.done


def test_a_later_wrong_answer_does_not_undo_what_is_done(bench: Exercises) -> None:
    bench.double.check(2)
    bench.double.check(7)
    assert bench.double.done


def test_a_folder_that_cannot_be_written_does_not_stop_a_verdict(bench: Exercises, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "done").write_text("a file in the place of the folder")
    bench.double.check(2)
    said = capsys.readouterr().out
    assert "Done · double · not saved" in said
    assert "Next" not in said


def test_hints_climb_and_stay_at_the_last(bench: Exercises, capsys: Any) -> None:
    for _ in range(4):
        bench.double.hint()
    lines = [line for line in capsys.readouterr().out.splitlines() if "Hint" in line]
    assert [line.split(" · ")[0] for line in lines] == [f"✧ Hint {n} of 3" for n in (1, 2, 3, 3)]


def test_the_solution_opens_after_two_hints_or_a_pass_or_on_request(bench: Exercises, monkeypatch: Any) -> None:
    assert not bench.double.open
    bench.double.hint()
    assert not bench.double.open
    bench.double.hint()
    assert bench.double.open


def test_a_closed_solution_says_how_to_open_it(bench: Exercises, capsys: Any) -> None:
    bench.double.solution()
    assert "You can also open it now: `.solution(show=True)`" in capsys.readouterr().out


def test_an_unknown_exercise_names_those_there_are(bench: Exercises) -> None:
    with pytest.raises(AttributeError, match=r"No exercise is called 'tripple'\. This lesson has: double\."):
        _ = bench.tripple


def test_progress_names_exactly_one_next_thing(bench: Exercises) -> None:
    assert bench.onward == ("Next: exercise double", "00_sums.ipynb#Exercise:-double", "")
    assert 'href="00_sums.ipynb#Exercise:-double">Next: exercise double</a>' in bench._repr_html_()
    bench.double.check(2)
    assert bench.onward == ("This was the last lesson.", "", "Every exercise of this lesson is done.")


def solve(exercises: Exercises, name: str) -> Verdict:
    right = replace(exercises[name], run=lambda answer, journal: None)
    right.check({"id": "msg_1"})
    assert right.verdict
    return right.verdict


def test_done_leads_on_below_and_jumps_over_nothing(lesson_house: None, capsys: pytest.CaptureFixture[str]) -> None:
    exercises = course.start("requests").exercises
    for name, words in (
        ("first_request", "Next: go on below, to exercise text_of."),
        ("text_of", "Next: go on below, to stretch exercise remember."),
        ("remember", "Every exercise of this lesson is done. Next: lesson 02"),
    ):
        verdict = solve(exercises, name)
        assert words in capsys.readouterr().out
    assert '<a class="tutor-go" href="02_system_prompts.ipynb">Next: ' in verdict._repr_html_()


def test_done_leads_back_to_an_exercise_that_was_left_out(lesson_house: None) -> None:
    verdict = solve(course.start("requests").exercises, "text_of")
    assert 'href="01_requests.ipynb#Exercise:-first_request">Next: exercise first_request</a>' in verdict._repr_html_()


def test_below_a_core_exercise_the_lesson_goes_on_even_if_every_exercise_is_done(
    lesson_house: None, capsys: pytest.CaptureFixture[str]
) -> None:
    exercises = course.start("start_here").exercises
    solve(exercises, "first_call")
    assert "Every exercise of this lesson is done. Next: go on below." in capsys.readouterr().out
    assert exercises.onward.words == "Next: lesson 01 Requests"


def empty(reply: Any) -> Any: ...


def described(reply: Any) -> Any:
    """Only words."""


def passing(reply: Any, other: int = 1) -> Any:
    pass


def returning_none(reply: Any) -> Any:
    return None


@pytest.mark.parametrize("answer", [..., empty, described, passing, returning_none])
def test_the_starter_is_untouched(answer: Any) -> None:
    assert untouched(answer)


def constant(reply: Any) -> Any:
    return ""


def reading(reply: Any) -> Any:
    return reply


@pytest.mark.parametrize("answer", [None, 0, "...", constant, reading, print, lambda reply: reply["content"]])
def test_anything_else_is_an_attempt(answer: Any) -> None:
    assert not untouched(answer)


def test_html_escapes_what_the_learner_wrote(bench: Exercises) -> None:
    html = bench.double.judge("<script>alert(1)</script>")._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_verdict_reads_well_without_styles(bench: Exercises) -> None:
    html = bench.double.judge(5)._repr_html_()
    assert "<strong>Not yet</strong> <code>double</code>" in html
    assert "<dt class=next>Next step</dt><dd>Write <code>2</code>.</dd>" in html


class Odd:
    """An object that raises when it is looked at."""

    def __eq__(self, other: object) -> bool:
        raise ValueError("The truth value is ambiguous.")

    def __hash__(self) -> int:
        return 0


def test_a_check_never_raises_because_of_the_answer(bench: Exercises) -> None:
    verdict = bench.double.judge(Odd())
    assert verdict.outcome == "can't check"
    assert "`ValueError`" in verdict.text


def test_a_verdict_stays_short_however_long_the_answer(bench: Exercises) -> None:
    verdict = bench.double.judge("x" * 5_000_000)
    assert len(repr(verdict)) < 1_000
    assert "5,000,003 characters" in repr(verdict)


def test_what_is_done_is_written_once_and_never_changed(bench: Exercises, tmp_path: Path) -> None:
    bench.double.check(2)
    file = tmp_path / "done" / "sums" / "double.txt"
    file.write_text("done on another day")
    bench.double.check(2)
    assert file.read_text() == "done on another day"


def turning(journal: Any) -> None:
    while True:
        try:
            time.sleep(60)
        except Exception:
            continue


def catching_everything(journal: Any) -> None:
    while True:
        try:
            time.sleep(60)
        except:  # noqa: E722
            continue


def catching_everything_twice(journal: Any) -> None:
    while True:
        try:
            catching_everything(journal)
        except BaseException as error:
            print("again", type(error))


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timer signals")
@pytest.mark.parametrize("endless", [turning, catching_everything, catching_everything_twice])
def test_a_function_without_an_end_ends_the_check(
    bench: Exercises, monkeypatch: pytest.MonkeyPatch, endless: Callable[[Any], None]
) -> None:
    monkeypatch.setattr(limit, "SECONDS", 0.02)
    monkeypatch.setattr(limit, "AGAIN", 0.02)
    calling = replace(bench.double, run=cast("Any", outcome_of))
    before = sys.gettrace(), sys.stdout
    verdict = calling.judge(endless)
    assert (verdict.outcome, verdict.feedback) == ("not yet", "took-too-long")
    monkeypatch.setattr(limit, "SECONDS", 20.0)
    assert calling.judge(lambda journal: "two").outcome == "done"
    assert (sys.gettrace(), sys.stdout) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_in_another_thread_a_check_runs_without_a_limit(bench: Exercises) -> None:
    outcomes: list[str] = []
    thread = threading.Thread(target=lambda: outcomes.append(bench.double.judge(2).outcome))
    thread.start()
    thread.join()
    assert outcomes == ["done"]
