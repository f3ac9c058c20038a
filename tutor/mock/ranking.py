"""Which answers are like a question: SQLite's full-text index finds candidates, shared rare words weigh them."""

from __future__ import annotations

import math
import weakref
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from .entries import Entry
from .sections import Section
from .words import Speller, spelt, telling

HERE = 0.2  # what an answer of the current lesson is ahead
# What counts: likeness to one of the entry's questions, how much of the question all of them hold, and its answer too.
ONE, ALL, BODY = 0.5, 0.25, 0.25
FORM = 0.2  # the same small words ("why", "can I") as in one of the questions: decides between equals
UNREAD = 3  # how many times a word counts that neither the bank nor the lessons know, against the rarest they know
CANDIDATES = 40
LETTERS = 600  # of a question that are read: somebody may paste a page


class Words(NamedTuple):
    """A question as it is compared: its telling words, and all of them."""

    telling: frozenset[str]
    all: frozenset[str]
    unread: bool = False  # it holds a word that neither the bank nor the lessons know


class _Known(NamedTuple):
    asks: list[Words]
    every: frozenset[str]
    body: frozenset[str]


class Index:
    """Answers and sections, looked up by the words of a question. Made once, in a few milliseconds."""

    def __init__(self, entries: Sequence[Entry], sections: Sequence[Section]) -> None:
        self.entries, self.sections = entries, sections
        import sqlite3  # here, since importing the stand-in should cost nothing

        answers = [spelt(f"{entry.answer} {entry.section}") for entry in entries]
        pages = [spelt(f"{section.heading} {section.text}") for section in sections]
        asks = (ask for entry in entries for ask in entry.ask)
        self.speller = Speller(asks, frozenset(word for words in (*answers, *pages) for word in words))
        self._words = {one.name: _known(one, words) for one, words in zip(entries, answers, strict=True)}
        self._pages = [telling(words) for words in pages]
        counts = Counter(word for words in self._words.values() for word in words.every)
        highest = math.log(1 + len(entries))
        read = frozenset().union(*self._pages, *(words.body for words in self._words.values()))
        self._rarity = dict.fromkeys(read, highest)
        self._rarity |= {word: math.log(1 + len(entries) / count) for word, count in counts.items()}
        self._unread = UNREAD * highest
        self._base = sqlite3.connect(":memory:", check_same_thread=False)
        weakref.finalize(self, self._base.close)  # Python 3.13 warns of a connection that nobody closed
        self._fill("bank", [([*chain(*(ask.telling for ask in one.asks))], one.body) for one in self._words.values()])
        headings = [telling(spelt(section.heading)) for section in sections]
        self._fill("pages", list(zip(headings, self._pages, strict=True)))

    def _fill(self, table: str, rows: list[tuple[Iterable[str], Iterable[str]]]) -> None:
        self._base.execute(f"create virtual table {table} using fts5(title, body)")
        joined = [(" ".join(title), " ".join(body)) for title, body in rows]
        self._base.executemany(f"insert into {table} values (?, ?)", joined)

    def read(self, asked: str, strange: bool = False) -> Words:
        """The words of a question. `strange`: in another language, so only those that are known here."""
        asked = asked[:LETTERS]
        plain = spelt(asked) if strange else self.speller.words(asked)
        words = telling(plain)
        known = words.intersection(self._rarity)
        return Words(known if strange else words, frozenset(plain), known != words)

    def rank(self, words: Words, lesson: str) -> list[tuple[float, Entry]]:
        """The answers that share telling words with the question, best first, each with its likeness from 0 to 1.1."""
        found = [self.entries[row] for row in self._rows("bank", "8.0, 1.0", words.telling, CANDIDATES)]
        scored = [(self._likeness(words, self._words[entry.name]), entry) for entry in found]
        best: dict[str, tuple[float, Entry]] = {}  # one of each question: lessons share some
        for pair in sorted(scored, key=lambda pair: -pair[0] - HERE * (pair[1].lesson == lesson)):
            best.setdefault(pair[1].ask[0], pair)
        return list(best.values())

    def pages(self, words: frozenset[str], lesson: str, most: int = 3) -> list[Section]:
        """The sections that mention most of what the question is about, those of this lesson first."""
        rows = self._rows("pages", "4.0, 1.0", words, CANDIDATES)
        most_of_it = 0.6 * self._weight(words)
        found = [self.sections[row] for row in rows if self._weight(words & self._pages[row]) > most_of_it]
        return sorted(found, key=lambda section: section.lesson != lesson)[:most]

    def _rows(self, table: str, weights: str, words: frozenset[str], most: int) -> list[int]:
        if not words:
            return []
        terms = " OR ".join(f'"{word}"' for word in sorted(words))
        query = f"select rowid from {table} where {table} match ? order by bm25({table}, {weights}) limit ?"
        return [row - 1 for (row,) in self._base.execute(query, (terms, most))]

    def _likeness(self, words: Words, entry: _Known) -> float:
        """0 to 1: shared words against all words of both, weighed by rarity."""
        mine = self._weight(words.telling)
        one = max(
            ONE * self._weight(words.telling & one.telling) * 2 / (mine + self._weight(one.telling))
            + FORM * len(words.all & one.all) * 2 / (len(words.all) + len(one.all))
            for one in entry.asks
        )
        every, body = self._weight(words.telling & entry.every), self._weight(words.telling & entry.body)
        return one + (ALL * every + BODY * body) / mine

    def _weight(self, words: Iterable[str]) -> float:
        return sum(self._rarity.get(word, self._unread) for word in words) or 1e-9


def _known(entry: Entry, answer: list[str]) -> _Known:
    asks = [Words(telling(words), frozenset(words)) for words in map(spelt, entry.ask)]
    every = frozenset().union(*(ask.telling for ask in asks))
    return _Known(asks, every, telling(answer) | every)
