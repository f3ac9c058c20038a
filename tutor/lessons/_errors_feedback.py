"""What the checks of lesson 05 say about what a function did with a call that fails."""

from __future__ import annotations

from typing import Any

from tutor.lessons import _errors_cases as cases
from tutor.practice import expect
from tutor.practice.evidence import kind
from tutor.practice.needs import need_no_error, raised


def need_no_own_mistake(error: Exception | None, case: str) -> None:
    """No error but the one that the call raised."""
    need_no_error(
        cases.own_mistake(error),
        case,
        why="The API did not say this. The error comes from the function itself.",
        step="Look for the name that the error quotes, and compare its spelling.",
    )


def expect_no_second_error(error: Exception | None, failure: cases.Failure, name: str) -> None:
    """No error out of a function that is to explain one."""
    back = raised(error, name)
    expect(
        not (failure.status is None and isinstance(error, AttributeError)),
        "status-of-connection",
        sent="A function that reads a status from every error.",
        back=back,
        why="No reply came, so there is no status. Reading one is a second error.",
        step="Catch `anthropic.APIConnectionError` by its class.",
    )
    need_no_own_mistake(error, name)
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
        back=back,
        why="The person at the screen would read a traceback instead of advice.",
        step="Go through the table again: each class of it needs its `except`.",
    )


def expect_constant(value: Any, failure: cases.Failure, name: str) -> None:
    """The constant that stands beside the class in the table."""
    back = f"{name}: expected {failure.wanted!r}, got {value!r}."
    expect(
        value in cases.CONSTANTS,
        "not-a-constant",
        sent=f"A function that returns {kind(value)}.",
        back=back,
        why="The next part of a program decides by it. Free words cannot be compared.",
        step="Return one of the six names of the cell above, without quotes around it.",
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


def expect_no_hopeless_try(answer: Any) -> None:
    """One try where a second one cannot help."""
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
        need_no_own_mistake(did.outcome.error, f"With status {code}")
        expect_let_out(did, f"With status {code}")
    bug = cases.tried(answer, cases.BUG)
    expect(
        bug.calls == 1 and isinstance(bug.outcome.error, KeyError),
        "bug-retried",
        sent="A function that retries every exception.",
        back=f"With a `KeyError` inside the call: called {bug.calls} times, then {ended(bug)}.",
        why="This is a mistake in the program. No wait mends it.",
        step="Catch classes of `anthropic`, not `Exception`.",
    )


def expect_hopeful_tries(answer: Any) -> None:
    """Four tries where the failure may pass, with waits between them."""
    for code in (529, 500, 429, None):
        name = f"With status {code}" if code else "With a lost connection"
        did = cases.tried(answer, cases.error_for(cases.status(code)))
        expect(
            code or not isinstance(did.outcome.error, AttributeError),
            "response-of-connection",
            sent="A function that asks every error for its `response`.",
            back=raised(did.outcome.error, name),
            why="Where no reply came there are no headers, and so no `retry-after`.",
            step="Read the header only from an `anthropic.APIStatusError`.",
        )
        need_no_own_mistake(did.outcome.error, name)
        expect(
            did.calls > 1,
            "not-retried",
            sent="A function that gives up after the first try.",
            back=f"{name}: sent once, then {ended(did)}.",
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
        expect_let_out(did, name)
    once = cases.tried(answer, cases.error_for(cases.status(529)), times=1)
    expect(
        once.outcome.value == cases.REPLY and once.calls == 2,
        "late-reply-lost",
        sent="A function that loses the reply of a later try.",
        back=f"A 529, then a reply: called {once.calls} times, then {ended(once)}.",
        why="The second try brought what was wanted.",
        step="Make each try with the same line: `return call()`, inside the loop.",
    )


def expect_let_out(did: cases.Tried, name: str) -> None:
    """The last error, out in the open."""
    expect(
        did.outcome.error is not None or did.endless,
        "error-swallowed",
        sent="A function that keeps the last error to itself.",
        back=f"{name}: no error came out; returned `{did.outcome.value!r}`.",
        why="The caller takes `None` for a reply, and fails later, far from the cause.",
        step="Let the error out with `raise`.",
    )


def expect_waits(answer: Any) -> None:
    """Waits that grow, differ between clients, and keep to `retry-after`."""
    error = cases.error_for(cases.status(529))
    waits = cases.tried(answer, error).waits
    expect(
        len(waits) == len(set(waits)) and waits == sorted(waits),
        "same-wait",
        sent="A function whose waits do not grow.",
        back=f"With `rand()` always 0.5, the waits were {seconds(waits)}.",
        why="If the service is still busy after a short wait, it needs a longer one.",
        step="Double it each time: `0.5 * 2**retry`.",
    )
    low = cases.tried(answer, error, chance=lambda: 0.1).waits
    high = cases.tried(answer, error, chance=lambda: 0.9).waits
    expect(
        all(one != other for one, other in zip(low, high, strict=False)),
        "no-random-part",
        sent="A function that waits the same for everyone.",
        back=f"With `rand()` at 0.1 and at 0.9, the waits were {seconds(low)} and {seconds(high)}.",
        why="Clients that failed together come back together, and fail together.",
        step="Multiply the wait by something with `rand()` in it.",
    )
    asked = cases.error_for(cases.status(429), {"retry-after": "7"})
    did = cases.tried(answer, asked, times=1)
    expect(
        not isinstance(did.outcome.error, TypeError),
        "header-not-a-number",
        sent="A function that takes a header for a number.",
        back=raised(did.outcome.error, "With `retry-after: 7`"),
        why="Headers are text. `'7'` is no number yet.",
        step="Turn it into one: `float(...)`.",
    )
    expect(
        did.waits and 7 <= did.waits[0] <= 14,
        "retry-after-ignored",
        sent="A function that does not read `retry-after`.",
        back=f"With `retry-after: 7` the waits were {seconds(did.waits)}.",
        why="Before that moment, the answer is 429 again. The server knows it, so it says so.",
        step="Look at `error.response.headers.get('retry-after')` first.",
    )


def seconds(waits: list[float]) -> str:
    """Waits in words: "0.5, 1, 2 s"."""
    return f"{', '.join(f'{wait:g}' for wait in waits)} s" if waits else "none"


def ended(did: cases.Tried) -> str:
    """How a call ended: the error, or what was returned."""
    error = did.outcome.error
    return f"{type(error).__name__}: {error}" if error else f"`{did.outcome.value!r}`"
