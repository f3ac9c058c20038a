"""Lesson 04: a reply shown while it is written, put together from its events, and watched to its end."""

from __future__ import annotations

from typing import Any

from tutor.journal import Exchange, Journal
from tutor.lessons import _streaming_cases as cases
from tutor.practice import exercise, expect
from tutor.practice.evidence import kind, outcome_of

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


def time_line(streamed: Exchange, whole: Exchange) -> tuple[list[tuple[float, int]], float, str]:
    """What `plots.arrivals` draws: seconds and characters so far, when the unstreamed reply was there, and a note.

    A written reply has the pace that its author gave it, which a clock would only blur; any other was measured.
    """
    texts = [(at, event["delta"]["text"]) for at, event in streamed.events if _has_text(event)]
    landed, note = whole.ended - whole.started, f"{streamed.source}, measured"
    if streamed.source == whole.source == "written":
        pace = cases.written_pace(streamed.reply_headers.get("tutor-recording", ""))
        if len(pace) >= len(texts):
            texts = [(at, text) for at, (_, text) in zip(pace, texts, strict=False)]
            landed, note = pace[-1], "pace written by us"
    line, characters = [], 0
    for at, text in texts:
        characters += len(text)
        line.append((at, characters))
    return line, landed, note


def _has_text(event: dict[str, Any]) -> bool:
    return bool(event["type"] == "content_block_delta" and event["delta"]["type"] == "text_delta")


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
    _expect_function(answer, "typewriter")
    for number, (name, pieces) in enumerate(cases.PIECES, 1):
        did = cases.typed(answer, pieces)
        case, outcome = f"Case {number} of {len(cases.PIECES)}, “{name}”", did.outcome
        expect(
            outcome.error is None,
            "function-raised",
            sent="A function that stopped with an error.",
            back=f"{case}: {type(outcome.error).__name__}: {outcome.error}",
            why="Pieces come once, one by one. They have no length and no places, and there may be none.",
            step='Begin with `text = ""`, then `for piece in pieces:`.',
        )
        _expect_every_piece(did, pieces, case)
        _expect_on_screen(did, case)
        _expect_returned(did, case)


def _expect_every_piece(did: cases.Typed, pieces: tuple[str, ...], case: str) -> None:
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


def _expect_on_screen(did: cases.Typed, case: str) -> None:
    printed, whole = did.outcome.printed, did.whole
    back = f"{case}: on the screen `{printed!r}`, expected `{whole!r}`."
    expect(
        not did.late,
        "shown-late",
        sent="A function that collects first and prints later.",
        back=f"{case}: a piece was not on the screen yet when the next one was asked for.",
        why="The reader waits as long as without streaming.",
        step="Print each piece inside the loop, before the next one is asked for.",
    )
    expect(
        printed.rstrip("\n") == whole.rstrip("\n") or printed.replace("\n", "") != whole.replace("\n", ""),
        "newline-after-each",
        sent="A function that starts a new line after each piece.",
        back=back,
        why="Pieces end anywhere, often inside a sentence. Their line ends are inside them.",
        step='Tell `print` to add nothing: `end=""`.',
    )
    expect(
        printed.rstrip("\n") == whole.rstrip("\n"),
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


def _expect_returned(did: cases.Typed, case: str) -> None:
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
    _expect_function(answer, "assemble")
    for number, case in enumerate(cases.CASES, 1):
        name = f"Case {number} of {len(cases.CASES)}, “{case.name}”"
        outcome = outcome_of(answer, [dict(event) for event in case.events])
        _expect_no_crash(outcome.error, case, name)
        got = outcome.value
        expect(
            isinstance(got, (tuple, list)) and len(got) == 3,
            "not-three-values",
            sent=f"A function that returns {kind(got)}.",
            back=f"{name}: expected text, stop reason and output tokens.",
            why="Text alone does not say why the reply ended, nor what it costs.",
            step="End with `return text, stop_reason, output_tokens`.",
        )
        _expect_text(got[0], case, name)
        expect(
            got[1] == case.stop_reason,
            "stop-reason-lost",
            sent="A function that misses the stop reason.",
            back=f"{name}: expected `{case.stop_reason!r}`, got `{got[1]!r}`.",
            why="`message_start` cannot know it yet, and an early `message_delta` may not either.",
            step="Read `event['delta']['stop_reason']` in each `message_delta`; the last one counts.",
        )
        _expect_count(got[2], case, name)


def _expect_no_crash(error: Exception | None, case: cases.Events, name: str) -> None:
    back = f"{name}: {type(error).__name__}: {error}"
    expect(
        not isinstance(error, AttributeError),
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
    expect(
        error is None,
        "function-raised",
        sent="A function that stopped with an error.",
        back=back,
        why="Each type of event has fields of its own. A field of one is missing in the next.",
        step='Ask for `event["type"]` before you read anything else.',
    )


def _expect_text(text: Any, case: cases.Events, name: str) -> None:
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


def _expect_count(count: Any, case: cases.Events, name: str) -> None:
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
    _expect_function(answer, "survive")
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
            back=f"{case}: {type(did.outcome.error).__name__}: {did.outcome.error}",
            why="The reader has half a text on the screen. The program must go on from there.",
            step="Put `try` around the loop, and `except anthropic.APIError` below it.",
        )
        expect(
            did.outcome.error is None,
            "function-raised",
            sent="A function that stopped with an error.",
            back=f"{case}: {type(did.outcome.error).__name__}: {did.outcome.error}",
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
        _expect_text_kept(did, case)
    whole, cut, failed = results
    _expect_honest(whole.complete, cut.complete, failed.complete)


def _expect_text_kept(did: cases.Survived, case: str) -> None:
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


def _expect_honest(whole: bool, cut: bool, failed: bool) -> None:
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


def _expect_function(answer: Any, name: str) -> None:
    expect(
        callable(answer),
        "not-a-function",
        sent=f"{kind(answer).capitalize()}.",
        back="Nothing was called.",
        why="The check calls your function with cases of its own.",
        step=f"Hand in the function without brackets: `check({name})`.",
    )
