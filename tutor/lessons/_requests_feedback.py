"""What a check of lesson 01 says about a function that reads replies."""

from __future__ import annotations

from tutor.practice import expect
from tutor.practice.needs import need_no_error, raised


def expect_no_error(error: Exception | None, case: str, content: list[dict[str, str]], every_block: bool) -> None:
    """`every_block`: the function raises also when the text comes first."""
    what = raised(error, case)
    expect(
        not (isinstance(error, AttributeError) and isinstance(error.obj, dict)),
        "attributes-on-json",
        sent="A function that reads attributes, such as `reply.content`.",
        back=what,
        why="JSON arrives in Python as dictionaries and lists. They are read with brackets.",
        step='Write `reply["content"]` and `block["text"]`.',
    )
    expect(
        error is None or content,
        "crash-on-empty",
        sent="A function that needs at least one block.",
        back=what,
        why="A refusal can come without any block. Then there is no first one.",
        step='Go through the list with `for`. `"".join` of nothing is `""`.',
    )
    lookup = isinstance(error, IndexError) or (isinstance(error, KeyError) and error.args == ("text",))
    expect(
        not (lookup and every_block),
        "every-block-assumed",
        sent="A function that reads `text` from every block.",
        back=what,
        why="Only blocks of the type `text` have that field.",
        step="Look at the `type` of a block before you read its `text`.",
    )
    expect(
        not lookup,
        "first-block-assumed",
        sent="A function that takes its text from a fixed place.",
        back=what,
        why="The first block may be `thinking`. It has no field `text`.",
        step='Keep only blocks with `block["type"] == "text"`.',
    )
    need_no_error(
        error,
        case,
        why="A reply that is valid for the API must not stop your program.",
        step="Read the error above: it names what was not there. Compare the names with `response.json()`.",
    )


def expect_text(got: str, wanted: str, case: str, content: list[dict[str, str]]) -> None:
    """The text that a function returned, against the text blocks of its case."""
    back = f"{case}: expected `{wanted!r}`, got `{got!r}`."
    thoughts = [block["thinking"] for block in content if "thinking" in block]
    expect(
        not any(thought in got for thought in thoughts),
        "thinking-joined-in",
        sent="A function that joins every block.",
        back=back,
        why="Thinking is not part of the answer. A reader would see it on the page.",
        step='Keep only blocks with `block["type"] == "text"`.',
    )
    texts = [block["text"] for block in content if "text" in block]
    expect(
        got == wanted or len(texts) < 2 or got not in texts,
        "one-block-only",
        sent="A function that returns one text block.",
        back=back,
        why="An answer can come in several text blocks. The rest would be lost.",
        step="Join all of them, in their order.",
    )
    expect(
        got == wanted or "".join(got.split()) != "".join(wanted.split()),
        "joined-with-something",
        sent="A function that puts something between the blocks, or takes something away.",
        back=back,
        why="The blocks already hold their blanks and line ends.",
        step='Join with nothing between, and do not strip: `"".join(...)`.',
    )
    expect(
        got == wanted,
        "other-text",
        sent="A function that returns another text.",
        back=back,
        why="The text blocks, joined, are the answer. Nothing is added.",
        step='Begin with `"".join(...)` over the text blocks.',
    )
