"""On paper: a lesson is whole and legible, and the cards of all lessons fit on one sheet."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
WIDTH = {"A4": 794, "Letter": 816}  # CSS pixels
MARGINS = 2 * 60  # of a lesson: twice 16 mm

# What is wider than its place, or reaches over the right edge of the page.
CUT_OFF = """() => [...document.querySelectorAll("body *")].filter(node => {
    const box = node.getBoundingClientRect();
    if (box.width === 0) return false;
    const hides = getComputedStyle(node).overflowX !== "visible";
    return box.right > innerWidth + 1 || hides && node.scrollWidth > node.clientWidth + 1;
}).map(node => node.tagName + " " + node.className + ": " + node.textContent.slice(0, 60))"""
ON_THE_PAGE = """nodes => nodes.map(node =>
    [node.textContent.trim(), node.checkVisibility() && node.getBoundingClientRect().height > 0])"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll("body *")].filter(node => node.innerText?.trim())
    .map(node => parseFloat(getComputedStyle(node).fontSize))) * 0.75"""


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lesson 01 as start.py print makes it: it has folds, long lines, long outputs and a plot."""
    folder = tmp_path_factory.mktemp("printed")
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--output-dir", str(folder)]
    environ = os.environ | {"JUPYTER_CONFIG_PATH": str(ROOT / "jupyter")}
    subprocess.run([*command, str(ROOT / "notebooks/01_requests.ipynb")], env=environ, check=True, capture_output=True)
    return folder / "01_requests.html"


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    page = browser.new_page()
    yield page
    page.close()


def on_paper(page: Any, path: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1000})
    page.emulate_media(media="print")
    page.goto(path.as_uri())


def sheets(page: Any, size: str) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format=size, prefer_css_page_size=True)))


@pytest.mark.parametrize("size", WIDTH)
def test_no_line_of_a_lesson_is_cut_off_and_no_page_is_wasted(page: Any, lesson: Path, size: str) -> None:
    on_paper(page, lesson, WIDTH[size] - MARGINS)
    assert page.evaluate(CUT_OFF) == []
    assert 8 <= sheets(page, size) <= 15


def test_what_is_folded_on_a_screen_is_open_on_paper(page: Any, lesson: Path) -> None:
    on_paper(page, lesson, WIDTH["A4"] - MARGINS)
    folded = page.locator(".jp-RenderedMarkdown details:not([open]) > :not(summary)")
    shown = folded.evaluate_all(ON_THE_PAGE)
    assert len(shown) > 20
    assert [text for text, visible in shown if not visible] == []
    page.emulate_media(media="screen")
    assert not any(visible for _, visible in folded.evaluate_all(ON_THE_PAGE))


def test_what_only_a_screen_can_do_is_not_on_paper(page: Any, lesson: Path) -> None:
    on_paper(page, lesson, WIDTH["A4"] - MARGINS)
    text = page.locator("main").inner_text()
    assert "Tutor: run this cell" not in text
    assert "In [" not in text
    assert not re.search(r"(?m)^\W*JSON$", text)  # the fold below a reply


def test_a_verdict_is_a_mark_and_words_and_a_plot_stays_whole(page: Any, lesson: Path) -> None:
    on_paper(page, lesson, WIDTH["A4"] - MARGINS)
    verdict = page.get_by_role("group", name="text_of: not attempted yet")
    assert verdict.inner_text().split()[1:5] == ["Not", "attempted", "yet", "text_of"]
    mark = "node => [getComputedStyle(node).maskImage, getComputedStyle(node).printColorAdjust]"
    image, colours = verdict.locator(".tutor-mark").evaluate(mark)
    assert (image.startswith("url("), colours) == (True, "exact")
    kept = "node => [getComputedStyle(node).breakInside, node.getBoundingClientRect().height < 900]"
    assert page.locator("figure").evaluate(kept) == ["avoid", True]


def test_a_printed_lesson_is_one_file_that_asks_for_nothing(page: Any, lesson: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    on_paper(page, lesson, 800)
    assert [url for url in asked if not url.startswith("data:")] == [lesson.as_uri()]
    assert page.locator("script").count() == 0


@pytest.mark.parametrize("size", WIDTH)
def test_the_cards_of_all_lessons_fit_on_one_sheet_in_letters_that_can_be_read(page: Any, size: str) -> None:
    on_paper(page, ROOT / "pages/cards.html", WIDTH[size] - 2 * 42)
    assert page.locator("section").count() == len(list((ROOT / "notebooks").glob("[0-9]*.ipynb")))
    assert sheets(page, size) == 1
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(SMALLEST) >= 7.5


def test_the_cards_are_one_below_the_other_on_a_narrow_screen(page: Any) -> None:
    page.set_viewport_size({"width": 320, "height": 600})
    page.goto((ROOT / "pages/cards.html").as_uri())
    assert page.evaluate(CUT_OFF) == []
    assert len(set(page.locator("section").evaluate_all("nodes => nodes.map(node => node.offsetLeft)"))) == 1
