"""What a question says: its telling words, one spelling for each, typing errors mended.

"How much do replies cost?" and "what is the pirce of an answer" come to the same two words. Code is read like words:
`max_tokens`, "max tokens" and "maxtokens" are one thing, `RateLimitError` and "rate limit error" another.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from .vocabulary import LIGHT, SAME, SHORT, STOP

LIKE = 0.8  # how like a known word a misspelt one must be, as `difflib` measures it
SOUND = 0.7  # the same, where all consonants are right: "meny"
DOUBTFUL = 6  # letters: shorter words are easily mistaken for each other
SPELLINGS = 16_384  # words whose one spelling is kept: those of the bank, and what learners type
LONG = 25  # letters: longer ones are no misspelt words, and comparing them takes long

_THOUSANDS = re.compile(r",(?<=\d,)(?=\d{3})")
_WORD = re.compile(r"[A-Z0-9]*[a-z][a-z0-9]*|[A-Z0-9]+")  # RateLimitError is three words, APIError is one
_WRITTEN = re.compile(r"\w[\w\-]*\w")


def stem(word: str) -> str:
    """The word without its ending: `caching`, `cached` and `caches` are `cach`."""
    for ending, least in (("ies", 5), ("ing", 6), ("ed", 5), ("es", 5), ("s", 4)):
        if word.endswith(ending) and len(word) >= least and not word.endswith(("ss", "us")):
            word = word[: -len(ending)] + ("y" if ending == "ies" else "")
            if ending in ("ing", "ed") and len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
                word = word[:-1]
            break
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def _groups() -> dict[str, str]:
    same: dict[str, str] = {}
    for line in re.split(r"\n    (?! )", SAME):
        first, *others = line.split() or [""]
        same |= {each: stem(first) for word in (first, *others) if word for each in (word, stem(word))}
    return same


_FIRST = _groups()


def spelt(text: str) -> list[str]:
    """The words of a text in small letters, code taken apart: `stop_reason` gives stop and reason."""
    plain = _THOUSANDS.sub("", text) if "," in text else text
    return " ".join(_WORD.findall(plain)).lower().split()


def telling(words: Iterable[str]) -> frozenset[str]:
    """What the words are about: without those that every question has, one spelling for each."""
    return frozenset([_ones[word] for word in words if word not in STOP])


def ones(words: Iterable[str]) -> frozenset[str]:
    """All the words, one spelling for each."""
    return frozenset(map(_ones.__getitem__, words))


class _Ones(dict[str, str]):
    """The one spelling of each word that was met; a dictionary, since an index looks up a hundred thousand."""

    def __missing__(self, word: str) -> str:
        one = _FIRST.get(word) or _FIRST.get(stem(word)) or stem(word)
        if len(self) < SPELLINGS:
            self[word] = one
        return one


_ones = _Ones({word: word for word in STOP})


def light(word: str) -> bool:
    """Whether a telling word tells nothing about the subject, unless the bank asks with it."""
    return word in _LIGHT_STEMS or (len(word) < 3 and not word.isdigit())


def said(text: str) -> list[str]:
    """The words of what a person types: no apostrophes, the short forms of messages written out."""
    return [part for word in spelt(text.replace("'", "").replace("’", "")) for part in SHORT.get(word, (word,))]


_LIGHT_STEMS = telling(LIGHT) | LIGHT


class Speller:
    """Mends words by the questions it has seen: only words that were `asked` in them are taken for a misspelt one.

    Words that are `known` stay.
    """

    def __init__(self, asks: Iterable[str], asked: frozenset[str], known: Iterable[str]) -> None:
        self._asked = asked - STOP
        targets = STOP.union(_FIRST, self._asked)
        written = map(spelt, set(_WRITTEN.findall(" ".join(asks))))
        # code, which people write as one word: max_tokens, x-api-key, RateLimitError
        self._code = {"".join(parts): parts for parts in written if len(parts) > 1}
        self.known = targets.union(known, LIGHT)
        self._meant = lru_cache(maxsize=1024)(self._mend)
        self._near: dict[str, list[str]] = defaultdict(list)
        for word in sorted(targets | {joined for joined in self._code if len(joined) > 5}):
            self._near[word[0]].append(word)

    def words(self, text: str) -> list[str]:
        """The words of a question, mended."""
        meant = map(self._meant, said(text))
        return [part for word in meant for part in self._parts(word) or [word]]

    def _parts(self, word: str) -> list[str]:
        """The words that were written together as one, if any."""
        if word in self._code or word in self.known:
            return self._code.get(word, [])
        halves = ((word[:place], word[place:]) for place in range(3, len(word) - 2))
        return list(next((pair for pair in halves if self._asked.issuperset(pair)), ()))

    def doubtful(self, text: str) -> bool:
        """Whether a short word was taken for a misspelt one: it may well be another word, "plant" and not "plane"."""
        mended = [(word, self._meant(word)) for word in said(text)]
        return any(
            word != meant and meant not in STOP and (len(word) < DOUBTFUL or abs(len(word) - len(meant)) > 1)
            for word, meant in mended
            if not self._parts(word)
        )

    def _mend(self, word: str) -> str:
        if self._parts(word) or word in self.known or not 2 < len(word) < LONG or word.isdigit():
            return word
        near = [each for each in self._near[word[0]] if abs(len(each) - len(word)) < (3 if len(word) > 4 else 2)]
        if swapped := [each for each in near if sorted(each) == sorted(word)]:
            return swapped[0]
        if len(word) == 3:
            return next((each for each in near if each in STOP and _within(word, each)), word)
        if close := difflib.get_close_matches(word, near, 1, LIKE):
            return close[0]
        sound = [each for each in near if _consonants(each) == _consonants(word)]
        return next(iter(difflib.get_close_matches(word, sound, 1, SOUND)), word)


def _within(word: str, longer: str) -> bool:
    """Whether all letters of a word stand in a longer one, in this order."""
    letters = iter(longer)
    return all(letter in letters for letter in word)


@lru_cache(maxsize=8192)
def _consonants(word: str) -> str:
    return re.sub(r"[aeiouy]|(.)(?=\1)", "", word)
