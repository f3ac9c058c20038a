"""What checks of several lessons ask for: a reply, a function, an accepted request, and no error on the way."""

from __future__ import annotations

import sysconfig
import traceback
from pathlib import Path
from typing import Any

from tutor.journal import Exchange
from tutor.practice.evidence import came_back, is_reply, kind
from tutor.practice.feedback import expect

_NOT_THE_LEARNERS = (
    str(Path(__file__).resolve().parents[1]),
    *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    "<frozen",
)


def need_reply(answer: Any, name: str) -> None:
    """End the check with `not-a-reply` unless the answer is one; `name` is the variable the lesson uses."""
    expect(
        is_reply(answer),
        "not-a-reply",
        sent=f"{kind(answer).capitalize()}.",
        back="Nothing that the log knows.",
        why="The check finds your request by the id in the reply.",
        step=f"Hand in the whole reply: `check({name})`.",
    )


def need_function(answer: Any, name: str, given: str = "cases") -> None:
    """End the check with `not-a-function` unless the answer is one; `given` is what the check calls it with."""
    expect(
        callable(answer),
        "not-a-function",
        sent=f"{kind(answer).capitalize()}.",
        back="Nothing was called.",
        why=f"The check calls your function itself, with {given} of its own.",
        step=f"Hand in the function without brackets: `check({name})`.",
    )


def need_accepted(exchange: Exchange, sent: str) -> None:
    """End the check with `refused` unless the request came back with status 200."""
    expect(
        exchange.status == 200,
        "refused",
        sent=sent,
        back=came_back(exchange),
        why="Only a 200 carries a reply.",
        step="Repair the field that the message names.",
    )


def need_no_error(error: Exception | None, case: str, *, why: str, step: str) -> None:
    """End the check with `function-raised` if the learner's function raised."""
    expect(
        error is None,
        "function-raised",
        sent="A function that stopped with an error.",
        back=raised(error, case),
        why=why,
        step=step,
    )


def raised(error: Exception | None, case: str) -> str:
    """The line that quotes an error: "Case 2 of 5, “empty”: IndexError: list index out of range (line 3: `x[0]`)"."""
    return f"{case}: {type(error).__name__}: {error}{_learners_line(error)}"


def _learners_line(error: Exception | None) -> str:
    """Where in the learner's own code it happened: of a traceback only their last line, not the way through ours."""
    frames = traceback.extract_tb(error.__traceback__ if error else None)
    own = [frame for frame in frames if is_learners(frame.filename)]
    if not own:
        return ""
    words = f": `{own[-1].line}`" if own[-1].line and "`" not in own[-1].line else ""
    return f" (line {own[-1].lineno}{words})"


def is_learners(filename: str) -> bool:
    """Does this file hold code of the learner, and not of the course, of Python or of a library?"""
    return not filename.startswith(_NOT_THE_LEARNERS)
