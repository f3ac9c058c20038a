"""Questions to the tutor: the answer that was written for one, the closest there are, or an honest nothing.

In this order: the same words (this lesson first) → words of any conversation ("hello", "what now?") → the id of a
feedback, a hint or an error → an exercise that is named → an error message that was pasted → what only makes sense
after the turn before → ranking, believed only when question and entry share their telling words → "the closest I
have" → nothing, with the sections to read.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from tutor import settings

from . import asked, coach, entries, pasted, sections
from .asked import Asked
from .coach import Coach
from .entries import Entry, folded
from .found import LIVE, OFFERED, Found, closest, heard, listed
from .ranking import Index, Near, Words
from .recordings import FOLDER, stamp
from .talk import Talk

NEAR, HELD = 0.5, 0.5  # likeness from which an answer is offered, and what is added for holding all of the question
LISTED = OFFERED + 2  # of the answers that are like it, how many are looked at
MENTIONS = 0.2  # how much of a question without an answer another must hold to be named among those that have one
BESIDE = 0.25  # likeness from which it is named beside an answer that was found in another way
RIVAL = 0.5  # how near to the best another answer must come to be named beside it
SAID = 0.75  # how much of what is said about an exercise its feedback must hold, to be what is wanted
BARE = 3  # telling words of a bare code word or error; what says more may ask for something else
AHEAD = 0.05  # by how much the feedback of an exercise must be nearer than the answers to questions, to come first
ABROAD = "*The recorded answers are in English.*\n\n"

_CODE = re.compile(r"\w*(?:[a-z][A-Z]|_|/)[\w/\-]*")  # a word that stands for itself: rate_limit_error, RateLimitError


class Bank:
    """All answers of all lessons, with an index built at the first question that needs it."""

    def __init__(
        self, known: list[Entry], suggestions: Mapping[str, list[str]], notebooks: Path = settings.ROOT / "notebooks"
    ) -> None:
        self.entries, self.suggestions, self.notebooks = known, suggestions, notebooks
        self._ids: dict[str, list[Entry]] = {}
        for entry in known:
            for word in _ids(entry):
                self._ids.setdefault(word, []).append(entry)
        self.coach, self.talk, self.messages = Coach(known), Talk(known), pasted.shown(known)
        self._index: Index | None = None
        self._lock = threading.Lock()

    @property
    def index(self) -> Index:
        """The index of answers and sections."""
        if self._index is None:
            searched = [entry for entry in self.entries if entry.ask and not entry.step and not entry.talk]
            self._index = Index(searched, sections.read(self.notebooks))
        return self._index

    def answer(self, body: Mapping[str, Any], lesson: str) -> Found:
        """The answer to the last block of the last turn of a tutor's request."""
        turn = asked.read(body)
        with self._lock:
            found = self._find(turn, lesson)
        return found._replace(text=ABROAD + found.text) if turn.abroad and found.how != "exact" else found

    def _find(self, turn: Asked, lesson: str) -> Found:
        if turn.oversteps:
            return Found("none", None, self._nothing(self.index.read(""), lesson))
        if entry := self._exact(turn, lesson) or self.talk.find(turn.question, lesson):
            return self._said(turn, entry, lesson)
        exercise = self.coach.named(turn.question, lesson)
        if entry := self._by_id(turn, lesson):
            return Found("exact", entry, self._written(entry, lesson))
        if exercise:
            return self._coached(turn, exercise, lesson)
        if entry := self._code(turn, lesson) or self._pasted(turn, lesson):
            return self._beside(turn, entry, lesson)
        if self.coach.wants_hint(turn) and len(turn.question.split()) < 7 and (hints := self._first_hints(lesson)):
            return Found("closest", None, f"A hint for which exercise?\n\n{listed(hints)}")
        return self._search(turn, lesson)

    # --- found by name --------------------------------------------------------------------------------

    def _exact(self, turn: Asked, lesson: str) -> Entry | None:
        words = folded(turn.question)
        return _first([entry for entry in self.entries if words and words in entry.folded], lesson)

    def _said(self, turn: Asked, entry: Entry, lesson: str) -> Found:
        """The entry; after "hello" what to ask next; "I don't understand" leads on from the last answer."""
        if entry.talk == "again" and turn.earlier:
            return self._follow(turn._replace(question=""), lesson)
        if not entry.talk:
            return Found("exact", entry, self._written(entry, lesson))
        offers = [*self._offers(lesson), *self._first_hints(lesson)]
        return Found("exact", entry, f"{entry.answer}\n\n{listed(offers)}" if offers else entry.answer)

    def _by_id(self, turn: Asked, lesson: str) -> Entry | None:
        if self.coach.wants_verdict(turn):
            return self._id(f"{turn.exercise}/{turn.feedback}", lesson)
        meant = self.coach.wants_hint(turn) and self.coach.meant(turn, lesson)
        return self.coach.hint(turn, meant) if meant else None

    def _code(self, turn: Asked, lesson: str) -> Entry | None:
        """The entry of the one code word, such as a type of error, that a short question names."""
        named = [word for word in dict.fromkeys(_CODE.findall(turn.question)) if word in self._ids]
        alone = len(named) == 1 and not pasted.looks(turn.question) and len(turn.question.split()) < 9
        return self._id(named[0], lesson) if alone and not self.index.read(turn.question).doubtful else None

    def _coached(self, turn: Asked, exercise: str, lesson: str) -> Found:
        """What there is about an exercise that the question names: a hint, or the feedback that is near and a hint."""
        words = self.index.speller.words(turn.question)
        hint = self.coach.hint(turn, exercise)
        if self.coach.wants_solution(words) and (entry := coach.solution(self.entries, lesson)):
            return Found("exact", entry, self._written(entry, lesson))
        read = self.index.read(turn.question)
        name = self.index.read(exercise.replace("_", " ")).all
        read = read._replace(telling=read.telling - name, all=read.all - name)
        feedback = self.coach.feedback(exercise)
        held = self.index.share(read, feedback)
        near = [Near(held[one.name], one) for one in feedback if held[one.name] >= coach.FITS]
        near.sort(reverse=True, key=lambda one: one.likeness)
        lost = self.coach.wants_start(words) and not (len(read.telling) > 1 and near and near[0].likeness >= SAID)
        around = [one for one in self.index.rank(read, lesson) if not one.entry.exercise]
        if hint and (lost or not read.telling):
            others = tuple(one.entry for one in _beside(around[: OFFERED - 1]))
            text = f"*A hint for `{exercise}`*\n\n{self._written(hint, lesson)}"
            return Found("search", hint, text + _else(others), others)
        asked = around[: max(1, OFFERED - len(near))]
        offered = [*near[: OFFERED - len(asked)], *asked, *(Near(1.0, one) for one in [hint] if one)]
        return closest(f"About `{exercise}` I have these:", offered, OFFERED + 1)

    def _id(self, word: str, lesson: str) -> Entry | None:
        return _first(self._ids.get(word, []), lesson)

    def _pasted(self, turn: Asked, lesson: str) -> Entry | None:
        """The entry that knows a pasted error by its message, else one sure to fit it, else that of its type."""
        if held := pasted.known(turn.question, self.messages):
            return _first(held, lesson)
        if not pasted.looks(turn.question):
            return None
        words = self.index.read(pasted.message(turn.question))
        told = self.index.rank(words, lesson)[:1] if pasted.from_api(turn.question) and not words.doubtful else []
        if told and told[0].sure:
            return told[0].entry
        if words.doubtful and not pasted.from_api(turn.question):
            return None
        return next(filter(None, (self._id(word, lesson) for word in _CODE.findall(turn.question))), None)

    # --- found by likeness ----------------------------------------------------------------------------

    def _search(self, turn: Asked, lesson: str) -> Found:
        if turn.follows:
            return self._follow(turn, lesson)
        given = self._given(turn)
        near = _feedback_last(self._near(turn, lesson))
        if given and given.answer.endswith("?") and turn.tells:
            return heard(given, near)
        if near and near[0].sure:
            return self._fits(near, lesson)
        if near:
            return closest("No answer was written for just this question. The closest I have:", near)
        return Found("none", None, self._nothing(self.index.read(turn.question, strange=turn.abroad), lesson))

    def _near(self, turn: Asked, lesson: str) -> list[Near]:
        """What is near the question, best first, enough to choose from."""
        words = self.index.read(turn.question, strange=turn.abroad)
        return self._worth(words, self.index.find(turn.question, lesson, turn.abroad))

    def _worth(self, words: Words, ranked: list[Near]) -> list[Near]:
        """The first few, if one of them is so like the question that they are worth a look."""
        first = ranked[:LISTED]
        held = self.index.share(words, [one.entry for one in first])
        near = [one.likeness + HELD * held[one.entry.name] >= NEAR for one in first if held[one.entry.name]]
        return first if any(near) else []

    def _given(self, turn: Asked) -> Entry | None:
        """The answer that was given last."""
        return next((entry for entry in reversed(self.entries) if entry.answer in turn.said), None)

    def _follow(self, turn: Asked, lesson: str) -> Found:
        """What is near this question and the one before together; the same answer again only if nothing else is."""
        given = self._given(turn)
        alone = not self.index.read(turn.adds).telling
        words = self.index.read(f"{turn.earlier[-1]} {turn.adds or (given.answer if given else '')}")
        ranked = self.index.rank(words, lesson)
        others = [one for one in ranked if given is None or one.entry.ask[:1] != given.ask[:1]]
        others = [one for one in others if not (alone and one.entry.exercise)]
        if alone and others:
            where = f" Read *{given.section}* slowly, and run its cells." if given and given.section else ""
            return closest(f"Written answers cannot go on by themselves.{where} Close to the last one I have:", others)
        if near := self._worth(words, others) or _beside(ranked):
            return closest("No answer was written for just this. With your last question, the closest I have:", near)
        return Found("none", None, self._nothing(words, lesson))

    def _beside(self, turn: Asked, entry: Entry, lesson: str) -> Found:
        """The answer for a code word or an error message, and what else comes near the words around it."""
        words = self.index.read(turn.question)
        asked = [one for one in _beside(self.index.rank(words, lesson)) if one.entry.ask != entry.ask]
        others = tuple(one.entry for one in asked[: OFFERED - 1]) if len(words.telling) > BARE else ()
        return Found("exact", entry, self._written(entry, lesson) + _else(others), others)

    def _fits(self, near: list[Near], lesson: str) -> Found:
        """The answer with the question it was written for, and those that came close to it."""
        best, entry, _ = near[0]
        others = tuple(one.entry for one in near[1:OFFERED] if one.likeness >= RIVAL * best)
        text = f'*Written for the question "{entry.ask[0]}"*\n\n{self._written(entry, lesson)}'
        return Found("search", entry, text + _else(others), others)

    def _written(self, entry: Entry, lesson: str) -> str:
        if not entry.section:
            return entry.answer
        path = next(self.notebooks.glob(f"[0-9][0-9]_{entry.lesson}.ipynb"), None)
        other = f"lesson {path.stem[:2]}" if path else f"the lesson {entry.lesson}"
        where = "this lesson" if entry.lesson == lesson else other
        return f"{entry.answer}\n\nIn {where}: *{entry.section}*"

    def _first_hints(self, lesson: str) -> list[str]:
        return [hint.ask[0] for hint in self.coach.first_hints(lesson)]

    def _offers(self, lesson: str) -> list[str]:
        """The suggestions of a lesson: the first questions of its bank."""
        known = [entry.ask[0] for entry in self.entries if entry.ask and entry.lesson == lesson and not entry.talk]
        return self.suggestions.get(lesson) or known[:4]

    def _nothing(self, words: Words, lesson: str) -> str:
        """No answer: where to read about the words, and what there are answers for, those with its words first."""
        pages = self.index.pages(words.telling, lesson)
        first = [one.entry for one in self.index.rank(words, lesson)[:LISTED] if not one.entry.exercise]
        held = self.index.share(words, first)
        offers = [entry.ask[0] for entry in first if held[entry.name] >= MENTIONS][:OFFERED]
        if not pages and not offers:
            offers = self._offers(lesson)
        text = "No answer was written for this question, and without a key nobody can write one now."
        if pages:
            where = [f"- *{page.heading}*" + f", lesson {page.number}" * (page.lesson != lesson) for page in pages]
            text += " These sections mention its words:\n\n" + "\n".join(where)
        if offers:
            text += ("\n\n" if pages else " ") + "Answers were written for these, among others:\n\n" + listed(offers)
        return f"{text}\n\n{LIVE}"


def _else(others: tuple[Entry, ...]) -> str:
    return f"\n\nIf you meant something else, ask:\n\n{listed([one.ask[0] for one in others])}" if others else ""


def _feedback_last(ranked: list[Near]) -> list[Near]:
    """The answers to questions first, unless feedback is far ahead."""
    asked = [one for one in ranked if not one.entry.exercise]
    told = [one for one in ranked if one.entry.exercise]
    if told and (not asked or told[0].likeness > asked[0].likeness + AHEAD):
        return told + asked
    return asked + told


def _beside(ranked: list[Near]) -> list[Near]:
    return [one for one in ranked if one.likeness >= BESIDE]


def _first(entries: list[Entry], lesson: str) -> Entry | None:
    return next((entry for entry in entries if entry.lesson == lesson), entries[0] if entries else None)


def _ids(entry: Entry) -> list[str]:
    """What an entry is found by: its id, and those of its questions that are one word of code."""
    return [word for word in (entry.id, *entry.ask) if word and _CODE.fullmatch(word)]


# --- loading ---------------------------------------------------------------------------------------


def load(folder: Path = FOLDER) -> Bank:
    """The bank of `folder/tutor`, read again only when a file has changed."""
    return _load(stamp((folder / "tutor").glob("*.yaml")))


@lru_cache(maxsize=4)
def _load(files: tuple[tuple[str, int], ...]) -> Bank:
    found = [entries.read(Path(name)) for name, _ in files]
    return Bank([entry for lesson in found for entry in lesson.entries], {one.lesson: one.suggestions for one in found})
