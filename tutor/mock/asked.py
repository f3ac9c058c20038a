"""What a request of the tutor asks: the question, what was said before, and which kind of turn it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .recordings import as_blocks

_VERDICT = re.compile(r"<last_verdict\b([^>]*)>")
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_LEANS = re.compile(r"\W*(and|but|so|then|or|(what|how) about|(an? |for )?example)\b", re.I)
_ALONE = re.compile(
    r"\W*(why|how so|how come|more|go on|really|explain|what do you mean|tell me more|"
    r"(please|can you|could you) explain( it| that)?|"
    r"(sorry,? )?i (still )?(don.?t|do not) (get|understand)( it| that)?)\W*$",
    re.I,
)
_ASKS = re.compile(
    r"\W*(what|why|how|when|where|which|who|whose|is|are|am|was|do|does|did|can|could|may|might|must|should|would|will|"
    r"has|have|give|tell|show|explain|help|write|list|compare|make|i (get|got|see|need|want|have|am)|my|hint|error)\b",
    re.I,
)
_ABROAD = frozenset(
    """
    el la los las un una que qué cómo como cuál por para está es é não uma qual quê der das ist nicht wie warum und ich
    eine le les une est des aux du pourquoi quelle quel quoi che cosa perché gli è
    """.split()  # noqa: SIM905  # words, to be read as words
)
_OVERSTEPS = re.compile(
    r"\W*(you are now\b|from now on\b|pretend\b|act (as|like)\b)|"
    r"\W*((please|now|can you|could you|would you) )*("
    r"(ignore|forget|disregard|override|drop)\b.*\b(instructions?|rules?|above|prompts?|everything)|"
    r"(give|send|lend|show|tell|print|reveal|share)\b(?!.*\b(hint|how|where|what|why)\b).*"
    r"\b((api|your|an?|the|some(body|one).?s)( api)? keys?(?! (point|difference|idea|part|thing|word)s?\b)|"
    r"(your|hidden|secret) (instructions?|rules?|prompts?)))\b|"
    r"\W*what (is|are) your( own)? (instructions?|rules?|system prompts?|prompts?)\b|.*\bjailbreak prompt",
    re.I,
)
_NOT_LATIN = re.compile(r"[\u0370-\u1cff\u2e80-\ud7ff\uf900-\ufdff]")


class Asked(NamedTuple):
    """The last turn of a tutor's request; `earlier` are the questions before it, `said` the tutor's last words."""

    question: str
    exercise: str = ""
    feedback: str = ""
    earlier: tuple[str, ...] = ()
    said: str = ""

    @property
    def follows(self) -> bool:
        """Whether it leans on the turn before: "and why?", "what about streams?"."""
        return bool(self.earlier) and len(self.question.split()) < 9 and self.adds != self.question

    @property
    def adds(self) -> str:
        """The question without the words that only lean on the turn before."""
        rest = _LEANS.sub("", self.question, count=1) if _LEANS.match(self.question) else self.question
        return "" if _ALONE.match(rest) else rest

    @property
    def tells(self) -> bool:
        """Whether it says something instead of asking, and is short: perhaps an answer to what the tutor asked."""
        return "?" not in self.question and not _ASKS.match(self.question) and len(self.question.split()) <= 25

    @property
    def oversteps(self) -> bool:
        """Whether it orders the tutor to give up its rules, or a key."""
        return bool(_OVERSTEPS.match(self.question))

    @property
    def abroad(self) -> bool:
        """Whether it is in another language than English."""
        words = set(re.findall(r"[^\W\d_]+", self.question.lower()))
        signs = sum(word in _ABROAD for word in words) + sum(not word.isascii() for word in words)
        return bool(_NOT_LATIN.search(self.question)) or signs > 1


def read(body: Mapping[str, Any]) -> Asked:
    """What the body of a request asks."""
    asked: list[str] = []
    context: dict[str, str] = {}
    said = ""
    for turn in body["messages"]:
        texts = [block["text"] for block in as_blocks(turn["content"]) if block.get("type") == "text"]
        if turn["role"] != "user":
            said = "\n\n".join(texts)
            continue
        asked.append(texts[-1] if texts else "")
        for text in texts[:-1]:
            for attributes in _VERDICT.findall(text):
                context = dict(_ATTRIBUTE.findall(attributes))
    *earlier, question = asked or [""]
    return Asked(question, context.get("exercise", ""), context.get("feedback", ""), tuple(earlier), said)
