"""Figures say their finding in words, and two runs draw the same one."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from tutor import look, plots
from tutor.journal import Sizes

pytestmark = pytest.mark.slow  # Matplotlib


def drawn(*sizes: int) -> plots.Picture:
    return plots.request_and_reply(SimpleNamespace(sizes=Sizes(*sizes), source="written"))


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
    assert 'alt="Drawn: The reply is 2.0 times as long as the request. The numbers follow as a table."' in html
    assert "<strong>The reply is 2.0 times as long as the request</strong>" in html
    assert "n = 1: one exchange, written. Bytes as they travelled." in html
    assert '<th scope="col">headers</th>' in html
    assert '<th scope="row">request</th><td>300</td><td>100</td><td>400</td>' in html


def test_two_runs_draw_the_same_pixels() -> None:
    assert drawn(300, 100, 400, 400).png() == drawn(300, 100, 400, 400).png()


def test_the_paper_is_white_so_that_a_dark_page_can_turn_it_round() -> None:
    from PIL import Image

    png = Image.open(io.BytesIO(drawn(300, 100, 400, 400).png())).convert("RGB")
    assert png.width == 2 * 704
    assert png.getpixel((0, 0)) == (255, 255, 255)


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


SYSTEMS = {"role": 20, "four lines": 100, "long": 280}


def test_a_stacked_call_says_what_ten_thousand_cost() -> None:
    assert repr(plots.stacked_call(SYSTEMS, 20, 0.10)) == (
        "With the longest system a call takes 7.5 times the tokens of the shortest\n"
        "tokens in one call  system  question  10,000 calls\nrole  ≈ 20  ≈ 20  ≈ $0.04\n"
        "four lines  ≈ 100  ≈ 20  ≈ $0.12\nlong  ≈ 280  ≈ 20  ≈ $0.30\n"
        "n = 3: counted by the stand-in, ≈. Dollars for 10,000 calls at $0.10 a million, input only."
    )


def test_captions_say_live_when_it_was() -> None:
    live = SimpleNamespace(sizes=Sizes(1, 2, 3, 4), source="live")
    assert plots.request_and_reply(live).caption.startswith("n = 1: one exchange, live.")
    assert plots.stacked_call(SYSTEMS, 20, 0.10, source="live").caption.startswith(
        "n = 3: counted by the API, live, ≈."
    )


def test_system_and_question_differ_in_more_than_colour() -> None:
    bars = plots.stacked_call(SYSTEMS, 20, 0.10).figure.axes[0].patches
    assert [bar.get_hatch() for bar in bars] == [None, "////"] * 3


@pytest.mark.parametrize("systems", [{}, {"none": 0}, {"one": 5, "two": 10**7}])
def test_odd_stacks_are_drawn_too(systems: dict[str, int]) -> None:
    assert plots.stacked_call(systems, 0, 4.0).png().startswith(b"\x89PNG")


def called(*points: tuple[int, int, str], source: str = "written", status: int = 200) -> list[SimpleNamespace]:
    return [
        SimpleNamespace(
            status=status,
            source=source,
            request={"max_tokens": ceiling},
            reply={"usage": {"output_tokens": tokens}, "stop_reason": reason} if status == 200 else {"type": "error"},
        )
        for ceiling, tokens, reason in points
    ]


def test_a_ceiling_is_drawn_with_what_it_cut_and_what_it_did_not() -> None:
    calls = called((256, 151, "end_turn"), (16, 16, "max_tokens"), (256, 88, "stop_sequence"))
    assert repr(plots.ceilings(calls)) == (
        "The ceiling cut 1 of 3 replies; the others ended below it\nmax_tokens  output tokens (≈)  stop_reason\n"
        "16  16  max_tokens\n256  88  stop_sequence\n256  151  end_turn\nn = 3 calls, written."
    )


def test_the_shapes_of_the_stop_reasons_differ_as_well_as_their_colours() -> None:
    figure = plots.ceilings(called((256, 151, "end_turn"), (16, 16, "max_tokens"), (256, 88, "stop_sequence"))).figure
    drawn_shapes = [shape.get_paths()[0].vertices.tolist() for shape in figure.axes[0].collections]
    assert len(drawn_shapes) == len({str(shape) for shape in drawn_shapes}) == 3


def test_only_replies_that_came_are_drawn_and_real_counts_carry_no_sign() -> None:
    live = plots.ceilings(called((64, 64, "max_tokens"), source="live") + called((8, 0, ""), status=400))
    assert (live.title, live.caption) == ("The ceiling cut 1 of 1 replies", "n = 1 call, live.")
    assert live.head[1] == "output tokens"


def test_no_call_at_all_is_drawn_too() -> None:
    assert plots.ceilings([]).png().startswith(b"\x89PNG")


CROWD = {"same wait": [0.5] * 8 + [1.5] * 8, "random part": [0.3, 0.5, 0.9, 1.4]}


def test_a_crowd_says_how_many_come_together() -> None:
    assert repr(plots.crowd(CROWD, "8 clients, simulated")) == (
        "With 'random part' at most 1 requests come in 0.1 s, with 'same wait' 8\n"
        "  requests  most in 0.1 s  seconds\nsame wait  16  8  0.5 to 1.5\nrandom part  4  1  0.3 to 1.4\n"
        "n = 8 clients, simulated. Bars are 0.1 s wide."
    )


def test_two_crowds_differ_in_more_than_colour_and_share_their_scales() -> None:
    first, second = plots.crowd(CROWD).figure.axes
    assert (first.patches[0].get_hatch(), second.patches[0].get_hatch()) == ("////", None)
    assert (first.get_xlim(), first.get_ylim()) == (second.get_xlim(), second.get_ylim())


@pytest.mark.parametrize("groups", [{}, {"none": []}, {"one": [0.0], "none": []}, {"a": [1.0], "b": [2.0]}])
def test_odd_crowds_are_drawn_too(groups: dict[str, list[float]]) -> None:
    assert plots.crowd(groups).png().startswith(b"\x89PNG")


# --- both themes --------------------------------------------------------------------------------------


def luminance(colour: Sequence[float]) -> float:
    """Relative luminance as WCAG 2.2 defines it, of red, green and blue from 0 to 1."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: Sequence[float], other: Sequence[float]) -> float:
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def on_a_dark_page(colour: Sequence[float]) -> list[float]:
    """What the stylesheet's filter makes of a colour: https://www.w3.org/TR/filter-effects-1/#huerotateEquivalent."""
    found = re.search(r"filter: invert\(([\d.]+)\) hue-rotate\(180deg\)", look.style())
    assert found
    inverted = [part * (1 - float(found[1])) + (1 - part) * float(found[1]) for part in colour]
    grey = sum(weight * part for weight, part in zip((0.213, 0.715, 0.072), inverted, strict=True))
    return [min(1, max(0, 2 * grey - part)) for part in inverted]


def test_series_and_words_stand_out_in_both_themes() -> None:
    from matplotlib import rc_params_from_file
    from matplotlib.colors import to_rgb

    style = rc_params_from_file(str(plots.STYLE), fail_on_error=True, use_default_template=False)
    series = [(name, 3.0) for name in style["axes.prop_cycle"].by_key()["color"]]
    names = ("text.color", "axes.labelcolor", "xtick.labelcolor", "ytick.labelcolor")
    page, dark_page = to_rgb("white"), to_rgb("#111111")  # JupyterLab's own
    for name, least in [*series, *((style[name], 4.5) for name in names)]:
        assert contrast(to_rgb(name), page) >= least
        assert contrast(on_a_dark_page(to_rgb(name)), dark_page) >= least
    assert on_a_dark_page(page) == pytest.approx(dark_page, abs=1 / 255)
