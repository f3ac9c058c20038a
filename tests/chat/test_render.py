"""A reply is text from outside: whatever it holds, what comes out stays inside the allow-list and loses no words."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tutor.chat import render
from tutor.chat.render import Blocks, code, markdown, visible

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><circle/></svg>",
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "<style>*{display:none}</style>",
    '<form action="https://e.v"><input name=key><button>Send</button></form>',
    "[x](javascript:alert(1)) [y](JaVaScRiPt:alert(1)) [z](data:text/html;base64,AAAA)",
    "![pixel](https://e.v/p.png)",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](https://e.v 'onmouseover=alert(1)')",
    "<https://e.v/\"onclick='x'>",
    "```html\n</code></pre><script>alert(1)</script>\n```",
    "`</code><script>alert(1)</script>`",
    "$\\href{javascript:alert(1)}{x}$ $\\style{position:fixed}{x}$ $\\def\\x{\\x\\x}\\x$",
    "$</span><script>alert(1)</script>$",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;script&#62;",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<!--><script>alert(1)</script>-->",
    "[x]() [y](<>) <mailto:> [z](#top)",
    "| <script>alert(1)</script> | b |\n|---|--:|\n| <img src=x onerror=alert(1)> | c |",
]


class Allowed(HTMLParser):
    """Fails on any tag or attribute outside the list that this test holds independently of the code."""

    TAGS = frozenset(
        {"p", "br", "hr", "strong", "em", "s", "code", "pre", "span", "div", "blockquote", "ul", "ol", "li", "a"}
    )
    TAGS |= {"h3", "h4", "table", "thead", "tbody", "tr", "th", "td"}
    CLASSES = frozenset({"k", "s", "m", "p", "c", "r", "math", "plain"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.TAGS
        for name, value in attrs:
            if name == "class":
                assert set((value or "").split()) <= self.CLASSES
            elif name == "href":
                assert tag == "a"
                assert (value or "").lower().startswith(("https://", "mailto:"))
            else:
                assert (tag, name) in {
                    ("a", "target"),
                    ("a", "rel"),
                    ("ol", "start"),
                    ("th", "scope"),
                    ("pre", "tabindex"),
                }

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment came through")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError("a declaration came through")


def seen(blocks: list[str]) -> str:
    """The text that a reader sees; fails for anything outside the allow-list."""
    parser = Allowed()
    parser.feed("\n".join(blocks))
    parser.close()
    return parser.text


def streamed(text: str, size: int = 3) -> list[str]:
    """The blocks after the text came in small pieces, built from the changes alone, as the page builds them."""
    blocks, page = Blocks(), dict[int, str]()
    for start in range(0, len(text), size):
        blocks.feed(text[start : start + size])
        page |= dict(blocks.changed())
        seen(list(page.values()))
    page |= dict(blocks.changed(final=True))
    return [page[number] for number in sorted(page) if number < len(blocks.html)]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_does_nothing(text: str) -> None:
    assert seen(markdown(text))
    assert streamed(text) == markdown(text)


def test_script_is_readable_text() -> None:
    assert markdown("<script>alert(1)</script>") == ["<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"]


def test_a_picture_becomes_words_and_is_not_fetched() -> None:
    assert markdown("![a chart](https://e.v/p.png)") == ["<p>[picture: a chart]</p>"]


def test_links_open_elsewhere_and_say_nothing_about_this_page() -> None:
    (block,) = markdown("[docs](https://platform.claude.com)")
    assert 'href="https://platform.claude.com"' in block
    assert 'target="_blank"' in block
    assert 'rel="noopener noreferrer"' in block


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "http://e.v", "file:///etc/passwd", "//e.v"]
)
def test_other_links_stay_text(url: str) -> None:
    assert markdown(f"[x]({url})") == [f"<p>[x]({url})</p>"]


def test_direction_marks_are_shown_by_number_and_invisible_letters_go() -> None:
    assert visible("a\u202eb") == "a⟨U+202E⟩b"
    assert visible("k\u200be\ufeffy") == "key"
    assert "⟨U+2066⟩" in markdown("```python\nx = 1 # \u2066\n```")[0]


def test_family_emoji_and_persian_keep_their_joiners() -> None:
    for text in ("\U0001f469\u200d\U0001f467", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"):
        assert visible(text) == text


def test_half_an_emoji_does_not_break_the_reply() -> None:
    assert markdown("a \ud83d b") == ["<p>a \ufffd b</p>"]


@pytest.mark.parametrize("nest", ["> " * 400, "- " * 400, "1. " * 200, "> - " * 100, "*" * 400, "[" * 400])
def test_deep_nesting_loses_no_text(nest: str) -> None:
    assert "the end of it" in seen(markdown(nest + "the end of it\n\nafter")).replace("\n", " ")
    assert "after" in seen(markdown(nest + "the end of it\n\nafter"))


def test_a_list_grown_step_by_step_loses_no_text() -> None:
    text = "\n".join("  " * depth + f"- step {depth}" for depth in range(60))
    shown = seen(markdown(text))
    assert all(f"step {depth}" in shown for depth in range(60))


@pytest.mark.parametrize("fence", ["```python\nx = 1", "~~~\ntext", "````\n```\ninside", "```" + "long info " * 40])
def test_an_unclosed_fence_is_still_code(fence: str) -> None:
    assert markdown(fence)[0].startswith('<pre tabindex="0"><code>')
    assert seen(markdown(fence)).strip()


def test_what_stands_beside_a_fence_is_not_lost() -> None:
    assert "long info" in seen(markdown("```" + "long info " * 40))


def test_maths_is_handed_to_the_typesetter_only_if_every_command_is_known() -> None:
    assert markdown("$T = \\frac{n}{v}$") == ['<p><span class="math">\\(T = \\frac{n}{v}\\)</span></p>']
    assert markdown("$$\nx^2\n$$") == ['<div class="math">\\[x^2\\]</div>']
    assert markdown("$\\href{https://e.v}{x}$") == ["<p><code>$\\href{https://e.v}{x}$</code></p>"]
    assert "math" not in markdown("$$\n" + "x" * 1000 + "\n$$")[0]


def test_a_row_longer_than_its_table_is_shown_as_it_came() -> None:
    assert "four" in seen(markdown("| a | b |\n|---|---|\n| one | two | three | four |"))


def test_dollars_are_not_maths() -> None:
    text = "It costs $0.10 in and $0.50 out, or $5."
    assert markdown(text) == [f"<p>{text}</p>"]


def test_headings_stay_below_the_lesson_s_own() -> None:
    assert markdown("# One\n\n### Two") == ["<h3>One</h3>", "<h4>Two</h4>"]


def test_numbers_in_a_table_stand_right() -> None:
    (table,) = markdown("| a | b |\n|---|--:|\n| 1 | 2 |")
    assert '<td class="r">2</td>' in table
    assert '<th scope="col">a</th>' in table


def test_code_has_the_five_colours_of_the_course() -> None:
    assert code("for x in [1]: # why", "python") == (
        '<span class="k">for</span> x <span class="k">in</span> [<span class="m">1</span>]: '
        '<span class="c"># why</span>'
    )
    assert '<span class="p">"a"</span>' in code('{"a": "b"}', "json")


def test_an_unknown_language_and_very_long_code_stay_plain() -> None:
    assert code("for x", "brainfuck") == "for x"
    assert "span" not in code("x = 1\n" * 2000, "python")


def test_only_changed_blocks_are_drawn_again() -> None:
    blocks = Blocks()
    blocks.feed("one\n\ntwo\n\nthr")
    assert blocks.changed() == [(0, "<p>one</p>"), (1, "<p>two</p>"), (2, "<p>thr</p>")]
    assert blocks.changed() == []
    blocks.feed("ee")
    assert blocks.changed() == [(2, "<p>three</p>")]


def test_half_typed_code_and_bold_show_no_stray_marks() -> None:
    blocks = Blocks()
    blocks.feed("use `max_tok")
    assert blocks.changed() == [(0, "<p>use <code>max_tok</code></p>")]
    blocks.feed("ens` and **bo")
    assert blocks.changed() == [(0, "<p>use <code>max_tokens</code> and <strong>bo</strong></p>")]
    assert dict(blocks.changed(final=True)) == {0: "<p>use <code>max_tokens</code> and **bo</p>"}


def test_a_long_line_costs_in_proportion_to_its_length() -> None:
    blocks, bytes_drawn = Blocks(), 0
    for _ in range(20_000):
        blocks.feed("ten lette ")
        bytes_drawn += sum(len(html) for _, html in blocks.changed())
    bytes_drawn += sum(len(html) for _, html in blocks.changed(final=True))
    assert len(blocks.html[0]) == 200_006
    # Below LONG every change is drawn, above it each drawing is a quarter longer than the one before.
    assert bytes_drawn < 10 * 200_000


HUGE = ["word " * 40_000, "*a " * 40_000, "[a](" * 20_000, "`" * 100_000, "$a " * 50_000, "<" * 100_000, "&" * 100_000]
HUGE += ["p\n\n" * 10_000, "- a\n" * 20_000, "**a _b " * 20_000, "\\" * 100_000, "| a" * 10_000 + "\n" + "|-" * 10_000]


@pytest.mark.slow
@pytest.mark.parametrize("text", HUGE, ids=lambda text: repr(text[:6]))
def test_a_huge_reply_is_drawn_in_seconds(text: str) -> None:
    started = time.process_time()
    seen(markdown(text))
    assert time.process_time() - started < 10


MARKS = ["`", "$$", "$", "**", "*", "_", "- ", "1. ", "> ", "\n", "\n\n", "    ", "|", "|---|", "[x](", ")", "[", "]"]
MARKS += ["<", "&", "\\", "\r", "\t", "\u202e", "\x00", "#", "# ", "---", "===", "\n```\n", "\n~~~~\n", "~~", "!["]
WORDS = st.integers(min_value=0, max_value=9999).map(lambda number: f" word{number:04} ")
TEXTS = st.lists(st.one_of(st.sampled_from(MARKS), st.sampled_from(HOSTILE), WORDS, st.text(max_size=9)), max_size=30)


def check_anything(text: str) -> None:
    shown = seen(markdown(text))
    seen(streamed(text, 7))
    assert set(re.findall(r"word\d{4}", text)) <= set(re.findall(r"word\d{4}", shown)), "a word was lost"


@given(TEXTS.map("".join))
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_anything_stays_inside_the_allow_list_and_loses_no_word(text: str) -> None:
    check_anything(text)


@pytest.mark.long
@given(TEXTS.map("".join))
@settings(max_examples=20_000, suppress_health_check=[HealthCheck.too_slow])
def test_anything_at_all_stays_inside_the_allow_list_and_loses_no_word(text: str) -> None:
    check_anything(text)


@given(
    st.lists(
        st.sampled_from(["# t", "para graph", "- item", "> quote", "```\ncode\n```", "| a |\n|---|\n| b |"]), max_size=8
    )
)
@settings(max_examples=60, deadline=None)
def test_in_pieces_or_at_once_the_page_is_the_same(parts: list[str]) -> None:
    text = "\n\n".join(parts)
    assert streamed(text, 5) == markdown(text)


def test_a_fault_of_the_parser_does_not_cost_the_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def parse(self, *_: object) -> object:
            raise RecursionError

    monkeypatch.setattr(render, "_parser", Broken)
    assert markdown("some <b>text</b>") == ['<pre class="plain" tabindex="0">some &lt;b&gt;text&lt;/b&gt;</pre>']
