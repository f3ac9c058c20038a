"""Which answers are like a question: those that share its telling words, weighed by how rare they are."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from .entries import Entry
from .sections import Section
from .words import Speller, light, spelt, telling

HERE = 0.3  # what an answer of the current lesson is ahead
# What counts: likeness to one of the entry's questions, how much of the question all of them hold, and its answer too.
ONE, ALL, BODY = 0.5, 0.25, 0.25
FORM = 0.3  # the same small words ("why", "can I") as in one of the questions: decides between equals
# How like one question of the entry it must be, and how much of it the entry must hold, to be more than near (MOST).
SURE_ONE, SURE_ALONE, SURE_BODY, MOST = 0.7, 0.9, 0.85, 0.74
# How much of a question an entry must hold to be named at all; if none of its questions shares two words with it.
COVERS, COVERS_ALONE = 0.2, 0.58
# A word that alone makes an answer near is the course's own: so many entries ask with it, or so many sections hold it.
ENTRIES, PAGES = 3, 2
UNREAD = 3  # how many times a word counts that neither the bank nor the lessons know, against the rarest they know
TITLE = 8  # how many times a word in a question of the entry counts against one in its answer, to be a candidate
LIGHT = 0.3  # how many times a word counts that tells nothing about the subject
CANDIDATES = 60
PART, PART_WORDS = 0.02, 2  # what a sentence of the question counts less than all of it; how many telling words it has
LETTERS = 600  # of a question that are read: somebody may paste a page


_ASKS = re.compile(
    r"\W*(what|why|how|when|where|which|who|whose|is|are|do|does|did|can|could|may|must|should|will)", re.I
)  # and what was written together with it: whats, doesnt, isnt
_SENTENCE = re.compile(r"[?!;]+|[.,:](?=\s|$)|\n|\s[-–—]+\s")


class Words(NamedTuple):
    """A question as it is compared: its telling words, and all of them."""

    telling: frozenset[str]
    all: Collection[str]
    doubtful: bool = False  # it holds a word that is known nowhere here, or a short one that was mended


class _Known(NamedTuple):
    asks: list[Words]
    every: frozenset[str]
    body: frozenset[str]
    told: bool  # the feedback of an exercise, which is found by what it says as well


class Index:
    """Answers and sections, looked up by the words of a question. Made once, in less than 0.15 s for 1,000 entries."""

    def __init__(self, entries: Sequence[Entry], sections: Sequence[Section]) -> None:
        self.entries, self.sections = entries, sections
        asks = {ask: spelt(ask) for entry in entries for ask in entry.phrases}
        answers = [spelt(f"{entry.answer} {entry.section}") for entry in entries]
        pages = [spelt(f"{section.heading} {section.text}") for section in sections]
        self.speller = Speller(asks, frozenset(word for words in (*answers, *pages) for word in words))
        asked = {ask: Words(telling(words), words) for ask, words in asks.items()}
        self._words = [
            _known([asked[ask] for ask in one.phrases], words, bool(one.exercise))
            for one, words in zip(entries, answers, strict=True)
        ]
        self._pages = [telling(words) for words in pages]
        self._holding: dict[str, list[int]] = defaultdict(list)  # word: the numbers of the entries asked with it
        for number, known in enumerate(self._words):
            for word in known.body if entries[number].exercise else known.every:
                self._holding[word].append(number)
        counts = Counter(word for words in self._words for word in words.every)
        mentioned = Counter(word for page in self._pages for word in page)
        self._common = {word for word, count in counts.items() if count >= ENTRIES}
        self._common |= {word for word, count in mentioned.items() if count >= PAGES}
        highest = math.log(1 + len(entries))
        read = frozenset().union(*self._pages, *(known.body for known in self._words))
        self._rarity = dict.fromkeys(read, highest)
        self._rarity |= {word: math.log(1 + len(entries) / count) for word, count in counts.items()}
        self._rarity |= {word: LIGHT * rarity for word, rarity in self._rarity.items() if light(word)}
        self._unread = UNREAD * highest
        self._sizes: dict[frozenset[str], float] = {}

    def read(self, asked: str, strange: bool = False) -> Words:
        """The words of a question. `strange`: in another language, so only those that are known here."""
        asked = asked[:LETTERS]
        plain = spelt(asked) if strange else self.speller.words(asked)
        words = frozenset(word for word in telling(plain) if word in self._rarity or not (light(word) or _figure(word)))
        known = words.intersection(self._rarity)
        doubtful = known != words or (not strange and self.speller.doubtful(asked))
        return Words(known if strange else words, frozenset(plain), doubtful)

    def find(self, asked: str, lesson: str, strange: bool = False) -> list[tuple[float, Entry]]:
        """The answers like a question as typed, or like one of its sentences: people tell a story before they ask.

        Best first, each with its likeness; below `MOST` where a word of the question is in doubt.
        """
        best: dict[str, tuple[float, Entry]] = {}
        parts = [part for part in _SENTENCE.split(asked) if part and part.strip()]
        for part in dict.fromkeys([asked, *parts] if len(parts) > 1 else [asked]):
            words = self.read(part, strange)
            asks = part == asked or (len(words.telling) >= PART_WORDS and _ASKS.match(part))
            for likeness, entry in self.rank(words, lesson):
                sure = likeness if asks and not words.doubtful else min(likeness, MOST)
                sure -= PART * (part != asked)
                best[entry.ask[0]] = max(best.get(entry.ask[0], (0.0, entry)), (sure, entry), key=lambda pair: pair[0])
        return self._here_first(best.values(), lesson)

    def rank(self, words: Words, lesson: str, loosely: bool = False) -> list[tuple[float, Entry]]:
        """The answers that share telling words with the question, best first, each with its likeness from 0 to 1.1.

        `loosely`: even those that hold little of it, for a question that leans on the one before.
        """
        held: defaultdict[int, float] = defaultdict(float)
        for word in words.telling:
            for number in self._holding.get(word, ()):
                held[number] += self._rarity[word] * (TITLE if word in self._words[number].every else 1)
        likeliest = [
            number for number in sorted(held, key=held.__getitem__, reverse=True) if self.entries[number].serves(lesson)
        ][:CANDIDATES]
        known = [(self._words[number], self.entries[number]) for number in likeliest]
        scored = [
            (self._likeness(words, one), entry) for one, entry in known if loosely or self._covers(one, words.telling)
        ]
        best: dict[str, tuple[float, Entry]] = {}  # one of each question: lessons share some
        for pair in self._here_first(scored, lesson):
            best.setdefault(pair[1].ask[0], pair)
        return list(best.values())

    def _here_first(self, scored: Iterable[tuple[float, Entry]], lesson: str) -> list[tuple[float, Entry]]:
        return sorted(scored, key=lambda pair: -pair[0] - HERE * (pair[1].lesson == lesson))

    def share(self, words: Words, among: Iterable[Entry]) -> list[tuple[float, Entry]]:
        """How much of the question each of a few entries holds, in its questions or its answer; best first."""
        wanted = {entry.name for entry in among}
        known = [(self._words[number], entry) for number, entry in enumerate(self.entries) if entry.name in wanted]
        mine = self._weight(words.telling)
        scored = [(self._weight(words.telling & known.body) / mine, entry) for known, entry in known]
        return sorted(scored, key=lambda pair: -pair[0])

    def pages(self, words: frozenset[str], lesson: str, most: int = 3) -> list[Section]:
        """The sections that mention most of what the question is about, those of this lesson first."""
        if not words:
            return []
        held = [(self._weight(words & page), section) for page, section in zip(self._pages, self.sections, strict=True)]
        found = [pair for pair in held if pair[0] > 0.6 * self._weight(words)]
        found.sort(key=lambda pair: (pair[1].lesson != lesson, -pair[0]))
        return [section for _, section in found[:most]]

    def _covers(self, entry: _Known, telling: frozenset[str]) -> bool:
        """Whether an entry holds so much of the question that it may be named: more if no question of it holds two."""
        paired = any(len(telling & ask.telling) > 1 for ask in entry.asks) or (
            entry.told and len(telling & entry.body) > 2
        )
        shared, least = telling & entry.body, COVERS if paired else COVERS_ALONE
        common = paired or not shared.isdisjoint(self._common) or any(telling == ask.telling for ask in entry.asks)
        return common and self._weight(shared) >= least * self._weight(telling)

    def _likeness(self, words: Words, entry: _Known) -> float:
        """0 to 1: shared words against all words of both, weighed by rarity."""
        mine, every_word = self._weight(words.telling), frozenset(words.all)
        whole, alike, shared = max(
            (
                ONE * alike + FORM * len(every_word.intersection(one.all)) * 2 / (len(words.all) + len(one.all)),
                alike,
                len(both),
            )
            for one in entry.asks
            for both in [words.telling & one.telling]
            for alike in [self._weight(both) * 2 / (mine + self._size(one.telling)) if both else 0.0]
        )
        every, body = self._weight(words.telling & entry.every), self._weight(words.telling & entry.body)
        whole += (ALL * every + BODY * body) / mine
        sure = alike >= (SURE_ONE if shared > 1 else SURE_ALONE) and body >= SURE_BODY * mine
        return whole if sure else min(whole, MOST)

    def _size(self, words: frozenset[str]) -> float:
        """The weight of a question of the bank, kept: it is compared with many."""
        if words not in self._sizes:
            self._sizes[words] = self._weight(words)
        return self._sizes[words]

    def _weight(self, words: Iterable[str]) -> float:
        return sum(self._rarity.get(word, self._unread) for word in words) or 1e-9


def _figure(word: str) -> bool:
    """Whether it holds a figure: a number of the learner's own, or an id, unless the bank knows it."""
    return any(letter.isdigit() for letter in word)


def _known(asks: list[Words], answer: list[str], told: bool) -> _Known:
    every = frozenset().union(*(ask.telling for ask in asks))
    return _Known(asks, every, telling(answer) | every, told)
