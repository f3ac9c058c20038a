"""The map of the course: every lesson, what is done, and exactly one next thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from tutor import look
from tutor.practice.progress import Progress


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
    """The map of the course. It reads the progress each time it is shown."""

    def __init__(self, stops: Sequence[Stop], progress: Progress) -> None:
        self.stops = stops
        self._progress = progress

    def next_in(self, stop: Stop) -> str:
        """The first core exercise of a lesson that is not done, or an empty string."""
        done = self._progress.done(stop.lesson)
        return next((name for name in stop.core if name not in done), "")

    @property
    def next(self) -> tuple[Stop, str] | None:
        """The lesson and exercise to do next; None when every core exercise is done."""
        return next(((stop, name) for stop in self.stops if (name := self.next_in(stop))), None)

    def state(self, stop: Stop) -> tuple[str, str]:
        """Mark and words for one lesson: "1 of 3 done"."""
        count = len(self._progress.done(stop.lesson) & set(stop.exercises))
        mark = "done" if not self.next_in(stop) else "half" if count else "open"
        return mark, f"{count} of {len(stop.exercises)} done"

    def after(self, lesson: str) -> Stop | None:
        """The lesson that follows."""
        places = [stop.lesson for stop in self.stops]
        following = places.index(lesson) + 1 if lesson in places else len(places)
        return self.stops[following] if following < len(places) else None

    def __repr__(self) -> str:
        rows = []
        for stop in self.stops:
            mark, words = self.state(stop)
            rows.append(f"{look.sign(mark)} {stop.number} {stop.title} · {words}")
        if self.next is None:
            return "\n".join([*rows, "Every core exercise is done."])
        stop, name = self.next
        return "\n".join([*rows, f"Next: exercise {name}, in lesson {stop.number} {stop.title}"])

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
        return (
            f'<section class="tutor tutor-panel mathjax_ignore" aria-label="Map of the course">'
            f'<ul class="tutor-map">{"".join(rows)}</ul><div class="tutor-next">{self._button()}</div></section>'
        )

    def _button(self) -> str:
        if self.next is None:
            return "Every core exercise is done."
        stop, name = self.next
        return f'<a class="tutor-go" href="{escape(stop.file, quote=True)}">Next: exercise {escape(name)}</a>'
