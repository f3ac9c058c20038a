"""What the checks of lesson 03 say about what a function returned, or about the request it made."""

from __future__ import annotations

from typing import Any

from tutor import models
from tutor.api.client import API_VERSION
from tutor.api.messages import Block
from tutor.lessons import _parameters_cases as cases
from tutor.practice import expect
from tutor.practice.evidence import Outcome, kind
from tutor.practice.needs import need_no_error, raised


def need_readable(outcome: Outcome, case: str, name: str) -> None:
    """No error on the way to the text of a reply."""
    error = outcome.error
    no_text = isinstance(error, AttributeError) and error.name == "text" and isinstance(error.obj, Block)
    expect(
        not (no_text or isinstance(error, IndexError)),
        "first-block-assumed",
        sent="A function that takes its text from a fixed place.",
        back=raised(error, case),
        why="The first block may be `thinking`, and a reply may have no block at all.",
        step="Use `text_of(reply)` instead.",
    )
    need_no_error(
        error,
        case,
        why="A program should not end at a reply that is valid.",
        step=f"Read the last line of the error, then call `{name}` yourself in a new cell.",
    )


def expect_calls(got: Any, used: list[Any], case: cases.Asked, name: str) -> None:
    """The calls that `ask_in_full` made, and what it says about them; `used` holds the ceilings."""
    expect(
        used,
        "call-not-used",
        sent="A function that does not use `call`.",
        back=f"{name}: `call` was never called.",
        why="The check hands in its own `call`, so that it costs nothing and brings any reply.",
        step="Begin with `reply = call(ceiling)`.",
    )
    pair = isinstance(got, (tuple, list)) and len(got) == 2
    expect(
        pair and isinstance(got[0], str) and isinstance(got[1], bool),
        "not-a-pair",
        sent=f"A function that returns {kind(got)}.",
        back=f"{name}: expected a text and `True` or `False`.",
        why="A text alone does not tell a program whether it is whole.",
        step="End with `return text, whole`.",
    )
    wanted = [cases.CEILING, 4 * cases.CEILING]
    expect(
        used == wanted[: len(used)],
        "ceiling-not-four-times",
        sent=f"The ceilings {', '.join(map(str, used))}.",
        back=f"{name}: expected {wanted[0]}" + (f", then {wanted[1]}." if len(used) > 1 else "."),
        why="The first ceiling is given. A second one that is too low as well cuts again.",
        step="Call with `ceiling` first, then with `4 * ceiling`.",
    )
    expect(
        len(used) <= len(case.replies),
        "asked-twice",
        sent="Two calls, although the first reply was whole.",
        back=f"{name}: the first `stop_reason` was `end_turn`.",
        why="The second call costs as much as the first, and brings nothing new.",
        step='Ask again only `if reply.stop_reason == "max_tokens"`.',
    )
    text, whole = got
    missing = len(used) < len(case.replies)
    expect(
        text or whole is False or not (missing or not case.whole),
        "empty-taken-for-whole",
        sent="An empty text, returned as whole.",
        back=f"{name}: the `stop_reason` was `max_tokens`, and the only block was `thinking`.",
        why="Thinking used up the ceiling before a word of the answer was written.",
        step="Let `stop_reason` decide, not the text.",
    )
    expect(
        not (missing and whole),
        "stop-reason-unread",
        sent="One call, and its text returned as whole.",
        back=f"{name}: the `stop_reason` was `max_tokens`.",
        why="A cut has status 200 and may even end with a full stop. Only `stop_reason` tells.",
        step='Compare `reply.stop_reason` with `"max_tokens"`.',
    )
    expect(
        not missing,
        "second-call-missing",
        sent="One call, and its text returned as cut.",
        back=f"{name}: the `stop_reason` was `max_tokens`.",
        why="The cut was noticed. A second call with more room could have brought the whole text.",
        step="Call once more, with `4 * ceiling`.",
    )


def expect_answer(got: tuple[str, bool], case: cases.Asked, name: str) -> None:
    """The text and the flag that `ask_in_full` returned."""
    text, whole = got
    first, wanted = case.texts[0], case.texts[-1]
    back = f"{name}: expected `{wanted!r}`, got `{text!r}`."
    together = "".join(case.texts).split()
    expect(
        first in ("", wanted) or "".join(text.split()) != "".join(together),
        "glued",
        sent="A function that adds the second text to the first.",
        back=back,
        why="The second call does not go on from the first. It begins again, so the text doubles.",
        step="Keep the second text alone.",
    )
    expect(
        text == wanted or text != first,
        "first-text-returned",
        sent="A function that calls twice and returns the first text.",
        back=back,
        why="The second call was paid for, and its reply was thrown away.",
        step="Put the second reply into the same variable: `reply = call(4 * ceiling)`.",
    )
    expect(
        text == wanted,
        "other-text",
        sent="A function that returns another text.",
        back=back,
        why="What the model wrote is the answer, blanks included.",
        step="Return `text_of(reply)` as it is.",
    )
    expect(
        case.whole or not whole,
        "second-cut-unread",
        sent="`True` after a second cut.",
        back=f"{name}: the second `stop_reason` was `max_tokens` too.",
        why="Four times the room can still be too little.",
        step="Read `stop_reason` of the reply that you return.",
    )
    expect(
        whole or not case.whole,
        "flag-reversed",
        sent="`False` for a reply that is whole.",
        back=f"{name}: the last `stop_reason` was `end_turn`.",
        why="The caller would throw a good answer away.",
        step='Return `reply.stop_reason != "max_tokens"` as the second value.',
    )


def expect_marked(got: Any, text: str, ended: str, met: bool, name: str) -> None:
    """The text that `marker` returned; `met`: the marker was END."""
    expect(
        isinstance(got, str),
        "not-a-string",
        sent=f"A function that returns {kind(got)}.",
        back=f"{name}: expected a string.",
        why="The text goes on to a reader or a file. Printed text does not.",
        step="End the function with `return`, and a string after it.",
    )
    wanted = f"{text}END" if met else text
    back = f"{name}: expected `{wanted!r}`, got `{got!r}`."
    added = got != text and "".join(got.split()) == "".join(f"{text}END".split())
    expect(
        not (added and ended == "end_turn"),
        "always-appended",
        sent="A function that adds END to a reply without a marker.",
        back=back,
        why="The reader can no longer tell where the marker was met and where not.",
        step="Ask `reply.stop_sequence` first.",
    )
    expect(
        not (added and ended == "max_tokens"),
        "stop-reason-unread",
        sent="A function that adds END to a reply that was cut.",
        back=back,
        why="The text broke off at the ceiling. With END it looks finished.",
        step="Decide by `reply.stop_sequence`, not by the look of the text.",
    )
    expect(
        met or not added,
        "other-marker-taken-for-end",
        sent="A function that adds END after every stop string.",
        back=back,
        why="A request can have several stop strings. `stop_reason` is the same for all of them.",
        step='Compare `reply.stop_sequence` with `"END"`.',
    )
    expect(
        got != f"{text}STOP",
        "other-marker-appended",
        sent="A function that adds whichever string was met.",
        back=back,
        why="STOP means that something else happened. Only END marks a finished text here.",
        step='Add `"END"`, and only if it was the one that was met.',
    )
    expect(
        not met or got != text,
        "never-appended",
        sent="A function that returns the text without END.",
        back=back,
        why="The stop string is never part of the text, so looking for it there finds nothing.",
        step="Look at `reply.stop_sequence`.",
    )
    expect(
        got == wanted or not added,
        "something-between",
        sent="A function that puts something before END, or takes something away.",
        back=back,
        why="With END added as it is, the text is again what the model wrote.",
        step='Write `text + "END"`, without a blank, and do not strip.',
    )
    expect(
        got == wanted,
        "other-text",
        sent="A function that returns another text.",
        back=back,
        why="Apart from the marker, nothing is added and nothing is lost.",
        step="Begin with `text_of(reply)`.",
    )


def expect_accepted(
    client: cases.OfflineClient, outcome: Outcome, tried: dict[str, Any], model: str, sampled: list[str]
) -> None:
    """A request that today's rules accept, without detours."""
    error = client.failed[-1] if client.failed else None
    back = f"{type(error).__name__}: {error}"
    expect(
        client.versions <= {API_VERSION},
        "old-version-header",
        sent="The header `anthropic-version: 2023-06-01`.",
        back="The rules of 2023, for this one request.",
        why="It postpones the work. Under the old version too, current models refuse every `temperature` but 1.",
        step="Leave the header out, and the sampling parameters with it.",
    )
    expect(
        error is None or outcome.error is not None,
        "error-ignored",
        sent="A function that catches the error and goes on.",
        back=back,
        why="The request is still wrong. Each time it costs a failed call, and hides the next fault as well.",
        step="Take the `try` away, and repair what the error names.",
    )
    expect(
        not sampled or tried.get("temperature") != 1,
        "temperature-kept",
        sent="`temperature=1`, which was the default.",
        back=back,
        why="The parameter itself is gone, so its old default is refused as well.",
        step="Remove the line. Without it the replies are as they were at 1.",
    )
    expect(
        not sampled,
        "only-the-id-changed",
        sent=f"The model `{model}`, and still `{sampled[0] if sampled else ''}`.",
        back=back,
        why="Two things changed since 2025: the models, and the parameters they take.",
        step=f"Remove `{sampled[0] if sampled else ''}`.",
    )
    expect(
        "not_found_error" not in str(error),
        "model-not-served",
        sent=f"The model `{model}`.",
        back=back,
        why="Models retire. An old id is answered with 404, and so is a misspelt one.",
        step=f'Write `model="{models.DEFAULT}"`.',
    )
    expect(
        error is None,
        "refused",
        sent="A request without sampling, for a current model.",
        back=back,
        why="The message names the field and what is wrong with it.",
        step="Repair what the message names.",
    )
