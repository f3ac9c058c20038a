"""Lesson 04: a reply shown while it is written, put together from its events, and watched to its end."""

from __future__ import annotations

from inspect import isgenerator
from typing import Any

from tutor.journal import Journal
from tutor.lessons import _streaming_cases as cases
from tutor.lessons import _streaming_plot as plot
from tutor.lessons._streaming_feedback import (
    expect_count,
    expect_every_piece,
    expect_honest,
    expect_no_crash,
    expect_on_screen,
    expect_returned,
    expect_text,
    expect_text_kept,
)
from tutor.practice import exercise, expect
from tutor.practice.evidence import kind, outcome_of
from tutor.practice.needs import need_function, need_no_error, raised

TITLE = "Streaming"
SCOPE = """\
The learner shows a reply while it is being written: helper or raw events, their order, putting text and usage together,
first text against total time, streams that fail half-way.
Draw the time line in words."""
SUGGESTIONS = (
    "Does streaming make the answer finish sooner?",
    "What are the events, in order?",
    "Why is there a ping in my stream?",
    "How do I know that a stream was cut off?",
)

time_line = plot.time_line


@exercise(
    hints=[
        "Go through `pieces` with one `for` loop. Print inside the loop, collect inside the loop.",
        '`print(piece, end="", flush=True)` adds no line end and shows the piece at once.',
        'Begin with `text = ""`, add each piece with `text += piece`, and end with `return text`, after the loop.',
    ],
    praise="Each piece was on the screen before the next one came, and the whole text came back.",
)
def typewriter(answer: Any, journal: Journal) -> None:
    """Write a function that prints each piece of a text as it comes, and returns the whole text."""
    need_function(answer, "typewriter")
    for number, (name, pieces) in enumerate(cases.PIECES, 1):
        did = cases.typed(answer, pieces)
        case, outcome = f"Case {number} of {len(cases.PIECES)}, “{name}”", did.outcome
        need_no_error(
            outcome.error,
            case,
            why="Pieces come once, one by one. They have no length and no places, and there may be none.",
            step='Begin with `text = ""`, then `for piece in pieces:`.',
        )
        expect(
            not isgenerator(outcome.value),
            "yield-used",
            sent="A function with `yield` in it.",
            back=f"{case}: nothing on the screen, and a generator instead of a text.",
            why="`yield` makes a function that waits to be asked. Called, it runs none of its lines.",
            step="Take `yield` out: print and collect in the loop, and `return` the text below it.",
        )
        expect_every_piece(did, pieces, case)
        expect_on_screen(did, case)
        expect_returned(did, case)


@exercise(
    hints=[
        "Go through the events once. Ask each one for its `type`, and act on two types only.",
        "`content_block_delta` carries a `delta` with a `type` of its own: only `text_delta` has `text`. "
        "`message_delta` carries the stop reason and the count.",
        "`stop_reason` is in `event['delta']`, `output_tokens` in `event['usage']`. "
        "A later `message_delta` replaces what an earlier one said.",
    ],
    praise="Six streams, one function: what it does not know, it passes over.",
)
def assemble(answer: Any, journal: Journal) -> None:
    """Write a function that takes the events of a stream and returns text, stop reason and output tokens."""
    need_function(answer, "assemble")
    for number, case in enumerate(cases.CASES, 1):
        name = f"Case {number} of {len(cases.CASES)}, “{case.name}”"
        outcome = outcome_of(answer, [dict(event) for event in case.events])
        expect_no_crash(outcome.error, case, name)
        got = outcome.value
        expect(
            isinstance(got, (tuple, list)) and len(got) == 3,
            "not-three-values",
            sent=f"A function that returns {kind(got)}.",
            back=f"{name}: expected text, stop reason and output tokens.",
            why="Text alone does not say why the reply ended, nor what it costs.",
            step="End with `return text, stop_reason, output_tokens`.",
        )
        expect_text(got[0], case, name)
        expect(
            got[1] == case.stop_reason,
            "stop-reason-lost",
            sent="A function that misses the stop reason.",
            back=f"{name}: expected `{case.stop_reason!r}`, got `{got[1]!r}`.",
            why="`message_start` cannot know it yet, and an early `message_delta` may not either.",
            step="Read `event['delta']['stop_reason']` in each `message_delta`; the last one counts.",
        )
        expect_count(got[2], case, name)


@exercise(
    hints=[
        "Collect the pieces in a loop over `stream.text_stream`, inside `with call() as stream:`.",
        "A failed stream raises in the loop: put `try` around it and catch `anthropic.APIError`. Keep the text.",
        "A cut stream raises nothing. After the loop, look at `stream.get_final_message().stop_reason`.",
    ],
    praise="A whole, a cut and a failed stream: the text is kept, and nobody is told that half is all.",
    stretch=True,
)
def survive(answer: Any, journal: Journal) -> None:
    """Write a function that opens one stream and returns its text, and whether all of it came."""
    need_function(answer, "survive")
    results = cases.survived(answer)
    for did in results:
        case = f"With {did.name}"
        expect(
            did.calls < 2,
            "retried-and-doubled",
            sent="A function that opens the stream again.",
            back=f"{case}: `call()` was used {did.calls} times.",
            why="A new stream begins from the first word. The reader sees the beginning twice.",
            step="Use `call()` once. Whether to ask again is for the caller to decide.",
        )
        expect(
            did.name == cases.WHOLE or not (error := did.outcome.error) or type(error).__name__ != "APIStatusError",
            "failure-not-caught",
            sent="A function that lets the error of the stream out.",
            back=raised(did.outcome.error, case),
            why="The reader has half a text on the screen. The program must go on from there.",
            step="Put `try` around the loop, and `except anthropic.APIError` below it.",
        )
        need_no_error(
            did.outcome.error,
            case,
            why="This error is not the stream's own. It comes from the function.",
            step="Begin with `with call() as stream:` and read the last line of the error.",
        )
        value = did.outcome.value
        expect(
            isinstance(value, (tuple, list)) and len(value) == 2 and isinstance(value[1], bool),
            "not-a-pair",
            sent=f"A function that returns `{value!r}`.",
            back=f"{case}: expected a text, and `True` or `False`.",
            why="Half a text looks like a short one. Only a second value can say which it is.",
            step="End with `return text, complete`.",
        )
        expect_text_kept(did, case)
    whole, cut, failed = results
    expect_honest(whole.complete, cut.complete, failed.complete)
