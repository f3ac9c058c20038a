"""The tutor's page code where nothing of Jupyter is: no theme, no typesetter, no Lumino, only what anywidget promises.

Hosts such as VS Code and Colab are not driven here; they show widgets by the same few calls.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from tutor import look
from tutor.chat.widget import STATIC

FIRST = {
    "lesson": "streaming",
    "meter": "replies written in advance",
    "live": False,
    "offer": True,
    "back": False,
    "cap": "$1.00",
    "words": "Ask about this lesson.",
    "suggest": [["What is a delta?", ""]],
    "parts": [],
    "lender": "",
    "model": "claude-haiku-5-5",
    "models": [],
    "saved": False,
}
TURN = {
    "question": "What is a delta?",
    "tag": "Tutor",
    "trouble": "",
    "sent": "What was sent",
    "say": "Reply complete.",
    "choices": [],
    "state": "complete",
    "blocks": [[0, 0, '<p>A piece: <span class="math">$n$</span>.</p>']],
}
PAGE = f"""<!doctype html><html lang="en"><title>Elsewhere</title><style>{look.style()}</style>
<style>{(STATIC / "chat.css").read_text(encoding="utf-8")}</style><body><div id="here"></div><script type="module">
import widget from "/chat.js";
const told = [], sent = window.sent = [];
const turn = {json.dumps(TURN)};
const model = {{
  get: () => ({json.dumps(FIRST)}),
  on: (name, listener) => name === "msg:custom" && told.push(listener),
  send: (message) => {{
    sent.push(message);
    const answer = {{ ...turn, id: message.id }};
    if (message.type === "ask") for (const type of ["turn", "end"])
      told.forEach((tell) => tell({{ type, turn: answer }}));
  }},
}};
widget.render({{ model, el: document.getElementById("here") }});
</script>"""


class Handler(BaseHTTPRequestHandler):
    """The page, and the tutor's script beside it."""

    def do_GET(self) -> None:
        script = self.path == "/chat.js"
        body = (STATIC / "chat.js").read_bytes() if script else PAGE.encode()
        self.send_response(200)
        self.send_header("content-type", "text/javascript" if script else "text/html; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def host() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_without_jupyter_a_question_is_asked_and_answered_and_everything_is_legible(
    browser: Any, host: str, scheme: str
) -> None:
    page = browser.new_page(color_scheme=scheme, viewport={"width": 700, "height": 700})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(host)
    tutor = page.get_by_role("region", name="Tutor")
    tutor.get_by_role("button", name="What is a delta?").click()
    tutor.get_by_text("Reply complete.").wait_for()
    assert tutor.get_by_role("article", name="Tutor").inner_text().startswith("Tutor\n\nA piece: $n$.")
    assert [message["type"] for message in page.evaluate("() => window.sent")] == ["hello", "ask"]
    colours = tutor.evaluate("node => [getComputedStyle(node).color, getComputedStyle(node).backgroundColor]")
    assert colours == ["rgba(0, 0, 0, 0.87)", "rgb(255, 255, 255)"]
    assert faults == []
    page.close()
