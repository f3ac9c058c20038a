"""Verdicts: what a check says about an answer, and how it is shown.

A check ends in one of four outcomes. `expect`, `attempted` and `checkable` leave it early; reaching its end means done.

    not attempted yet   the answer is still the starter          attempted(...)
    not yet             something is missing, and it has a name   expect(...)
    can't check         the check lacks something it needs       checkable(...)
    done                nothing is missing
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from tutor import look
from tutor.practice.way import Way

Outcome = Literal["not attempted yet", "not yet", "can't check", "done"]

_MARKS: dict[Outcome, str] = {"not attempted yet": "open", "not yet": "half", "can't check": "cant", "done": "done"}
_NAMES = ("Came back", "Why it matters", "Next step")
WHY = "Why was my last answer not accepted?"


@dataclass(frozen=True)
class Verdict:
    """What a check says: the outcome, and for "not yet" a feedback id with four short lines.

    `sent`: the answer is a reply, so its request is what the first line speaks of.
    """

    outcome: Outcome
    exercise: str = ""
    feedback: str = ""
    text: str = ""
    lines: tuple[str, str, str, str] | None = None
    sent: bool = False
    progress: str = ""
    onward: Way | None = None

    @property
    def _rows(self) -> list[tuple[str, str]]:
        """The four lines with their names. What was never sent is not called so."""
        names = ("Sent" if self.sent else "You gave", *_NAMES)
        return list(zip(names, self.lines, strict=True)) if self.lines else []

    @property
    def title(self) -> str:
        return self.outcome[0].upper() + self.outcome[1:]

    @property
    def summary(self) -> str:
        """The verdict in one paragraph, as the tutor receives it."""
        return " ".join(f"{name}: {line}" for name, line in self._rows) or self.text

    @property
    def pointer(self) -> str:
        """Where to go from here; empty when there is nothing to mend."""
        if self.outcome != "not yet":
            return ""
        return f"Two ways on: `exercises.{self.exercise}.hint()`, or ask the tutor. Its first suggestion is now “{WHY}”"

    def __repr__(self) -> str:
        head = [f"{look.sign(_MARKS[self.outcome])} {self.title}", self.exercise, self.feedback or self.progress]
        rows = [f"  {name}: {line}" for name, line in self._rows]
        foot = [self.text, self.pointer, str(self.onward or "")]
        return "\n".join([" · ".join(filter(None, head)), *rows, *filter(None, foot)])

    def _repr_html_(self) -> str:
        parts = [f"<p>{look.rich(self.text)}</p>"] if self.text else []
        rows = "".join(
            f"<div><dt{' class=next' if name == _NAMES[-1] else ''}>{name}</dt><dd>{look.rich(line)}</dd></div>"
            for name, line in self._rows
        )
        if rows:
            parts.append(f'<dl class="tutor-four">{rows}</dl>')
        if self.pointer:
            parts.append(f'<p class="tutor-meta">{look.rich(self.pointer)}</p>')
        if self.onward:
            parts.append(f"<p>{self.onward.html}</p>")
        return look.panel(
            _MARKS[self.outcome],
            self.title,
            self.exercise,
            "".join(parts),
            end=self.feedback or self.progress,
            kind="tutor-not-attempted" if self.outcome == "not attempted yet" else "",
        )


class Ended(Exception):
    """A check ended before its last line; carries the verdict."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.outcome)
        self.verdict = verdict


def expect(ok: object, feedback: str, *, sent: str, back: str, why: str, step: str) -> None:
    """End the check with "not yet" unless `ok`: a feedback id and what it tells the learner, in four lines."""
    if not ok:
        raise Ended(Verdict("not yet", feedback=feedback, lines=(_short(sent), _short(back), why, step)))


def _short(text: str, most: int = 300) -> str:
    """A line that may quote the learner's data, cut in its middle: a verdict is saved with the notebook."""
    if len(text) <= most:
        return text
    return f"{text[: most // 2]} … ({len(text):,} characters) … {text[-most // 4 :]}"


def attempted(ok: object, text: str = "The answer is still `...` Replace it, then run the cell again.") -> None:
    """End the check with "not attempted yet" unless `ok`."""
    if not ok:
        raise Ended(Verdict("not attempted yet", text=text))


def checkable(ok: object, missing: str, cure: str) -> None:
    """End the check with "can't check" unless `ok`: what is missing, and how to get it."""
    if not ok:
        raise Ended(Verdict("can't check", text=f"Missing: {missing} {cure} This says nothing about the answer."))


@dataclass(frozen=True)
class Panel:
    """A note with a mark and a title: hints, solutions, predictions. `body` is HTML, `plain` says the same."""

    which: str
    title: str
    subject: str
    body: str
    plain: str
    end: str = ""

    def __repr__(self) -> str:
        head = " · ".join(filter(None, [f"{look.sign(self.which)} {self.title}", self.subject, self.end]))
        return f"{head}\n{self.plain}"

    def _repr_html_(self) -> str:
        return look.panel(self.which, self.title, self.subject, self.body, end=self.end)


def present(thing: Any) -> None:
    """Display a thing in a notebook, print it elsewhere."""
    if "IPython" in sys.modules:
        from IPython.core.getipython import get_ipython
        from IPython.display import display

        if get_ipython() is not None:
            display(thing)  # type: ignore[no-untyped-call]
            return
    print(thing)


def highlighted(source: str) -> str:
    """Python source as HTML, with the five colours of the course."""
    from pygments.lexers import PythonLexer
    from pygments.token import Comment, Keyword, Literal, Name, _TokenType, is_token_subtype

    classes: Mapping[_TokenType, str] = {
        Keyword: "k",
        Literal.String: "s",
        Literal.Number: "m",
        Name.Attribute: "p",
        Comment: "c",
    }

    def dressed(kind: _TokenType, text: str) -> str:
        name = next((css for family, css in classes.items() if is_token_subtype(kind, family)), "")
        return f'<span class="{name}">{escape(text)}</span>' if name else escape(text)

    text = "".join(dressed(kind, text) for kind, text in PythonLexer().get_tokens(source)).rstrip()
    return f'<pre class="source" tabindex="0">{text}</pre>'  # a long line scrolls, and not only with a mouse
