"""Text, stop reason and usage of a replayed message agree, streamed or not."""

from __future__ import annotations

import json
import re

import pytest

from tutor.api.assembly import fold

TIDES = "Write a haiku about tides."
PLANTS = "Explain photosynthesis in one sentence."
NAIROBI = "What is the weather in Nairobi?"
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
ASKED = {
    "thinking then text": (TIDES, {}),
    "text only": (PLANTS, {}),
    "thinking only": (TIDES, {"max_tokens": 9}),
    "cut text": (PLANTS, {"max_tokens": 8}),
    "nothing generated": (PLANTS, {"max_tokens": 0}),
    "stopped": (PLANTS, {"stop_sequences": ["sugar"]}),
    "a tool": (NAIROBI, {"tools": [WEATHER]}),
    "a tool cut": (NAIROBI, {"tools": [WEATHER], "max_tokens": 45}),
    "refused": ("A question that a classifier stops.", {}),
    "cited": ([DOCUMENT, {"type": "text", "text": "What does the heron do?"}], {}),
    "not recorded": ("Something nobody wrote for.", {}),
}


def test_a_whole_reply_keeps_its_own_numbers(api):
    said = api(TIDES).json
    assert said["usage"] == {
        "input_tokens": 14,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 41,
        "output_tokens_details": {"thinking_tokens": 17},
        "service_tier": "standard",
        "inference_geo": "global",
    }
    assert (said["stop_reason"], said["stop_sequence"], said["stop_details"]) == ("end_turn", None, None)
    assert list(said) == [
        "id",
        "type",
        "role",
        "model",
        "content",
        "stop_reason",
        "stop_sequence",
        "stop_details",
        "usage",
    ]


def test_max_tokens_cuts_the_text(api):
    said = api(PLANTS, max_tokens=8).json
    assert (said["stop_reason"], said["usage"]["output_tokens"]) == ("max_tokens", 8)
    whole = api(PLANTS).text
    assert 0 < len(said["content"][0]["text"]) < len(whole)
    assert "Plants use sunlight to turn water".startswith(said["content"][0]["text"])


def test_each_larger_ceiling_shows_more_until_the_reply_is_whole(api, make_api):
    texts = [make_api()(PLANTS, max_tokens=ceiling) for ceiling in range(1, 60)]
    lengths = [len(answer.text) for answer in texts]
    assert lengths == sorted(lengths)
    for ceiling, answer in enumerate(texts, 1):
        used = answer.json["usage"]["output_tokens"]
        assert used == min(ceiling, texts[-1].json["usage"]["output_tokens"])
        assert (answer.json["stop_reason"] == "max_tokens") == (answer.text != texts[-1].text)


def test_thinking_eats_the_ceiling_first(api):
    said = api(TIDES, max_tokens=9).json
    assert [block["type"] for block in said["content"]] == ["thinking"]
    assert (said["stop_reason"], said["usage"]["output_tokens"]) == ("max_tokens", 9)
    assert said["usage"]["output_tokens_details"] == {"thinking_tokens": 9}
    assert [block["type"] for block in api(TIDES, max_tokens=25).json["content"]] == ["thinking", "text"]


@pytest.mark.parametrize(
    "fields",
    [
        {"model": "claude-haiku-4-5"},
        {"model": "claude-sonnet-4-6", "thinking": {"type": "disabled"}},
        {"model": "claude-sonnet-5-5", "thinking": {"type": "between_tools"}},
        {"tools": [WEATHER], "tool_choice": {"type": "any"}},
    ],
)
def test_thinking_that_a_request_would_not_get_is_left_out(api, fields):
    question = {"model": "claude-haiku-5-5", "messages": [{"role": "user", "content": TIDES}], **fields}
    api.teach(question, like="demo/tides")
    said = api(TIDES, **fields).json
    assert [block["type"] for block in said["content"]] == ["text"]
    assert (said["usage"]["output_tokens"], said["usage"]["output_tokens_details"]) == (24, {"thinking_tokens": 0})


@pytest.mark.parametrize(
    ("model", "display", "words"),
    [
        ("claude-haiku-5-5", {}, ""),
        ("claude-haiku-5-5", {"display": None}, ""),
        ("claude-haiku-5-5", {"display": "summarized"}, "Five, seven, five."),
        ("claude-sonnet-4-6", {}, "Five, seven, five."),
        ("claude-sonnet-4-6", {"display": "omitted"}, ""),
    ],
)
def test_the_words_of_thinking_are_shown_where_they_are_asked_for(api, model, display, words):
    thinking = {"type": "adaptive", **display}
    question = {"model": model, "messages": [{"role": "user", "content": TIDES}], "thinking": thinking}
    thought = {"type": "thinking", "thinking": "Five, seven, five.", "signature": ""}
    api.teach(question, like="demo/tides", content=[thought, {"type": "text", "text": "Moon"}])
    said = api(TIDES, model=model, thinking=thinking).json
    assert said["content"][0]["thinking"] == words
    assert said["usage"]["output_tokens"] == 41  # billed alike


def test_a_full_window_ends_the_reply(api):
    asked = {"model": "claude-haiku-4-5", "messages": [{"role": "user", "content": PLANTS}]}
    api.teach(asked, like="demo/photosynthesis", usage={"input_tokens": 199_990, "output_tokens": 40})
    said = api(PLANTS, model="claude-haiku-4-5").json
    assert (said["stop_reason"], said["usage"]["output_tokens"]) == ("model_context_window_exceeded", 10)
    assert api(PLANTS, model="claude-haiku-4-5", max_tokens=10).json["stop_reason"] == "max_tokens"


def test_a_model_without_a_choice_of_place_says_so(api):
    geo = [api(PLANTS, model=model).json["usage"]["inference_geo"] for model in ("claude-haiku-4-5", "claude-opus-5-5")]
    assert geo == ["not_available", "global"]


def test_a_stop_sequence_ends_the_text_before_itself(api):
    answer = api(PLANTS, stop_sequences=["oxygen", "sugar"])
    assert answer.text.endswith("carbon dioxide into ")
    assert (answer.json["stop_reason"], answer.json["stop_sequence"]) == ("stop_sequence", "sugar")
    assert answer.json["usage"]["output_tokens"] < api(PLANTS).json["usage"]["output_tokens"] + 20


def test_of_two_stop_sequences_at_one_place_the_one_complete_first_is_named(api):
    assert api(PLANTS, stop_sequences=["sugar", "sug"]).json["stop_sequence"] == "sug"


def test_whichever_comes_first_ends_the_reply(api, make_api):
    assert make_api()(PLANTS, stop_sequences=["sugar"], max_tokens=5).json["stop_reason"] == "max_tokens"
    assert make_api()(PLANTS, stop_sequences=["Plants"], max_tokens=5).json["stop_reason"] == "stop_sequence"


def test_a_stop_sequence_at_the_very_beginning_leaves_no_block(api):
    said = api(PLANTS, stop_sequences=["Plants"]).json
    assert (said["content"], said["stop_sequence"]) == ([], "Plants")


def test_a_zero_ceiling_generates_nothing(api):
    said = api(PLANTS, max_tokens=0).json
    assert (said["content"], said["stop_reason"], said["usage"]["output_tokens"]) == ([], "max_tokens", 0)


def test_a_tool_gets_an_id_and_a_caller(api):
    said = api(NAIROBI, tools=[WEATHER]).json
    tool = said["content"][-1]
    assert (said["stop_reason"], tool["input"], tool["caller"]) == ("tool_use", {"city": "Nairobi"}, {"type": "direct"})
    assert re.fullmatch(r"toolu_01\w{22}", tool["id"])


def test_a_refusal_is_a_reply_without_content(api):
    said = api("A question that a classifier stops.").json
    assert (said["content"], said["stop_reason"]) == ([], "refusal")
    assert said["stop_details"] == {"type": "refusal", "category": "general_harms", "explanation": None}


def test_the_dated_id_stands_in_the_reply(api):
    assert api("Hello", model="claude-haiku-4-5").json["model"] == "claude-haiku-4-5-20251001"


# --- the stream ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ASKED)
def test_the_events_add_up_to_the_message(make_api, kind):
    content, fields = ASKED[kind]
    whole, streamed = make_api()(content, **fields).json, make_api()(content, stream=True, **fields)
    folded = None
    for event in streamed.events:
        try:
            folded = fold(folded, event)
        except json.JSONDecodeError:
            assert kind == "a tool cut"  # half a tool's input is no JSON, live as well
            folded["content"][-1]["input"] = {}
    folded = {**folded, "id": "", "content": [without_ids(block) for block in folded["content"]]}
    assert folded == {**whole, "id": "", "content": [without_ids(block) for block in whole["content"]]}


def without_ids(block):
    return {key: value for key, value in block.items() if key not in ("id", "partial_json")}


@pytest.mark.parametrize("kind", ASKED)
def test_the_order_of_events_is_the_apis(make_api, kind):
    content, fields = ASKED[kind]
    kinds = [event["type"] for event in make_api()(content, stream=True, **fields).events]
    block = "content_block_start( ping)?( content_block_delta)* content_block_stop "
    assert re.fullmatch(f"message_start ({block})*message_delta message_stop", " ".join(kinds))
    assert kinds.count("ping") == (1 if "content_block_start" in kinds else 0)


def test_the_ping_comes_after_the_first_block_has_started(api):
    kinds = [event["type"] for event in api(TIDES, stream=True).events]
    assert kinds[:3] == ["message_start", "content_block_start", "ping"]


def test_names_and_data_agree_and_only_line_feeds_end_lines(api):
    wire = api(TIDES, stream=True).wire
    assert b"\r" not in wire
    for block in wire.decode().rstrip("\n").split("\n\n"):
        name, data = block.split("\n")
        assert name == f"event: {json.loads(data.removeprefix('data: '))['type']}"


def test_the_padding_differs_from_line_to_line_and_is_the_same_in_every_run(api, make_api):
    wire = api(TIDES, stream=True).wire
    assert len({len(padding) for padding in re.findall(rb"( *)}\n", wire)}) > 3
    assert make_api()(TIDES, stream=True).wire == wire
    assert b'data: {"type": "ping"}\n' in wire


def test_usage_begins_small_and_ends_with_the_sum(api):
    events = api(TIDES, stream=True).events
    assert events[0]["message"]["usage"]["output_tokens"] <= 8
    assert events[-2]["usage"] == {
        "input_tokens": 14,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": 41,
        "output_tokens_details": {"thinking_tokens": 17},
    }


def test_omitted_thinking_streams_one_empty_piece_and_its_signature(api):
    deltas = [
        event["delta"] for event in api(TIDES, stream=True).events if event.get("index") == 0 and "delta" in event
    ]
    assert [delta["type"] for delta in deltas] == ["thinking_delta", "signature_delta"]
    assert deltas[0]["thinking"] == ""


def test_a_tools_json_comes_in_pieces_the_first_one_empty(api):
    deltas = [
        event["delta"]
        for event in api(NAIROBI, tools=[WEATHER], stream=True).events
        if event.get("index") == 2 and "delta" in event
    ]
    pieces = [delta["partial_json"] for delta in deltas]
    assert pieces[0] == ""
    assert len(pieces) > 2
    assert json.loads("".join(pieces)) == {"city": "Nairobi"}


def test_citations_come_one_by_one(api):
    content, _ = ASKED["cited"]
    deltas = [event["delta"] for event in api(content, stream=True).events if "delta" in event and "index" in event]
    assert deltas[0]["type"] == "citations_delta"
    assert deltas[0]["citation"]["cited_text"] == "The heron stands still."


def test_the_recorded_pace_is_kept_and_scaled(make_api):
    for pace in (0, 1, 2):
        waits = [wait for wait, _ in make_api(pace=pace)(TIDES, stream=True).reply.events if wait]
        assert waits[:2] == ([0.21 * pace, 0.26 * pace] if pace else [])
    assert make_api(pace=1)(TIDES).reply.delay == pytest.approx(0.47)
    assert make_api(pace=1)(PLANTS).reply.delay == 0


def test_a_pause_in_the_pace_carries_the_first_pieces_as_recorded(api):
    texts = [event["delta"]["text"] for event in api(TIDES, stream=True).events if event.get("delta", {}).get("text")]
    assert texts[:2] == ["Moon pulls, ", "water cli"]
