"""The exercises as the tutor knows them: which one a question names, its hints, its feedback, never its solution."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable

from .asked import Asked
from .entries import Entry, folded
from .words import said

FITS = 0.3  # how much of a question a feedback must hold to be named for it
MISSPELT = 0.84
# Many exercises have the name of an ordinary verb. It means the exercise at the beginning, or beside one of these.
_BEFORE = frozenset("in on for does did exercise task function solve solving doing hint stuck".split())  # noqa: SIM905
_BEHIND = frozenset(
    """
    exercise task function check is still i why how what which when where does do can fails crashes gives returns says
    keeps wants needs help not prints shows adds loses hides looks waits retries sends always never
    """.split()  # noqa: SIM905  # words, to be read as words
)
_HINT = re.compile(r"\bhint\b(?!\(| do\b| and\b)|\bstuck\b", re.I)
_WHY_NOT = re.compile(
    r"\bwhy\b.*\b(not|isn.?t|wasn.?t|doesn.?t|won.?t)\b.*\b(accept(ed)?|right|correct|done|pass|work)\b|"
    r"^\W*(it.?s |it is )?still not (accepted|right|correct|done)|"
    r"^\W*(but )?(what|why)( is|.?s| was)? (wrong|it wrong)|"
    r"\bwhat is wrong with (it|this|my (answer|code|cell|function))\b|\bwhat did i do wrong\b",
    re.I,
)
_LOST = re.compile(
    r"\b(stuck|help|start|begin|lost|no (idea|clue)|explain|understand|get it|(do|does) not know|do not get|"
    r"(what|how) (do|should|must|can) i (do|go on|solve)|what to do|how to (do|solve)|next|hints?)\b"
)
_SOLVE = re.compile(
    r"\b(solutions?|solved|give up|answers? (to|of|for)|the answers?|(write|do) it for me|just tell me)\b"
)


class Coach:
    """Hints and feedback of all exercises."""

    def __init__(self, known: Iterable[Entry]) -> None:
        self._hints: dict[str, list[Entry]] = defaultdict(list)
        self._feedback: dict[str, list[Entry]] = defaultdict(list)
        self._asked: set[tuple[str, str]] = set()  # lesson, and a word of a question that is about no exercise
        for entry in known:
            if not entry.exercise:
                self._asked |= {(entry.lesson, word) for one in entry.folded for word in one.split()}
            else:
                (self._hints if entry.step else self._feedback)[entry.exercise].append(entry)

    def first_hints(self, lesson: str) -> list[Entry]:
        """The first hint of each exercise of a lesson."""
        return [hints[0] for hints in self._hints.values() if hints[0].lesson == lesson and hints[0].ask]

    def feedback(self, exercise: str) -> list[Entry]:
        """Every feedback of an exercise."""
        return self._feedback[exercise]

    def wants_hint(self, turn: Asked) -> bool:
        """Whether it asks for a hint."""
        return bool(_HINT.search(turn.question))

    def wants_verdict(self, turn: Asked) -> bool:
        """Whether it asks why the last answer was not accepted."""
        return bool(turn.exercise and _WHY_NOT.search(turn.question))

    def wants_start(self, words: list[str]) -> bool:
        """Whether somebody does not know how to go on, in these words."""
        return bool(_LOST.search(" ".join(words)))

    def wants_solution(self, words: list[str]) -> bool:
        """Whether somebody wants the solution, in these words."""
        return bool(_SOLVE.search(" ".join(words)))

    def meant(self, turn: Asked, lesson: str) -> str:
        """The exercise that the question names, else that of the last verdict, else one named before."""
        named = (self.named(text, lesson) for text in (turn.question, turn.exercise, *reversed(turn.earlier)))
        return next(filter(None, named), "")

    def hint(self, turn: Asked, exercise: str) -> Entry | None:
        """The next hint: one step further for each time that a hint was asked for."""
        step = 1 + sum(bool(_HINT.search(question)) for question in turn.earlier)
        hints = self._hints[exercise]
        return hints[min(step, len(hints)) - 1] if hints else None

    def named(self, text: str, lesson: str) -> str:
        """The exercise that a text names: as code anywhere, else one of this lesson where it must be a name."""
        for code in map(str, re.findall(r"\w+", text)):
            if code in self._hints and ("_" in code or code == text):
                return code
        words = said(text)
        here = [name for name, hints in self._hints.items() if hints[0].lesson == lesson]
        for name in here:
            size = name.count("_") + 1
            for place in range(len(words) - size + 1):
                written = "_".join(words[place : place + size])
                if written == name and size == 1 and (lesson, name) not in self._asked:
                    return name
                if self._is(name, written) and (
                    (place == 0 and ":" in text[: len(name) + 2]) or _stands(words, place, size)
                ):
                    return name
            if "_" in name and name.replace("_", "") in words:
                return name
        return ""

    def _is(self, name: str, written: str) -> bool:
        if name == written:
            return True
        close = abs(len(name) - len(written)) < 3 and name[0] == written[0] and name + "s" != written
        return close and len(name) > 5 and difflib.SequenceMatcher(None, name, written).ratio() >= MISSPELT


def _stands(words: list[str], place: int, size: int) -> bool:
    """Whether the words from `place` on stand where a name would."""
    behind = words[place + size] if place + size < len(words) else ""
    before = words[place - 1] if place else ""
    return before in _BEFORE or behind == "exercise" or (place == 0 and (size > 1 or not behind or behind in _BEHIND))


def solution(known: Iterable[Entry], lesson: str) -> Entry | None:
    """What the bank of a lesson answers to those who ask for the solution."""
    return next((one for one in known if one.lesson == lesson and folded("Give me the solution") in one.folded), None)
