"""An independent witness: the official SDK, sync and async, against the relay; its own types against every reply."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from typing import Any

import anthropic
import pytest
from anthropic.types import CacheMissSystemChanged, Message, MessageTokensCount, ModelInfo, RawMessageStreamEvent
from pydantic import BaseModel, Field, TypeAdapter

from tutor.mock import Mock, Request, recordings
from tutor.mock.faults import cut, edge, error_event, rate_limit, silent, status
from tutor.relay import faults

pytestmark = pytest.mark.slow

TIDES = "Write a haiku about tides."
PLANTS = "Explain photosynthesis in one sentence."
WEATHER = {
    "name": "get_weather",
    "description": "The weather of a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
DOCUMENT = {
    "type": "document",
    "source": {"type": "text", "media_type": "text/plain", "data": "The heron stands still."},
    "citations": {"enabled": True},
}
ASKED: dict[str, tuple[Any, dict[str, Any]]] = {
    "thinking then text": (TIDES, {}),
    "text only": (PLANTS, {}),
    "thinking only": (TIDES, {"max_tokens": 9}),
    "stopped": (PLANTS, {"stop_sequences": ["sugar"]}),
    "a tool": ("What is the weather in Nairobi?", {"tools": [WEATHER]}),
    "refused": ("A question that a classifier stops.", {}),
    "cited": ([DOCUMENT, {"type": "text", "text": "What does the heron do?"}], {}),
    "not recorded": ("Something nobody wrote for.", {}),
    "cached": ("Write a haiku about herons. " * 200, {"cache_control": {"type": "ephemeral", "ttl": "1h"}}),
}


def asked(content: Any = PLANTS, **fields: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": content}]
    return {"model": "claude-haiku-5-5", "max_tokens": 1000, "messages": messages, **fields}


@pytest.fixture
def client(house):
    with anthropic.Anthropic(base_url=house.relay.url, api_key=house.relay.token) as client:
        yield client


# --- what it reads ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ASKED)
def test_its_types_accept_every_reply(client, kind):
    content, fields = ASKED[kind]
    raw = client.messages.with_raw_response.create(**asked(content, **fields))
    TypeAdapter(Message).validate_json(raw.http_response.content)
    message = raw.parse()
    assert message._request_id == raw.headers["request-id"]
    assert message.stop_reason


@pytest.mark.parametrize("kind", ASKED)
def test_its_stream_helper_puts_together_what_create_gives(client, house, kind):
    content, fields = ASKED[kind]
    whole = client.messages.create(**asked(content, **fields))
    house.relay.reset()
    with client.messages.stream(**asked(content, **fields)) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == "".join(block.text for block in whole.content if block.type == "text")
    assert [block.type for block in final.content] == [block.type for block in whole.content]
    assert (final.stop_reason, final.stop_sequence) == (whole.stop_reason, whole.stop_sequence)
    assert final.usage.model_dump() == whole.usage.model_dump()


@pytest.mark.parametrize("kind", ASKED)
def test_its_types_accept_every_event(house, kind):
    content, fields = ASKED[kind]
    answer = house.ask(content, stream=True, **fields)
    for block in answer.text.strip().split("\n\n"):
        event = json.loads(block.split("data: ", 1)[1])
        if event["type"] != "ping":
            TypeAdapter(RawMessageStreamEvent).validate_python(event)


def test_it_iterates_the_raw_events(client):
    kinds = [event.type for event in client.messages.create(**asked(TIDES, stream=True))]
    assert (kinds[0], kinds[-1]) == ("message_start", "message_stop")
    assert "ping" not in kinds


def test_it_counts_and_lists_models(client):
    counted = client.messages.count_tokens(model="claude-haiku-5-5", messages=[{"role": "user", "content": TIDES}])
    assert isinstance(counted, MessageTokensCount)
    assert counted.input_tokens == 14
    models = list(client.models.list(limit=3))
    assert len(models) > 10
    for model in models:
        TypeAdapter(ModelInfo).validate_python(model.model_dump())
    assert client.models.retrieve("claude-haiku-4-5").id == "claude-haiku-4-5-20251001"


def test_a_reply_goes_back_as_it_came(client):
    first = client.messages.create(**asked(TIDES))
    messages = [{"role": "user", "content": TIDES}, first.to_param(), {"role": "user", "content": "And why?"}]
    assert client.messages.create(**asked(messages=messages)).stop_reason == "end_turn"


def test_it_sees_what_the_cache_did(client):
    content, fields = ASKED["cached"]
    written, read = (client.messages.create(**asked(content, **fields)).usage for _ in range(2))
    assert written.cache_creation.ephemeral_1h_input_tokens == read.cache_read_input_tokens > 512


def test_it_sees_why_the_cache_was_missed(client):
    first = client.messages.create(**asked(), diagnostics={"previous_message_id": None})
    assert first.diagnostics is None
    more = asked(system="Be brief.", diagnostics={"previous_message_id": first.id})
    with client.messages.stream(**more) as stream:
        streamed = stream.get_final_message()
    for message in (client.messages.create(**more), streamed):
        assert isinstance(message.diagnostics.cache_miss_reason, CacheMissSystemChanged)


def test_its_class_for_an_encoding_that_is_not_taken(client):
    with pytest.raises(anthropic.BadRequestError) as caught:
        client.messages.create(**asked(), extra_headers={"content-encoding": "zstd"})
    assert (type(caught.value).__name__, caught.value.error_code) == (
        "RequestBodyEncodingUnsupportedError",
        "request_body_encoding_unsupported",
    )


def test_its_beta_fields_are_taken(client):
    given = {"context_management": {"edits": []}, "betas": ["context-management-2025-06-27"]}
    assert client.beta.messages.create(**asked(), **given).type == "message"


def test_its_beta_types_see_what_became_of_thinking(client):
    first = client.messages.create(**asked(TIDES, model="claude-opus-5-5"))
    messages = [{"role": "user", "content": TIDES}, first.to_param(), {"role": "user", "content": "And why?"}]
    message = client.beta.messages.create(**asked(messages=messages), betas=["thinking-binding-controls-2026-08-01"])
    (entry,) = message.input_transformations
    assert (entry.type, entry.path, entry.reason) == (
        "thinking_dropped",
        "messages.1.content.0",
        "model_binding_mismatch",
    )


class Sighting(BaseModel):
    """A schema with all that the SDK takes out before it sends one."""

    bird: str = Field(min_length=1, max_length=20)
    count: int = Field(ge=0, le=9)
    places: list[str] = Field(min_length=2, max_length=5)
    sure: bool | None = None


def test_the_schemas_it_makes_can_be_compiled(client):
    with pytest.raises(anthropic.BadRequestError) as caught:
        client.messages.parse(**asked("What did you see?"), output_format=Sighting)
    assert caught.value.api_message.startswith("No reply was written for this request")


def test_its_types_accept_every_recording_of_the_course():
    mock, accepted = Mock(strict=True), TypeAdapter(Message)
    headers = {"x-api-key": "any", "anthropic-version": "2026-10-21"}
    for recording in recordings.load().recordings:
        body = json.dumps({"max_tokens": 9999, **recording.request}).encode()
        for _ in recording.replies:
            reply = mock.respond(Request("POST", "/v1/messages", headers, body))
            assert reply.status == 200, (recording.name, reply.body)
            accepted.validate_json(reply.body)


# --- errors and retries ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (400, "BadRequestError"),
        (401, "AuthenticationError"),
        (402, "PaymentRequiredError"),
        (403, "PermissionDeniedError"),
        (404, "NotFoundError"),
        (408, "RequestTimeoutError"),
        (409, "ConflictError"),
        (413, "ContentTooLargeError"),
        (429, "RateLimitError"),
        (500, "InternalServerError"),
        (503, "ServiceUnavailableError"),
        (504, "GatewayTimeoutError"),
        (529, "OverloadedError"),
        (edge(403), "PermissionDeniedError"),
        (rate_limit(error_code="enforced_spend_limit_reached"), "EnforcedSpendLimitReachedError"),
    ],
)
def test_each_fault_is_the_class_that_it_should_be(client, fault, name):
    with faults(fault), pytest.raises(anthropic.APIStatusError) as caught:
        client.with_options(max_retries=0).messages.create(**asked())
    assert type(caught.value).__name__ == name
    assert caught.value.request_id or fault in (413, edge(403))


@pytest.mark.parametrize("fault", [408, 409, 429, 500, 529])
def test_what_may_pass_is_tried_three_times(client, house, fault):
    soon = replace(status(fault), headers={"retry-after": "0.01"})
    with faults(soon, soon, soon), pytest.raises(anthropic.APIStatusError):
        client.messages.create(**asked())
    assert [kept.attempt for kept in house.journal] == [0, 1, 2]


def test_retry_after_is_waited_for(client, house):
    with faults(rate_limit(retry_after=0.7)):  # unasked, the SDK waits for half a second at most
        start = time.monotonic()
        client.messages.create(**asked())
    assert time.monotonic() - start >= 0.7
    assert [kept.status for kept in house.journal] == [429, 200]


def test_what_cannot_pass_is_not_tried_again(client, house, make_house):
    for fault in (400, 403, 404):
        with faults(fault), pytest.raises(anthropic.APIStatusError):
            client.messages.create(**asked())
    assert [kept.attempt for kept in house.journal] == [0, 0, 0]


def test_strict_says_that_it_should_not_be_tried_again(make_house):
    house = make_house(strict=True)
    client = anthropic.Anthropic(base_url=house.relay.url, api_key=house.relay.token)
    with pytest.raises(anthropic.BadRequestError, match="the difference"):
        client.messages.create(**asked("Nobody wrote this."))
    assert len(house.journal) == 1


def test_an_error_after_the_200_is_a_plain_status_error(client):
    with (
        faults(error_event(4)),
        pytest.raises(anthropic.APIStatusError) as caught,
        client.messages.stream(**asked(TIDES)) as stream,
    ):
        stream.get_final_message()
    assert (type(caught.value), caught.value.status_code) == (anthropic.APIStatusError, 200)
    assert caught.value.type == "overloaded_error"


def test_a_cut_stream_passes_without_a_word(client):
    with faults(cut(after_bytes=1400)), client.messages.stream(**asked(TIDES)) as stream:
        assert stream.get_final_message().stop_reason is None


def test_a_broken_connection_and_silence_are_connection_errors(client):
    client = client.with_options(max_retries=0, timeout=0.2)
    with faults(silent()), pytest.raises(anthropic.APITimeoutError):
        client.messages.create(**asked())
    with faults(cut(10, clean=False)), pytest.raises(anthropic.APIConnectionError):
        client.messages.create(**asked())


def test_a_wrong_key_and_a_retired_model(house, client):
    with pytest.raises(anthropic.AuthenticationError, match="Invalid bearer token"):
        anthropic.Anthropic(base_url=house.relay.url, api_key="wrong").messages.create(**asked())
    with pytest.raises(anthropic.NotFoundError, match="model: claude-none"):
        client.messages.create(**asked(model="claude-none"))


def test_an_old_version_by_header_takes_temperature(client):
    extra = {"extra_headers": {"anthropic-version": "2023-06-01"}, "extra_body": {"temperature": 0.2}}
    assert client.messages.create(**asked(model="claude-sonnet-4-6"), **extra).content
    with pytest.raises(anthropic.BadRequestError, match="`temperature` is deprecated"):
        client.messages.create(**asked(), **extra)


# --- at once ---------------------------------------------------------------------------------------


def test_async_eight_at_once_create_and_stream(house):
    async def all_of_them():
        async with anthropic.AsyncAnthropic(base_url=house.relay.url, api_key=house.relay.token) as client:

            async def streamed():
                async with client.messages.stream(**asked(TIDES)) as stream:
                    return "".join([piece async for piece in stream.text_stream])

            created = [client.messages.create(**asked(TIDES)) for _ in range(8)]
            return await asyncio.gather(*created, *[streamed() for _ in range(8)])

    replies = asyncio.run(all_of_them())
    assert {reply.content[1].text for reply in replies[:8]} == set(replies[8:])
    assert len({reply._request_id for reply in replies[:8]}) == 8


def test_async_errors_are_the_same_classes(house):
    async def fail():
        async with anthropic.AsyncAnthropic(
            base_url=house.relay.url, api_key=house.relay.token, max_retries=0
        ) as client:
            await client.messages.create(**asked())

    with faults(529), pytest.raises(anthropic.OverloadedError):
        asyncio.run(fail())
