"""What checks of several lessons ask for."""

from __future__ import annotations

import linecache
import traceback

from tutor.practice.needs import raised

CELL = "def first(reply):\n    return reply[0]\n"


def error_of(source: str, name: str) -> Exception:
    """What calling `first([])` raises, defined in a cell of that name."""
    names: dict[str, object] = {}
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec"), names)
    try:
        names["first"]([])  # type: ignore[operator]
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def test_an_error_is_quoted_with_the_learners_line() -> None:
    told = raised(error_of(CELL, "<cell 3>"), "Case 2, “empty”")
    assert told == "Case 2, “empty”: IndexError: list index out of range (line 2: `return reply[0]`)"


def test_of_the_way_through_a_library_only_the_learners_line_is_told() -> None:
    source = "import json\n\ndef first(reply):\n    return json.loads('{')\n"
    error = error_of(source, "<cell 4>")
    assert traceback.extract_tb(error.__traceback__)[-1].name == "raw_decode"
    assert raised(error, "Case 1").endswith("(line 4: `return json.loads('{')`)")


def test_an_error_that_was_never_raised_has_no_line() -> None:
    assert raised(ValueError("no"), "Case 1") == "Case 1: ValueError: no"


def test_a_line_that_cannot_be_quoted_is_named_by_its_number() -> None:
    with_marks = "def first(reply):\n    return reply[0]  # the `first`\n"
    assert raised(error_of(with_marks, "<cell 5>"), "Case 1").endswith("out of range (line 2)")
    forgotten = error_of(CELL, "<cell 6>")
    del linecache.cache["<cell 6>"]
    assert raised(forgotten, "Case 1").endswith("out of range (line 2)")
