"""What the search came to, and how it is told: an answer, those to choose from, or a word about the learner's own."""

from __future__ import annotations

from typing import NamedTuple

from .entries import Entry
from .ranking import Near

OFFERED = 3
LIVE = 'With a key of your own, "Go live" asks a model instead.'


class Found(NamedTuple):
    """What the search came to: `how` is exact, search, closest, reply or none; `offered` are those to choose from."""

    how: str
    entry: Entry | None
    text: str
    offered: tuple[Entry, ...] = ()

    @property
    def choices(self) -> list[str]:
        """The questions that the text lists to choose from."""
        around = self.text.replace(self.entry.answer, "") if self.entry else self.text
        return [line[2:] for line in around.splitlines() if line.startswith("- ") and not line.startswith("- *")]


def heard(given: Entry, near: list[Near]) -> Found:
    """To what may be an answer to the tutor's own question: nobody here can judge it."""
    if "/" in given.id:
        how = "Try it: change your cell and run it, and the check will say."
    elif given.section:
        how = f"Compare it with the section *{given.section}*, or try it in a new cell."
    else:
        how = "Try it in a new cell."
    text = f"If this answers my question: a reply written in advance cannot judge it. {how} {LIVE}"
    offered = tuple(entry for _, entry, _ in near[:OFFERED])
    if offered:
        text += f"\n\nIf it is a question, the closest I have:\n\n{listed([entry.ask[0] for entry in offered])}"
    return Found("reply", None, text, offered)


def closest(words: str, ranked: list[Near], most: int = OFFERED) -> Found:
    """The best few of what is near, to choose from; a hint that no question asks for cannot be chosen."""
    offered = tuple(entry for _, entry, _ in ranked[:most] if entry.ask)
    questions = listed([entry.ask[0] for entry in offered])
    return Found("closest", None, f"{words}\n\n{questions}\n\nChoose one, or ask it in these words.", offered)


def listed(questions: list[str]) -> str:
    """Questions as a list; each becomes a button in the tutor."""
    return "\n".join(f"- {question}" for question in questions)
