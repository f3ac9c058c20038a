"""A stand-in with the recordings of `tests/mock/recordings`, and a short way to ask it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tutor.mock import Mock, Reply, Request
from tutor.mock.recordings import Library

RECORDINGS = Path(__file__).with_name("recordings")
TOKEN = "tutor-local-of-a-test"
NOON = 1_795_000_000.0


class Answer:
    """A reply, read: its status, headers, JSON or events, and error message."""

    def __init__(self, reply: Reply) -> None:
        self.reply, self.status, self.headers = reply, reply.status, reply.headers

    @property
    def json(self) -> Any:
        return json.loads(self.reply.body or b"null")

    @property
    def text(self) -> str:
        return "".join(block["text"] for block in self.json["content"] if block["type"] == "text")

    @property
    def error(self) -> str:
        assert self.json["error"]["message"], self.json
        return str(self.json["error"]["message"])

    @property
    def wire(self) -> bytes:
        return b"".join(data for _, data in self.reply.events or [])

    @property
    def events(self) -> list[dict[str, Any]]:
        blocks = self.wire.decode().split("\n\n")
        return [json.loads(block.split("data: ", 1)[1]) for block in blocks if block]


class Api:
    """A stand-in and a short way to ask it: `api(question, field=value)`."""

    def __init__(self, **given: Any) -> None:
        self.mock = Mock(RECORDINGS, token=TOKEN, **{"pace": 0, "clock": lambda: NOON, **given})

    def __call__(self, content: Any = "Hello", /, **fields: Any) -> Answer:
        body = {"model": "claude-haiku-5-5", "max_tokens": 1000, "messages": [{"role": "user", "content": content}]}
        return self.send({**body, **fields})

    def teach(self, request: dict[str, Any], like: str, **fields: Any) -> None:
        """Give a request the replies of the recording of that name, with other fields if there are any."""
        known = self.mock.library.recordings
        model = next(one for one in known if one.name == like)
        replies = tuple({**reply, **fields} for reply in model.replies)
        again = replace(model, name=f"{like}-again", request=request, replies=replies)
        self.mock._library = Library([*known, again])

    def send(
        self,
        body: Any,
        method: str = "POST",
        path: str = "/v1/messages",
        drop: tuple[str, ...] = (),
        **headers: str,
    ) -> Answer:
        given = {"authorization": f"Bearer {TOKEN}", "anthropic-version": "2026-10-21"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in given.items() if name not in drop}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Answer(self.mock.respond(Request(method, path, kept, raw)))


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def make_api() -> Callable[..., Api]:
    return Api
