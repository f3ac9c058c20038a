"""`chat.ask("...")` prints, wherever text can be printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fake_api import FakeApi, Reply

from tutor.chat import Chat

Make = Callable[..., Chat]


def test_it_prints_the_answer_and_who_wrote_it(
    api: FakeApi, make_chat: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    api.replies = [Reply(pieces=["A token is ", "a piece of text."])]
    assert make_chat().ask("What is a token?") is None  # type: ignore[func-returns-value]
    assert capsys.readouterr().out == "A token is a piece of text.\n(written in advance)\n"


def test_it_prints_what_goes_along_and_can_leave_it_out(
    api: FakeApi, make_chat: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    chat = make_chat("live")
    chat.saw_cell("1 / 0", ZeroDivisionError("division by zero"))
    chat.ask("Why?")
    said = "(goes along: last cell, 1 line; its error, ZeroDivisionError; alone=True sends the question alone)\n"
    assert capsys.readouterr().out.startswith(said)
    chat.ask("Why?", alone=True)
    assert capsys.readouterr().out.startswith("Hello.")
    assert [len(request["messages"][-1]["content"]) for request in api.requests] == [3, 1]


def test_it_prints_what_went_wrong(api: FakeApi, make_chat: Make, capsys: pytest.CaptureFixture[str]) -> None:
    api.replies = [Reply(status=529, error=("overloaded_error", "Overloaded"))]
    make_chat("live").ask("What is a token?")
    assert capsys.readouterr().out.startswith(
        "The API is busy. The API answered 529 overloaded_error. Your question is kept."
    )


def test_terminal_tricks_are_not_printed(api: FakeApi, make_chat: Make, capsys: pytest.CaptureFixture[str]) -> None:
    api.replies = [Reply(pieces=["a\x1b[2Jb\u202ec"])]
    make_chat().ask("What is a token?")
    assert capsys.readouterr().out.startswith("a\ufffd[2Jb⟨U+202E⟩c\n")


@pytest.mark.parametrize(("question", "came"), [("", "an empty one"), (None, "NoneType")])
def test_it_wants_a_question(make_chat: Make, capsys: Any, question: str, came: str) -> None:
    make_chat().ask(question)
    assert f"Expected a question, got {came}." in capsys.readouterr().out


def test_a_key_in_a_question_is_not_sent(api: FakeApi, make_chat: Make, capsys: Any) -> None:
    make_chat("live").ask("Is sk-ant-" + "api03-abcdefghijklmnop right?")
    assert capsys.readouterr().out == "That looks like an API key, so it was not sent. A key belongs into Go live.\n"
    assert api.requests == []
