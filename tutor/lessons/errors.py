"""Lesson 05: what each error asks for, waiting well, and the ends of a reply that only look like success."""

from __future__ import annotations

from typing import Any

from tutor.journal import Journal
from tutor.lessons import _errors_cases as cases
from tutor.practice import exercise, expect
from tutor.practice.evidence import kind, outcome_of

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
    _expect_function(answer, "friendly")
    did = cases.fine(answer)
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
        _expect_no_second_error(outcome.error, failure, name)
        _expect_constant(outcome.value, failure, name)
    bug = cases.broken(answer)
    expect(
        isinstance(bug.error, KeyError),
        "bug-hidden",
        sent="A function that catches every exception.",
        back=f"With a `KeyError` inside the call: expected the `KeyError`, got `{bug.value!r}`.",
        why="This is a mistake in the program. Waiting does not mend it, and hidden it stays for months.",
        step="Catch classes of `anthropic` only. No bare `except`, no `except Exception`.",
    )


def _expect_no_second_error(error: Exception | None, failure: cases.Failure, name: str) -> None:
    back = f"{name}: {type(error).__name__}: {error}"
    expect(
        not (isinstance(error, AttributeError) and failure.status is None),
        "status-of-connection",
        sent="A function that reads a status from every error.",
        back=back,
        why="No reply came, so there is no status. Reading one is a second error.",
        step="Catch `anthropic.APIConnectionError` by its class.",
    )
    expect(
        not (error and failure.status == 529),
        "overloaded-missed",
        sent="A function that does not know status 529.",
        back=f"{name}: it came out uncaught.",
        why="529 is a status of its own: the service has too much to do for everyone.",
        step="Add `except anthropic.OverloadedError:`.",
    )
    expect(
        error is None,
        "error-let-out",
        sent="A function that lets an error of the API out.",
        back=back[:200],
        why="The person at the screen would read a traceback instead of advice.",
        step="Go through the table again: each class of it needs its `except`.",
    )


def _expect_constant(value: Any, failure: cases.Failure, name: str) -> None:
    back = f"{name}: expected {failure.wanted!r}, got {value!r}."
    expect(
        value in cases.CONSTANTS,
        "not-a-constant",
        sent=f"A function that returns {kind(value)}.",
        back=back,
        why="The next part of a program decides by it. Free words cannot be compared.",
        step="Return one of the six names of the cell above.",
    )
    expect(
        failure.status != 529 or not failure.usual or value != cases.WAIT,
        "parent-before-child",
        sent="A function that takes `OverloadedError` for an `InternalServerError`.",
        back=back,
        why="`OverloadedError` is a kind of `InternalServerError`. The first `except` that fits wins.",
        step="Put `except anthropic.OverloadedError` above `except anthropic.InternalServerError`.",
    )
    expect(
        failure.usual or value == failure.wanted,
        "text-matched",
        sent="A function that decides by the words of the error.",
        back=f"{back} Its message: “{failure.words}”",
        why="The words may change on any day. The class stays.",
        step="Decide by `except anthropic.<class>`, and leave the text for people.",
    )
    expect(
        value == failure.wanted,
        "other-constant",
        sent="A function with another advice for this class.",
        back=back,
        why="A wait does not mend a wrong request, and no change of it mends a limit.",
        step="Look the class up in the table, and return the name beside it.",
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
    _expect_function(answer, "with_retries")
    fine = cases.tried(answer, cases.BUG, times=0)
    expect(
        fine.outcome.value == cases.REPLY,
        "reply-lost",
        sent="A function that does not give back the reply.",
        back=f"A call that works: expected `{cases.REPLY!r}`, got {_ended(fine)}.",
        why="The program wants the reply. The retries are only the way to it.",
        step="Put `return call()` under `try`.",
    )
    _expect_no_hopeless_try(answer)
    _expect_hopeful_tries(answer)
    _expect_waits(answer)


def _expect_no_hopeless_try(answer: Any) -> None:
    for code in (400, 401, 403, 404):
        did = cases.tried(answer, cases.error_for(cases.status(code)))
        expect(
            did.calls == 1,
            "retried-in-vain",
            sent=f"A function that sends a {code} again.",
            back=f"With status {code}: sent {did.calls} times.",
            why="The same request meets the same answer. Only a change helps.",
            step="Retry by class: 429, 5xx and lost connections. Let the others out at once.",
        )
        _expect_let_out(did, f"With status {code}")
    bug = cases.tried(answer, cases.BUG)
    expect(
        bug.calls == 1 and isinstance(bug.outcome.error, KeyError),
        "bug-retried",
        sent="A function that retries every exception.",
        back=f"With a `KeyError` inside the call: called {bug.calls} times, then {_ended(bug)}.",
        why="This is a mistake in the program. No wait mends it.",
        step="Catch classes of `anthropic`, not `Exception`.",
    )


def _expect_hopeful_tries(answer: Any) -> None:
    for code in (529, 500, 429, None):
        name = f"With status {code}" if code else "With a lost connection"
        did = cases.tried(answer, cases.error_for(cases.status(code)))
        expect(
            not isinstance(did.outcome.error, AttributeError),
            "response-of-connection",
            sent="A function that asks every error for its `response`.",
            back=f"{name}: {type(did.outcome.error).__name__}: {did.outcome.error}",
            why="Where no reply came there are no headers, and so no `retry-after`.",
            step="Read the header only from an `anthropic.APIStatusError`.",
        )
        expect(
            did.calls > 1,
            "not-retried",
            sent="A function that gives up after the first try.",
            back=f"{name}: sent once, then {_ended(did)}.",
            why="This failure often passes in a second. A second try costs little.",
            step="Catch `RateLimitError`, `InternalServerError` and `APIConnectionError`, and go round the loop.",
        )
        expect(
            did.calls == cases.MOST_TRIES,
            "not-four-tries",
            sent="A function with another number of tries.",
            back=f"{name}: sent {did.calls} times{' and no end' if did.endless else ''}, expected 4.",
            why="Without an end, a program hangs when the service is down, and adds to the crowd.",
            step="Count the tries: `for retry in range(4):`.",
        )
        expect(
            did.waits,
            "no-wait",
            sent="A function that tries again at once.",
            back=f"{name}: four tries, and `sleep` was never called.",
            why="What was too busy a millisecond ago still is. Four quick tries are one try.",
            step="Call the `sleep` that is handed in, between two tries.",
        )
        expect(
            did.steps[-1] == "call",
            "slept-after-last",
            sent="A function that waits after the last try.",
            back=f"{name}: after the fourth try came a wait of {did.waits[-1]:g} s.",
            why="Nothing follows. The person waits for an error that is already known.",
            step="In the last turn of the loop, `raise` before you sleep.",
        )
        _expect_let_out(did, name)
    once = cases.tried(answer, cases.error_for(cases.status(529)), times=1)
    expect(
        once.outcome.value == cases.REPLY and once.calls == 2,
        "late-reply-lost",
        sent="A function that loses the reply of a later try.",
        back=f"A 529, then a reply: called {once.calls} times, then {_ended(once)}.",
        why="The second try brought what was wanted.",
        step="Make each try with the same line: `return call()`, inside the loop.",
    )


def _expect_let_out(did: cases.Tried, name: str) -> None:
    expect(
        did.outcome.error is not None or did.endless,
        "error-swallowed",
        sent="A function that keeps the last error to itself.",
        back=f"{name}: no error came out; returned `{did.outcome.value!r}`.",
        why="The caller takes `None` for a reply, and fails later, far from the cause.",
        step="Let the error out with `raise`.",
    )


def _expect_waits(answer: Any) -> None:
    error = cases.error_for(cases.status(529))
    waits = cases.tried(answer, error).waits
    shown = ", ".join(f"{wait:g}" for wait in waits)
    expect(
        len(waits) == len(set(waits)) and waits == sorted(waits),
        "same-wait",
        sent="A function whose waits do not grow.",
        back=f"With `rand()` always 0.5, the waits were {shown} s.",
        why="If the service is still busy after a short wait, it needs a longer one.",
        step="Double it each time: `0.5 * 2**retry`.",
    )
    low = cases.tried(answer, error, chance=lambda: 0.1).waits
    high = cases.tried(answer, error, chance=lambda: 0.9).waits
    expect(
        all(one != other for one, other in zip(low, high, strict=False)),
        "no-random-part",
        sent="A function that waits the same for everyone.",
        back=f"With `rand()` at 0.1 and at 0.9, the first wait was {low[0]:g} s both times.",
        why="Clients that failed together come back together, and fail together.",
        step="Multiply the wait by something with `rand()` in it.",
    )
    asked = cases.error_for(cases.status(429), {"retry-after": "7"})
    did = cases.tried(answer, asked, times=1)
    expect(
        not isinstance(did.outcome.error, TypeError),
        "header-not-a-number",
        sent="A function that takes a header for a number.",
        back=f"With `retry-after: 7`: {type(did.outcome.error).__name__}: {did.outcome.error}",
        why="Headers are text. `'7'` is no number yet.",
        step="Turn it into one: `float(...)`.",
    )
    expect(
        did.waits and 7 <= did.waits[0] <= 14,
        "retry-after-ignored",
        sent="A function that does not read `retry-after`.",
        back=f"With `retry-after: 7` it waited {did.waits[0] if did.waits else 0:g} s.",
        why="Before that moment, the answer is 429 again. The server knows it, so it says so.",
        step="Look at `error.response.headers.get('retry-after')` first.",
    )


def _ended(did: cases.Tried) -> str:
    error = did.outcome.error
    return f"{type(error).__name__}: {error}" if error else f"`{did.outcome.value!r}`"


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
    _expect_function(answer, "outcome")
    for reason, wanted in cases.ENDINGS.items():
        did = outcome_of(answer, cases.reply_ending(reason))
        name = f"With `stop_reason` {reason!r}"
        back = f"{name}: expected {wanted!r}, got {did.value!r}."
        raised = f"{name}: {type(did.error).__name__}: {did.error}"
        expect(
            not did.error or wanted != "unknown",
            "crash-on-new",
            sent="A function that expects to know every stop reason.",
            back=raised,
            why="New reasons may come without a new version of the API.",
            step="Give back `'unknown'` for what is in no line of the table.",
        )
        expect(
            did.error is None,
            "function-raised",
            sent="A function that stopped with an error.",
            back=raised,
            why="A refusal has no content, and a cut stream no reason. Both are replies.",
            step="Read `reply.stop_reason`, and nothing else.",
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
            step="Compare with the table, line by line.",
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


def _expect_function(answer: Any, name: str) -> None:
    expect(
        callable(answer),
        "not-a-function",
        sent=f"{kind(answer).capitalize()}.",
        back="Nothing was called.",
        why="The check calls your function with cases of its own.",
        step=f"Hand in the function without brackets: `check({name})`.",
    )
