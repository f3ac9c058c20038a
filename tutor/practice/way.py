"""Where to go next: exactly one thing, in words and as a link that opens it."""

from __future__ import annotations

from html import escape
from typing import NamedTuple


class Way(NamedTuple):
    """One next thing, or the words that nothing is left, without a link. `after` says what has been reached by then."""

    words: str
    link: str = ""
    after: str = ""

    def __str__(self) -> str:
        return f"{self.after} {self.words}".strip()

    @property
    def html(self) -> str:
        """The words as a button, and before it what has been reached."""
        words = escape(self.words)
        button = f'<a class="tutor-go" href="{escape(self.link, quote=True)}">{words}</a>' if self.link else words
        return f"{escape(self.after)} {button}".strip()
