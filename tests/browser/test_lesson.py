"""Lesson 01 as a learner meets it: a real JupyterLab, a real Chromium, no key and no network."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from browser.conftest import ROOT, notebooks, running_lab

from tutor import course

SOLUTION = course.lesson_module("requests").first_request.source.rstrip("\n")
ANSWERS = course.settings.ROOT / "tutor" / "answers" / "requests"
QUESTION = "Why does the second call not know the first?"


def outputs(page: Any) -> Any:
    return page.locator(".jp-Notebook .jp-OutputArea-output")


def test_a_learner_runs_everything_asks_the_tutor_and_solves_an_exercise(
    open_notebook: Any, run_all: Any, type_into_cell: Any, run_cell: Any, outside: list[str]
) -> None:
    page = open_notebook("01_requests.ipynb")
    run_all(page)

    # Run All works on an unsolved notebook: no cell ends in an error, every exercise says that it was not attempted.
    assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert outputs(page).locator(".tutor-not-attempted").count() == 3
    status = outputs(page).locator(".tutor-status")
    assert "replies written in advance, no key needed" in status.inner_text()

    # A suggestion of the tutor streams an answer into the page, and the answer says that it was written in advance.
    tutor = page.get_by_role("region", name="Tutor").first
    tutor.get_by_role("button", name=QUESTION).click()
    reply = tutor.get_by_role("log", name="Conversation").get_by_role("article", name="Tutor").last
    reply.get_by_text("A call does not see earlier calls.").wait_for()
    tutor.get_by_text("Reply complete.").wait_for()
    assert "written in advance" in reply.inner_text()

    # A question of one's own, typed.
    tutor.get_by_role("textbox", name="Ask the tutor").fill("what is a token")
    tutor.get_by_role("textbox", name="Ask the tutor").press("Enter")
    reply.get_by_text("is a piece of text as the model reads it").wait_for()

    # The exercise, solved by typing into its cell.
    type_into_cell(page, "exercise:first_request", SOLUTION)
    cell = run_cell(page, "exercise:first_request")
    cell.get_by_text("Done", exact=True).wait_for()
    assert "1 of 3 exercises done" in cell.inner_text()

    assert outside == []


def test_a_wrong_answer_leads_to_the_tutor_who_knows_why(
    open_notebook: Any, run_all: Any, type_into_cell: Any, run_cell: Any
) -> None:
    page = open_notebook("01_requests.ipynb")
    run_all(page)
    wrong = (ANSWERS / "text_of" / "thinking-joined-in.py").read_text(encoding="utf-8")
    type_into_cell(page, "exercise:text_of", wrong.rstrip("\n"))
    cell = run_cell(page, "exercise:text_of")
    cell.get_by_text("thinking-joined-in").wait_for()

    tutor = page.get_by_role("region", name="Tutor").first
    tutor.get_by_role("button", name="Why was my last answer not accepted?").click()
    tutor.get_by_text("Your text holds what Claude thought.").wait_for()


@pytest.mark.parametrize("stop", course.stops(), ids=lambda stop: stop.lesson)
def test_every_exercise_can_be_failed_and_solved_in_the_page(
    open_notebook: Any, run_all: Any, type_into_cell: Any, run_cell: Any, stop: Any
) -> None:
    page = open_notebook(stop.file)
    run_all(page)
    for exercise in stop.exercises:
        answers = {path.stem: path for path in sorted((ANSWERS.parent / stop.lesson / exercise).glob("*.py"))}
        solution = answers.pop("solution")
        feedback, wrong = next(iter(answers.items()))
        for path, words in ((wrong, feedback), (solution, "Done")):
            type_into_cell(page, f"exercise:{exercise}", path.read_text(encoding="utf-8").rstrip("\n"))
            run_cell(page, f"exercise:{exercise}").get_by_text(words, exact=True).wait_for()
    assert f"{len(stop.exercises)} of {len(stop.exercises)} exercises done" in page.locator(".jp-Notebook").inner_text()


def test_one_next_thing_is_a_click_away_from_the_map(
    open_notebook: Any, run_all: Any, type_into_cell: Any, run_cell: Any
) -> None:
    from playwright.sync_api import expect

    page = open_notebook("00_start_here.ipynb")
    run_all(page)
    the_map, heading = page.locator("[aria-label='Map of the course']"), page.get_by_role("heading", level=2)
    the_map.scroll_into_view_if_needed()
    expect(heading.get_by_text("Exercise: first_call")).not_to_be_in_viewport()
    the_map.get_by_role("link", name="Next: exercise first_call").click()
    expect(heading.get_by_text("Exercise: first_call")).to_be_in_viewport()

    solution = course.lesson_module("start_here").first_call.source.rstrip("\n")
    type_into_cell(page, "exercise:first_call", solution)
    cell = run_cell(page, "exercise:first_call")
    run_cell(page, -3)
    the_map.get_by_text("1 of 1 done").wait_for()
    assert "Next: go on below." in cell.inner_text()
    the_map.get_by_role("link", name="Next: lesson 01 Requests").click()
    page.get_by_role("tab", name="01_requests.ipynb").wait_for()


def test_a_cell_run_before_the_set_up_cell_says_what_to_run_first(open_notebook: Any, run_cell: Any) -> None:
    page = open_notebook("00_start_here.ipynb")
    for cell, name in (("exercise:first_call", "exercises"), (7, "ask"), (-3, "exercises")):
        said = run_cell(page, cell).locator(".jp-OutputArea-output").last
        said.get_by_text(f"NameError: name '{name}' is not defined").wait_for()
        assert ("run all cells above" if name == "ask" else "Next: run the set-up cell") in said.inner_text()


def test_on_the_next_day_the_tutors_cell_says_to_run_it_and_after_a_reload_the_tutor_is_there(
    browser: Any, tmp_path: Path, run_all: Any
) -> None:
    line = "Tutor: run this cell to talk to it."
    config = str(ROOT / "jupyter")
    with (
        running_lab(sys.executable, tmp_path, JUPYTER_CONFIG_PATH=config) as lab,
        notebooks(lab, browser, []) as open_notebook,
    ):
        page = open_notebook("01_requests.ipynb")
        run_all(page)
        page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        page.reload()
        page.get_by_role("region", name="Tutor").first.get_by_role("button", name=QUESTION).wait_for()
        assert line not in page.locator(".jp-Notebook").inner_text()

        for session in lab.api("GET", "sessions"):
            lab.api("DELETE", f"sessions/{session['id']}")
        page.context.close()
        page = open_notebook("01_requests.ipynb")
        page.get_by_text(line).first.wait_for()
        assert "Error displaying widget" not in page.locator(".jp-Notebook").inner_text()
        run_all(page)
        page.get_by_role("region", name="Tutor").first.get_by_role("button", name=QUESTION).wait_for()


def test_letters_typed_without_a_cursor_are_commands_and_can_be_taken_back(open_notebook: Any) -> None:
    from playwright.sync_api import expect

    page = open_notebook("00_start_here.ipynb")
    cells = page.locator(".jp-Notebook .jp-Cell")
    shipped = cells.count()
    page.locator(".jp-Notebook .jp-Cell").first.click()
    page.keyboard.press("b")
    expect(cells).to_have_count(shipped + 1)
    page.get_by_role("menuitem", name="Edit").click()
    page.get_by_role("menuitem", name="Undo Cell Operation").click()
    expect(cells).to_have_count(shipped)
