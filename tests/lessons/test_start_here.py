"""Lesson 00: its exercise is tested with all others in test_answers; here is what it promises."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tutor import course
from tutor.api import BadRequestError
from tutor.journal import Exchange, Journal
from tutor.lessons import start_here
from tutor.practice import Verdict


def test_each_of_the_five_questions_has_a_reply(lesson_house: None) -> None:
    client, _, _ = course.start("start_here")
    text = course.lesson_text("start_here")
    names: dict[str, dict[int, str]] = {}
    exec(text[text.index("questions = {") : text.index("}", text.index("questions = {")) + 1], names)
    for question in names["questions"].values():
        client.messages.create(
            model="claude-haiku-5-5", max_tokens=300, messages=[{"role": "user", "content": question}]
        )
    assert [exchange.source for exchange in course.LOG.calls[-5:]] == ["written"] * 5


@pytest.mark.parametrize(
    ("question", "there"),
    [
        (2, '2 there. A text in quotes goes there, such as "Hello". Change'),
        (None, 'null there. A text in quotes goes there, such as "Hello". Change'),
        (["Say hello."], '"Say hello." there. Change'),
    ],
)
def test_what_was_sent_in_the_place_of_a_question_is_named(lesson_house: None, question: Any, there: str) -> None:
    client = course.start("start_here").client
    asked = [{"role": "user", "content": question}]
    with pytest.raises(BadRequestError, match=f"Your request has {there} the request"):
        client.messages.create(model="claude-haiku-5-5", max_tokens=300, messages=asked)


# --- what the check watches for -----------------------------------------------------------------------


def judged(answer: Any, *exchanges: Exchange) -> Verdict:
    journal = Journal()
    for each in exchanges:
        journal.add(each)
    return replace(start_here.first_call, journal=journal).judge(answer)


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/messages/count_tokens"), ("GET", "/v1/messages")])
def test_a_reply_to_another_kind_of_request_cannot_be_checked(method: str, path: str) -> None:
    reply = {"id": "msg_1", "content": []}
    assert judged(reply, Exchange(method, path, status=200, reply=reply)).outcome == "can't check"
    assert judged(reply, Exchange("POST", "/v1/messages", status=200, reply=reply)).outcome == "done"


@pytest.mark.parametrize(("answer", "words"), [({1: "Why?"}, "All five questions."), (["Why?"], "A list.")])
def test_what_is_handed_in_is_called_by_its_name(answer: Any, words: str) -> None:
    verdict = judged(answer)
    assert verdict.feedback == "not-a-reply"
    assert verdict.lines
    assert verdict.lines[0] == words
