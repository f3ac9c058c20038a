"""Exercises: three verbs for the learner (check, hint, solution), one decorator for the author."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from html import escape
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from tutor import look
from tutor.journal import Journal
from tutor.practice import limit
from tutor.practice.evidence import was_sent
from tutor.practice.feedback import Ended, Panel, Verdict, attempted, highlighted, present
from tutor.practice.overview import AS_OF, Overview
from tutor.practice.progress import Progress
from tutor.practice.way import Way

Check = Callable[[Any, Journal], str | None]
_ENDLESS = (
    "A function that did not come to its end.",
    f"Nothing within {limit.SECONDS:.0f} seconds.",
    "What waits for ever helps nobody, and live it may cost money all the time.",
    "Look for the loop: what has to change for it to end? Print that inside of it, and run the function by itself.",
)
ANSWERS = Path(__file__).resolve().parent.parent / "answers"


@dataclass
class Exercise:
    """One exercise of a lesson. `check`, `hint` and `solution` display and return None; tests call `judge`."""

    name: str
    lesson: str
    task: str
    hints: Sequence[str]
    praise: str
    stretch: bool
    run: Check = field(repr=False)
    journal: Journal = field(default_factory=Journal, repr=False)
    progress: Progress | None = field(default=None, repr=False)
    count: Callable[[], str] = field(default=lambda: "", repr=False)
    onward: Callable[[], Way | None] = field(default=lambda: None, repr=False)
    told: Callable[[Verdict, Any], None] = field(default=lambda verdict, answer: None, repr=False)
    hinted: int = 0
    verdict: Verdict | None = None  # the last one shown

    def judge(self, answer: Any) -> Verdict:
        """The verdict on an answer, without display and without touching the progress."""
        sent = False
        try:
            attempted(not untouched(answer))
            sent = was_sent(answer)
            remark = limit.within(limit.SECONDS, lambda: self.run(answer, self.journal))
            verdict = Verdict("done", text=f"{self.praise} {remark or ''}".strip())
        except Ended as end:
            verdict = end.verdict
        except limit.TookTooLong:
            verdict = Verdict("not yet", feedback="took-too-long", lines=_ENDLESS)
        except Exception as error:  # an object that cannot be compared, or that raises when it is looked at
            text = (
                f"Missing: an answer that can be read. Looking at it ended in `{type(error).__name__}`. "
                "Hand in what the exercise asks for. This says nothing about the rest of the answer."
            )
            verdict = Verdict("can't check", text=text)
        return replace(verdict, exercise=self.name, sent=sent)

    def check(self, answer: Any = ...) -> None:
        """Judge an answer and show the verdict. Sends nothing and never raises because of the answer."""
        verdict = self.judge(answer)
        if verdict.outcome == "done":
            saved = self.progress is None or self.progress.finish(self.lesson, self.name)
            kept = self.count() if saved else "not saved: the folder of the notebooks is read-only or full"
            verdict = replace(verdict, progress=kept, onward=self.onward() if saved else None)
        self.verdict = verdict
        self.told(verdict, answer)
        present(verdict)

    def hint(self) -> None:
        """Show the next hint; each call goes one step further."""
        self.hinted = min(self.hinted + 1, len(self.hints))
        text = self.hints[self.hinted - 1]
        more = "One step further: run `.hint()` again." if self.hinted < len(self.hints) else "This was the last hint."
        way = "The solution is open now: `.solution()`" if self.open else ""
        foot = f"{more} {way}".strip()
        present(
            Panel(
                "hint",
                f"Hint {self.hinted} of {len(self.hints)}",
                self.name,
                f'<p>{look.rich(text)}</p><p class="tutor-meta">{look.rich(foot)}</p>',
                f"{text}\n{foot}",
            )
        )

    @property
    def done(self) -> bool:
        return self.progress is not None and self.name in self.progress.done(self.lesson)

    @property
    def open(self) -> bool:
        """The solution opens after a pass or after two hints."""
        return self.done or self.hinted >= min(2, len(self.hints))

    @property
    def source(self) -> str:
        """The solution, exactly as a learner would type it into the answer cell."""
        return (ANSWERS / self.lesson / self.name / "solution.py").read_text(encoding="utf-8")

    def solution(self, show: bool = False) -> None:
        """Show one solution: after a pass, after two hints, or with `show=True`."""
        if not (self.open or show):
            text = "It opens after a pass or two hints. You can also open it now: `.solution(show=True)`"
            present(Panel("code", "Solution, not open yet", self.name, f"<p>{look.rich(text)}</p>", text))
            return
        reason = "opened after a pass" if self.done else "opened after two hints" if self.open else "opened on request"
        foot = "One way of several. Yours may differ and be right."
        body = f'{highlighted(self.source)}<p class="tutor-meta">{foot}</p>'
        present(Panel("code", "Solution", self.name, body, f"{self.source}\n{foot}", end=reason))

    def __repr__(self) -> str:
        return f"{look.sign('done' if self.done else 'open')} {self.name}: {self.task}"


def exercise(*, hints: Sequence[str], praise: str, stretch: bool = False) -> Callable[[Check], Exercise]:
    """Make an exercise of a check: the name is the function's, the task its docstring.

    The check takes the answer and the journal, and leaves early through `expect`, `attempted` or `checkable`.
    What it returns is a remark on an answer that is right, shown after the praise.
    """

    def make(check: Check) -> Exercise:
        assert isinstance(check, FunctionType)
        task = inspect.cleandoc(check.__doc__ or "")
        lesson = check.__module__.rpartition(".")[2]
        return Exercise(check.__name__, lesson, task, hints, praise, stretch, check)

    return make


def found(lesson: ModuleType) -> dict[str, Exercise]:
    """The exercises that a lesson's module defines, in the order of their definition."""
    return {name: thing for name, thing in vars(lesson).items() if isinstance(thing, Exercise)}


class Exercises(Mapping[str, Exercise]):
    """The exercises of one lesson, by name: `exercises.first_request.check(answer)`. Alone, it shows the progress."""

    def __init__(
        self,
        lesson: ModuleType,
        journal: Journal,
        progress: Progress,
        told: Callable[[Verdict, Any], None],
        overview: Overview,
    ) -> None:
        self._all = found(lesson)
        self._lesson = lesson.__name__.rpartition(".")[2]
        self._progress = progress
        self.map = overview
        for each in self._all.values():
            each.journal, each.progress, each.told = journal, progress, told
            each.count, each.onward = self.count, partial(self.onward_from, each)

    def __getattr__(self, name: str) -> Exercise:
        if name.startswith("_") or name not in self._all:
            raise AttributeError(f"No exercise is called {name!r}. This lesson has: {', '.join(self._all) or 'none'}.")
        return self._all[name]

    def __getitem__(self, name: str) -> Exercise:
        return self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._all]

    def count(self) -> str:
        """How far this lesson is: "2 of 3 exercises done"."""
        return self._progress.count(self._lesson, list(self._all))

    @property
    def next(self) -> Exercise | None:
        """The first exercise that is not done: core ones before stretch ones."""
        return next((each for each in sorted(self._all.values(), key=lambda e: e.stretch) if not each.done), None)

    @property
    def onward(self) -> Way:
        """Exactly one next thing: an exercise of this lesson, else the lesson that follows."""
        if self.next:
            stop = next(stop for stop in self.map.stops if stop.lesson == self._lesson)
            return self.map.way_to(stop, self.next.name)
        return self.map.way_on(self._lesson, "Every exercise of this lesson is done.")

    def onward_from(self, solved: Exercise) -> Way:
        """The same below an exercise just solved: what follows there, up to the next exercise, is not jumped over."""
        names = list(self._all)
        if not self.next:
            done = "Every exercise of this lesson is done."  # only a stretch exercise ends a lesson
            return self.onward if solved.stretch else Way("Next: go on below.", after=done)
        if names.index(self.next.name) < names.index(solved.name):
            return self.onward
        return Way(f"Next: go on below, to {'stretch ' if self.next.stretch else ''}exercise {self.next.name}.")

    def __repr__(self) -> str:
        rows = [f"{each!r}{' (stretch)' if each.stretch else ''}" for each in self._all.values()]
        return "\n".join(filter(None, [self.count(), *rows, str(self.onward), AS_OF, self.map.keep]))

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<li>{look.mark('done' if each.done else 'open')} "
            f"<span><strong>{escape(name)}</strong> · {look.rich(each.task)}</span>"
            f'<span class="tutor-meta">{"done" if each.done else "stretch" if each.stretch else "open"}</span></li>'
            for name, each in self._all.items()
        )
        keep = f'<p class="tutor-meta">{look.rich(self.map.keep)}</p>' if self.map.keep else ""
        return (
            '<section class="tutor tutor-panel mathjax_ignore" role="group" aria-label="Progress">'
            f'<p class="tutor-head"><strong>{self.count()}</strong></p><ul class="tutor-map tasks">{rows}</ul>'
            f'<div class="tutor-next">{self.onward.html}<p class="tutor-meta">{AS_OF}</p></div>{keep}</section>'
        )


def untouched(answer: Any) -> bool:
    """Is the answer still the starter: `...`, or a function with nothing in it?"""
    if answer is ...:
        return True
    if not isinstance(answer, FunctionType) or inspect.isgeneratorfunction(answer):
        return False
    idle = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}
    steps = list(dis.get_instructions(answer))
    constants = [step.argval for step in steps if step.opname in ("LOAD_CONST", "RETURN_CONST")]
    return {step.opname for step in steps} <= idle and constants[-1:] == [None]
