"""The map of the course: every lesson, what is done, and exactly one next thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from tutor import look
from tutor.practice.feedback import Panel, present
from tutor.practice.progress import Progress, read_from, written_as
from tutor.practice.way import Way

AS_OF = "This is how it stood when the cell ran. Run the cell again to renew it."


@dataclass(frozen=True)
class Stop:
    """One lesson on the map: its number, name, title, notebook file, and the names of its exercises."""

    number: str
    lesson: str
    title: str
    file: str
    exercises: tuple[str, ...]
    core: tuple[str, ...]


class Overview:
    """The map of the course. It reads the progress each time it is shown.

    `lent`: this computer forgets its files after a while, as on Binder, so the map shows the code that restores it.
    """

    def __init__(self, stops: Sequence[Stop], progress: Progress, lent: bool = False) -> None:
        self.stops = stops
        self._progress = progress
        self._lent = lent

    def next_in(self, stop: Stop) -> str:
        """The first core exercise of a lesson that is not done, or an empty string."""
        done = self._progress.done(stop.lesson)
        return next((name for name in stop.core if name not in done), "")

    @property
    def next(self) -> tuple[Stop, str] | None:
        """The lesson and exercise to do next: core exercises before stretch ones; None when all of them are done."""
        core = next(((stop, name) for stop in self.stops if (name := self.next_in(stop))), None)
        return core or next((pair for pair in self._exercises() if pair not in self._done()), None)

    def way_to(self, stop: Stop, name: str) -> Way:
        """To an exercise: to the heading above it, as JupyterLab makes an address of a heading."""
        kind, heading = ("exercise", "Exercise") if name in stop.core else ("stretch exercise", "Stretch")
        return Way(f"Next: {kind} {name}", f"{stop.file}#{heading}:-{name}")

    def way_on(self, lesson: str, after: str = "") -> Way:
        """To the lesson that follows."""
        places = [stop.lesson for stop in self.stops]
        following = places.index(lesson) + 1
        if following == len(places):
            return Way("This was the last lesson.", after=after)
        return self.way_into(self.stops[following])._replace(after=after)

    def way_into(self, stop: Stop) -> Way:
        """To the top of a lesson."""
        return Way(f"Next: lesson {stop.number} {stop.title}", stop.file)

    @property
    def code(self) -> str:
        """What is done, as one short code, which `restore` reads in another copy of the course."""
        return written_as((stop.lesson, name) for stop, name in self._done())

    def restore(self, code: str) -> Overview | None:
        """Bring back what a code says is done, and give the map; a note and None where that cannot be."""
        try:
            found, unknown = read_from(code, [(stop.lesson, name) for stop, name in self._exercises()])
        except ValueError as error:
            _say("Not restored", str(error))
            return None
        if not all(self._progress.finish(lesson, name) for lesson, name in found):
            _say("Not restored", "The folder of the notebooks is read-only or full, so nothing can be kept there.")
            return None
        if unknown:
            words = f"{unknown} of {unknown + len(found)} exercises are not in this copy of the course."
            _say("Restored in part", words)
        return self

    def _exercises(self) -> list[tuple[Stop, str]]:
        return [(stop, name) for stop in self.stops for name in stop.exercises]

    def _done(self) -> list[tuple[Stop, str]]:
        done = {stop.lesson: self._progress.done(stop.lesson) for stop in self.stops}
        return [(stop, name) for stop, name in self._exercises() if name in done[stop.lesson]]

    @property
    def keep(self) -> str:
        """How to take along what is done: on a computer that forgets the whole line, elsewhere where to get it."""
        if not self._done():
            return ""
        if self._lent:
            return (
                f'This computer forgets. Keep this line, and run it next time: `exercises.map.restore("{self.code}")`'
            )
        return "On another computer next time? Run `exercises.map.code` here, and keep what it shows."

    @property
    def _keep(self) -> str:
        return self.keep if self._lent else ""

    def state(self, stop: Stop) -> tuple[str, str]:
        """Mark and words for one lesson: "1 of 3 done"."""
        count = len(self._progress.done(stop.lesson) & set(stop.exercises))
        mark = "done" if not self.next_in(stop) else "half" if count else "open"
        return mark, f"{count} of {len(stop.exercises)} done"

    def __repr__(self) -> str:
        rows = []
        for stop in self.stops:
            mark, words = self.state(stop)
            rows.append(f"{look.sign(mark)} {stop.number} {stop.title} · {words}")
        where = f", in lesson {self.next[0].number} {self.next[0].title}" if self.next and self._begun else ""
        return "\n".join(filter(None, [*rows, f"{self._way}{where}", AS_OF, self._keep]))

    def _repr_html_(self) -> str:
        rows = []
        for stop in self.stops:
            mark, words = self.state(stop)
            link = f'<a href="{escape(stop.file, quote=True)}">{escape(stop.title)}</a>'
            here = ' class="here"' if self.next and self.next[0] is stop else ""
            rows.append(
                f'<li>{look.mark(mark)} <span class="no">{stop.number}</span> <span{here}>{link}</span> '
                f'<span class="tutor-meta">{words}</span></li>'
            )
        keep = f"<p>{look.rich(self._keep)}</p>" if self._keep else ""
        return (
            f'<section class="tutor tutor-panel mathjax_ignore" role="group" aria-label="Map of the course">'
            f'<ul class="tutor-map">{"".join(rows)}</ul><div class="tutor-next">{self._way.html}'
            f'<p class="tutor-meta">{AS_OF}</p></div>{keep}</section>'
        )

    @property
    def _begun(self) -> bool:
        """Whether the lesson to do next is begun, as the first one is: its next exercise may be told by name."""
        return bool(self.next and (self.next[0] is self.stops[0] or self._progress.done(self.next[0].lesson)))

    @property
    def _way(self) -> Way:
        if self.next is None:
            return Way("Every exercise is done.")
        return self.way_to(*self.next) if self._begun else self.way_into(self.next[0])


def _say(title: str, words: str) -> None:
    present(Panel("cant", title, "map", f"<p>{look.rich(words)}</p>", words))
