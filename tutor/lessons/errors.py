"""Lesson 05: what each error asks for, waiting well, and the ends of a reply that only look like success."""

from __future__ import annotations

from typing import Any

from tutor.journal import Journal
from tutor.lessons import _errors_cases as cases
from tutor.lessons._errors_feedback import (
    ended,
    expect_constant,
    expect_hopeful_tries,
    expect_no_hopeless_try,
    expect_no_second_error,
    expect_waits,
    need_no_own_mistake,
)
from tutor.practice import exercise, expect
from tutor.practice.evidence import outcome_of
from tutor.practice.needs import need_function, need_no_error, raised

TITLE = "Errors, limits, retries"
SCOPE = """\
The learner makes calls survive: what each status asks for, which errors are worth a second try, waiting well, limits,
request ids, refusals that look like success.
First question: whose turn is it to change something?"""
SUGGESTIONS = (
    "Which errors should I retry?",
    "Why add a random part to the wait?",
    "I get 429, am I banned?",
    "How do I recognise a refusal?",
)

crowd = cases.crowd


@exercise(
    hints=[
        "Put `return call()` under `try`, then one `except` for each class. Python takes the first one that fits.",
        "Special before general: `OverloadedError` is an `InternalServerError`, and each of them an `APIStatusError`. "
        "`APITimeoutError` is an `APIConnectionError`.",
        "`except (anthropic.PaymentRequiredError, anthropic.PermissionDeniedError): return ASK` takes two classes. "
        "Let what is not an `anthropic.APIError` pass.",
    ],
    praise="Sixteen failures sorted by class, whatever they say, and a mistake of the program stays visible.",
)
def friendly(answer: Any, journal: Journal) -> None:
    """Write a function that runs a call and says, by one constant, whose turn it is when it fails."""
    need_function(answer, "friendly")
    did = cases.fine(answer)
    need_no_own_mistake(did.error, "A call that works")
    expect(
        did.value == cases.REPLY,
        "reply-lost",
        sent="A function that does not give back the reply.",
        back=f"A call that works: expected `{cases.REPLY!r}`, got `{did.value!r}`.",
        why="Most calls work. The program needs their reply.",
        step="Begin with `try:` and `return call()`.",
    )
    for failure in cases.FAILURES:
        outcome = cases.told(answer, failure)
        name = f"With {failure.name}"
        expect_no_second_error(outcome.error, failure, name)
        expect_constant(outcome.value, failure, name)
    bug = cases.broken(answer)
    expect(
        isinstance(bug.error, KeyError),
        "bug-hidden",
        sent="A function that catches every exception.",
        back=f"With a `KeyError` inside the call: expected the `KeyError`, got `{bug.value!r}`.",
        why="This is a mistake in the program. Waiting does not mend it, and hidden it stays for months.",
        step="Catch classes of `anthropic` only. No bare `except`, no `except Exception`.",
    )


@exercise(
    hints=[
        "A `for` loop over `range(4)`: `return call()` under `try`, and the wait in the `except` part.",
        "In the last turn there is nothing to wait for: `raise`, with nothing behind it, lets the error out.",
        "`error.response.headers.get('retry-after')` exists only where a reply came. "
        "Without it: `0.5 * 2**retry`, times something that `rand()` changes.",
    ],
    praise="Four tries at most, each wait longer and a little different, and the last error comes out.",
)
def with_retries(answer: Any, journal: Journal) -> None:
    """Write a function that makes a call up to four times, waits well between them, and then lets the error out."""
    need_function(answer, "with_retries")
    fine = cases.tried(answer, cases.BUG, times=0)
    need_no_own_mistake(fine.outcome.error, "A call that works")
    expect(
        fine.outcome.value == cases.REPLY,
        "reply-lost",
        sent="A function that does not give back the reply.",
        back=f"A call that works: expected `{cases.REPLY!r}`, got {ended(fine)}.",
        why="The program wants the reply. The retries are only the way to it.",
        step="Put `return call()` under `try`.",
    )
    expect_no_hopeless_try(answer)
    expect_hopeful_tries(answer)
    expect_waits(answer)


@exercise(
    hints=[
        "Everything you need is `reply.stop_reason`. The text says nothing that you can rely on.",
        "A dictionary from stop reason to word is enough. `None` can be a key of it.",
        "`.get(reply.stop_reason, 'unknown')` gives a word for a reason that is new tomorrow.",
    ],
    praise="Every way to end has its word, also one that nobody knows yet.",
    stretch=True,
)
def outcome(answer: Any, journal: Journal) -> None:
    """Write a function that takes a reply and says in one word how it ended."""
    need_function(answer, "outcome")
    for reason, wanted in cases.ENDINGS.items():
        did = outcome_of(answer, cases.reply_ending(reason))
        name = f"With `stop_reason` {reason!r}"
        back = f"{name}: expected {wanted!r}, got {did.value!r}."
        expect(
            not did.error or wanted != "unknown",
            "crash-on-new",
            sent="A function that expects to know every stop reason.",
            back=raised(did.error, name),
            why="New reasons may come without a new version of the API.",
            step="Give back `'unknown'` for what is in no line of the table.",
        )
        need_no_error(
            did.error,
            name,
            why="A refusal has no content, and a cut stream no reason. Both are replies.",
            step="Read `reply.stop_reason` and nothing else, and have a word for each line of the table.",
        )
        expect(
            reason != "refusal" or did.value == wanted,
            "refusal-as-answer",
            sent="A function that does not see a refusal.",
            back=back,
            why="A refusal is a 200 without an answer. The reader would see an empty page.",
            step='Ask for `"refusal"` by its name.',
        )
        expect(
            reason is not None or did.value == wanted,
            "none-as-whole",
            sent="A function that takes a missing reason for a whole reply.",
            back=back,
            why="`None` means that the end never came.",
            step="Give `None` the word `'cut'`.",
        )
        expect(
            reason != "stop_sequence" or did.value == wanted,
            "stop-sequence-as-cut",
            sent="A function that calls a stop string a cut.",
            back=back,
            why="The reply ended where you asked for it. This is a success.",
            step="Put `stop_sequence` beside `end_turn`.",
        )
        expect(
            wanted != "unknown" or did.value == wanted,
            "new-taken-for-known",
            sent="A function that has a known word for a new reason.",
            back=back,
            why="A reason that you do not know is no answer yet. Somebody should look.",
            step="Make `'unknown'` the last resort, not `'answer'`.",
        )
        expect(
            did.value == wanted,
            "other-word",
            sent="A function with another word for this reason.",
            back=back,
            why="The next part of a program decides by this word.",
            step="Compare with the table, line by line. Each word is given back with `return`.",
        )
    declined = outcome_of(answer, cases.reply_ending("end_turn", cases.DECLINED))
    expect(
        declined.value == "answer",
        "prose-judged",
        sent="A function that reads the words of the reply.",
        back=f"A polite no with `end_turn`: expected 'answer', got {declined.value!r}.",
        why="No field marks a no in prose. A search for words such as “sorry” misses some and hits others.",
        step="Decide by `stop_reason` alone.",
    )
