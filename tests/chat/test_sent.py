"""What was sent, four ways: each runs as shown. What came back, and what it costs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from fake_api import FakeApi

from tutor.api import Client
from tutor.chat import Chat, sent
from tutor.chat.conversation import Turn
from tutor.journal import Journal
from tutor.relay import Relay
from tutor.settings import Settings

Make = Callable[..., Chat]


class Text(HTMLParser):
    """The text of each `pre`, as a reader copies it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "pre":
            self._inside = True
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "pre"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[-1] += data


@pytest.fixture
def turn(make_chat: Make) -> Turn:
    chat = make_chat()
    chat.saw_verdict("first_request", "not yet", "key-in-body", "Sent: a 'quoted' <b> $HOME `x` \\ line.", "JSON\nEOF")
    asking = chat.begin("Why was my last answer not accepted?")
    asking.run()
    return asking.turn


def run(command: list[str], api: FakeApi, **more: Any) -> str:
    environ = {**os.environ, "ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": "sk-test"}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=True, **more)
    return done.stdout


@pytest.mark.slow
def test_each_way_sends_the_very_request_that_was_sent(api: FakeApi, turn: Turn) -> None:
    as_json, as_curl, as_httpx, as_sdk = Text(sent.unfolded(turn, "requests", turn.events)).texts
    assert json.loads(as_json) == api.requests[0]
    outputs = []
    if shutil.which("curl") and shutil.which("bash") and sys.platform != "win32":  # there, bash may be that of WSL
        outputs.append(run(["bash", "-c", as_curl], api))
    outputs.append(run([sys.executable, "-c", as_httpx], api))
    outputs.append(run([sys.executable, "-c", as_sdk], api))
    assert all("Hello." in output for output in outputs)
    assert api.requests == [api.requests[0]] * (1 + len(outputs))
    assert {headers["tutor-origin"] for headers in api.headers} == {"chat; lesson=requests"}
    assert {headers["anthropic-version"] for headers in api.headers} == {"2026-10-21"}


def test_no_key_is_in_it(turn: Turn) -> None:
    assert "sk-test" not in sent.unfolded(turn, "requests", turn.events)


def test_live_the_course_s_own_header_is_not_shown(turn: Turn) -> None:
    turn.source = "live"
    assert "tutor-origin" not in sent.unfolded(turn, "requests", turn.events)


def test_the_line_that_unfolds(turn: Turn) -> None:
    assert "≈ 412 tokens in, ≈ 96 out, free" in sent.summary(turn)
    turn.source, turn.estimated = "live", False
    assert "412 tokens in, 96 out, $0.00008" in sent.summary(turn)
    assert "≈" not in sent.summary(turn)
    assert sent.summary(Turn("1", "One?")) == "What was sent"


def test_a_reply_that_did_not_end_is_not_priced(turn: Turn) -> None:
    turn.stop_reason = None
    assert "≈ 412 tokens in, the reply did not end" in sent.summary(turn)
    assert "would cost live" not in sent.unfolded(turn, "requests", turn.events)


def test_deltas_that_follow_each_other_share_a_row(turn: Turn) -> None:
    delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "abc"}}
    turn.events = [
        (0.1, {"type": "ping"}),
        (0.2, delta),
        (1.3, delta),
        (1.4, {"type": "error", "error": {"type": "<b>"}}),
    ]
    html = sent.unfolded(turn, "requests", turn.events)
    assert (
        '<td class="r">200 to 1,300</td><td><code>content_<wbr>block_<wbr>delta</code> × 2</td><td>6 characters</td>'
        in html
    )
    assert "keeps the line open" in html
    assert "<b>" not in html


def test_the_cost_adds_up(turn: Turn) -> None:
    turn.usage = {"input_tokens": 100, "cache_read_input_tokens": 1_000, "output_tokens": 50}
    turn.estimated = False
    html = sent.unfolded(turn, "requests", turn.events)
    assert '<th scope="row">cache read</th><td class="r">1,000</td><td class="r">0.01</td>' in html
    assert '<td class="r">1,150</td>' in html
    assert "What this request would cost live" in html


def test_what_goes_along_only_live_is_said(turn: Turn) -> None:
    turn.more = 5_123
    assert "Live, the lesson goes along as well: ≈ 5,123 tokens more." in sent.unfolded(turn, "requests", turn.events)


def test_a_model_that_the_table_does_not_know_has_no_price(turn: Turn) -> None:
    turn.source, turn.estimated, turn.request = "live", False, {**turn.request, "model": "claude-of-next-year"}
    assert sent.summary(turn).endswith("412 tokens in, 96 out</span>")
    assert "What it cost" not in sent.unfolded(turn, "requests", turn.events)


def test_every_word_of_a_question_is_shown_as_it_was_sent(turn: Turn) -> None:
    turn.request["messages"] = [{"role": "user", "content": "x @@ y @@0"}]
    assert "x @@ y @@0" in sent.unfolded(turn, "requests", turn.events)


def test_a_refusal_that_is_not_billed_costs_nothing_in_every_row(turn: Turn) -> None:
    turn.usage, turn.text, turn.stop_reason = {"input_tokens": 100_000, "output_tokens": 50}, "", "refusal"
    delta = {"stop_reason": "refusal", "stop_details": {"type": "refusal", "category": "cyber"}}
    turn.events = [(0.0, {"type": "message_delta", "delta": delta})]
    html = sent.unfolded(turn, "requests", turn.events)
    assert html.count('<td class="r">≈ 0.00</td>') == 2
    delta["stop_details"]["category"] = "bio"
    assert '<td class="r">≈ 0.01</td>' in sent.unfolded(turn, "requests", turn.events)


@pytest.mark.parametrize(
    ("dollars", "words"),
    [(0.0, "0.00"), (1.5, "1.50"), (0.14, "0.14"), (0.0091, "0.009"), (0.00009, "0.00009"), (0.0000004, "0.0000004")],
)
def test_money_has_two_decimals_or_one_digit(dollars: float, words: str) -> None:
    assert sent.money(dollars) == words


@pytest.mark.slow
def test_run_as_shown_the_stand_in_gives_the_tutor_s_own_answer(
    make_chat: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay = Relay(Settings(pace=0), Journal())
    relay.start()
    try:
        client = Client(api_key=relay.token, base_url=relay.url)
        asking = make_chat(client=lambda: client).begin("What is a token?")
        asking.run()
        assert asking.turn.source == "written"
        monkeypatch.setenv("ANTHROPIC_BASE_URL", relay.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", relay.token)
        as_sdk = Text(sent.unfolded(asking.turn, "requests", asking.turn.events)).texts[-1]
        done = subprocess.run([sys.executable, "-c", as_sdk], capture_output=True, text=True, timeout=60, check=True)
        assert done.stdout == asking.turn.text
    finally:
        relay.stop()
