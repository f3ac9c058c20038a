"""Figures from plain data, in the style of the course. matplotlib is imported when the first one is drawn."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLE = Path(__file__).with_suffix(".mplstyle")
_WIDTH = 704  # CSS pixels on the page


@dataclass(frozen=True)
class Picture:
    """A figure that says its finding in words too: title, caption, a small table, and a text for screen readers."""

    title: str
    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[Any]]
    figure: Figure

    def png(self) -> bytes:
        """The figure as a PNG file, the same in every run: twice as fine as it is shown, small with 64 colours."""
        from PIL import Image  # comes with Matplotlib

        drawn, file = io.BytesIO(), io.BytesIO()
        with _styled():
            self.figure.savefig(drawn, format="png")
        Image.open(drawn).convert("RGB").quantize(64).save(file, "PNG", optimize=True)
        return file.getvalue()

    def _repr_html_(self) -> str:
        source = "data:image/png;base64," + base64.b64encode(self.png()).decode()
        words = escape(f"Drawn: {self.title}. The numbers follow as a table.", quote=True)
        head = "".join(f'<th scope="col">{escape(name)}</th>' if name else "<td></td>" for name in self.head)
        rows = ""
        for first, *others in self.rows:
            cells = "".join(f"<td>{escape(_cell(value))}</td>" for value in others)
            rows += f'<tr><th scope="row">{escape(_cell(first))}</th>{cells}</tr>'
        return (
            '<figure class="tutor tutor-figure mathjax_ignore">'
            f'<p><strong>{escape(self.title)}</strong></p><img alt="{words}" width="{_WIDTH}" src="{source}">'
            f'<p class="tutor-meta">{escape(self.caption)}</p>'
            f'<table class="numbers"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></figure>'
        )

    def __repr__(self) -> str:
        rows = ["  ".join(_cell(value) for value in row) for row in [self.head, *self.rows]]
        return "\n".join([self.title, *rows, self.caption])


def request_and_reply(exchange: Any) -> Picture:
    """Two boxes, their height in bytes: what went up, what came down. `exchange` is one of the log."""
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
        axes.set(xlim=(-0.365, 1.365), ylim=(-0.01 * long, 1.14 * long))
    caption = f"n = 1: one exchange, {exchange.source}. Bytes as they travelled."
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
    caption = f"n = 1: {note}."
    rows = [(name, f"{at:.1f}", size) for name, (at, size) in (("first piece", first), ("half of the text", half))]
    rows += [("last piece", f"{end:.1f}", total), ("all in one piece", f"{landed:.1f}", total)]
    return Picture(title, caption, ("", "seconds", "characters"), rows, figure)


def stacked_call(systems: Mapping[str, int], question: int, price: float, source: str = "rules") -> Picture:
    """One call for each system, stacked: tokens of the system, then of the question; what 10,000 calls cost at the end.

    `systems` gives the tokens of each system by its name, `price` is in dollars for a million input tokens, `source`
    says who counted, as in the log.
    """
    calls = {name: size + question for name, size in systems.items()}
    dollars = {name: f"≈ ${size * price / 100:.2f}" for name, size in calls.items()}
    longest, shortest = max(calls.values(), default=0), min(calls.values(), default=0)
    title = f"With the longest system a call takes {longest / max(shortest, 1):.1f} times the tokens of the shortest"
    with _styled():
        from matplotlib.figure import Figure

        figure = Figure()
        axes = figure.subplots()
        paper = axes.get_facecolor()
        for row, (name, size) in enumerate(systems.items()):
            axes.barh(row, size, 0.5, color=_colour(0))
            axes.barh(row, question, 0.5, left=size, color=_colour(1), hatch="////", edgecolor=paper)
            axes.text(calls[name] + 0.02 * longest, row, dollars[name], va="center", weight="bold")
            if size == max(systems.values()):
                axes.text(0.02 * longest, row, "system", va="center", color=paper, weight="bold")
                place = (calls[name], row - 0.32)
                axes.text(*place, "question", ha="right", va="bottom", color=_colour(1), weight="bold")
        axes.set_yticks(range(len(systems)), list(systems))
        axes.tick_params("y", labelcolor="0.13")
        axes.grid(False, axis="y")
        axes.grid(True, axis="x")
        axes.spines.left.set_visible(False)
        axes.set(xlabel="input tokens in one call (≈)", xlim=(0, 1.2 * (longest or 1)), ylim=(len(systems) - 0.5, -0.6))
    every = f"Dollars for 10,000 calls at ${price:.2f} a million, input only."
    who = "the API, live" if source == "live" else "the stand-in"
    caption = f"n = {len(systems)}: counted by {who}, ≈. {every}"
    rows = [(name, f"≈ {size:,}", f"≈ {question:,}", dollars[name]) for name, size in systems.items()]
    return Picture(title, caption, ("tokens in one call", "system", "question", "10,000 calls"), rows, figure)


_ENDS = {
    "end_turn": (0, "o", "end_turn"),
    "max_tokens": (1, "s", "max_tokens: cut"),
    "stop_sequence": (2, "^", "stop_sequence"),
}


def ceilings(calls: Sequence[Any]) -> Picture:
    """Output tokens against `max_tokens`, the shape is the stop reason. `calls` are exchanges, as in the log."""
    calls = [call for call in calls if call.status == 200 and call.reply.get("stop_reason") in _ENDS]
    points = sorted(
        (call.request["max_tokens"], call.reply["usage"]["output_tokens"], call.reply["stop_reason"]) for call in calls
    )
    cut = sum(reason == "max_tokens" for _, _, reason in points)
    title = f"The ceiling cut {cut} of {len(points)} replies"
    title += "; the others ended below it" if 0 < cut < len(points) else ""
    sources = sorted({call.source for call in calls})
    caption = f"n = {len(points)} {'call' if len(points) == 1 else 'calls'}, {' and '.join(sources) or 'none yet'}."
    about = " (≈)" if "written" in sources else ""
    with _styled():
        from matplotlib.figure import Figure

        figure = Figure()
        axes = figure.subplots()
        right = 1.35 * max([ceiling for ceiling, _, _ in points], default=1)
        top = 1.35 * max([tokens for _, tokens, _ in points], default=1)
        end = min(right, top)
        axes.plot([0, end], [0, end], color=_ink(), lw=1, ls=(0, (4, 3)), marker="", zorder=1)
        _beside(axes, "output = max_tokens", end, end, _ink(), "normal")
        for reason, (place, shape, words) in _ENDS.items():
            found = [(ceiling, tokens) for ceiling, tokens, why in points if why == reason]
            if found:
                xs, ys = zip(*found, strict=True)
                axes.scatter(xs, ys, s=64, color=_colour(place), marker=shape, zorder=3)
                _beside(axes, words, xs[-1], ys[-1], _colour(place), "bold")
        axes.set(xlabel="max_tokens", ylabel=f"output tokens{about}", xlim=(0, right), ylim=(0, top))
    return Picture(title, caption, ("max_tokens", f"output tokens{about}", "stop_reason"), points, figure)


def crowd(groups: Mapping[str, Sequence[float]], note: str = "200 clients, simulated") -> Picture:
    """When clients try again: for each group its instants, in seconds after the failure that they share."""
    width = 0.1
    counts = {name: Counter(int(instant / width) for instant in instants) for name, instants in groups.items()}
    peaks = {name: max(found.values(), default=0) for name, found in counts.items()}
    latest = max([width, *(instant for instants in groups.values() for instant in instants)])
    highest = max(peaks.values(), default=0) or 1
    calm, wild = min(peaks, key=peaks.__getitem__, default=""), max(peaks, key=peaks.__getitem__, default="")
    title = "All groups come back in the same way"
    if calm and peaks[calm] < peaks[wild]:
        title = f"With {calm!r} at most {peaks[calm]} requests come in 0.1 s, with {wild!r} {peaks[wild]}"
    with _styled():
        from matplotlib.figure import Figure

        figure = Figure()
        rows = figure.subplots(max(len(groups), 1), 1, sharex=True, squeeze=False)[:, 0]
        for place, (axes, (name, found)) in enumerate(zip(rows, counts.items(), strict=False)):
            look: Any = {"color": _colour(1 - place % 2), "hatch": None if place % 2 else "////"}
            axes.bar(
                [width * (number + 0.5) for number in found],
                list(found.values()),
                width,
                edgecolor=axes.get_facecolor(),
                linewidth=0.5,
                **look,
            )
            words = f"{name}: up to {peaks[name]} in 0.1 s"
            axes.text(
                0.98, 0.94, words, transform=axes.transAxes, ha="right", va="top", color=look["color"], weight="bold"
            )
            axes.set(xlim=(0, 1.05 * latest), ylim=(0, 1.25 * highest), ylabel="requests")
        rows[-1].set_xlabel("seconds after the first failure")
    caption = f"n = {note}. Bars are 0.1 s wide."
    table = [
        (name, len(instants), peaks[name], f"{min(instants, default=0):.1f} to {max(instants, default=0):.1f}")
        for name, instants in groups.items()
    ]
    return Picture(title, caption, ("", "requests", "most in 0.1 s", "seconds"), table, figure)


def _beside(axes: Axes, words: str, x: float, y: float, colour: Any, weight: Any) -> None:
    axes.annotate(words, (x, y), xytext=(11, -4), textcoords="offset points", color=colour, weight=weight)


def _box(axes: Axes, side: int, parts: Sequence[tuple[str, int]], name: str, tallest: int) -> None:
    colour, foot = _colour(side), 0
    for part, size in reversed(parts):
        axes.bar(side, size, 0.72, bottom=foot, facecolor=(colour, 0.12), edgecolor=colour, linewidth=1.4)
        axes.text(side - 0.31, foot + size / 2, part, va="center", weight="bold")
        axes.text(side + 0.31, foot + size / 2, f"{size:,} bytes", va="center", ha="right")
        foot += size
    axes.text(side - 0.36, foot + 0.03 * tallest, f"{name}: {foot:,} bytes", color=colour, weight="bold")


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
