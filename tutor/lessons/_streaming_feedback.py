"""What the checks of lesson 04 say about what a function did with a stream."""

from __future__ import annotations

from typing import Any

from tutor.lessons import _streaming_cases as cases
from tutor.practice import expect
from tutor.practice.evidence import kind
from tutor.practice.needs import need_no_error, raised


def expect_every_piece(did: cases.Typed, pieces: tuple[str, ...], case: str) -> None:
    """No piece left behind."""
    printed, value = did.outcome.printed, did.outcome.value
    expect(
        did.taken == len(pieces),
        "ended-early",
        sent="A function that ends before the pieces do.",
        back=f"{case}: {len(pieces)} pieces were there, {did.taken} taken.",
        why="`return` ends the function, also in the middle of a loop.",
        step="Move `return` out of the loop: below it, under the word `for`.",
    )
    most = "".join(pieces[:-1])
    expect(
        not most or (printed != most and value != most),
        "last-piece-lost",
        sent="A function that leaves out the last piece.",
        back=f"{case}: on the screen `{printed!r}`, returned `{value!r}`.",
        why="No sign says which piece is the last. Each one counts as it comes.",
        step="Print and add each piece in the same turn of the loop.",
    )


def expect_on_screen(did: cases.Typed, case: str) -> None:
    """The pieces on the screen, each in time, and nothing else."""
    printed, whole = did.outcome.printed, did.whole
    back = f"{case}: on the screen `{printed!r}`, expected `{whole!r}`."
    exact = printed.rstrip("\n") == whole  # a line end after the last piece is welcome
    expect(
        not did.late,
        "shown-late",
        sent="A function that collects first and prints later.",
        back=f"{case}: a piece was not on the screen yet when the next one was asked for.",
        why="The reader waits as long as without streaming.",
        step="Print each piece inside the loop, before the next one is asked for.",
    )
    expect(
        exact or printed.replace("\n", "") != whole.replace("\n", ""),
        "newline-after-each",
        sent="A function that starts a new line after each piece.",
        back=back,
        why="Pieces end anywhere, often inside a sentence. Their line ends are inside them.",
        step='Tell `print` to add nothing: `end=""`.',
    )
    expect(
        exact,
        "other-printed",
        sent="A function that prints something else than the pieces.",
        back=back,
        why="The blanks are inside the pieces. Anything added or taken away spoils the text.",
        step='Print the piece as it is, with `end=""`.',
    )
    expect(
        not did.unflushed,
        "not-flushed",
        sent="A function that prints each piece, and does not flush.",
        back=f"{case}: printed, and still waiting in Python's own store.",
        why="A terminal then shows nothing until a line ends. A notebook hides this.",
        step="Add `flush=True` to `print`.",
    )


def expect_returned(did: cases.Typed, case: str) -> None:
    """The whole text given back."""
    value, back = did.outcome.value, f"{case}: expected `{did.whole!r}`, got `{did.outcome.value!r}`."
    expect(
        value is not None,
        "nothing-returned",
        sent="A function that prints and returns nothing.",
        back=back,
        why="The next turn of the conversation needs the text. What is only printed is gone.",
        step="Collect the pieces while you print them, and end with `return`.",
    )
    expect(
        value != "" or not did.whole,
        "second-loop-empty",
        sent="A function that goes through the pieces twice.",
        back=back,
        why="A stream comes once. A second loop finds nothing.",
        step="Add each piece to `text` in the same loop that prints it.",
    )
    expect(
        value == did.whole,
        "other-returned",
        sent=f"A function that returns {kind(value)}."
        if not isinstance(value, str)
        else "A function with another text.",
        back=back,
        why="The pieces, joined with nothing between them, are the reply.",
        step='Begin with `text = ""` and use `text += piece`.',
    )


def expect_no_crash(error: Exception | None, case: cases.Events, name: str) -> None:
    """No error at an event that the function does not know."""
    back = raised(error, name)
    expect(
        not (isinstance(error, AttributeError) and isinstance(error.obj, dict)),
        "attributes-on-json",
        sent="A function that reads attributes, such as `event.type`.",
        back=back,
        why="The events here are JSON. In Python these are dictionaries, read with brackets.",
        step='Write `event["type"]`.',
    )
    expect(
        error is None or not case.tolerant,
        "crash-on-unknown",
        sent="A function that expects to know every event.",
        back=back,
        why="A `ping` may come at any place, and new types of events may come tomorrow.",
        step="Act on the types you know. Leave the others without a word.",
    )
    expect(
        not (isinstance(error, KeyError) and error.args == ("text",)),
        "every-delta-has-text",
        sent="A function that reads `text` from every delta.",
        back=back,
        why="Thinking, signatures and `message_delta` bring a delta too, without `text`.",
        step='Ask first: `event["delta"]["type"] == "text_delta"`.',
    )
    need_no_error(
        error,
        name,
        why="Each type of event has fields of its own. A field of one is missing in the next.",
        step='Ask for `event["type"]` before you read anything else.',
    )


def expect_text(text: Any, case: cases.Events, name: str) -> None:
    """The text deltas of a stream, and no other ones."""
    back = f"{name}: expected `{case.text!r}`, got `{text!r}`."
    thought = case.joined("thinking")
    expect(
        not (thought and thought in str(text)),
        "thinking-added",
        sent="A function that adds thinking to the text.",
        back=back,
        why="Thinking is not part of the answer. A reader would see it on the page.",
        step="Keep deltas of the type `text_delta` only.",
    )
    expect(
        text == case.text or text != case.joined(index=0),
        "index-zero-only",
        sent="A function that reads the block with index 0 only.",
        back=back,
        why="Block 0 may be thinking, and an answer may have several text blocks.",
        step="Choose by the type of the delta, not by `index`.",
    )
    expect(
        text != case.last_piece,
        "last-piece-only",
        sent="A function that keeps the last piece only.",
        back=back,
        why="A delta is what is new. It does not repeat what came before.",
        step="Add to the text: `text += ...`.",
    )
    expect(
        text == case.text,
        "other-text",
        sent="A function that puts together another text.",
        back=back,
        why="The text deltas, in their order and with nothing between, are the reply.",
        step='Begin with `text = ""` and add each piece as it is, without `strip`.',
    )


def expect_count(count: Any, case: cases.Events, name: str) -> None:
    """The output tokens of the last `message_delta`."""
    back = f"{name}: expected {case.output_tokens}, got `{count!r}`."
    expect(
        count not in (sum(case.counts), sum(case.counts) + case.first_count) or count == case.output_tokens,
        "usage-added-up",
        sent="A function that adds the counts.",
        back=back,
        why="Each count is the total so far. Added up, you would pay twice.",
        step="Replace the old number by the new one.",
    )
    expect(
        count != case.first_count,
        "usage-from-start",
        sent="A function that takes the count of `message_start`.",
        back=back,
        why="At the start almost nothing is written yet, so almost nothing is counted.",
        step="Take `event['usage']['output_tokens']` of `message_delta`.",
    )
    expect(
        count == case.output_tokens,
        "other-count",
        sent="A function with another number of tokens.",
        back=back,
        why="The last `message_delta` says how many output tokens you pay for.",
        step="Take its number as it is. Do not count events or letters.",
    )


def expect_text_kept(did: cases.Survived, case: str) -> None:
    """The text that came before a stream ended, however it ended."""
    wanted = cases.TEXTS[did.name]
    back = f"{case}: expected `{wanted!r}`, got `{did.text!r}`."
    expect(
        did.name == cases.WHOLE or did.text == wanted or not wanted.startswith(str(did.text or "")),
        "text-lost",
        sent="A function that gives up the text when the stream breaks.",
        back=back,
        why="The reader has seen these words already, and they can help to go on.",
        step="Collect the text piece by piece, in a variable that `except` does not touch.",
    )
    expect(
        did.text == wanted,
        "other-text",
        sent="A function that returns another text.",
        back=back,
        why="The pieces that came, joined with nothing between, are the text.",
        step="Use `text += piece` in a loop over `stream.text_stream`.",
    )


def expect_honest(whole: bool, cut: bool, failed: bool) -> None:
    """What was called complete: the whole stream, and neither of the others."""
    expect(
        not failed,
        "always-complete",
        sent="A function that calls a failed stream complete.",
        back=f"Whole: `{whole}`. Cut: `{cut}`. Failed: `{failed}`.",
        why="Nobody can tell half an answer from a short one later.",
        step="Set `complete = False` where the error is caught.",
    )
    expect(
        not cut,
        "cut-not-noticed",
        sent="A function that takes a cut stream for a whole one.",
        back=f"Whole: `{whole}`. Cut: `{cut}`. Failed: `{failed}`.",
        why="A cut raises nothing here. The loop ends as if all had come.",
        step="Look at `stop_reason` of the message: it is `None` when the end never came.",
    )
    expect(
        whole,
        "never-complete",
        sent="A function that calls a whole stream incomplete.",
        back=f"Whole: `{whole}`. Cut: `{cut}`. Failed: `{failed}`.",
        why="The reader would be told to ask again, without need.",
        step="A stream is whole when its message has a `stop_reason`.",
    )
