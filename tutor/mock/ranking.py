"""Which answers are like a question: SQLite's full-text index finds candidates, shared rare words weigh them."""

from __future__ import annotations

import math
import sqlite3
import weakref
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .entries import Entry
from .sections import Section
from .words import Speller, spelt, telling

HERE = 0.15  # what an answer of the current lesson is ahead
# What counts: likeness to one of the entry's questions, how much of the question all of them hold, and its answer too.
ONE, ALL, BODY = 0.45, 0.35, 0.2
CANDIDATES = 24


class _Words(NamedTuple):
    asks: list[frozenset[str]]
    all: frozenset[str]


class Index:
    """Answers and sections, looked up by the words of a question. Made once, in a few milliseconds."""

    def __init__(self, entries: Sequence[Entry], sections: Sequence[Section]) -> None:
        self.entries, self.sections = entries, sections
        texts = [*(entry.answer for entry in entries), *(section.text for section in sections)]
        self.speller = Speller((ask for entry in entries for ask in entry.ask), texts)
        self._words = [_words(entry) for entry in entries]
        counts = Counter(word for words in self._words for word in frozenset().union(*words.asks))
        self._rarity = {word: math.log(1 + len(entries) / count) for word, count in counts.items()}
        self._unknown = math.log(1 + len(entries))
        self._base = sqlite3.connect(":memory:", check_same_thread=False)
        weakref.finalize(self, self._base.close)  # Python 3.13 warns of a connection that nobody closed
        self._base.execute("create virtual table bank using fts5(ask, body)")
        self._base.execute("create virtual table pages using fts5(heading, body)")
        asked = [" ".join(word for ask in words.asks for word in ask) for words in self._words]
        bodies = [" ".join(words.all) for words in self._words]
        self._base.executemany("insert into bank values (?, ?)", zip(asked, bodies, strict=True))
        pages = [(" ".join(telling(spelt(each.heading))), " ".join(telling(spelt(each.text)))) for each in sections]
        self._base.executemany("insert into pages values (?, ?)", pages)

    def read(self, asked: str, strange: bool = False) -> frozenset[str]:
        """The telling words of a question. `strange`: in another language, so only those that are known here."""
        words = telling(self.speller.words(asked))
        return frozenset(word for word in words if word in self._rarity) if strange else words

    def rank(self, words: frozenset[str], lesson: str) -> list[tuple[float, Entry]]:
        """The answers that share telling words with the question, by likeness from 0 to a little over 1, best first."""
        scored = []
        for row in self._rows("bank", "8.0, 1.0", words, CANDIDATES):
            entry = self.entries[row]
            if entry.ask:
                likeness = self._likeness(words, self._words[row]) + HERE * (entry.lesson == lesson)
                scored.append((likeness, entry))
        return sorted(scored, key=lambda pair: -pair[0])

    def pages(self, words: frozenset[str], lesson: str, most: int = 3) -> list[Section]:
        """The sections that mention most of what the question is about, those of this lesson first."""
        found = []
        for row in self._rows("pages", "4.0, 1.0", words, CANDIDATES):
            section = self.sections[row]
            shared = words & telling(spelt(f"{section.heading} {section.text}"))
            if self._weight(shared) > 0.6 * self._weight(words):
                found.append(section)
        return sorted(found, key=lambda section: section.lesson != lesson)[:most]

    def _rows(self, table: str, weights: str, words: frozenset[str], most: int) -> list[int]:
        if not words:
            return []
        terms = " OR ".join(f'"{word}"' for word in sorted(words))
        query = f"select rowid from {table} where {table} match ? order by bm25({table}, {weights}) limit ?"
        return [row - 1 for (row,) in self._base.execute(query, (terms, most))]

    def _likeness(self, words: frozenset[str], entry: _Words) -> float:
        """0 to 1: shared words against all words of both, weighed by rarity."""
        mine = self._weight(words)
        one = max(self._weight(words & one) * 2 / (mine + self._weight(one)) for one in entry.asks)
        every = self._weight(words.intersection(frozenset().union(*entry.asks))) / mine
        return ONE * one + ALL * every + BODY * self._weight(words & entry.all) / mine

    def _weight(self, words: Iterable[str]) -> float:
        return sum(self._rarity.get(word, self._unknown) for word in words) or 1e-9


def _words(entry: Entry) -> _Words:
    asks = [telling(spelt(ask)) for ask in entry.ask]
    return _Words(asks, telling(spelt(f"{entry.answer} {entry.section}")).union(*asks))
