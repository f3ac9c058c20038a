"""How a reply looks to somebody who reads it."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from tutor.api import Message
from tutor.api.messages import Sent

Json = dict[str, Any]
THOUGHT = {"type": "thinking", "thinking": "", "signature": "EqQB"}


def text_of_page(page: str) -> str:
    """What is left to read when a page loses its styles and its tags."""
    visible = re.sub(r"<details>.*</details>", "", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", visible.replace("<br>", "\n").replace("</p>", "\n")))


def shown(hello: Json, estimated: bool = False, **changes: Any) -> str:
    headers = {"tutor-usage": "estimated"} if estimated else {}
    message = Message({**hello, **changes}, Sent(headers=headers))
    assert text_of_page(message._repr_html_()).strip() == repr(message)
    return repr(message)


def test_text_first_then_one_quiet_line(hello: Json) -> None:
    assert shown(hello) == "Hello, you.\nend_turn · 14 tokens in, 41 out · ≈ $0.00002"


def test_estimates_say_so(hello: Json) -> None:
    assert shown(hello, estimated=True) == "Hello, you.\nend_turn · ≈ 14 tokens in, ≈ 41 out · ≈ $0.00002"


def test_a_reply_that_thought_first_says_so(hello: Json) -> None:
    usage = {**hello["usage"], "output_tokens_details": {"thinking_tokens": 17}}
    lines = shown(hello, content=[THOUGHT, *hello["content"]], usage=usage).split("\n")
    assert lines[:2] == ["Thought first, for 17 of the tokens out; the words are withheld.", "Hello, you."]


def test_thinking_that_came_is_shown(hello: Json) -> None:
    assert shown(hello, content=[{**THOUGHT, "thinking": "A greeting."}]).startswith("Thought first: A greeting.\n")


def test_a_reply_cut_at_its_limit(hello: Json) -> None:
    assert shown(hello, stop_reason="max_tokens").split("\n")[1].startswith("max_tokens (cut at the limit) · ")


def test_thinking_that_used_up_the_limit(hello: Json) -> None:
    lines = shown(hello, content=[THOUGHT], stop_reason="max_tokens").split("\n")
    assert lines[0] == "Thought first; the words are withheld."
    assert lines[1].startswith("max_tokens (cut at the limit)")


def test_a_refusal(hello: Json) -> None:
    details = {"type": "refusal", "category": "cyber", "explanation": "It looked like an attack."}
    lines = shown(hello, content=[], stop_reason="refusal", stop_details=details).split("\n")
    assert lines[0] == "Refused: a safety check stopped this reply. Category: cyber. It looked like an attack."
    assert lines[1].startswith("refusal · ")
    assert lines[1].endswith(" · not billed")


def test_a_refusal_of_a_category_that_is_billed(hello: Json) -> None:
    lines = shown(hello, content=[], stop_reason="refusal", stop_details={"type": "refusal", "category": "bio"})
    assert "≈ $" in lines.split("\n")[1]


def test_a_refusal_half_way(hello: Json) -> None:
    lines = shown(hello, stop_reason="refusal", stop_details={"type": "refusal", "category": None}).split("\n")
    assert lines[:2] == ["Hello, you.", "Refused: a safety check stopped this reply. Discard what had come before."]


def test_an_empty_reply(hello: Json) -> None:
    assert shown(hello, content=[]).startswith("Empty: the reply has no blocks.\nend_turn")
    assert shown(hello, content=[{"type": "text", "text": ""}]).startswith("An empty text block.\n")


def test_a_tool_call_reads_like_a_call(hello: Json) -> None:
    tool = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Tromsø"}}
    lines = shown(hello, content=[tool], stop_reason="tool_use").split("\n")
    assert lines[0] == 'weather({"city": "Tromsø"})'
    assert lines[1].startswith("tool_use (waits for your tool's result)")


def test_a_block_that_nobody_knows(hello: Json) -> None:
    assert shown(hello, content=[{"type": "garden"}]).startswith("A block of type garden.\n")


def test_a_message_that_is_still_coming(hello: Json) -> None:
    assert "\nnot finished · " in shown(hello, stop_reason=None)


@pytest.mark.parametrize(
    ("usage", "says"),
    [
        ({"input_tokens": 100_000, "output_tokens": 10_000}, "100,000 tokens in, 10,000 out · ≈ $0.01"),
        ({"input_tokens": 200_000, "output_tokens": 128_000}, "200,000 tokens in, 128,000 out · ≈ $0.42"),
        ({"input_tokens": 1, "output_tokens": 0}, "1 tokens in, 0 out · ≈ $0.0000001"),
        ({"input_tokens": 0, "output_tokens": 0}, "0 tokens in, 0 out · ≈ $0"),
        ({"input_tokens": 4, "cache_read_input_tokens": 900, "output_tokens": 2}, "904 tokens in, 2 out · ≈ $0.00001"),
    ],
)
def test_tokens_and_dollars(hello: Json, usage: Json, says: str) -> None:
    assert shown(hello, usage=usage).endswith(f"end_turn · {says}")


def test_a_model_without_a_price_and_a_reply_without_usage(hello: Json) -> None:
    assert shown(hello, model="a-model-at-home").endswith("end_turn · 14 tokens in, 41 out")
    assert shown(hello, usage=None).endswith("\nend_turn")


def test_nothing_in_a_reply_is_run_or_typeset(hello: Json) -> None:
    text = "<script>alert(1)</script> **bold** <b>&amp;</b>\n  indented costs $5 or $6"
    page = Message({**hello, "content": [{"type": "text", "text": text}]})._repr_html_()
    assert "<script" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; **bold** &lt;b&gt;&amp;amp;&lt;/b&gt;<br>  indented" in page
    assert "mathjax_ignore" in page  # else the dollars become a formula


def test_the_json_is_folded(hello: Json) -> None:
    page = Message(hello)._repr_html_()
    folded = re.search(r"<details><summary[^>]*>JSON</summary><pre[^>]*>(.*)</pre></details>", page, re.DOTALL)
    assert folded is not None
    assert html.unescape(folded[1]) == Message(hello).to_json()
