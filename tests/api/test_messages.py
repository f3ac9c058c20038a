"""A message has the SDK's attributes and keeps everything that came."""

from __future__ import annotations

import copy
import json
import pickle
from types import MappingProxyType
from typing import Any

import anthropic.types
import pytest

from tutor.api import Message, text_of
from tutor.api.messages import Sent, encode

Json = dict[str, Any]

BLOCKS: list[Json] = [
    {"type": "text", "text": "It is 12 °C.", "citations": [{"type": "char_location", "cited_text": "12"}]},
    {"type": "thinking", "thinking": "", "signature": "EqQB"},
    {"type": "redacted_thinking", "data": "abc"},
    {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Oslo", "days": [{"n": 1}]}},
    {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "Oslo"}},
    {
        "type": "web_search_tool_result",
        "tool_use_id": "srvtoolu_1",
        "content": [{"type": "web_search_result", "url": "https://oslo.example", "title": "Oslo"}],
    },
    {"type": "web_fetch_tool_result", "tool_use_id": "srvtoolu_2", "content": {"type": "web_fetch_result", "url": "x"}},
    {"type": "code_execution_tool_result", "tool_use_id": "s3", "content": {"stdout": "1", "return_code": 0}},
    {"type": "bash_code_execution_tool_result", "tool_use_id": "s4", "content": {"stdout": "1"}},
    {"type": "text_editor_code_execution_tool_result", "tool_use_id": "s5", "content": {"type": "error"}},
    {"type": "tool_search_tool_result", "tool_use_id": "s6", "content": {"tool_references": []}},
    {"type": "container_upload", "file_id": "file_1"},
    {"type": "fallback", "from": {"model": "a"}, "to": {"model": "b"}},
    {"type": "compaction", "content": "Earlier: hello."},
    {"type": "something_new", "_private": 1, "deep": {"er": [{"still": None}, 1.5, True]}},
]


@pytest.fixture
def full(hello: Json) -> Json:
    usage = {
        "input_tokens": 10,
        "output_tokens": 44,
        "cache_creation_input_tokens": 3,
        "cache_read_input_tokens": 1,
        "cache_creation": {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 0},
        "output_tokens_details": {"thinking_tokens": 33},
        "server_tool_use": {"web_search_requests": 1, "web_fetch_requests": 0},
        "service_tier": "standard",
        "inference_geo": "global",
    }
    return {**hello, "content": BLOCKS, "usage": usage, "new_field": {"a": 1}}


def test_everything_is_kept_as_it_came(full: Json) -> None:
    before = copy.deepcopy(full)
    message = Message(full)
    assert message.to_dict() == before
    assert json.loads(message.to_json()) == before
    assert [block.type for block in message.content] == [block["type"] for block in BLOCKS]


def test_fields_are_attributes_at_every_depth(full: Json) -> None:
    message = Message(full)
    assert message.content[0].citations[0].cited_text == "12"
    assert message.content[5].content[0].url == "https://oslo.example"
    assert message.content[6].content.url == "x"
    assert message.content[14].deep.er[0].still is None
    assert message.usage.output_tokens_details.thinking_tokens == 33
    assert message.usage.cache_creation.ephemeral_5m_input_tokens == 3
    assert message.new_field.a == 1


def test_a_tools_input_is_a_plain_dict(full: Json) -> None:
    assert Message(full).content[3].input == {"city": "Oslo", "days": [{"n": 1}]}
    assert type(Message(full).content[3].input["days"][0]) is dict


def test_optional_fields_that_did_not_come_are_none_as_in_the_sdk(hello: Json) -> None:
    del hello["stop_details"], hello["stop_sequence"]
    ours, theirs = Message(hello), anthropic.types.Message.model_validate(hello)
    for name in ("stop_reason", "stop_sequence", "stop_details", "container", "diagnostics"):
        assert getattr(ours, name) == getattr(theirs, name)
    for name in anthropic.types.Usage.model_fields:
        assert getattr(ours.usage, name) == getattr(theirs.usage, name)
    assert ours.content[0].citations is None


def test_a_field_that_is_not_there_says_what_is(full: Json) -> None:
    thinking = Message(full).content[1]
    with pytest.raises(AttributeError, match="A block of type 'thinking' has no field 'text'") as caught:
        _ = thinking.text
    assert "It has: type, thinking, signature." in str(caught.value)
    assert not hasattr(thinking, "text")


def test_blocks_show_their_fields(full: Json) -> None:
    content = Message(full).content
    assert repr(content[1]) == "ThinkingBlock(type='thinking', thinking='', signature='EqQB')"
    assert repr(content[12]) == "Block(type='fallback', from=ApiObject(model='a'), to=ApiObject(model='b'))"


def test_text_is_the_text_blocks_with_nothing_between(hello: Json) -> None:
    two = [{"type": "text", "text": "One."}, {"type": "thinking", "thinking": "no"}, {"type": "text", "text": "Two."}]
    assert Message({**hello, "content": two}).text == "One.Two."
    assert Message({**hello, "content": []}).text == ""


def test_text_of_takes_a_message_a_dict_or_a_message_of_the_sdk(full: Json) -> None:
    theirs = anthropic.types.Message.construct(**full)
    for reply in (
        Message(full),
        full,
        theirs,
        {"role": "assistant", "content": "It is 12 °C."},
        Message(full).to_param(),
    ):
        assert text_of(reply) == "It is 12 °C."
    assert text_of({"content": []}) == ""


def test_a_turn_of_the_next_request(full: Json) -> None:
    turn = Message(full).to_param()
    assert turn["role"] == "assistant"
    assert json.loads(encode(turn)) == {"role": "assistant", "content": BLOCKS}


def test_what_was_sent_and_how_often(hello: Json) -> None:
    message = Message(hello, Sent(b'{"model":"m"}', {"request-id": "req_1"}, (529, 200)))
    assert message.request == {"model": "m"}
    assert message.request_id == message._request_id == "req_1"
    assert message.attempts == (529, 200)
    assert not message.estimated
    alone = Message(hello)
    assert (alone.request, alone.request_id, alone.attempts) == ({}, None, ())


def test_messages_compare_by_what_they_say(hello: Json) -> None:
    assert Message(hello) == Message(hello, Sent(attempts=(200,)))
    assert Message(hello) != Message({**hello, "id": "msg_other"})
    assert Message(hello) != hello


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda message: pickle.loads(pickle.dumps(message))])
def test_messages_can_be_copied_and_kept(full: Json, again: Any) -> None:
    twin = again(Message(full, Sent(attempts=(200,))))
    assert twin == Message(full)
    assert twin.attempts == (200,)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (..., r"still holds `\.\.\.`"),
        (b"bytes", "got bytes"),
        (object(), "got object"),
        (1j, "got complex"),
    ],
)
def test_what_is_no_json_is_refused_before_it_is_sent(value: Any, says: str) -> None:
    with pytest.raises(TypeError, match=says):
        encode({"messages": [{"role": "user", "content": value}]})


def test_what_becomes_a_list_may_be_any_iterable() -> None:
    assert json.loads(encode({"messages": (turn for turn in ({"role": "user"},)), "tools": ()})) == {
        "messages": [{"role": "user"}],
        "tools": [],
    }


def test_any_mapping_is_an_object() -> None:
    assert encode({"metadata": MappingProxyType({"user_id": "1"})}) == b'{"metadata":{"user_id":"1"}}'


def test_text_goes_out_as_it_is() -> None:
    assert encode({"content": "día 🌊 \u2028"}) == '{"content":"día 🌊 \u2028"}'.encode()
