"""Figures from plain data, in the style of the course. matplotlib is imported when the first one is drawn."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLE = Path(__file__).with_suffix(".mplstyle")


@dataclass(frozen=True)
class Picture:
    """A figure that says its finding in words too: title, caption, a small table, and a text for screen readers."""

    title: str
    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[Any]]
    figure: Figure

    def png(self) -> bytes:
        """The figure as a PNG file, without the date and version that would make every run differ."""
        file = io.BytesIO()
        with _styled():
            self.figure.savefig(file, format="png", metadata={"Software": None})
        return file.getvalue()

    def _repr_html_(self) -> str:
        source = "data:image/png;base64," + base64.b64encode(self.png()).decode()
        words = escape(f"{self.title}. The numbers follow as a table.", quote=True)
        head = "".join(f"<th>{escape(str(name))}</th>" for name in self.head)
        rows = "".join("<tr>" + "".join(f"<td>{escape(_cell(v))}</td>" for v in row) + "</tr>" for row in self.rows)
        return (
            f'<figure class="tutor tutor-figure"><img alt="{words}" src="{source}">'
            f'<table class="numbers"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></figure>'
        )

    def __repr__(self) -> str:
        rows = ["  ".join(_cell(value) for value in row) for row in [self.head, *self.rows]]
        return "\n".join([self.title, *rows, self.caption])


def request_and_reply(exchange: Any, note: str = "one exchange, written") -> Picture:
    """Two boxes, their height in bytes: what went up, what came down. `exchange` has `sizes`, as in the log."""
    sizes = exchange.sizes
    up = (("headers", sizes.up_headers), ("body", sizes.up_body))
    down = (("headers", sizes.down_headers), ("body", sizes.down_body))
    total_up, total_down = sizes.up_headers + sizes.up_body, sizes.down_headers + sizes.down_body
    long, short = max(total_up, total_down, 1), max(min(total_up, total_down), 1)
    title = f"The {'reply' if total_down >= total_up else 'request'} is {long / short:.1f} times as long"
    title += f" as the {'request' if total_down >= total_up else 'reply'}"
    with _styled():
        from matplotlib.figure import Figure

        figure = Figure()
        axes = figure.subplots()
        _bare(axes)
        for side, parts, name in ((0, up, "Request, up"), (1, down, "Reply, down")):
            _box(axes, side, parts, name, long)
        blue, orange = _colour(0), _colour(1)
        arrow = {"arrowstyle": "->", "lw": 1.8}
        axes.annotate("", (0.62, 0.10 * long), (0.38, 0.10 * long), arrowprops=arrow | {"color": blue})
        axes.annotate("", (0.38, 0.05 * long), (0.62, 0.05 * long), arrowprops=arrow | {"color": orange, "ls": "--"})
        axes.set(xlim=(-0.4, 1.4), ylim=(-0.01 * long, 1.14 * long))
        caption = f"n = 1: {note}. Bytes as they travelled."
        _framed(figure, title, caption)
    rows = [("request", *(size for _, size in up), total_up), ("reply", *(size for _, size in down), total_down)]
    return Picture(title, caption, ("bytes", "headers", "body", "together"), rows, figure)


def arrivals(line: Sequence[tuple[float, int]], landed: float, note: str = "pace written by us") -> Picture:
    """One streamed reply: characters so far against seconds, and when the same reply came in one piece, `landed`."""
    points = list(line) or [(landed, 0)]
    first, (end, total) = points[0], points[-1]
    half = next(point for point in points if 2 * point[1] >= total)
    same = abs(landed - end) <= 0.1 * max(landed, end)
    early = "The first words come early" if first[0] < 0.5 * landed else "The first words come late"
    title = f"{early}, the last at the same moment" if same else f"{early}; in one piece it took {landed:.1f} s"
    with _styled():
        from matplotlib.figure import Figure

        figure = Figure()
        axes = figure.subplots()
        blue, orange = _colour(0), _colour(1)
        axes.step(
            [0, *(at for at, _ in points)], [0, *(size for _, size in points)], where="post", color=blue, marker=""
        )
        axes.plot([0, landed, landed], [0, 0, total], color=orange, ls="--", marker="", lw=1.6, clip_on=False)
        axes.scatter(*first, color=blue, s=52, zorder=3)
        axes.scatter(landed, total, color=orange, marker="s", s=52, zorder=3, clip_on=False)
        line_to = {"arrowstyle": "-", "color": _ink(), "lw": 0.8, "shrinkB": 5}
        where = (0.02 * landed, 0.26 * total)
        axes.annotate(f"first piece, {first[0]:.1f} s", first, xytext=where, va="bottom", arrowprops=line_to)
        beside: Any = {"textcoords": "offset points", "weight": "bold"}
        axes.annotate("streamed", half, xytext=(-8, 4), ha="right", color=blue, **beside)
        words = f"in one piece,\n{landed:.1f} s"
        axes.annotate(words, (landed, 0.34 * total), xytext=(10, 0), color=orange, **beside)
        far = max(landed, end) or 1
        axes.set(
            xlabel="seconds after sending", ylabel="characters", xlim=(0, 1.22 * far), ylim=(0, 1.08 * (total or 1))
        )
        caption = _framed(figure, title, f"n = 1: {note}.")
    rows = [(name, f"{at:.1f}", size) for name, (at, size) in (("first piece", first), ("half of the text", half))]
    rows += [("last piece", f"{end:.1f}", total), ("all in one piece", f"{landed:.1f}", total)]
    return Picture(title, caption, ("", "seconds", "characters"), rows, figure)


def _box(axes: Axes, side: int, parts: Sequence[tuple[str, int]], name: str, tallest: int) -> None:
    colour, foot = _colour(side), 0
    for part, size in reversed(parts):
        axes.bar(side, size, 0.72, bottom=foot, facecolor=(colour, 0.12), edgecolor=colour, linewidth=1.4)
        axes.text(side - 0.31, foot + size / 2, part, va="center", weight="bold")
        axes.text(side + 0.31, foot + size / 2, f"{size:,} bytes", va="center", ha="right")
        foot += size
    axes.text(side - 0.36, foot + 0.03 * tallest, f"{name}: {foot:,} bytes", color=colour, weight="bold")


def _framed(figure: Figure, title: str, caption: str) -> str:
    """Title and caption, both at the left edge; gives the caption back."""
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, weight="bold")
    figure.supxlabel(caption, x=0.01, ha="left", fontsize=8.5, color=_ink())
    return caption


def _styled() -> Any:
    import matplotlib.style

    return matplotlib.style.context(STYLE)


def _colour(place: int) -> str:
    """The colour of a series, in the order of the style."""
    import matplotlib

    return str(matplotlib.rcParams["axes.prop_cycle"].by_key()["color"][place])


def _ink() -> Any:
    import matplotlib

    return matplotlib.rcParams["axes.labelcolor"]


def _bare(axes: Axes) -> None:
    """No axes: the drawing carries its own labels."""
    axes.grid(False)
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)


def _cell(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
