"""The look: what is shown stays text when styles, drawings or trust are missing."""

from __future__ import annotations

import re

import pytest

from tutor import look


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Write `2`.", "Write <code>2</code>."),
        ("`a` and `b`", "<code>a</code> and <code>b</code>"),
        ("one ` alone", "one ` alone"),
        ("`<b>` & co", "<code>&lt;b&gt;</code> &amp; co"),
        ("", ""),
    ],
)
def test_words_between_backquotes_become_code_and_nothing_becomes_markup(text: str, html: str) -> None:
    assert look.rich(text) == html


def test_every_mark_has_a_character_and_a_drawing() -> None:
    css = look.style()
    for name in ("open", "half", "done", "cant", "error", "page", "live", "rec", "hint", "flag", "code"):
        assert look.sign(name) in look.mark(name)
        assert f".m-{name} " in css


def test_the_stylesheet_is_closed_and_fetches_nothing() -> None:
    css = look.style()
    assert css.count("{") == css.count("}")
    assert "@import" not in css
    assert all(address.startswith('"data:') for address in re.findall(r"url\(([^)]*)", css))
