"""Which exchange a reply came from, whatever kind of reply it is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tutor.journal import Exchange, Journal
from tutor.practice.evidence import Screen, came_back, exchange_of, is_reply, kind, outcome_of, reply_text, text_in
from tutor.practice.feedback import Ended
from tutor.practice.needs import need_function


def two_calls() -> Journal:
    journal = Journal()
    for number in (1, 2):
        journal.add(
            Exchange(
                "POST",
                "/v1/messages",
                status=200,
                reply_headers={"request-id": f"req_{number}"},
                reply={"id": f"msg_{number}", "content": [{"type": "text", "text": "Hi"}]},
            )
        )
    return journal


@pytest.mark.parametrize(
    "answer",
    [
        {"id": "msg_1", "type": "message"},
        {"type": "error", "request_id": "req_1"},
        SimpleNamespace(request_id="req_1"),
        SimpleNamespace(id="msg_1"),
        SimpleNamespace(_request_id="req_1"),
        SimpleNamespace(headers={"request-id": "req_1"}),
    ],
)
def test_a_reply_of_any_kind_leads_to_its_request(answer: Any) -> None:
    assert exchange_of(answer, two_calls()).request_id == "req_1"


def test_a_reply_that_is_not_in_the_log_cannot_be_checked() -> None:
    with pytest.raises(Ended) as ended:
        exchange_of({"id": "msg_from_before_a_restart"}, two_calls())
    assert ended.value.verdict.outcome == "can't check"


@pytest.mark.parametrize("answer", ["text", 200, None, [], {}, ["msg_1"]])
def test_other_things_are_no_replies(answer: Any) -> None:
    assert not is_reply(answer)


def test_an_error_says_its_type_and_message() -> None:
    error = {"type": "error", "error": {"type": "not_found_error", "message": "model: claude-x"}}
    exchange = Exchange("POST", "/v1/messages", status=404, reply=error)
    assert came_back(exchange) == "Status 404 `not_found_error`: model: claude-x"
    assert came_back(Exchange("POST", "/v1/messages", status=200, reply={"content": []})) == "Status 200"


@pytest.mark.parametrize("reply", [None, "Bad Gateway", [], {"error": "no details"}, {"error": {}}, {}])
def test_an_error_of_another_shape_has_neither(reply: Any) -> None:
    assert came_back(Exchange("POST", "/v1/messages", status=502, reply=reply)) == "Status 502 ``: "


@pytest.mark.parametrize("reply", [None, "Bad Gateway", [], {"type": "error"}, {"content": None}])
def test_an_error_has_no_text(reply: Any) -> None:
    assert reply_text(Exchange("POST", "/v1/messages", status=502, reply=reply)) == ""


def test_a_function_may_print_return_or_raise() -> None:
    def shout(word: str) -> str:
        print(word.upper())
        return word

    assert outcome_of(shout, "hi").printed == "HI\n"
    assert outcome_of(shout, "hi").value == "hi"
    assert isinstance(outcome_of(shout, 1).error, AttributeError)


def test_a_check_may_watch_the_screen_while_a_function_prints() -> None:
    screen, seen = Screen(), []

    def show(pieces: Iterator[str]) -> None:
        for piece in pieces:
            print(piece, end="", flush=piece == "b")

    def watched() -> Iterator[str]:
        for piece in ("a", "b", "c"):
            yield piece
            seen.append((screen.getvalue(), screen.shown))

    assert outcome_of(show, watched(), screen=screen).printed == "abc"
    assert seen == [("a", ""), ("ab", "ab"), ("abc", "ab")]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing (`None`)"), ("a", "a string"), ([], "a list"), ({}, "a dictionary"), (3, "a number"),
        (0.5, "a number"), ({1}, "a set"),
    ],
)  # fmt: skip
def test_a_kind_is_said_in_a_learners_words(value: Any, words: str) -> None:
    assert kind(value) == words


def test_text_comes_from_a_string_or_from_text_blocks() -> None:
    assert text_in("Hi") == text_in([{"type": "thinking", "thinking": ""}, {"type": "text", "text": "Hi"}]) == "Hi"
    assert text_in([{"type": "text", "text": "H"}, "?", {"type": "text", "text": "i"}]) == "Hi"
    assert text_in(None) == ""


def test_a_function_may_change_what_it_is_given() -> None:
    given = {"content": [{"type": "text", "text": "Hi"}]}
    assert outcome_of(lambda reply: reply["content"].pop(0)["text"], given).value == "Hi"
    assert given == {"content": [{"type": "text", "text": "Hi"}]}
    pieces = iter("Hi")
    assert outcome_of(lambda text: text, pieces).value is pieces


def test_a_function_that_ends_the_program_ends_only_itself() -> None:
    assert str(outcome_of(lambda: sys.exit(1)).error) == "the function ended the program (SystemExit)"


@pytest.mark.parametrize(("given", "words"), [((), "cases"), (("five replies",), "five replies")])
def test_what_is_no_function_is_told_what_it_would_be_called_with(given: tuple[str, ...], words: str) -> None:
    need_function(len, "text_of", *given)
    with pytest.raises(Ended) as ended:
        need_function([], "text_of", *given)
    assert ended.value.verdict.lines
    assert ended.value.verdict.lines[2] == f"The check calls your function itself, with {words} of its own."
