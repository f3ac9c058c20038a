"""The calls take what the SDK's take, and say at once what they do not."""

from __future__ import annotations

import inspect
from typing import Any

import anthropic
import pytest

from tutor.api import Client
from tutor.api.calls import CountOptions, Messages, Options

Json = dict[str, Any]
LEFT_OUT = {"self", "extra_query", "output_format", "user_profile_id", "workspace_id"}


def ours(call: Any, options: type) -> set[str]:
    return ({*inspect.signature(call).parameters, *options.__annotations__} - {"options"}) - {"self"}


@pytest.mark.parametrize(
    ("name", "options"), [("create", Options), ("stream", Options), ("count_tokens", CountOptions)]
)
def test_the_keywords_are_those_of_the_sdk(name: str, options: type) -> None:
    theirs = set(inspect.signature(getattr(anthropic.resources.Messages, name)).parameters) - LEFT_OUT
    assert ours(getattr(Messages, name), options) == theirs


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("messagse", "Did you mean 'messages'?"),
        ("max_token", "Did you mean 'max_tokens'?"),
        ("stop_sequence", "Did you mean 'stop_sequences'?"),
        ("temperature", "no sampling parameters since version 2026-10-21"),
        ("top_p", "no sampling parameters since version 2026-10-21"),
        ("zzz", "extra_body"),
    ],
)
def test_a_wrong_keyword_is_named_with_the_nearest_right_one(
    api: Any, client: Client, question: Json, wrong: str, says: str
) -> None:
    for call in (client.messages.create, client.messages.stream):
        with pytest.raises(TypeError) as caught:
            call(**question, **{wrong: 1})  # type: ignore[operator]
        assert f"got an unexpected keyword argument {wrong!r}. " in str(caught.value)
        assert says in str(caught.value)
    assert api.seen == []


def test_what_belongs_elsewhere_is_told_where(client: Client, question: Json) -> None:
    calls: Any = client.messages
    with pytest.raises(TypeError, match=r"`stream\(\)` is always a stream; leave it out"):
        calls.stream(**question, stream=True)
    with pytest.raises(TypeError, match=r'extra_headers=\{"anthropic-beta"'):
        calls.create(**question, betas=["x"])
    with pytest.raises(TypeError, match="Counting writes nothing"):
        calls.count_tokens(**question)


def test_a_wrong_keyword_is_named_before_a_missing_one(client: Client) -> None:
    with pytest.raises(TypeError, match="Did you mean 'messages'"):
        client.messages.create(model="m", max_tokens=1, messagse=[])  # type: ignore[call-overload]


@pytest.mark.parametrize("missing", ["model", "max_tokens", "messages"])
def test_what_the_api_needs_must_be_there(api: Any, client: Client, question: Json, missing: str) -> None:
    del question[missing]
    for call in (client.messages.create, client.messages.stream):
        with pytest.raises(TypeError, match=missing):
            call(**question)
    assert api.seen == []


def test_streams_begin_where_their_with_block_begins(api: Any, client: Client, question: Json) -> None:
    client.messages.stream(**question)
    assert api.seen == []


def test_counting_tokens(api: Any, client: Client, question: Json) -> None:
    api.says({"input_tokens": 14})
    del question["max_tokens"]
    assert client.messages.count_tokens(**question, system="Be brief.").input_tokens == 14
    assert api.seen[0].path == "/v1/messages/count_tokens"
    assert api.seen[0].body == {**question, "system": "Be brief."}
    with pytest.raises(TypeError, match="unexpected keyword argument 'max_tokens'"):
        client.messages.count_tokens(**question, max_tokens=5)


def test_help_shows_the_keywords() -> None:
    assert list(inspect.signature(Messages.create).parameters)[:4] == ["self", "model", "max_tokens", "messages"]
    assert "Sends a request and waits" in (inspect.getdoc(Messages.create) or "")
