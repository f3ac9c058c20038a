"""A model's Markdown as safe HTML, block by block while it arrives.

A reply is text from outside. It passes three gates: markdown-it without raw HTML and without images, our own
renderer for code and maths, and last an allow-list (nh3) that nothing goes around.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

NESTING = 30  # lists in quotes in lists: deeper than this markdown-it would drop the text, so it is shown as it came
LONG = 4_000  # characters; a longer block is not coloured, and is not drawn anew for every piece

TAGS = {"p", "br", "hr", "strong", "em", "s", "code", "pre", "span", "div", "blockquote", "ul", "ol", "li", "a"}
TAGS |= {"h3", "h4", "table", "thead", "tbody", "tr", "th", "td"}
CLASSES = {
    "span": {"k", "s", "m", "p", "c", "math"},
    "div": {"math"},
    "th": {"r"},
    "td": {"r"},
    "pre": {"plain"},
}
ATTRIBUTES: dict[str, set[str]] = {"*": set(), "a": {"href"}, "ol": {"start"}, "th": {"scope"}, "pre": {"tabindex"}}
SCHEMES = {"https", "mailto"}

# The TeX that a reply may use. MathJax also has commands for links, styles, macros and huge boxes: those stay text.
_TEX_COMMANDS = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi "
    "varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega frac dfrac tfrac sqrt sum prod int lim "
    "log ln exp min max sin cos tan cdot times div pm mp le leq ge geq ne neq approx equiv sim propto infty partial "
    "nabla in notin subset cup cap to rightarrow leftarrow Rightarrow mapsto ldots cdots dots text mathrm mathbf "
    "mathit mathbb mathcal operatorname left right big Big lfloor rfloor lceil rceil lvert rvert langle rangle vert "
    "overline underline hat bar tilde vec quad qquad begin end binom mid forall exists land lor neg circ prime"
)
_TEX = frozenset(_TEX_COMMANDS.split())
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_MATHS_LONG = 600
_LANGUAGE = re.compile(r"[a-z+#.-]{0,20}")

_KINDS = (
    ("Keyword", "k"),
    ("Operator.Word", "k"),
    ("String", "s"),
    ("Number", "m"),
    ("Comment", "c"),
    ("Name.Tag", "p"),
)
_LANGUAGES = {"python", "py", "json", "bash", "sh", "console", "http", "javascript", "js", "yaml", "toml", "ini"}

# Direction marks can make code read otherwise than it runs, so they are shown by number; the others carry nothing.
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NOTHING = re.compile("[\u200b\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
_BROKEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def visible(text: str) -> str:
    """The text with nothing hidden in it: direction marks by number, no invisible letters, no broken ones."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _NOTHING.sub("", _BROKEN.sub("\ufffd", text))
    return _TURNING.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


class Blocks:
    """The blocks of one reply: `feed` pieces of text, `changed` says which blocks to draw anew.

    Only the last block can still change while text arrives, so only what follows the last finished block is parsed.
    """

    def __init__(self) -> None:
        self.html: list[str] = []
        self._open = ""  # the text from the beginning of the last block on
        self._first = 0  # the number of that block
        self._drawn = 0  # how much of the open text the last drawing saw

    def feed(self, text: str) -> None:
        """Add a piece."""
        self._open += text

    def changed(self, *, final: bool = False) -> list[tuple[int, str]]:
        """Number and HTML of each block that differs from the last call; `final` closes what is still open."""
        if not final and len(self._open) > LONG and len(self._open) < 1.25 * self._drawn:
            return []  # a very long block is drawn less often, so that its cost stays in proportion
        pieces = _split(visible(self._open))
        drawn = [_draw(source, tokens) for source, tokens in pieces]
        if pieces and not final and (mended := _mended(pieces[-1][0])) != pieces[-1][0]:
            drawn[-1] = "".join(_draw(*piece) for piece in _split(mended))
        found = [(self._first + n, html) for n, html in enumerate(drawn) if self._held(self._first + n) != html]
        self.html[self._first :] = drawn
        if len(pieces) > 1:
            self._first += len(pieces) - 1
            self._open = pieces[-1][0]
        self._drawn = len(self._open)
        return found

    def _held(self, number: int) -> str | None:
        return self.html[number] if number < len(self.html) else None


def markdown(text: str) -> list[str]:
    """The HTML of each block of a finished text."""
    blocks = Blocks()
    blocks.feed(text)
    blocks.changed(final=True)
    return blocks.html


def code(source: str, language: str, *, limit: int = LONG) -> str:
    """Source text as HTML with the course's five colours; without them beyond `limit` letters."""
    source = visible(source)
    if language not in _LANGUAGES or len(source) > limit:
        return escape(source, quote=False)
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped, unused-ignore]  # has no types

    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    parts: list[tuple[str, str]] = []
    for kind, value in lexer.get_tokens(source):
        colour = next((name for part, name in _KINDS if part in str(kind)), "")
        if parts and parts[-1][0] == colour:
            parts[-1] = (colour, parts[-1][1] + value)
        else:
            parts.append((colour, value))
    painted = ((name, escape(value, quote=False)) for name, value in parts)
    return "".join(f'<span class="{name}">{value}</span>' if name else value for name, value in painted)


def clean(html: str) -> str:
    """Only the tags and attributes of the allow-list; every reply passes here last."""
    import nh3

    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        url_schemes=SCHEMES,
        attribute_filter=lambda tag, name, value: value if name != "href" or _link_allowed(value) else None,
        clean_content_tags=set(),
        set_tag_attribute_values={"a": {"target": "_blank"}},
        link_rel="noopener noreferrer",
    )


def _split(source: str) -> list[tuple[str, list[Token]]]:
    """The text cut before each top-level block, and what the parser made of each."""
    try:
        tokens = _parser().parse(source)
    except Exception:  # a fault of the parser on hostile text must not cost the reply: it is shown as it came
        return [(source, [])]
    starts = [n for n, token in enumerate(tokens) if token.level == 0 and token.map and token.nesting >= 0]
    lines = re.split(r"(?<=\n)", source)
    cuts = [(n, _line(tokens[n])) for n in starts] + [(len(tokens), len(lines))]
    cuts[0] = (0, 0)
    pieces = [("".join(lines[line:to]), tokens[n:end]) for (n, line), (end, to) in pairwise(cuts)]
    return [piece for piece in pieces if piece[0].strip()]


def _line(token: Token) -> int:
    return token.map[0] if token.map else 0


def _draw(source: str, tokens: list[Token]) -> str:
    """One block as clean HTML; as plain text where the parser failed or would lose some of it."""
    if max((token.level for token in tokens), default=NESTING) < NESTING - 1 and not _drops_cells(tokens, source):
        parser = _parser()
        try:
            return clean(parser.renderer.render(tokens, parser.options, {})).strip()
        except Exception:  # as in _split
            return _plain(source)
    return _plain(source)


def _drops_cells(tokens: list[Token], source: str) -> bool:
    """Whether this is a table with rows longer than its head: Markdown leaves out what is too much."""
    if not tokens or tokens[0].type != "table_open":
        return False
    kept = " ".join(token.content for token in tokens)
    return not set(re.findall(r"\w+", source)) <= set(re.findall(r"\w+", kept))


def _plain(source: str) -> str:
    return clean(f'<pre class="plain" tabindex="0">{escape(source)}</pre>')


def _mended(tail: str) -> str:
    """The text of an open block with its open code and bold closed, so that no stray marks flicker past."""
    if re.match(r"\s*(```|~~~|\$\$)", tail):
        return tail
    for sign in ("`", "**"):
        if tail.count(sign) % 2:
            bare = tail.rstrip()
            tail = bare.removesuffix(sign) if bare.endswith(sign) else bare + sign
    return tail


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": NESTING})
    parser.enable(["table", "strikethrough"]).disable(["reference", "html_block", "html_inline"])
    parser.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, allow_blank_lines=False)
    parser.validateLink = _link_allowed  # type: ignore[method-assign]
    rules: dict[str, Callable[..., str]] = {
        "image": _image,
        "fence": _fence,
        "code_block": _fence,
        "math_inline": _maths,
        "math_block": _maths,
        "heading_open": _heading,
        "heading_close": _heading,
        "th_open": _table_cell,
        "td_open": _table_cell,
    }
    for name, rule in rules.items():
        parser.add_render_rule(name, rule)
    return parser


def _link_allowed(url: str) -> bool:
    return url.lower().startswith(("https://", "mailto:"))


def _image(_: object, tokens: Sequence[Token], at: int, *__: object) -> str:
    return escape(f"[picture: {tokens[at].content}]")


def _fence(_: object, tokens: Sequence[Token], at: int, *__: object) -> str:
    language, source = tokens[at].info.strip().lower(), tokens[at].content
    if not _LANGUAGE.fullmatch(language):  # more than the name of a language stands beside the fence: it is text, too
        source = tokens[at].info + "\n" + source
    return f'<pre tabindex="0"><code>{code(source, language)}</code></pre>'


def _maths(_: object, tokens: Sequence[Token], at: int, *__: object) -> str:
    """TeX between the marks that JupyterLab's typesetter looks for; anything unusual stays readable source."""
    tex, block = tokens[at].content.strip(), tokens[at].type == "math_block"
    if len(tex) > _MATHS_LONG or not _TEX.issuperset(_COMMAND.findall(tex)) or "$" in tex:
        source = f"<code>{escape(tokens[at].markup + tex + tokens[at].markup)}</code>"
        return f"<p>{source}</p>" if block else source
    return f'<div class="math">\\[{escape(tex)}\\]</div>' if block else f'<span class="math">\\({escape(tex)}\\)</span>'


def _heading(_: object, tokens: Sequence[Token], at: int, *__: object) -> str:
    tag = "h3" if tokens[at].tag in ("h1", "h2") else "h4"
    return f"<{tag}>" if tokens[at].nesting > 0 else f"</{tag}>"


def _table_cell(_: object, tokens: Sequence[Token], at: int, *__: object) -> str:
    right = ' class="r"' if "right" in str(tokens[at].attrGet("style") or "") else ""
    return f'<th scope="col"{right}>' if tokens[at].tag == "th" else f"<td{right}>"
