"""Figures say their finding in words, and two runs draw the same one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tutor import plots
from tutor.journal import Sizes


def drawn(*sizes: int) -> plots.Picture:
    return plots.request_and_reply(SimpleNamespace(sizes=Sizes(*sizes)))


def test_the_title_is_the_finding() -> None:
    assert drawn(300, 100, 400, 400).title == "The reply is 2.0 times as long as the request"
    assert drawn(400, 400, 300, 100).title == "The request is 2.0 times as long as the reply"


def test_plain_text_holds_the_numbers_and_where_they_come_from() -> None:
    assert repr(drawn(300, 142, 620, 1420)) == (
        "The reply is 4.6 times as long as the request\nbytes  headers  body  together\nrequest  300  142  442\n"
        "reply  620  1,420  2,040\nn = 1: one exchange, written. Bytes as they travelled."
    )


def test_the_picture_has_a_text_for_screen_readers_and_a_table() -> None:
    html = drawn(300, 100, 400, 400)._repr_html_()
    assert 'alt="The reply is 2.0 times as long as the request. The numbers follow as a table."' in html
    assert "<td>request</td><td>300</td><td>100</td><td>400</td>" in html


def test_two_runs_draw_the_same_pixels() -> None:
    assert drawn(300, 100, 400, 400).png() == drawn(300, 100, 400, 400).png()


def test_drawing_leaves_the_learners_own_style_alone() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    drawn(300, 100, 400, 400).png()
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("sizes", [(0, 0, 0, 0), (1, 0, 0, 0), (10**7, 10**8, 1, 1)])
def test_odd_sizes_are_drawn_too(sizes: tuple[int, ...]) -> None:
    assert drawn(*sizes).png().startswith(b"\x89PNG")


LINE = [(0.6, 10), (1.0, 40), (2.5, 60), (4.0, 100)]


def test_arrivals_say_that_the_end_is_the_same() -> None:
    assert repr(plots.arrivals(LINE, 4.1)) == (
        "The first words come early, the last at the same moment\n  seconds  characters\nfirst piece  0.6  10\n"
        "half of the text  2.5  60\nlast piece  4.0  100\nall in one piece  4.1  100\nn = 1: pace written by us."
    )


@pytest.mark.parametrize(
    ("landed", "title"),
    [
        (6.0, "The first words come early; in one piece it took 6.0 s"),
        (1.1, "The first words come late; in one piece it took 1.1 s"),
    ],
)
def test_arrivals_claim_no_more_than_was_measured(landed: float, title: str) -> None:
    assert plots.arrivals(LINE, landed, "live, measured").title == title


def test_streamed_and_unstreamed_differ_in_more_than_colour() -> None:
    curve, reference = plots.arrivals(LINE, 4.0).figure.axes[0].get_lines()
    assert (curve.get_linestyle(), reference.get_linestyle()) == ("-", "--")


@pytest.mark.parametrize("line", [[], [(0.0, 0)], [(1.0, 5)]])
def test_a_reply_without_a_curve_is_drawn_too(line: list[tuple[float, int]]) -> None:
    assert plots.arrivals(line, 0.0).png().startswith(b"\x89PNG")
