"""How the course looks: one stylesheet, the marks, and the panel that verdicts and hints share."""

from html import escape
from pathlib import Path

_MARKS = {
    "open": "○",
    "half": "◐",
    "done": "✓",
    "cant": "?",
    "error": "!",
    "page": "▤",
    "live": "◉",
    "rec": "●",
    "hint": "✧",
    "flag": "⚑",
    "code": "‹›",
}


def style() -> str:
    """The stylesheet of the course, without the tutor's own part."""
    return Path(__file__).with_name("look.css").read_text(encoding="utf-8")


def mark(name: str, *, small: bool = False) -> str:
    """A mark as HTML: a drawn shape where styles hold, its character where they do not."""
    size = " small" if small else ""
    return f'<span class="tutor-mark{size} m-{name}" aria-hidden="true">{_MARKS[name]}</span>'


def sign(name: str) -> str:
    """The character of a mark, for plain text."""
    return _MARKS[name]


def rich(text: str) -> str:
    """Text as HTML: escaped, with `code` between backquotes."""
    parts = escape(text).split("`")
    if len(parts) % 2 == 0:  # an unpaired backquote stays as it is
        parts[-2:] = ["`".join(parts[-2:])]
    return "".join(f"<code>{part}</code>" if odd % 2 else part for odd, part in enumerate(parts))


def panel(which: str, title: str, subject: str, body: str, *, end: str = "", kind: str = "") -> str:
    """A panel: mark, title, what it is about, and `body` (HTML) beneath; `end` stands at the right edge.

    JupyterLab would typeset what stands between two dollar signs; the class `mathjax_ignore` keeps prices readable.
    A group and not a region: a lesson has dozens of panels, and regions are what a screen reader jumps between.
    """
    corner = f'<span class="end">{escape(end)}</span>' if end else ""
    label = escape(f"{subject}: {title.lower()}", quote=True)
    return (
        f'<section class="tutor tutor-panel mathjax_ignore{" " + kind if kind else ""}" '
        f'role="group" aria-label="{label}"><p class="tutor-head">{mark(which)} <strong>{escape(title)}</strong> '
        f"<code>{escape(subject)}</code>{corner}</p>"
        f'<div class="tutor-body">{body}</div></section>'
    )
