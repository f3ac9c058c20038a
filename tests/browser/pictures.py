"""Makes the pictures of the README anew, from a real JupyterLab: python tests/browser/pictures.py

lesson-light.png, lesson-dark.png      lesson 00: a call, its reply, the tutor answering
tutor-<state>-<theme>.png              the tutor alone: idle, writing, reply (code and maths), narrow, key, error
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser.conftest import CHROMIUM, find_chromium, ready, running_lab  # noqa: E402  # the paths come first
from fake_api import FakeApi, Reply  # noqa: E402

FOLDER = ROOT / "pictures"
QUESTION = "Does streaming make the answer finish sooner?"
ANSWER = """\
No. The **last** word comes at the same moment. Only the wait for the **first** one is shorter:

$$
T = t_1 + \\frac{n}{v}
$$

Here $t_1$ is the wait for the first piece, $n$ the number of output tokens, $v$ how many come in a second.

```python
for piece in stream.text_stream:
    print(piece, end="", flush=True)
```

What did your typewriter print before the second piece came?
"""
SETUP = """
from tutor.api import Client
from tutor.chat import Chat, ChatState

client, mode = Client(api_key="none", base_url={url!r}, max_retries=0), ["recorded"]
chat = Chat(
    lesson="streaming", title="Streaming", scope="a reply while it is written.",
    suggestions=[{question!r}, "What are the events, in order?", "Why is there a ping in my stream?",
                 "How do I know that a stream was cut off?"],
    client=lambda: client, state=lambda: ChatState(mode[0], "claude-haiku-5-5", 0.0, 1.0),
    go_live=lambda key, remember: mode.insert(0, "live"), lesson_text=lambda: "",
)
"""


def notebook(url: str) -> str:
    """A notebook with nothing but a tutor, as JSON."""
    sources = [SETUP.format(url=url, question=QUESTION), "chat"]
    empty: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [{**empty, "id": f"c{number}", "source": source} for number, source in enumerate(sources)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps({"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})


def opened(browser: Any, lab: Any, name: str, width: int, height: int) -> Any:
    """A page with all cells of the notebook run, and nothing beside it."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(f"{lab.url}/lab/tree/{name}?reset&token={lab.token}")
    ready(page)
    page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.get_by_role("region", name="Tutor").first.get_by_role("button", name="Ask").wait_for()
    return page


def says(page: Any, words: str) -> None:
    page.get_by_role("region", name="Tutor").first.get_by_role("status").filter(has_text=words).wait_for()


def lesson(browser: Any, lab: Any, theme: str) -> None:
    """Lesson 00, from the reply to its first call to the tutor."""
    page = opened(browser, lab, "00_start_here.ipynb", 1000, 1480)
    tutor = page.get_by_role("region", name="Tutor")
    tutor.get_by_role("button", name="What do check, hint and solution do?").click()
    says(page, "Reply complete.")
    page.locator(".jp-Cell", has_text="ask(questions[1])").last.evaluate("node => node.scrollIntoView()")
    page.evaluate("() => document.activeElement.blur()")
    page.mouse.move(0, 0)
    page.screenshot(path=FOLDER / f"lesson-{theme}.png")
    page.close()


def tutor(browser: Any, lab: Any, api: FakeApi, theme: str) -> None:
    """The tutor alone, in its states."""
    page = opened(browser, lab, "tutor.ipynb", 1000, 1100)
    region = page.get_by_role("region", name="Tutor")

    def picture(state: str) -> None:
        page.evaluate("() => document.activeElement.blur()")
        page.mouse.move(0, 0)
        region.screenshot(path=FOLDER / f"tutor-{state}-{theme}.png")

    pieces = re.findall(r"(?s).{1,12}", ANSWER)
    picture("idle")
    api.replies = [Reply(pieces=pieces[:21], then="silent"), Reply(pieces=pieces)]
    region.get_by_role("button", name=QUESTION).click()
    region.get_by_text("for the first piece").wait_for()
    picture("writing")
    region.get_by_role("button", name="Stop").click()
    region.get_by_role("button", name="Clear").click()
    region.get_by_role("button", name=QUESTION).click()
    says(page, "Reply complete.")
    picture("reply")
    page.set_viewport_size({"width": 590, "height": 1100})
    picture("narrow")
    page.set_viewport_size({"width": 1000, "height": 1100})
    region.get_by_role("button", name="Clear").click()
    region.get_by_role("button", name="Go live").click()
    region.get_by_label("API key").fill("a key")
    picture("key")
    region.get_by_role("button", name="Use this key").click()
    says(page, "Live. Your next question tries the key.")
    api.replies = [Reply(status=529, error=("overloaded_error", "Overloaded"))]
    region.get_by_role("button", name="Why is there a ping in my stream?").click()
    says(page, "Stopped: the API is busy.")
    picture("error")
    page.close()


def main() -> None:
    """Make all pictures in both themes."""
    from playwright.sync_api import sync_playwright

    FOLDER.mkdir(exist_ok=True)
    for theme in ("light", "dark"):
        with tempfile.TemporaryDirectory() as folder, FakeApi() as api:
            home = Path(folder)
            file = home / "settings" / "@jupyterlab" / "apputils-extension" / "themes.jupyterlab-settings"
            file.parent.mkdir(parents=True)
            file.write_text(json.dumps({"theme": f"JupyterLab {theme.title()}"}), encoding="utf-8")
            with running_lab(sys.executable, home) as lab, sync_playwright() as playwright:
                (lab.root / "tutor.ipynb").write_text(notebook(api.url), encoding="utf-8")
                environ = {**os.environ, "HOME": folder, "XDG_CONFIG_HOME": folder}
                browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM), env=environ)
                lesson(browser, lab, theme)
                tutor(browser, lab, api, theme)
                browser.close()
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.name}/")


if __name__ == "__main__":
    main()
