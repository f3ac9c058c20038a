"""Questions to the tutor: the answer that was written for one, the closest there are, or an honest nothing.

In this order: the same words (this lesson first) → the id of a feedback, a hint or an error → full-text ranking,
believed only when question and entry share their telling words → "closest I have" → nothing.
"""

from __future__ import annotations

import difflib
import math
import re
import sqlite3
import threading
import weakref
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from .recordings import FOLDER, RecordingError, as_blocks, read_yaml, stamp

SURE, NEAR = 0.60, 0.34  # likeness from which an answer is given, and from which it is offered

_WORD = re.compile(r"[a-z0-9][a-z0-9_\-]*[a-z0-9]|[a-z0-9]", re.I)
_VERDICT = re.compile(r"<last_verdict\b([^>]*)>")
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_WHY_NOT = re.compile(r"\bwhy\b.*\b(not|isn.?t|wasn.?t)\b.*\baccepted\b", re.I)
_HINT = re.compile(r"\bhint\b|\bstuck\b", re.I)
_STOP = frozenset(
    _WORD.findall(
        """
        a an and are as at be but by can could did do does for from had has have how i if in into is it its just
        me my of on or our please should so than that the their them then there these they this those to was we
        were what when where which who why will with would you your about am any explain get give got happen
        happens know mean means need say says tell use
        """
    )
)


@dataclass(frozen=True)
class Entry:
    """One answer, and the questions it was written for."""

    name: str
    lesson: str
    id: str
    ask: tuple[str, ...]
    answer: str
    section: str
    words: tuple[frozenset[str], ...] = field(repr=False)


class Found(NamedTuple):
    """What the search came to: `how` is exact, id, search, closest or none."""

    how: str
    entry: Entry | None
    text: str


class Bank:
    """All answers of all lessons, with an index built at the first question that needs it."""

    def __init__(self, entries: list[Entry], suggestions: Mapping[str, list[str]]) -> None:
        self.entries = entries
        self.suggestions = suggestions
        self._ids = {entry.id: entry for entry in reversed(entries) if entry.id}
        self._index: _Index | None = None
        self._lock = threading.Lock()

    def answer(self, body: Mapping[str, Any], lesson: str) -> Found:
        """The answer to the last block of the last turn of a tutor's request."""
        asked, context, earlier = _read(body)
        if entry := self._exact(asked, lesson) or self._by_id(asked, context, earlier):
            return Found("exact", entry, _written(entry))
        with self._lock:
            self._index = self._index or _Index(self.entries)
            ranked = self._index.rank(asked, lesson)
        if not ranked and earlier:  # "and why?" alone says nothing: the question before it helps
            with self._lock:
                ranked = self._index.rank(f"{earlier[-1]} {asked}", lesson)
        if ranked and ranked[0][0] >= SURE:
            entry = ranked[0][1]
            return Found("search", entry, f'*Written for the question "{entry.ask[0]}"*\n\n{_written(entry)}')
        near = [entry for likeness, entry in ranked if likeness >= NEAR and entry.ask][:3]
        if near:
            offered = "\n".join(f"- {entry.ask[0]}" for entry in near)
            words = "No answer was written for just this question. The closest I have:"
            return Found("closest", None, f"{words}\n\n{offered}\n\nAsk one of them in these words.")
        return Found("none", None, self._nothing(lesson))

    def _exact(self, asked: str, lesson: str) -> Entry | None:
        same = [entry for entry in self.entries if _folded(asked) in map(_folded, entry.ask)]
        return next((entry for entry in same if entry.lesson == lesson), same[0] if same else None)

    def _by_id(self, asked: str, context: Mapping[str, str], earlier: list[str]) -> Entry | None:
        exercise = context.get("exercise", "")
        if exercise and _WHY_NOT.search(asked):
            return self._ids.get(f"{exercise}/{context.get('feedback', '')}")
        if exercise and _HINT.search(asked):
            step = 1 + sum(bool(_HINT.search(question)) for question in earlier)
            hints = [self._ids[id] for n in range(1, step + 1) if (id := f"{exercise}/hint-{n}") in self._ids]
            return hints[-1] if hints else None
        named = [word for word in re.findall(r"[\w/\-]+", asked) if word in self._ids and re.search(r"\W|_|\d", word)]
        return self._ids[named[0]] if named else None

    def _nothing(self, lesson: str) -> str:
        offers = (
            self.suggestions.get(lesson)
            or [entry.ask[0] for entry in self.entries if entry.ask and entry.lesson == lesson][:4]
        )
        listed = "\n".join(f"- {offer}" for offer in offers)
        known = f" Answers were written for these, among others:\n\n{listed}\n\n" if offers else "\n\n"
        return (
            f"No answer was written for this question, and without a key nobody can write one now.{known}"
            'With a key of your own, "Go live" asks a model instead.'
        )


def _written(entry: Entry) -> str:
    return f"{entry.answer}\n\nIn this lesson: *{entry.section}*" if entry.section else entry.answer


def _folded(text: str) -> str:
    """The words only: no case, no punctuation, one blank between them."""
    return " ".join(re.findall(r"\w+", text.lower()))


def _read(body: Mapping[str, Any]) -> tuple[str, dict[str, str], list[str]]:
    """The question, the exercise and feedback of the last verdict, and the questions asked before."""
    asked: list[str] = []
    context: dict[str, str] = {}
    for turn in body["messages"]:
        if turn["role"] != "user":
            continue
        texts = [block["text"] for block in as_blocks(turn["content"]) if block.get("type") == "text"]
        asked.append(texts[-1] if texts else "")
        for text in texts[:-1]:
            for attributes in _VERDICT.findall(text):
                context = dict(_ATTRIBUTE.findall(attributes))
    return (asked[-1] if asked else ""), context, asked[:-1]


# --- ranking ---------------------------------------------------------------------------------------


class _Index:
    """SQLite's full-text index finds candidates; how alike they are is computed from the rarity of shared words."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries
        counts = Counter(word for entry in entries for word in frozenset().union(*entry.words))
        self._rarity = {word: math.log(1 + len(entries) / count) for word, count in counts.items()}
        self._unknown = math.log(1 + len(entries))
        self._known = sorted(counts)
        self._base = sqlite3.connect(":memory:", check_same_thread=False)
        weakref.finalize(self, self._base.close)  # Python 3.13 warns of a connection that nobody closed
        self._base.execute("create virtual table bank using fts5(ask, answer, section, tokenize = 'porter unicode61')")
        rows = [("\n".join(entry.ask), entry.answer, entry.section) for entry in entries]
        self._base.executemany("insert into bank (ask, answer, section) values (?, ?, ?)", rows)

    def rank(self, asked: str, lesson: str) -> list[tuple[float, Entry]]:
        """Entries by likeness, best first; one of this lesson counts a little more."""
        words = frozenset(self._mended(word) for word in words_of(asked))
        if not words:
            return []
        terms = " OR ".join(
            f'"{word}"' for word in sorted({part for word in words for part in word.split("_")}) if word
        )
        rows = self._base.execute(
            "select rowid from bank where bank match ? order by bm25(bank, 8.0, 1.0, 3.0) limit 24", (terms,)
        )
        found = [self.entries[row - 1] for (row,) in rows]
        scored = [(self._likeness(words, entry) + 0.03 * (entry.lesson == lesson), entry) for entry in found]
        return sorted(scored, key=lambda pair: -pair[0])

    def _likeness(self, words: frozenset[str], entry: Entry) -> float:
        """0 to 1: shared rare words against all words of both, for the best of the entry's questions."""
        return max(
            (self._weight(words & one) * 2 / (self._weight(words) + self._weight(one)) for one in entry.words),
            default=0.0,
        )

    def _weight(self, words: Iterable[str]) -> float:
        return sum(self._rarity.get(word, self._unknown) for word in words) or 1e-9

    def _mended(self, word: str) -> str:
        """The known word that a typing error was meant to be."""
        if word in self._rarity or len(word) < 4:
            return word
        near = difflib.get_close_matches(word, self._known, 1, 0.8)
        return near[0] if near else word


def words_of(text: str) -> frozenset[str]:
    """The telling words, plurals and endings cut off."""
    found = (word.lower() for word in _WORD.findall(text))
    return frozenset(_stem(word) for word in found if word not in _STOP)


def _stem(word: str) -> str:
    for ending, least in (("ies", 5), ("ing", 6), ("es", 5), ("ed", 5), ("s", 4)):
        if word.endswith(ending) and len(word) >= least and not word.endswith("ss") and "_" not in word:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


# --- loading ---------------------------------------------------------------------------------------


def load(folder: Path = FOLDER) -> Bank:
    """The bank of `folder/tutor`, read again only when a file has changed."""
    return _load(stamp((folder / "tutor").glob("*.yaml")))


@lru_cache(maxsize=4)
def _load(files: tuple[tuple[str, int], ...]) -> Bank:
    entries: list[Entry] = []
    suggestions: dict[str, list[str]] = {}
    for name, _ in files:
        path = Path(name)
        data = read_yaml(path)
        if not isinstance(data, dict) or not isinstance(data.get("entries"), list):
            raise RecordingError(f"tutor/{path.stem}: expected source and entries")
        suggestions[path.stem] = list(data.get("suggestions") or [])
        entries += [_entry(path.stem, number, one) for number, one in enumerate(data["entries"], 1)]
    return Bank(entries, suggestions)


def _entry(lesson: str, number: int, data: Any) -> Entry:
    name = f"tutor/{lesson}#{number}"
    if not isinstance(data, dict) or not isinstance(data.get("answer"), str) or not (data.get("ask") or data.get("id")):
        raise RecordingError(f"{name}: expected an answer, and ask or id")
    ask = tuple(str(question) for question in data.get("ask") or ())
    words = tuple(words_of(question) for question in ask)
    return Entry(
        name, lesson, str(data.get("id", "")), ask, data["answer"].strip(), str(data.get("section", "")), words
    )
