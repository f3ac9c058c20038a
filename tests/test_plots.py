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
