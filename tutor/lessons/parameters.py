"""Lesson 03: the model, the ceiling, stop strings, effort, and what became of temperature."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from tutor.journal import Journal
from tutor.lessons import _parameters_cases as cases
from tutor.lessons._parameters_feedback import (
    expect_accepted,
    expect_answer,
    expect_calls,
    expect_marked,
    need_readable,
)
from tutor.practice import attempted, exercise, expect
from tutor.practice.evidence import Outcome, kind, outcome_of, text_in
from tutor.practice.needs import need_function

TITLE = "Parameters"
SCOPE = """\
The learner decides on model and settings: which model for which work, ceiling against window, stop strings, effort,
what became of sampling, and what each choice costs.
Answer with a small measurement to try."""
SUGGESTIONS = (
    "Which model should I begin with?",
    "What is the difference between max_tokens and the context window?",
    "Where did temperature go?",
    "Why is the stop string missing from my text?",
)
SAMPLING = ("temperature", "top_p", "top_k")


@exercise(
    hints=[
        'Call once with `ceiling`. Then look at `stop_reason`: only `"max_tokens"` means that the reply was cut.',
        "Cut? Call once more, with `4 * ceiling`. The second reply begins at the beginning: it replaces the first.",
        "At the end return two things: the text of the last reply, and whether its `stop_reason` "
        'is something other than `"max_tokens"`.',
    ],
    praise="A cut no longer passes unseen. Try it: `ask_in_full(lambda n: ask(steps[0], max_tokens=n), 48)`",
)
def ask_in_full(answer: Any, journal: Journal) -> None:
    """Write a function that asks again, once and with four times the ceiling, when a reply was cut."""
    need_function(answer, "ask_in_full", "six calls")
    for number, case in enumerate(cases.ASK_IN_FULL, 1):
        name = f"Case {number} of {len(cases.ASK_IN_FULL)}, “{case.name}”"
        call = cases.Call(case.replies)
        outcome = Outcome()
        with suppress(cases.TooMany):
            outcome = outcome_of(answer, call, cases.CEILING)
        expect(
            call.calls <= 2,
            "loop",
            sent="A function that calls more than twice.",
            back=f"{name}: after two calls came a third.",
            why="Every call costs. An answer that never fits would cost without end.",
            step="Call at most twice: an `if`, not a `while`.",
        )
        need_readable(outcome, name, "ask_in_full")
        expect_calls(outcome.value, call.ceilings, case, name)
        expect_answer(outcome.value, case, name)


@exercise(
    hints=[
        "Why did the reply end? `reply.stop_reason` says it, and `reply.stop_sequence` says which string was met.",
        "One comparison is enough: is `reply.stop_sequence` the string `END`? In every other case it is `None`, "
        "or another string.",
        '`text_of(reply)` is right in all six cases. Add `"END"` to it if, and only if, the comparison holds.',
    ],
    praise="A finished text now looks different from a cut one, for everyone who reads it later.",
)
def marker(answer: Any, journal: Journal) -> None:
    """Write a function that gives the text its marker `END` back, but only if the reply ended there."""
    need_function(answer, "marker", "six replies")
    for number, (kind_of_end, reply, met) in enumerate(cases.MARKER, 1):
        name = f"Case {number} of {len(cases.MARKER)}, “{kind_of_end}”"
        outcome = outcome_of(answer, reply)
        text = text_in(reply.to_dict()["content"])
        expect(
            not (isinstance(outcome.error, TypeError) and "NoneType" in str(outcome.error))
            and outcome.value != f"{text}None",
            "none-appended",
            sent="A function that uses `stop_sequence` also where there is none.",
            back=f"{name}: `stop_sequence` was `None`.",
            why="Only a reply that met a stop string carries one.",
            step="Look at `stop_sequence` before you add anything.",
        )
        need_readable(outcome, name, "marker")
        expect_marked(outcome.value, text, reply.stop_reason or "", met, name)


@exercise(
    hints=[
        "Run `rings(client)` in a new cell. One fault is named at a time: the first is a keyword.",
        "Sampling parameters are gone, so leave the line out. Then the model: the table of this lesson has four.",
        "The last line is unsafe: the first block may be `thinking`. `text_of(message)` reads every kind of reply.",
    ],
    praise="Three lines changed, and a request of 2025 works again. Most old samples need the same three.",
    stretch=True,
)
def modernise(answer: Any, journal: Journal) -> None:
    """Bring a request from a tutorial of 2025 up to date: same question, accepted today, text read safely."""
    need_function(answer, "rings", "a client")
    client = cases.OfflineClient()
    outcome = outcome_of(answer, client)
    tried = client.tried[-1] if client.tried else {}
    model, sampled = str(tried.get("model")), [name for name in SAMPLING if name in tried]
    starter = (model, tried.get("temperature")) == ("claude-3-5-sonnet-20241022", 0) and outcome.error is not None
    attempted(not starter, "The request is the old one. Bring it up to date, then run the cell again.")
    expect(
        client.tried,
        "client-not-used",
        sent="A function that does not use the `client` it is given.",
        back="No request reached the check's client.",
        why="The check hands in a client of its own, so that nothing is sent and nothing costs.",
        step="Call `client.messages.create(...)` inside the function.",
    )
    expect_accepted(client, outcome, tried, model, sampled)
    asked = text_in(tried["messages"][-1]["content"])
    expect(
        asked == cases.QUESTION,
        "question-changed",
        sent=f"The question “{asked}”",
        back="Status 200, for another question.",
        why="An update keeps what the program asks. Otherwise nobody can compare.",
        step=f"Ask again: “{cases.QUESTION}”",
    )
    need_readable(outcome, "Status 200", "rings")
    expect(
        outcome.value == "".join(cases.RINGS),
        "other-text",
        sent=f"A function that returns {kind(outcome.value)}.",
        back=f"Expected `{''.join(cases.RINGS)!r}`, got `{outcome.value!r}`.",
        why="The reply had a thinking block and two text blocks. All of the text is the answer.",
        step="End with `return text_of(message)`.",
    )
