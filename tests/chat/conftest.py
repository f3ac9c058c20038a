"""A tutor that talks to a loopback API through the course's own client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fake_api import FakeApi

from tutor.api import Client
from tutor.chat import Chat, ChatState

SUGGESTIONS = ("What is a token?", "Why is the reply a list?", "What is a header?", "Why does it forget?")


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as started:
        yield started


@pytest.fixture
def make_chat(api: FakeApi) -> Callable[..., Chat]:
    """`make_chat(mode="live")`: a tutor of the lesson "requests"; `keys` gathers what "Go live" was given."""

    def make(mode: str = "recorded", **changes: Any) -> Chat:
        client = Client(api_key="sk-test", base_url=api.url, max_retries=0)
        given: dict[str, Any] = {
            "lesson": "requests",
            "title": "Requests",
            "scope": "the learner takes one request and one reply apart.",
            "suggestions": SUGGESTIONS,
            "client": lambda: client,
            "state": lambda: ChatState(mode, "claude-haiku-5-5", 0.14, 1.0),
            "go_live": lambda key, remember: None,
            "lesson_text": lambda: "# Requests\n\nA request has three fields.",
        }
        return Chat(**{**given, **changes})

    return make
