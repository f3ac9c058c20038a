"""Every public call, used as it should be and as it should not: only the type checker reads this file.

`mypy`, strict as pyproject.toml says, must be content: each line marked `type: ignore` is a mistake that it must find.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, assert_type

from tutor.api import APIConnectionError, APIStatusError, Client, Message, MessageStream, RateLimitError, text_of
from tutor.api.messages import Block, Usage
from tutor.api.stream import Event, EventStream


def clients() -> None:
    client = Client()
    assert_type(Client(api_key="sk-ant-test", base_url="http://127.0.0.1:8765", max_retries=0, timeout=3.5), Client)
    assert_type(client.with_options(timeout=None, max_retries=5), Client)
    with Client(default_headers={"tutor-origin": "chat"}) as inner:
        assert_type(inner, Client)
    Client(retries=3)  # type: ignore[call-arg]
    client.with_options(model="claude-haiku-5-5")  # type: ignore[call-arg]


def messages(client: Client, question: list[dict[str, Any]]) -> None:
    message = client.messages.create(model="claude-haiku-5-5", max_tokens=100, messages=question)
    assert_type(message, Message)
    assert_type(message.content, list[Block])
    assert_type(message.usage, Usage)
    assert_type(message.usage.output_tokens, int)
    assert_type(message.usage.cache_read_input_tokens, int | None)
    assert_type(message.stop_reason, str | None)
    assert_type(message.text, str)
    assert_type(text_of(message), str)
    assert_type(message.request_id, str | None)
    assert_type(message.attempts, tuple[int | str, ...])
    assert_type(message.to_param(), dict[str, Any])
    for block in message.content:
        if block.type == "text":
            print(block.text)
    client.messages.create(
        model="claude-haiku-5-5",
        max_tokens=100,
        messages=[*question, message.to_param(), {"role": "assistant", "content": message.content}],
        system="Be brief.",
        stop_sequences=["\n"],
        thinking={"type": "disabled"},
        output_config={"effort": "low"},
        tools=[{"name": "look", "input_schema": {"type": "object"}}],
        tool_choice={"type": "auto"},
        metadata={"user_id": "1"},
        cache_control={"type": "ephemeral"},
        extra_headers={"anthropic-beta": "x"},
        extra_body={"new": True},
        timeout=30,
    )
    client.messages.create(model="claude-haiku-5-5", messages=question)  # type: ignore[call-overload]
    client.messages.create("claude-haiku-5-5", 100, question)  # type: ignore[call-overload]
    client.messages.create(model="m", max_tokens=1, messages=question, temperature=0.2)  # type: ignore[call-overload]
    client.messages.create(model="m", max_tokens="1", messages=question)  # type: ignore[call-overload]
    client.messages.create(model="m", max_tokens=1, messages="Hello")  # type: ignore[arg-type]


def streams(client: Client, question: list[dict[str, Any]]) -> None:
    with client.messages.stream(model="claude-haiku-5-5", max_tokens=100, messages=question) as stream:
        assert_type(stream, MessageStream)
        assert_type(stream.text_stream, Iterator[str])
        for event in stream:
            assert_type(event, Event)
            assert_type(event.type, str)
        assert_type(stream.get_final_message(), Message)
        assert_type(stream.get_final_text(), str)
        assert_type(stream.current_message_snapshot, Message)
        assert_type(stream.request_id, str | None)
        stream.close()
    events = client.messages.create(model="claude-haiku-5-5", max_tokens=100, messages=question, stream=True)
    assert_type(events, EventStream)
    client.messages.stream(model="m", max_tokens=1, messages=question, stream=True)  # type: ignore[call-arg]


def others(client: Client, question: list[dict[str, Any]]) -> None:
    assert_type(client.messages.count_tokens(model="claude-haiku-5-5", messages=question).input_tokens, int)
    client.messages.count_tokens(model="m", messages=question, max_tokens=5)  # type: ignore[call-arg]
    for model in client.models.list(limit=5):
        assert_type(model.id, str)
    assert_type(client.models.list().has_more, bool)
    assert_type(client.models.retrieve("claude-haiku-5-5").created_at, datetime)


def errors(client: Client, question: list[dict[str, Any]]) -> None:
    try:
        client.messages.create(model="claude-haiku-5-5", max_tokens=100, messages=question)
    except RateLimitError as error:
        assert_type(error.response.headers.get("retry-after"), str | None)
    except APIStatusError as error:
        assert_type(error.status_code, int)
        assert_type(error.type, str | None)
        assert_type(error.error_code, str | None)
        assert_type(error.request_id, str | None)
    except APIConnectionError as error:
        assert_type(error.partial, Message | None)
        print(error.status_code)  # type: ignore[attr-defined]
