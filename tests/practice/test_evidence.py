"""Which exchange a reply came from, whatever kind of reply it is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tutor.journal import Exchange, Journal
from tutor.practice.evidence import Screen, came_back, exchange_of, is_reply, kind, outcome_of, text_in
from tutor.practice.feedback import Ended


@pytest.fixture
def journal() -> Journal:
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
        SimpleNamespace(id="msg_1"),
        SimpleNamespace(_request_id="req_1"),
        SimpleNamespace(headers={"request-id": "req_1"}),
    ],
)
def test_a_reply_of_any_kind_leads_to_its_request(journal: Journal, answer: Any) -> None:
    assert exchange_of(answer, journal).request_id == "req_1"


def test_a_reply_that_is_not_in_the_log_cannot_be_checked(journal: Journal) -> None:
    with pytest.raises(Ended) as ended:
        exchange_of({"id": "msg_from_before_a_restart"}, journal)
    assert ended.value.verdict.outcome == "can't check"


@pytest.mark.parametrize("answer", ["text", 200, None, [], {}, ["msg_1"]])
def test_other_things_are_no_replies(answer: Any) -> None:
    assert not is_reply(answer)


def test_an_error_says_its_type_and_message() -> None:
    error = {"type": "error", "error": {"type": "not_found_error", "message": "model: claude-x"}}
    exchange = Exchange("POST", "/v1/messages", status=404, reply=error)
    assert came_back(exchange) == "Status 404 `not_found_error`: model: claude-x"


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
    [(None, "nothing (`None`)"), ("a", "a string"), ([], "a list"), (3, "a number"), ({1}, "a set")],
)
def test_a_kind_is_said_in_a_learners_words(value: Any, words: str) -> None:
    assert kind(value) == words


def test_text_comes_from_a_string_or_from_text_blocks() -> None:
    assert text_in("Hi") == text_in([{"type": "thinking", "thinking": ""}, {"type": "text", "text": "Hi"}]) == "Hi"
    assert text_in(None) == ""


def test_a_function_may_change_what_it_is_given() -> None:
    given = {"content": [{"type": "text", "text": "Hi"}]}
    assert outcome_of(lambda reply: reply["content"].pop(0)["text"], given).value == "Hi"
    assert given == {"content": [{"type": "text", "text": "Hi"}]}


def test_a_function_that_ends_the_program_ends_only_itself() -> None:
    assert "SystemExit" in str(outcome_of(lambda: sys.exit(1)).error)
