"""What a question says: its telling words, one spelling for each, typing errors mended.

"How much do replies cost?" and "what is the pirce of an answer" come to the same two words. Code is read like words:
`max_tokens`, "max tokens" and "maxtokens" are one thing, `RateLimitError` and "rate limit error" another.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

LIKE = 0.8  # how like a known word a misspelt one must be, as `difflib` measures it

_STOP = frozenset(
    """
    a about after again all also am an and any are as at be because been being but by came can come could d did do does
    doing don even every exactly explain for from get give go got had happen happens has have he her here hers him his
    how i if in into is isn it its itself just know let ll look m make many may me mean meant means might mine more most
    much must my need no now of off oh ok on once one only or other our out over please put quite re really s say says
    see she should show so some still such t tell than that the their them then there these they thing things this
    those to too up us use used using ve very want was way we were what whats when where which while who whom whose why
    will with would you your yours stand stands meaning purpose abbreviation obtain explanation explained something
    anything actually simply basically kind sort wants wanted like hello hi hey thanks ask asked
    """.split()  # noqa: SIM905  # words, to be read as words
)
# Words that beginners use for one thing. The first of a line stands for all of them.
_SAME = """
    cost costs price prices pricing pay pays paid paying payment money bill bills billed billing charge charged cents
        cent dollar dollars fee expensive dear dearer cheap cheaper cheapest spend spends spent spending budget
    free
    reply replies answer answers answered response responses
    request requests call calls called query queries
    difference different differ differs versus vs compare compared comparison distinguish distinction
    fast faster fastest quick quicker quickest quickly speed sooner slow slower slowest latency rapid
    retry retries retried retrying resend reattempt reattempts attempts retryable
    cut truncated truncate interrupted incomplete dropped broken broke breaks break
    remember remembers remembered forget forgets forgot forgotten memory remembering recall recalls memorise
    best better suit suits fits fit suitable
    correct right valid proper properly
    length long longer short shorter shorten brief briefer briefly size big bigger biggest large larger largest
        maximum highest high higher upper
    user users customer customers visitor visitors people person someone somebody reader readers
    need needed require required requires requirement mandatory necessary obligatory optional
    begin begins beginning start starts starting started first
    end ends ended ending finish finished finishes stop stops stopped stopping abort aborted cancel cancelled quit
        done complete completed over
    wrong bad fails fail failed failing failure crash crashes crashed problem problems trouble issue
    error errors exception exceptions
    instruction instructions prompt prompts
    model models haiku sonnet opus fable
    library sdk package
    piece pieces chunk chunks part parts delta deltas
    refuse refused refuses refusal refusals reject rejected rejects decline declined declines
    permit permitted permits allow allowed allows possible accept accepted accepts
    safe secure security protect protected protection danger dangerous risk risky unsafe
    example examples sample samples
    secret secrets password passwords hidden hide confidential
    notice notices detect recognise recognize recognised recognized spot realise
    change changes changed swap swapped alter edit modify update
    wait waits waiting pause pauses delay delays
    seconds second
    same identical equal equally deterministic
    language languages french spanish german
    write written writes writing wrote
    create creates made making
    measure count counts counted counting
    continue resume proceed carry
    ignore ignored ignores overrule override overrides overridden trick tricked bypass circumvent
    choose pick select choice decide
    advice tip tips recommend recommendation suggest suggestion
    capable smart smartest powerful strong strongest intelligent clever
    store stored save saved keep kept saving
    appear appears display displayed visible shown
    network wifi internet connection connect offline online
    include includes contain contains hold holds
    page pages web website browser
    app apps application applications
    task tasks job jobs
    previous earlier prior
    idea ideas
    exercise exercises
    conversation conversations dialogue
    key keys credential credentials
    thinking think thinks thoughts thought
    beginner beginners newbie novice
    many several multiple
    bot chatbot assistant
"""  # fmt: skip


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
    for line in re.split(r"\n    (?! )", _SAME):
        first, *others = line.split() or [""]
        same |= {each: stem(first) for word in (first, *others) if word for each in (word, stem(word))}
    return same


_FIRST = _groups()


def spelt(text: str) -> list[str]:
    """The words of a text in small letters, code taken apart: `stop_reason` gives stop and reason."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return re.findall(r"[a-z0-9]+", re.sub(r"(?<=\d),(?=\d{3})", "", text).lower())


def telling(words: Iterable[str]) -> frozenset[str]:
    """What the words are about: without those that every question has, one spelling for each."""
    return frozenset(_FIRST.get(word) or _FIRST.get(stem(word)) or stem(word) for word in words if word not in _STOP)


class Speller:
    """Mends words by the texts it has seen. `known` words stay; only those of `asked` are taken for a misspelt one."""

    def __init__(self, asked: Iterable[str], known: Iterable[str]) -> None:
        texts = list(asked)
        targets = {word for text in texts for word in spelt(text)} | _STOP | set(_FIRST)
        self._joined = {"".join(parts): parts for text in texts for parts in _compounds(text)}
        self.known = targets.union(*map(spelt, known))
        self._near: dict[str, list[str]] = defaultdict(list)
        for word in sorted(targets | set(self._joined)):
            self._near[word[0]].append(word)

    def words(self, text: str) -> list[str]:
        """The words of a question, mended."""
        meant = map(self._meant, spelt(text))
        return [part for word in meant for part in self._joined.get(word, [word])]

    def _meant(self, word: str) -> str:
        if word in self._joined or word in self.known or len(word) < 3 or word.isdigit():
            return word
        near = [each for each in self._near[word[0]] if abs(len(each) - len(word)) < 3]
        swapped = [each for each in near if sorted(each) == sorted(word)]
        close = difflib.get_close_matches(word, near, 1, LIKE) if len(word) > 3 else []
        return next(iter(swapped or close), word)


def _compounds(text: str) -> list[list[str]]:
    """The words of code in a text, each taken apart, and pairs of words that people write as one: "ratelimit"."""
    code = [parts for word in re.findall(r"\w[\w\-]*\w", text) if len(parts := spelt(word)) > 1]
    pairs = [[one, two] for one, two in pairwise(spelt(text)) if len(one) > 2 and not {one, two} & _STOP]
    return [*code, *pairs]
