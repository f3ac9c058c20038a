"""What the tutor costs while a long reply is written, in a real JupyterLab and a real Chromium.

A loopback API sends 600 pieces of a reply of 8,800 characters, 10 ms apart: sections with code, maths, lists, tables.
Bytes are those of the page's websockets. Times are of this machine, the best of three replies; the bounds hold for a
quiet one of two cores.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from figures import ROOT, Figure, table

sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser.conftest import CHROMIUM, find_chromium, ready, running_lab  # noqa: E402  # the paths come first
from fake_api import FakeApi, Reply  # noqa: E402

PIECES, LETTERS, ROUNDS = 600, 8_800, 3
SECTION = """\
## Part {n}

The **first** word comes sooner, the last does not; `usage` is a running total, so the last number counts ($t_{n}$).

- wait for the first piece: $t_1$ seconds
- output tokens: $n$, at $v$ in a second

| seconds until | in one piece | streamed |
|---|--:|--:|
| first word | 4.1 | 0.6 |
| last word | 4.1 | 4.1 |

```python
with client.messages.stream(model=model, max_tokens=600, messages=messages) as stream:
    for piece in stream.text_stream:
        print(piece, end="", flush=True)
```

$$
T = t_1 + \\frac{{n}}{{v}}
$$

"""
WATCH = """() => {
    const md = document.querySelector(".tutor-chat .md.writing");
    window.seen = {first: 0, last: 0, gap: 0, frame: 0};
    let frame = performance.now();
    const tick = now => { seen.frame = Math.max(seen.frame, now - frame); frame = now; requestAnimationFrame(tick); };
    requestAnimationFrame(tick);
    new MutationObserver(() => {
        const now = performance.timeOrigin + performance.now();
        if (seen.last) seen.gap = Math.max(seen.gap, now - seen.last);
        seen.last = now;
    }).observe(md, {childList: true, subtree: true, characterData: true});
}"""
FIRST = """async () => {
    const root = document.querySelector(".tutor-chat"), box = root.querySelector("textarea");
    const replies = root.querySelectorAll("article .md").length;
    const words = () => root.querySelectorAll("article .md")[replies]?.textContent;
    box.value = "What is a token?";
    const began = performance.now();
    root.querySelector("[data-do=ask]").click();
    while (!words() && performance.now() - began < 10_000) await new Promise(requestAnimationFrame);
    return performance.now() - began;
}"""


STOP = """async () => {
    const root = document.querySelector(".tutor-chat"), began = performance.now();
    root.querySelector(".stop").click();
    const since = () => performance.now() - began, said = () => root.querySelector(".say").textContent;
    while (!said().startsWith("Stopped") && since() < 10_000) await new Promise(requestAnimationFrame);
    return since();
}"""
COMPLETE = "() => document.querySelector('.tutor-chat .say').textContent === 'Reply complete.'"
PATIENCE = 120_000  # ms; a slow machine is not a broken tutor


class Clocked(FakeApi):
    """Remembers when the last byte of a reply was sent."""

    sent = 0.0

    def events(self, reply: Reply) -> Any:
        yield from super().events(reply)
        self.sent = time.time() * 1000


def reply(pieces: int) -> Reply:
    """A reply of so many pieces."""
    length = LETTERS * pieces // PIECES
    text = "".join(SECTION.format(n=n) for n in range(1, 40))[:length]
    cuts = [round(n * length / pieces) for n in range(pieces + 1)]
    return Reply(pieces=[text[a:b] for a, b in pairwise(cuts)], gap=0.01)


def notebook(url: str) -> dict[str, Any]:
    """A notebook with a tutor that talks to the given address."""
    setup = (
        "import time\nfrom tutor.api import Client\nfrom tutor.chat import Chat, ChatState\n"
        f"client = Client(api_key='sk-bench', base_url={url!r})\n"
        "chat = Chat(lesson='streaming', title='Streaming', scope='.', suggestions=[], client=lambda: client, "
        "state=lambda: ChatState('recorded', 'claude-haiku-5-5', 0.0, 1.0), go_live=None, lesson_text=lambda: '')"
    )
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    sources = [setup, "chat", "print('CPU', time.process_time())"]
    cells = [{**cell, "id": f"c{n}", "source": source} for n, source in enumerate(sources)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def run(page: Any, number: int) -> str:
    """Run a cell, and return what it printed."""
    page.evaluate(
        """async n => {
            window.jupyterapp.shell.currentWidget.content.activeCellIndex = n;
            await window.jupyterapp.commands.execute("notebook:run-cell");
        }""",
        number,
    )
    return str(page.locator(".jp-Notebook .jp-Cell").nth(number).inner_text())


def seconds_of_cpu(page: Any) -> float:
    return float(run(page, 2).rpartition("CPU")[2])


def ask(page: Any, question: str) -> None:
    page.locator(".tutor-chat textarea").fill(question)
    page.keyboard.press("Enter")


def one_reply(page: Any, api: Clocked, pieces: int, received: list[int]) -> dict[str, float]:
    """Ask, watch the reply grow, and say what it cost."""
    api.replies = [reply(pieces)]
    before, cpu = sum(received), seconds_of_cpu(page)
    ask(page, f"A reply of {pieces} pieces?")
    page.wait_for_selector(".tutor-chat .md.writing", state="attached")
    page.evaluate(WATCH)
    page.wait_for_function(COMPLETE)
    seen = page.evaluate("window.seen")
    return {
        "kilobytes": (sum(received) - before) / 1000,
        "last": seen["last"] - api.sent,
        "gap": seen["gap"],
        "frame": seen["frame"],
        "cpu": seconds_of_cpu(page) - cpu,
    }


def stopped(page: Any, api: Clocked) -> float:
    """Milliseconds from Stop to a page that says so, in a stream that has fallen silent."""
    api.replies = [Reply(pieces=["Half a "], then="silent")]
    ask(page, "A reply that does not end?")
    page.locator(".tutor-chat .md.writing", has_text="Half a").wait_for()
    return float(page.evaluate(STOP))


def first_text(page: Any) -> float:
    """Milliseconds from Ask to the first text of an answer written in advance; the second question counts."""
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_selector(".tutor-chat textarea")
    page.evaluate(FIRST)
    page.wait_for_function(COMPLETE)
    return float(page.evaluate(FIRST))


def measure() -> list[Figure]:
    from playwright.sync_api import sync_playwright

    received: list[int] = []
    with (
        tempfile.TemporaryDirectory() as home,
        Clocked() as api,
        running_lab(sys.executable, Path(home)) as lab,
        sync_playwright() as playwright,
    ):
        environ = {**os.environ, "HOME": home, "XDG_CONFIG_HOME": home}
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM), env=environ)
        (lab.root / "bench.ipynb").write_text(json.dumps(notebook(api.url)), encoding="utf-8")
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("websocket", lambda ws: ws.on("framereceived", lambda data: received.append(len(data))))
        page.goto(f"{lab.url}/lab/tree/bench.ipynb?reset&token={lab.token}")
        ready(page)
        run(page, 0)
        run(page, 1)
        page.wait_for_selector(".tutor-chat textarea")
        one_reply(page, api, 20, received)  # imports and the first typesetting are paid once
        rounds = [one_reply(page, api, PIECES, received) for _ in range(ROUNDS)]
        short = {name: min(each[name] for each in rounds) for name in rounds[0]}  # noise only ever adds
        double = one_reply(page, api, 2 * PIECES, received)
        stop = min(stopped(page, api) for _ in range(ROUNDS))
        page.goto(f"{lab.url}/lab/tree/01_requests.ipynb?reset&token={lab.token}")
        ready(page)
        first = first_text(page)
        browser.close()
    return [
        Figure(f"a reply of {PIECES} pieces on the websocket", short["kilobytes"], "KB", 120),
        Figure("a reply twice as long", double["kilobytes"], "KB", 240),
        Figure("its last byte to the final page", short["last"], "ms", 50),
        Figure("longest gap between two changes of the page", short["gap"], "ms", 200),
        Figure("longest gap between two paints", short["frame"], "ms", 200),
        Figure("work of the kernel for it", short["cpu"], "s CPU", 0.35),
        Figure("Stop to a page that says so, silent stream", stop, "ms", 100),
        Figure("Ask to first text, written in advance", first, "ms", 150),
    ]


if __name__ == "__main__":
    raise SystemExit(table(measure()))
