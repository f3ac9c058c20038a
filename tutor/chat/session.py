"""`Chat`: the tutor of one lesson, as a notebook holds it. Shows itself as a widget, prints where there is none."""

from __future__ import annotations

import itertools
import secrets
import sys
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor import files, models
from tutor.chat import policy
from tutor.chat.asking import Asking
from tutor.chat.conversation import Conversation, Turn, tokens_of
from tutor.settings import holds_key

if TYPE_CHECKING:
    from tutor.chat.widget import TutorView
    from tutor.journal import Exchange

PLAIN = "Tutor: run this cell to talk to it. If only this line shows, write chat.ask('What is a token?') instead."
NO_WIDGETS = 'Tutor: this kernel has no widgets (anywidget is missing). Write chat.ask("What is a token?") instead.'


@dataclass(frozen=True)
class ChatState:
    """How replies come about now: recorded, live or record; the lesson's model; dollars spent, and the most."""

    mode: str
    model: str
    spent: float
    cap: float


class Busy(RuntimeError):
    """A question was asked while another one is being answered."""


class Chat:
    """The tutor: `chat` as the last line of a cell shows it, `chat.ask("...")` prints an answer.

    `exchange` finds what went over the wire by request id; with it the fold under a reply shows every event, also those
    that clients pass over. `go_live` takes a key and whether to remember it, `go_back` returns to the written replies;
    what is None is not offered. Making a tutor opens nothing and sends nothing.
    """

    def __init__(
        self,
        *,
        lesson: str,
        title: str,
        scope: str,
        suggestions: Sequence[str],
        client: Callable[[], Any],
        state: Callable[[], ChatState],
        go_live: Callable[[str, bool], None] | None,
        go_back: Callable[[], None] | None = None,
        lesson_text: Callable[[], str],
        exchange: Callable[[str | None], Exchange | None] = lambda request_id: None,
    ) -> None:
        self.lesson, self.title, self.scope, self.suggestions = lesson, title, scope, tuple(suggestions)
        self.state, self.go_live, self.go_back = state, go_live, go_back
        self.conversation = Conversation()
        self.asking: Asking | None = None
        self._client, self._lesson_text, self._exchange = client, lesson_text, exchange
        self._model = ""
        self._folder = Path.cwd()  # beside the notebook, wherever its cells go later
        self._file: Path | None = None
        self._cleared: tuple[Conversation, Path | None] | None = None
        self._seen = policy.Seen()
        self._lock = threading.Lock()
        self._view: TutorView | None = None
        self._numbers = itertools.count(1)
        self._run = secrets.token_hex(3)  # so that turns of an earlier kernel, loaded, keep ids of their own

    def ask(self, question: str, *, alone: bool = False) -> None:
        """Print the answer to a question, piece by piece. Works wherever text can be printed.

        What goes along with the question is printed first; `alone=True` leaves it out.
        """
        from tutor.chat import plain

        plain.ask(self, question, alone)

    def saw_cell(self, source: str, error: BaseException | None = None, section: str = "") -> None:
        """The notebook ran this cell, under that heading; it may be sent with the next question."""
        self._seen.ran(source, error, section)
        self._tell()

    def saw_verdict(self, exercise: str, outcome: str, feedback: str, summary: str, attempt: str) -> None:
        """An exercise was checked; the verdict may be sent with the next question."""
        self._seen.judged(policy.Verdict(exercise, outcome, feedback, summary, attempt))
        self._tell()

    @property
    def model(self) -> str:
        """The id of the model that answers live; may be set to any id or alias of the table, else `ValueError`."""
        return self._model or self.state().model

    @model.setter
    def model(self, id: str) -> None:
        found = models.find(id)
        if found is None:
            raise ValueError(f"Expected one of {', '.join(each.id for each in models.all())}, got {id!r}.")
        self._model = found.id
        self._tell()

    @property
    def saved(self) -> Path | None:
        """What `load` reads if no path is given: the conversation of this lesson that was saved last, or None."""
        there = [file for file in self._folder.glob(f"{self.lesson}-conversation*.md") if file.is_file()]
        return max(there, key=lambda file: file.stat().st_mtime, default=None)

    @property
    def last_cell(self) -> str:
        return self._seen.cell

    @property
    def last_error(self) -> str:
        return self._seen.error

    def parts(self) -> list[policy.Part]:
        """What can be sent along with the next question."""
        return self._seen.parts(live=self.state().mode != "recorded")

    def offers(self) -> list[tuple[str, str]]:
        """The questions to suggest now, each with the name of its mark."""
        asked = [turn.question for turn in self.conversation]
        return policy.suggestions(self.suggestions, asked, self._seen.puzzling)

    def begin(
        self,
        question: str,
        *,
        id: str = "",
        parts: Collection[str] | None = None,
        instead: str = "",
        written: bool = False,
    ) -> Asking:
        """Take up a question: the named parts (None: all) go along with it. The caller runs or starts the asking.

        `instead` is the id of a turn that is asked again. `written` asks for the answer written in advance.
        Raises `Busy` while another question is being answered, and `ValueError` for a question that holds a key.
        """
        if holds_key(question):
            raise ValueError("That looks like an API key, so it was not sent. A key belongs into Go live.")
        question = policy.whole(question).strip()
        with self._lock:
            self._be_free()
            if instead:
                self.conversation.drop(instead)
            context = tuple(part.text for part in self.parts() if parts is None or part.name in parts)
            turn = Turn(id or f"{self._run}-{next(self._numbers)}", question, context)
            self.conversation.add(turn)
            self._seen.explained |= turn.question == policy.WHY
            state = self.state()
            live = state.mode != "recorded" and not written
            lesson = self._lesson_text()
            system = policy.system(self.title, self.scope, lesson if live else "")
            turn.request = policy.request(self.model, system, self.conversation.messages())
            turn.more = 0 if live else tokens_of(lesson)
            origin = f"chat; lesson={self.lesson}" + ("; written" if written else "")
            source = "written" if state.mode == "recorded" else "live"
            self.asking = Asking(turn, self._client, {"tutor-origin": origin}, source)
        if self._view is not None:
            try:
                self._view.follow(self.asking)
            except BaseException:
                self.asking.stop()
                self.conversation.drop(turn.id)
                raise
        return self.asking

    def events(self, turn: Turn) -> list[tuple[float, dict[str, Any]]]:
        """The events of a reply with their seconds: as they came over the wire, or as the client handed them on."""
        exchange = self._exchange(turn.headers.get("request-id"))
        return exchange.events if exchange is not None and exchange.events else turn.events

    def stop(self) -> None:
        """End the question that is being answered, if there is one."""
        if self.asking is not None:
            self.asking.stop()

    def clear(self) -> None:
        """Put the conversation aside; `undo` brings it back, until another one is cleared."""
        self.stop()
        if len(self.conversation):
            self._cleared = self.conversation, self._file
        self.conversation, self._file = Conversation(), None
        if self._view is not None:
            self._view.reset()

    @property
    def can_undo(self) -> bool:
        """Whether a conversation was cleared, and no other has begun."""
        return self._cleared is not None and not len(self.conversation)

    def undo(self) -> None:
        """Bring back the conversation that was cleared last, in the place of an empty one."""
        if self._cleared is not None and self.can_undo:
            (self.conversation, self._file), self._cleared = self._cleared, None
            if self._view is not None:
                self._view.reset()

    def save(self, path: str | Path = "") -> Path:
        """Write the conversation as Markdown, beside the notebook if no path is given; returns where.

        A conversation goes on in its own file; what an earlier one left is not overwritten.
        """
        text = self.conversation.transcript(self.title)
        file = Path(path) if path else self._file
        if file is None:
            numbers = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
            names = (self._folder / f"{self.lesson}-conversation{number}.md" for number in numbers)
            file = next(name for name in names if files.create(name, text))
        else:
            files.replace(file, text)
        self._file = file
        return file

    def load(self, path: str | Path = "") -> None:
        """Go on with a conversation that was saved, in the place of this one.

        Raises `OSError` if the file cannot be read, `ValueError` if the tutor did not write it, and `Busy` while a
        question is being answered.
        """
        self._be_free()
        file = Path(path) if path else self.saved or self._folder / f"{self.lesson}-conversation.md"
        text = file.read_text(encoding="utf-8", errors="replace")
        kept = Conversation()
        kept.load(text)
        self.conversation, self._file = kept, file
        if self._view is not None:
            self._view.reset()

    def _be_free(self) -> None:
        if self.asking is not None and not self.asking.over.is_set():
            raise Busy("The tutor is still writing. Wait for the end, or press Stop.")

    def _tell(self) -> None:
        if self._view is not None:
            self._view.tell()

    def __repr__(self) -> str:
        return PLAIN

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/plain": PLAIN}
        if self._view is None and _in_notebook():
            try:
                from tutor.chat.widget import TutorView
            except ImportError:
                return {"text/plain": NO_WIDGETS}
            self._view = TutorView(self)
        if self._view is not None:
            bundle |= self._view.reference
        return bundle


def _in_notebook() -> bool:
    """Whether a kernel runs here: only then a widget can reach a page."""
    if "ipykernel" not in sys.modules:
        return False
    from IPython.core.getipython import get_ipython

    return hasattr(get_ipython(), "kernel")
