"""Lesson 01: what its demos promise, with other clients than the lesson's, and the program it leaves behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import nbformat
import pytest

from tutor import course
from tutor.journal import Exchange, Journal
from tutor.lessons import requests
from tutor.practice import Exercise, Verdict

CELLS = {cell.id: cell.source for cell in nbformat.read(course.NOTEBOOKS / "01_requests.ipynb", as_version=4).cells}


@pytest.fixture
def ran(lesson_house: None) -> dict[str, Any]:
    """The names that the lesson's demos leave behind, run in order up to the program."""
    names: dict[str, Any] = {}
    for name, source in CELLS.items():
        if name == "write-program":
            break
        if not source.startswith(("#", "*", "**")) and name in DEMOS:
            exec(source, names)
    return names


DEMOS = ("setup", "first-call", "travelled", "by-hand", "thinking", "cut", "two-turns", "predict", "forget", "cure")


def test_every_demo_has_a_written_reply(ran: dict[str, Any]) -> None:
    assert {exchange.source for exchange in course.LOG.calls[-8:]} == {"written"}


@pytest.mark.parametrize("listed", ["prompts", "puzzles"])
def test_every_prompt_a_demo_offers_has_a_written_reply(ran: dict[str, Any], listed: str) -> None:
    for prompt in ran[listed]:
        ran["client"].messages.create(
            model="claude-haiku-5-5", max_tokens=2000, messages=[{"role": "user", "content": prompt}]
        )
        assert course.LOG[-1].source == "written", prompt


def test_the_first_block_of_a_puzzle_is_thinking(ran: dict[str, Any]) -> None:
    assert [block["type"] for block in ran["thoughtful"]["content"]] == ["thinking", "text"]
    assert ran["thoughtful"]["content"][0]["thinking"] == ""


def test_the_cut_reply_says_why(ran: dict[str, Any]) -> None:
    assert ran["short"].stop_reason == "max_tokens"
    assert ran["short"].usage.output_tokens == 8


def test_the_second_call_carries_no_name_and_the_cure_carries_three_turns(ran: dict[str, Any]) -> None:
    assert ran["known"] is False
    assert [len(exchange.request["messages"]) for exchange in course.LOG.calls[-3:]] == [1, 1, 3]


def test_the_curl_of_the_lesson_works_as_it_stands(ran: dict[str, Any]) -> None:
    match = re.search(r"(?s)```bash\n(curl .*?)```", CELLS["by-hand-remark"])
    assert match
    done = subprocess.run(["bash", "-c", match[1]], capture_output=True, text=True, timeout=30, check=True)
    assert '"stop_reason":"end_turn"' in done.stdout.replace(" ", "")


def test_the_program_taken_home_runs_without_the_course(ran: dict[str, Any], tmp_path: Path) -> None:
    program = CELLS["write-program"].partition("\n")[2]
    assert "tutor" not in program
    assert len(program.split("\n\n", 1)[1].splitlines()) <= 12
    (tmp_path / "ask_claude.py").write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "ask_claude.py", "Why is the sky blue? Answer in one sentence."],
        cwd=tmp_path,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith("Air scatters the short, blue waves")


# --- what the checks watch for ------------------------------------------------------------------------


def call(reply: str, **request: Any) -> Exchange:
    """A call that came back with this text; its id is the text as well."""
    said = {"id": reply, "content": [{"type": "text", "text": reply}]}
    body = requests.BROKEN | {"model": "claude-haiku-5-5"} | request
    headers = {"anthropic-version": "2026-10-21"}
    return Exchange("POST", "/v1/messages", request_headers=headers, request=body, status=200, reply=said)


def judged(exercise: Exercise, *calls: Exchange) -> Verdict:
    """The verdict on the reply of the last call."""
    journal = Journal()
    for each in calls:
        journal.add(each)
    return replace(exercise, journal=journal).judge(calls[-1].reply)


def said(verdict: Verdict) -> tuple[str, str]:
    """What was sent and what came back, in the verdict's words."""
    assert verdict.lines
    return verdict.lines[:2]


def turn(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def test_one_repaired_fault_is_an_attempt() -> None:
    broken = call("", **requests.BROKEN)
    assert judged(requests.first_request, broken).feedback == "messages-not-a-list"
    broken.request_headers.clear()
    assert judged(requests.first_request, broken).outcome == "not attempted yet"


@pytest.mark.parametrize("name", ["key", "api_key", "api-key", "apikey", "x-api-key", "X-API-Key", "Authorization"])
def test_a_key_in_the_body_is_found_by_any_name(name: str) -> None:
    assert judged(requests.first_request, call("", **{name: "sk"})).feedback == "key-in-body"
    assert judged(requests.first_request, call("", keys="sk")).feedback != "key-in-body"


@pytest.mark.parametrize(
    ("turns", "words"),
    [
        ([turn("user", "42")], "A reply to 1 turn: user."),
        ([turn("user", "42"), turn("user", "Which one?")], "A reply to 2 turns: user, user."),
    ],
)
def test_turns_are_counted_in_words(turns: Any, words: str) -> None:
    assert said(judged(requests.remember, call("Hm.", messages=turns)))[1] == words


def test_a_number_may_stand_in_system_if_the_reply_travels_too() -> None:
    talk = [turn("user", "Mine is 42."), turn("assistant", "Noted."), turn("user", "Which one is it?")]
    first = call("Noted.", messages=talk[:1])
    assert judged(requests.remember, first, call("42", messages=talk, system="I am 8.")).outcome == "done"


@pytest.mark.parametrize("number", ["7", "seven", "TWO", "a thousand"])
def test_a_number_may_be_written_in_letters(number: str) -> None:
    talk = [turn("user", f"Mine is {number}."), turn("assistant", "Noted."), turn("user", "Which one is it?")]
    calls = call("Noted.", messages=talk[:1]), call("Yes.", messages=talk)
    assert judged(requests.remember, *calls).outcome == "done"


def test_a_function_is_handed_replies_in_the_shape_of_the_api() -> None:
    def particular(reply: dict[str, Any]) -> str:
        ended = "end_turn" if reply["content"] else "refusal"
        assert reply == {"type": "message", "role": "assistant", "content": reply["content"], "stop_reason": ended}
        return "".join(block["text"] for block in reply["content"] if block["type"] == "text")

    assert requests.text_of.judge(particular).outcome == "done"


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda reply: print("Lagos."), "A function that prints the text."),
        (lambda reply: reply.clear(), "A function that returns nothing."),
    ],
)
def test_printing_is_told_from_doing_nothing(function: Any, words: str) -> None:
    verdict = requests.text_of.judge(function)
    assert said(verdict) == (words, "Case 1 of 5, “one text block”: expected a string, got `None`.")


def test_who_leaves_out_thinking_alone_still_reads_every_other_block() -> None:
    def hopeful(reply: dict[str, Any]) -> str:
        return "".join(block["text"] for block in reply["content"] if block["type"] != "thinking")

    verdict = requests.text_of.judge(hopeful)
    assert verdict.feedback == "every-block-assumed"
    assert said(verdict)[1].startswith("Case 4 of 5, “another kind of block”: KeyError: 'text' (line ")


def test_a_method_of_a_string_is_not_taken_for_a_field_of_the_reply() -> None:
    verdict = requests.text_of.judge(lambda reply: reply["role"].text)
    assert verdict.feedback == "function-raised"


def test_a_get_is_told_from_a_request_with_a_fault(ran: dict[str, Any]) -> None:
    got = httpx.get(f"{ran['url']}/v1/messages", headers=ran["headers"])
    assert requests.first_request.judge(got).feedback == "other-address"
