"""What is said to any tutor: "hello", "thanks", "what now?", "I don't understand", in whatever spelling."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from .entries import Entry
from .words import LIKE, said

ALIKE = 0.7  # of the words of both, how many must be shared (Dice)
LONG = 14  # words: who says more asks something
_BESIDE = frozenset("there please oh ok well so very much claude tutor dear sir now just really a bit".split())  # noqa: SIM905


class Talk:
    """The answers to such words. They serve every lesson."""

    def __init__(self, known: Iterable[Entry]) -> None:
        self._asks = [(frozenset(said(ask)), entry) for entry in known if entry.talk for ask in entry.ask]
        self._known = _BESIDE.union(*(words for words, _ in self._asks))

    def find(self, question: str, lesson: str) -> Entry | None:
        """The answer whose words these are, all of them; None if there is a word about anything else."""
        words = frozenset(map(self._meant, said(question)))
        if not words or len(words) > LONG or not words <= self._known:
            return None
        scored = [(self._alike(words, ask), entry.lesson == lesson, entry) for ask, entry in self._asks]
        likeness, _, entry = max(scored, key=lambda one: one[:2])
        return entry if likeness >= ALIKE else None

    def _alike(self, words: frozenset[str], ask: frozenset[str]) -> float:
        mine = words - _BESIDE or words
        theirs = ask - _BESIDE or ask
        return 2 * len(mine & theirs) / (len(mine) + len(theirs))

    def _meant(self, word: str) -> str:
        if word in self._known or len(word) < 4:
            return word
        return next(iter(difflib.get_close_matches(word, self._known, 1, LIKE)), word)
