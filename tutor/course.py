"""`start`: from a lesson's name to its client, its exercises and its tutor.

The only place that chooses between recorded and live replies, and that wires relay, practice and chat together.
"""

from __future__ import annotations

import difflib
import importlib
import json
import os
import sys
from dataclasses import replace
from functools import cache
from html import escape
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from tutor import look, models, settings
from tutor.api import Client
from tutor.chat import Chat, ChatState
from tutor.chat.policy import lender
from tutor.journal import Journal
from tutor.practice.evidence import kind
from tutor.practice.exercise import Exercises, found
from tutor.practice.feedback import Verdict, present
from tutor.practice.overview import Overview, Stop
from tutor.practice.progress import Progress

if TYPE_CHECKING:
    from tutor.relay import Relay

LOG = Journal()
"""What this notebook sent and what came back, oldest first."""

NOTEBOOKS = settings.ROOT / "notebooks"


class Lesson(NamedTuple):
    """What `start` returns: `client, exercises, chat = start("requests")`."""

    client: Client
    exercises: Exercises
    chat: Chat

    def _ipython_display_(self) -> None:
        """Nothing: `start` has shown the status line already."""


class House:
    """The parts that live as long as the process: the relay, and one tutor for each lesson."""

    def __init__(self) -> None:
        found = settings.read(os.environ)
        self.relay = _relay(found)
        self.settings = replace(found, key=None)  # the relay alone holds it
        self.progress = Progress(found.home)
        self.chats: dict[str, Chat] = {}
        self.client: Client | None = None
        self.noted: int | None = None  # the hash of the key that .env held at the last start

    def open(self, lesson: str) -> Client:
        """Start the relay, and point every client of this process and its children at it. Returns the lesson's own."""
        self.relay.start()
        self.relay.reset(lesson, lesson_text(lesson))
        found = settings.read(os.environ)
        changed = self.noted is not None and hash(found.key) != self.noted
        if found.mode == "live" and found.key and (self.relay.mode == "recorded" or changed):
            self.relay.take(found.key)  # a key was put into .env since the last start, or another one
        elif changed and found.mode == "recorded" and hash(self.relay.settings.key) == self.noted:
            self.relay.go_recorded()  # it was taken out of .env again
        os.environ["ANTHROPIC_BASE_URL"], os.environ["ANTHROPIC_API_KEY"] = self.relay.url, self.relay.token
        os.environ.pop("ANTHROPIC_AUTH_TOKEN", None)  # the official SDK would send it beside the key
        settings.spare_loopback(os.environ)
        self.noted = hash(settings.read(os.environ).key)  # now that the environment names the relay's alone
        if self.client is None or self.client.is_closed or self.client.base_url != self.relay.url:
            self.client = Client()
        return self.client

    def close(self) -> None:
        """Close the connections and stop the relay."""
        if self.client is not None:
            self.client.close()
        self.relay.stop()

    def state(self) -> ChatState:
        """How the tutor's replies come about now, and what was spent."""
        budget = self.relay.budget
        return ChatState(self.relay.mode, models.DEFAULT, budget.spent, budget.cap)

    def chat(self, lesson: str, module: ModuleType) -> Chat:
        """The tutor of a lesson: the same one however often the lesson is started."""
        if lesson not in self.chats:
            self.chats[lesson] = Chat(
                lesson=lesson,
                title=module.TITLE,
                scope=module.SCOPE,
                suggestions=module.SUGGESTIONS,
                client=lambda: self.client,
                state=self.state,
                go_live=self.relay.go_live,
                go_back=self.relay.go_recorded,
                lesson_text=lambda: lesson_text(lesson),
                exchange=LOG.find,
            )
        return self.chats[lesson]


@cache
def house() -> House:
    """The one house of this process, built at the first `start`."""
    return House()


def start(lesson: str) -> Lesson:
    """Open a lesson: start its replies, show its status line, and return its client, exercises and tutor.

    May be called again at any time: replies begin from the first one again, the log and the conversation are kept.
    Raises `ValueError` for a name that is no lesson, and `SettingsError` for a setting that cannot be used.
    """
    module = lesson_module(lesson)
    here = house()
    client = here.open(lesson)
    overview = Overview(stops(), here.progress, lent=lender() == "Binder")
    chat = here.chat(lesson, module)

    def told(verdict: Verdict, answer: Any) -> None:
        if verdict.outcome == "not attempted yet":
            return  # Run All shows one for every exercise; there is nothing in it to ask about
        chat.saw_verdict(verdict.exercise, verdict.outcome, verdict.feedback, verdict.summary, _attempt(answer))

    exercises = Exercises(module, LOG, here.progress, told, overview)
    _watch_cells(chat)
    present(Status(module.TITLE, here.state(), exercises.count(), here.relay.doubts_key))
    if settings.holds_key(_saved(lesson)):
        present(PastedKey())
    return Lesson(client, exercises, chat)


class Status:
    """The status line of a lesson. Its HTML brings the stylesheet for everything the lesson shows after it."""

    DOUBT = "check your key: keys of the API begin with sk-ant-"

    def __init__(self, title: str, state: ChatState, count: str, doubt: bool = False) -> None:
        how = {
            "recorded": ("page", "replies written in advance, no key needed"),
            "live": ("live", "live, calls cost money"),
            "record": ("rec", "record, live calls are saved"),
        }
        self.mark, replies = how[state.mode]
        self.parts = [title, replies, *([self.DOUBT] if doubt else []), state.model, count]
        if state.mode != "recorded":
            self.parts.append(f"${state.spent:.2f} of ${state.cap:.2f} in this notebook")

    def __repr__(self) -> str:
        return " · ".join(self.parts)

    def _repr_html_(self) -> str:
        dot = '<span class="dot"> · </span>'
        first, *rest = map(escape, self.parts)
        spans = "".join(f"<span>{dot}{part}</span>" for part in rest)
        line = f'<span class="tutor-line"><span><strong>{first}</strong></span>{spans}</span>'
        line = f'<div class="tutor tutor-status mathjax_ignore">{look.mark(self.mark)} {line}</div>'
        return f"<style>{look.style()}</style>{line}"


class PastedKey:
    """What to do about a key that stands in a notebook."""

    TITLE = "A key stands in this notebook."
    STEPS = (
        "Delete it from the cell, run the cell again so that it leaves the output too, and save. "
        "Then revoke it at platform.claude.com/settings/keys and make a new one: "
        "whoever gets this file could spend your money. "
        "Give the new one to the tutor, with *Go live*: so it stays out of the notebook."
    )

    def __repr__(self) -> str:
        return f"{look.sign('error')} {self.TITLE} {self.STEPS.replace('*', '')}"

    def _repr_html_(self) -> str:
        steps = escape(self.STEPS).replace("*Go live*", "<em>Go live</em>")
        return look.panel("error", self.TITLE, "sk-ant-...", f"<p>{steps}</p>")


@cache
def stops() -> tuple[Stop, ...]:
    """Every lesson that has a notebook, in order."""
    every = []
    for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")):
        number, _, lesson = path.stem.partition("_")
        exercises = found(lesson_module(lesson))
        core = tuple(name for name, each in exercises.items() if not each.stretch)
        every.append(Stop(number, lesson, lesson_module(lesson).TITLE, path.name, tuple(exercises), core))
    return tuple(every)


def lesson_text(lesson: str) -> str:
    """A lesson as it was published, without outputs: prose and code in order. Nothing of the learner's is in it.

    Empty for a lesson that is being written: `python3 start.py refresh` makes the text.
    """
    path = Path(__file__).parent / "lessons" / f"{lesson}.txt"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def section(lesson: str, cell_id: str | None) -> str:
    """The heading above a cell, as the saved notebook has it; empty for a cell that is not in it."""
    heading, in_code = "", False
    for id, type, text in _cells(lesson):
        for line in text.splitlines() if type == "markdown" else ():
            in_code ^= line.startswith("```")
            if line.startswith("#") and not in_code:
                heading = line.lstrip("#").strip()
        if id == cell_id:
            return heading
    return ""


def _cells(lesson: str) -> list[tuple[str, str, str]]:
    """Id, type and source of each cell of a lesson's notebook as it was saved last; none if it cannot be read."""
    try:
        cells = json.loads(_saved(lesson))["cells"]
        return [(cell.get("id", ""), cell["cell_type"], "".join(cell["source"])) for cell in cells]
    except (ValueError, LookupError, TypeError, AttributeError):  # it is the learner's: anything may be in it
        return []


def _saved(lesson: str) -> str:
    """The file of a lesson's notebook; empty if it cannot be read."""
    path = next(NOTEBOOKS.glob(f"[0-9][0-9]_{lesson}.ipynb"), None)
    try:
        return path.read_text(encoding="utf-8") if path else ""
    except (OSError, ValueError):
        return ""


def lesson_module(lesson: str) -> ModuleType:
    folder = Path(__file__).parent / "lessons"
    names = sorted(path.stem for path in folder.glob("[a-z]*.py"))
    if not isinstance(lesson, str) or lesson not in names:
        close = difflib.get_close_matches(str(lesson), names, n=1)
        came = repr(lesson) if isinstance(lesson, str) else kind(lesson)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"Expected the name of a lesson, got {came}.{hint} The lessons are {', '.join(names)}.")
    return importlib.import_module(f"tutor.lessons.{lesson}")


def _relay(how: settings.Settings) -> Relay:
    from tutor.relay import Relay

    return Relay(how, LOG)


def _attempt(answer: Any) -> str:
    """What the tutor gets to see of an answer: the source of a function, the kind of anything else."""
    if callable(answer):
        import inspect

        try:
            return inspect.getsource(answer)
        except (OSError, TypeError):
            return kind(answer)
    return kind(answer)


_watching: dict[str, Chat] = {}


def _watch_cells(chat: Chat) -> None:
    """Tell the tutor which cell ran last, and what it raised. Only the lesson started last is told."""
    if "IPython" not in sys.modules:
        return
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None:
        return
    if not _watching:
        shell.events.register("post_run_cell", _cell_ran)
    _watching["chat"] = chat


def _cell_ran(result: Any) -> None:
    error, chat = result.error_before_exec or result.error_in_exec, _watching["chat"]
    if settings.holds_key(result.info.raw_cell):
        present(PastedKey())
    chat.saw_cell(result.info.raw_cell, error, section(chat.lesson, result.info.cell_id))
