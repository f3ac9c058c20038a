"""The look holds for everybody: contrast in both themes, the keyboard, names, narrow pages, zoom and forced colours.

All on one page of a real JupyterLab that shows every part of the course once (gallery.py). axe-core judges our own
parts, not JupyterLab's.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from browser import gallery
from browser.conftest import RUN, notebooks
from fake_api import FakeApi
from PIL import Image

WIDE, NARROW, NARROWEST, ZOOMED = (1280, 900), (420, 800), (320, 700), (640, 450)  # ZOOMED: 1280 by 900 at 200 %
# axe judges the contrast of what is in sight only: more than the page needs, also with all folds open.
TALL, TALLEST = (1280, 14_000), (320, 26_000)

AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {
        # A lesson shows the same conversation in two cells: two regions, and one name because they are one thing.
        "landmark-unique": {"enabled": False},
    },
}

Shown = Callable[..., Any]


@pytest.fixture(scope="module")
def page(lab: Any, browser: Any) -> Iterator[Any]:
    """The page with everything on it."""
    with FakeApi() as api, notebooks(lab, browser, []) as open_notebook:
        gallery.write(api.url, lab.root / "gallery.ipynb")
        page = open_notebook("gallery.ipynb")
        page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
        page.evaluate(RUN, ["notebook:run-all-cells", None])
        gallery.fill(page, api)
        page.evaluate(AXE_SCRIPT)
        yield page


@pytest.fixture
def shown(page: Any) -> Iterator[Shown]:
    """`shown("Dark", NARROW)`: the page in that theme and size; as it was before, after the test."""

    def show(theme: str = "Light", size: tuple[int, int] = WIDE) -> Any:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", f"JupyterLab {theme}"
        )
        page.wait_for_function("dark => document.body.dataset.jpThemeLight === String(!dark)", arg=theme == "Dark")
        page.wait_for_selector("#jupyterlab-splash", state="detached")  # it lies on everything while a theme is loaded
        page.evaluate("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        return page

    yield show
    page.emulate_media(forced_colors="none", reduced_motion="no-preference", color_scheme="light")
    show()


JUDGED = """async options => {
    document.body.style.height = "100vh"; // JupyterLab's body is 0 px high, and axe takes all that is in it for hidden
    const found = await axe.run({ include: [".tutor"] }, options);
    const faults = [...found.violations, ...found.incomplete].flatMap(fault =>
        fault.nodes.map(node => `${fault.id}: ${node.html.slice(0, 150)}: ${node.failureSummary}`));
    return [faults, found.passes.find(rule => rule.id === "color-contrast").nodes.length];
}"""


@pytest.mark.parametrize(("theme", "size"), [("Light", TALL), ("Dark", TALL), ("Dark", TALLEST)])
def test_axe_finds_nothing_to_mend(shown: Shown, theme: str, size: tuple[int, int]) -> None:
    faults, texts = shown(theme, size).evaluate(JUDGED, AXE)
    assert faults == []
    assert texts > 200


# axe judges text. Shapes need 3 to 1 against what is around them, and grey words in an empty field are text as well.
FAINT = """() => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const light = colour => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(
            v => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const paper = node => {
        const found = getComputedStyle(node).backgroundColor;
        return found === "rgba(0, 0, 0, 0)" ? paper(node.parentElement) : found;
    };
    const faint = [];
    const judge = (node, colour, behind, least, what) => {
        const [a, b] = [light(colour), light(behind)].sort((a, b) => b - a);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < least) faint.push(`${what} of ${node.outerHTML.slice(0, 90)}: ${ratio.toFixed(2)}`);
    };
    let judged = 0;
    for (const node of document.querySelectorAll(".tutor :is(.tutor-mark, button, textarea, input)")) {
        if (!node.offsetWidth) continue;
        judged += 1;
        const style = getComputedStyle(node), behind = paper(node.parentElement);
        if (node.matches(".tutor-mark")) judge(node, style.backgroundColor, behind, 3, "the mark");
        if (node.matches("textarea, input[type=password], button:not(.quiet, .suggest *, [role=tab])"))
            judge(node, style.borderTopColor, behind, 3, "the edge");
        if (node.matches("textarea"))
            judge(node, getComputedStyle(node, "::placeholder").color, paper(node), 4.5, "the hint");
        judge(node, style.getPropertyValue("--jp-focus-outline-color"), behind, 3, "the focus");
    }
    return { faint, judged };
}"""


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_marks_edges_and_the_focus_are_seen(shown: Shown, theme: str) -> None:
    found = shown(theme).evaluate(FAINT)
    assert found["judged"] > 50
    assert found["faint"] == []


# Every line of text, by its place on the page: inside its panel, and on no other line. What scrolls itself is let be.
CROWDED = """() => {
    const faults = [], logs = document.querySelectorAll(".tutor [role=log]");
    for (const log of logs) log.style.maxHeight = "none";
    const scrolls = (node, root) => {
        const found = node.closest("pre, mjx-container, .md table, select");
        return Boolean(found) && root.contains(found);
    };
    for (const root of document.querySelectorAll(".tutor")) {
        const frame = root.getBoundingClientRect(), lines = [];
        const words = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        while (words.nextNode()) {
            const text = words.currentNode, around = text.parentElement;
            if (!text.data.trim() || around.matches(".tutor-mark, .dot") || scrolls(around, root)) continue;
            const range = document.createRange();
            range.selectNodeContents(text);
            for (const box of range.getClientRects()) if (box.width > 1) lines.push([box, text.data.trim()]);
        }
        for (const node of root.querySelectorAll("button, img, textarea, input, table, pre, select"))
            if (node.offsetWidth && !scrolls(node.parentElement, root)) {
                const box = node.getBoundingClientRect();
                if (box.right > frame.right + 1 || box.left < frame.left - 1)
                    faults.push(`cut off: ${node.outerHTML.slice(0, 80)}`);
            }
        lines.forEach(([box, text], n) => {
            if (box.right > frame.right + 1) faults.push(`cut off: ${text}`);
            for (const [other, words] of lines.slice(n + 1)) {
                const across = Math.min(box.right, other.right) - Math.max(box.left, other.left);
                const down = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
                if (across > 2 && down > 6) faults.push(`one on the other: ${text} / ${words}`);
            }
        });
        if (root.scrollWidth > root.clientWidth + 1) faults.push(`scrolls: ${root.outerHTML.slice(0, 80)}`);
    }
    for (const log of logs) log.style.maxHeight = "";
    return faults;
}"""


@pytest.mark.parametrize("size", [WIDE, ZOOMED, NARROW, NARROWEST])
def test_nothing_is_cut_off_and_nothing_lies_on_another(shown: Shown, size: tuple[int, int]) -> None:
    assert shown(size=size).evaluate(CROWDED) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_forced_colours_marks_and_buttons_are_still_there(shown: Shown, scheme: str) -> None:
    page = shown()
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    marks = page.locator(".tutor .tutor-mark:visible")
    names = [set(name.split()) for name in marks.evaluate_all("all => all.map(node => node.className)")]
    kinds = {name: place for place, each in enumerate(names) for name in each if name.startswith("m-")}
    assert len(kinds) == 11
    stop = gallery.tutors(page)["writing"].get_by_role("button", name="Stop")
    seen = {name: marks.nth(place) for name, place in kinds.items()} | {"stop": stop}
    for name, node in seen.items():
        picture = Image.open(io.BytesIO(node.screenshot())).convert("L")
        low, high = picture.getextrema()
        assert isinstance(low, int)
        assert isinstance(high, int)
        assert high - low > 100, f"{name} cannot be seen"
    edges = "all => all.filter(node => getComputedStyle(node).borderTopStyle === 'none').map(node => node.outerHTML)"
    assert page.locator(".tutor button:not([role=tab])").evaluate_all(edges) == []


def test_with_reduced_motion_nothing_moves(shown: Shown) -> None:
    page = shown()
    caret = "() => getComputedStyle(document.querySelector('.writing > :last-child'), '::after').animationName"
    assert page.evaluate(caret) == "tutor-pulse"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(caret) == "none"


WHO = """() => {
    const node = document.activeElement, style = getComputedStyle(node);
    const said = [...(node.closest("label") ?? node).childNodes].filter(each => !each.matches?.("[aria-hidden]"));
    const name = node.getAttribute("aria-label") ?? said.map(each => each.textContent).join("");
    const seen = style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2;
    return [name.trim().replace(/\\s+/g, " ").slice(0, 16).trim(), seen];
}"""


def walked(page: Any, key: str, steps: int) -> list[str]:
    """The names of what has the focus, one after the other; each must show it."""
    names = []
    for _ in range(steps):
        name, seen = page.evaluate(WHO)
        assert seen, f"{name!r} has the focus and does not show it"
        names.append(name)
        page.keyboard.press(key)
    return names


SUGGESTED = ["Why was my last", "What are the eve", "Why is there a p"]
ASK = ["Ask the tutor", "Ask", "send the last ve", "show it", "<last_verdict ex"]
REPLY = ["Conversation", "seconds", "for piece in str", "What was sent ·", "JSON", '{ "model": "clau']
ORDER = {
    "first": ["Go live", "Conversation", SUGGESTED[0], "Does streaming m", *SUGGESTED[1:], *ASK],
    "replied": ["Go live", "Save", "Clear", *REPLY, *SUGGESTED, *ASK],
    "writing": ["Model", "Save", "Clear", "Conversation", "Ask the tutor", "Stop"],
    "keyed": ["API key", "Remember on this", "Use this key", "Stay with writte"],
}
ORDER["writing"] += ["last cell, 2 lin", "last verdict: as", "show it", "<last_cell> answ"]


@pytest.mark.parametrize("name", ORDER)
def test_tab_goes_through_a_tutor_from_top_to_bottom_and_out_again(shown: Shown, name: str) -> None:
    page, order = shown(), ORDER[name]
    tutor = gallery.tutors(page)[name]
    tutor.locator("button:visible, select:visible, input:visible").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")  # from here on the focus comes from the keyboard, and shows
    assert walked(page, "Tab", len(order) - 1) == order[:-1]
    assert walked(page, "Shift+Tab", len(order)) == order[::-1]
    assert not tutor.evaluate("node => node.contains(document.activeElement)"), "a trap at the top"
    page.keyboard.press("Tab")
    assert walked(page, "Tab", len(order)) == order
    assert not tutor.evaluate("node => node.contains(document.activeElement)"), "a trap at the bottom"


def test_folds_open_and_close_with_enter_and_the_space_bar(shown: Shown) -> None:
    page = shown()
    fold = page.locator(".tutor-panel details").first
    fold.locator("summary").focus()
    for key, is_open in (("Enter", False), ("Space", True)):
        page.keyboard.press(key)
        assert fold.evaluate("node => node.open") is is_open


NAMED = [
    *(("group", name) for name in ("Reply", "Progress", "Map of the course", "Sent with your question")),
    *(("group", f"text_of: {word}") for word in ("not yet", "can't check", "done")),
    *(("group", f"remember: {word}") for word in ("not attempted yet", "hint 1 of 3", "solution")),
    ("group", "predict: your guess, and the log"),
    ("link", "Next: exercise first_call"),
    ("img", "Drawn: The reply is"),
    ("columnheader", "headers"),
    ("rowheader", "request"),
    ("combobox", "Model"),
    ("form", "Go live"),
    ("textbox", "API key"),
]


def test_what_is_shown_has_a_name_for_screen_readers(shown: Shown) -> None:
    page = shown()
    assert [each for each in NAMED if not page.get_by_role(each[0], name=each[1]).count()] == []
