"""A class behind a gateway, as TEACHING.md describes it: learners know its address, and the key is there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fake_api import FakeApi
from hard.conftest import Kernel

pytestmark = pytest.mark.slow

SETUP = "from tutor import start\nclient, exercises, chat = start('requests')"
ASK = """
with client.messages.stream(model="claude-haiku-5-5", max_tokens=9, messages=[{"role": "user", "content": "Hi"}]) as s:
    print(s.get_final_text())
"""
SDK = ASK.replace("with client", "import anthropic\nwith anthropic.Anthropic()")


def credentials(api: FakeApi) -> list[str | None]:
    """What each request to the gateway carried as its key."""
    return [headers.get("authorization") or headers.get("x-api-key") for headers in api.headers]


def test_without_a_key_cells_and_tutor_ask_the_gateway_and_send_no_credential(
    make_kernel: Callable[..., Kernel], api: FakeApi
) -> None:
    kernel = make_kernel(ANTHROPIC_BASE_URL=api.url, TUTOR_MODE="")
    assert "live, calls cost money" in kernel.run(SETUP)
    assert [kernel.run(cell).strip() for cell in (ASK, SDK)] == ["Hello.", "Hello."]
    assert "Hello." in kernel.run("chat.ask('What is a token?')")
    assert credentials(api) == [None] * 3


def test_a_word_of_the_gateway_goes_there_and_the_budget_ends_a_notebook(
    make_kernel: Callable[..., Kernel], api: FakeApi
) -> None:
    word = {"ANTHROPIC_API_KEY": "class-7b-amina", "TUTOR_MODE": ""}
    kernel = make_kernel(ANTHROPIC_BASE_URL=api.url, TUTOR_BUDGET="0.00001", **word)
    kernel.run(SETUP)
    assert kernel.run(ASK).strip() == "Hello."
    assert credentials(api) == ["Bearer class-7b-amina"]
    assert "class-7b" not in kernel.run("import os; print(os.environ, client)")
    assert "PermissionDeniedError: 403" in kernel.run(ASK)
    assert len(api.headers) == 1


def test_written_replies_stay_a_word_away(make_kernel: Callable[..., Kernel], api: FakeApi) -> None:
    kernel = make_kernel(ANTHROPIC_BASE_URL=api.url, TUTOR_MODE="recorded")
    assert "replies written in advance" in kernel.run(SETUP)
    kernel.run(ASK)
    assert api.headers == []


def test_plain_http_to_another_computer_is_refused_in_words(make_kernel: Callable[..., Kernel]) -> None:
    kernel = make_kernel(ANTHROPIC_BASE_URL="http://192.168.1.5:4000")
    assert "Expected ANTHROPIC_BASE_URL to begin with https://, got http:// for 192.168.1.5" in kernel.run(SETUP)
