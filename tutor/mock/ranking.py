"""Which answers are like a question: the cosine of their words, each weighed by how rare it is.

An answer is compared as a whole, with all the ways it is asked and what it says, and by the one way that is nearest.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from .entries import Entry
from .sections import Section
from .vocabulary import STOP
from .words import Speller, light, ones, spelt, telling

HERE = 0.27  # what an answer of the current lesson is ahead
# What counts: likeness to the whole entry, in which its answer weighs as much as its questions, and to one question.
WHOLE, ONE = 0.67, 0.33
CANDIDATES, JUDGED = 40, 3  # entries whose single questions are compared; those that are judged to be sure or not
# To be sure: how like one question of the entry it must be, and how much of it the entry must hold.
SURE_ONE, SURE_ALONE, SURE_BODY = 0.7, 0.9, 0.85
UNREAD = 3  # how many times a word counts that neither the bank nor the lessons know, against the rarest they know
LIGHT = 0.3  # how many times a word counts, among the telling ones, that tells nothing about the subject
PART, PART_WORDS = 0.02, 2  # what a sentence of the question counts less than all of it; how many telling words it has
LETTERS = 600  # of a question that are read: somebody may paste a page

_ASKS = re.compile(
    r"\W*(what|why|how|when|where|which|who|whose|is|are|do|does|did|can|could|may|must|should|will)", re.I
)  # and what was written together with it: whats, doesnt, isnt
_SENTENCE = re.compile(r"[?!;]+|[.,:](?=\s|$)|\n|\s[-–—]+\s")


class Words(NamedTuple):
    """A question as it is compared: its telling words, and all of them."""

    telling: frozenset[str]
    all: frozenset[str]
    doubtful: bool = False  # it holds a word that is known nowhere here, or a short one that was mended


class Near(NamedTuple):
    """An answer, how like the question it is, from 0 to 1, and whether it surely is the one."""

    likeness: float
    entry: Entry
    sure: bool = False


class _Known(NamedTuple):
    asks: list[frozenset[str]]
    answer: frozenset[str]


class Index:
    """Answers and sections, looked up by the words of a question. Made once, in less than 0.15 s for 1,000 entries."""

    def __init__(self, entries: Sequence[Entry], sections: Sequence[Section]) -> None:
        self.entries, self.sections = entries, sections
        answers = [spelt(f"{entry.answer} {entry.section}") for entry in entries]
        pages = [spelt(f"{section.heading} {section.text}") for section in sections]
        asked, words = {}, set[str]()
        for ask in chain.from_iterable(entry.phrases for entry in entries):
            words.update(spoken := spelt(ask))
            asked[ask] = ones(spoken)
        self.speller = Speller(asked, frozenset(words), frozenset(chain(*answers, *pages)))
        self._pages = [telling(page) for page in pages]
        self._numbers = {entry.name: number for number, entry in enumerate(entries)}
        self._lengths: dict[frozenset[str], float] = {}
        self._words = [
            _Known([asked[ask] for ask in entry.phrases], ones(answer))
            for entry, answer in zip(entries, answers, strict=True)
        ]
        self._rarity, self._highest = self._rarities()
        self._holding: dict[str, dict[int, float]] = defaultdict(dict)  # word: entries, and its weight in each
        for number, known in enumerate(self._words):
            weights = self._weights(known)
            length = math.hypot(*weights.values())
            for word, weight in weights.items():
                self._holding[word][number] = weight / length

    def _rarities(self) -> tuple[dict[str, float], float]:
        """How rare each word is in questions and answers, and how rare one is that stands in none."""
        counts = Counter(chain.from_iterable(part for known in self._words for part in (*known.asks, known.answer)))
        parts = sum(len(known.asks) + 1 for known in self._words)
        highest = 1 + math.log(parts or 1)
        rarity = dict.fromkeys(chain(*self._pages), highest)
        return rarity | {word: highest - math.log(count) for word, count in counts.items()}, highest

    def _weights(self, known: _Known) -> dict[str, float]:
        """The words of an entry as of one text: what its questions say and what its answer says, in equal parts."""
        rarity = self._rarity
        asked = {word: count * rarity[word] for word, count in Counter(chain(*known.asks)).items()}
        part = math.hypot(*asked.values()) / (math.hypot(*[rarity[word] for word in known.answer]) or 1.0)
        for word in known.answer:
            asked[word] = asked.get(word, 0.0) + part * rarity[word]
        return asked

    def read(self, asked: str, strange: bool = False) -> Words:
        """The words of a question. `strange`: in another language, so only those that are known here."""
        asked = asked[:LETTERS]
        plain = spelt(asked) if strange else self.speller.words(asked)
        words = frozenset(word for word in telling(plain) if word in self._rarity or not (light(word) or _figure(word)))
        known = words.intersection(self._rarity)
        doubtful = known != words or (not strange and self.speller.doubtful(asked))
        every = ones(plain)
        return Words(known if strange else words, every.intersection(self._rarity) if strange else every, doubtful)

    def find(self, asked: str, lesson: str, strange: bool = False) -> list[Near]:
        """The answers like a question as typed, or like one of its sentences: people tell a story before they ask.

        Best first.
        """
        best: dict[str, Near] = {}
        parts = [part for part in _SENTENCE.split(asked) if part and part.strip()]
        for part in dict.fromkeys([asked, *parts] if len(parts) > 1 else [asked]):
            words = self.read(part, strange)
            asks = part == asked or (len(words.telling) >= PART_WORDS and bool(_ASKS.match(part)))
            for likeness, entry, sure in self.rank(words, lesson):
                known = best.get(entry.ask[0], Near(0.0, entry))
                likeness = max(known.likeness, likeness - PART * (part != asked))
                best[entry.ask[0]] = Near(likeness, entry, known.sure or (sure and asks))
        return self._here_first(best.values(), lesson)

    def rank(self, words: Words, lesson: str) -> list[Near]:
        """The answers that share words with the question, best first."""
        length = math.hypot(*[self._rarity.get(word, self._highest) for word in words.all])
        held: defaultdict[int, float] = defaultdict(float)
        for word in words.all & self._holding.keys():
            weight = self._rarity[word] / length
            for number, there in self._holding[word].items():
                held[number] += weight * there
        served = (number for number in held if self.entries[number].serves(lesson))
        ahead = {number: held[number] + HERE * (self.entries[number].lesson == lesson) for number in served}
        likeliest = sorted(ahead, key=ahead.__getitem__, reverse=True)[:CANDIDATES]
        ranked = [
            Near(WHOLE * held[number] + ONE * self._nearest(words.all, number) / length, self.entries[number])
            for number in likeliest
        ]
        best: dict[str, Near] = {}  # one of each question: lessons share some
        for near in self._here_first(ranked, lesson):
            best.setdefault(near.entry.ask[0], near)
        first, rest = list(best.values())[:JUDGED], list(best.values())[JUDGED:]
        return [near._replace(sure=self._sure(words, near.entry)) for near in first] + rest

    def _nearest(self, words: frozenset[str], number: int) -> float:
        """The cosine with the nearest question of an entry, but for the length of the words themselves."""
        return max(self._square(words & ask) / (self._length(ask) or 1.0) for ask in self._words[number].asks)

    def _sure(self, words: Words, entry: Entry) -> bool:
        """Whether an entry is the answer: a question of it has nearly all the same telling words, and it holds all."""
        if words.doubtful:
            return False
        known, mine = self._words[self._numbers[entry.name]], self._weight(words.telling)
        alike, shared = max(
            (self._weight(both) * 2 / (mine + self._weight(theirs)), len(both))
            for ask in known.asks
            for theirs in [ask - STOP]
            for both in [words.telling & theirs]
        )
        held = self._weight(words.telling & self._all(entry))
        return alike >= (SURE_ONE if shared > 1 else SURE_ALONE) and held >= SURE_BODY * mine

    def _here_first(self, ranked: Iterable[Near], lesson: str) -> list[Near]:
        return sorted(ranked, key=lambda near: -near.likeness - HERE * (near.entry.lesson == lesson))

    def share(self, words: Words, among: Iterable[Entry]) -> dict[str, float]:
        """How much of the question, from 0 to 1, some entries hold in their questions or answers, by their names."""
        mine = self._weight(words.telling)
        return {one.name: self._weight(words.telling & self._all(one)) / mine for one in among}

    def _all(self, entry: Entry) -> frozenset[str]:
        known = self._words[self._numbers[entry.name]]
        return known.answer.union(*known.asks)

    def pages(self, words: frozenset[str], lesson: str, most: int = 3) -> list[Section]:
        """The sections that mention most of what the question is about, those of this lesson first."""
        if not words:
            return []
        held = [(self._weight(words & page), section) for page, section in zip(self._pages, self.sections, strict=True)]
        found = [pair for pair in held if pair[0] > 0.6 * self._weight(words)]
        found.sort(key=lambda pair: (pair[1].lesson != lesson, -pair[0]))
        return [section for _, section in found[:most]]

    def _square(self, words: Iterable[str]) -> float:
        return sum([self._rarity[word] ** 2 for word in words])

    def _length(self, ask: frozenset[str]) -> float:
        """The length of a question of the bank, kept: it is compared with many."""
        if ask not in self._lengths:
            self._lengths[ask] = math.sqrt(self._square(ask))
        return self._lengths[ask]

    def _weight(self, words: Iterable[str]) -> float:
        """What telling words tell: the rarer the more."""
        unread = UNREAD * self._highest
        return sum(self._rarity.get(word, unread) * (LIGHT if light(word) else 1) for word in words) or 1e-9


def _figure(word: str) -> bool:
    """Whether it holds a figure: a number of the learner's own, or an id, unless the bank knows it."""
    return any(letter.isdigit() for letter in word)
