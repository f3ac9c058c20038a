"""What a question says: its telling words, one spelling for each, typing errors mended.

"How much do replies cost?" and "what is the pirce of an answer" come to the same two words. Code is read like words:
`max_tokens`, "max tokens" and "maxtokens" are one thing, `RateLimitError` and "rate limit error" another.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import chain, pairwise

LIKE = 0.8  # how like a known word a misspelt one must be, as `difflib` measures it
LONG = 25  # letters: longer ones are no misspelt words, and comparing them takes long

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


# Short forms of messages, and what they stand for.
_SHORT = {
    short: tuple(meant.split("_"))
    for short, meant in (
        pair.split("=")
        for pair in """
        u=you ur=your r=are y=why 2=to 4=for n=and b4=before w=with wo=without bc=because cuz=because coz=because
        pls=please plz=please thx=thanks ty=thanks tnx=thanks idk=i_do_not_know wat=what wut=what wht=what wich=which
        wen=when wher=where hav=have dont=do_not doesnt=does_not cant=can_not didnt=did_not isnt=is_not wont=will_not
        im=i_am ive=i_have diff=difference msg=message msgs=messages smth=something sth=something sum1=someone
        some1=someone ppl=people gonna=going_to wanna=want_to gotta=have_to dunno=do_not_know ans=answer err=error
        errs=errors req=request reqs=requests resp=response convo=conversation tho=though lil=little tmrw=tomorrow
        ru=are_you whats=what_is hows=how_is wheres=where_is thats=that_is info=information
        """.split()
    )
}


_THOUSANDS = re.compile(r",(?<=\d,)(?=\d{3})")
_WORD = re.compile(r"[A-Z0-9]*[a-z][a-z0-9]*|[A-Z0-9]+")  # RateLimitError is three words, APIError is one
_CODE = re.compile(r"\w+(?:[_\-]|(?<=[a-z])(?=[A-Z]))[\w\-]*\w")


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
    return [word.lower() for word in _WORD.findall(_THOUSANDS.sub("", text))]


def telling(words: Iterable[str]) -> frozenset[str]:
    """What the words are about: without those that every question has, one spelling for each."""
    return frozenset(map(_one, set(words) - _STOP))


@lru_cache(maxsize=8192)
def _one(word: str) -> str:
    return _FIRST.get(word) or _FIRST.get(stem(word)) or stem(word)


def said(text: str) -> list[str]:
    """The words of what a person types: no apostrophes, the short forms of messages written out."""
    return [part for word in spelt(text.replace("'", "").replace("’", "")) for part in _SHORT.get(word, (word,))]


class Speller:
    """Mends words by the questions it has seen, each with its words: only these are taken for a misspelt one.

    Words that are `known` stay.
    """

    def __init__(self, asked: Mapping[str, list[str]], known: Iterable[str]) -> None:
        targets = _STOP | set(_FIRST) | set(chain.from_iterable(asked.values()))
        beside = {pair for words in asked.values() for pair in pairwise(words)}
        self._joined = {  # what people write as one word, and its parts
            one + two: [one, two] for one, two in beside if len(one) > 2 and one not in _STOP and two not in _STOP
        }
        for code in {code for text in asked for code in _CODE.findall(text)}:
            parts = spelt(code)
            self._joined["".join(parts)] = parts
        self.known = targets.union(known)
        self._near: dict[str, list[str]] = defaultdict(list)
        for word in sorted(targets | set(self._joined)):
            self._near[word[0]].append(word)

    def words(self, text: str) -> list[str]:
        """The words of a question, mended."""
        meant = map(self._meant, said(text))
        return [part for word in meant for part in self._joined.get(word, [word])]

    def _meant(self, word: str) -> str:
        if word in self._joined or word in self.known or not 2 < len(word) < LONG or word.isdigit():
            return word
        near = [each for each in self._near[word[0]] if abs(len(each) - len(word)) < (3 if len(word) > 4 else 2)]
        swapped = [each for each in near if sorted(each) == sorted(word)]
        close = difflib.get_close_matches(word, near, 1, LIKE) if len(word) > 3 else []
        return next(iter(swapped or close), word)
