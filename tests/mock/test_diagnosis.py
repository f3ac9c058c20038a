"""`diagnostics`: why the prompt of a request could not come from the cache."""

import pytest

TOOL = {"name": "get_weather", "input_schema": {"type": "object", "properties": {}}}
BODY = {
    "model": "claude-haiku-5-5",
    "max_tokens": 1000,
    "system": "Be brief.",
    "tools": [TOOL],
    "messages": [{"role": "user", "content": "Explain photosynthesis in one sentence."}],
}


def ask(api, previous=None, **fields):
    return api.send({**BODY, **fields, "diagnostics": {"previous_message_id": previous}}).json


def after(api, **fields):
    """The diagnostics of a request that follows `BODY`."""
    return ask(api, ask(api)["id"], **fields)["diagnostics"]


def more(first, *turns):
    return [first, {"role": "assistant", "content": "Yes."}, {"role": "user", "content": "And?"}, *turns]


def test_a_reply_has_the_field_where_the_request_had_it(api):
    assert "diagnostics" not in api.send(BODY).json
    assert "diagnostics" not in api.send({**BODY, "diagnostics": None}).json
    assert ask(api)["diagnostics"] is None


def test_a_conversation_that_goes_on_differs_in_nothing(api):
    assert after(api) is None
    assert after(api, messages=more(BODY["messages"][0])) is None


def test_another_way_of_writing_the_same_is_no_difference(api):
    marked = [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}]
    assert after(api, system=marked, cache_control={"type": "ephemeral"}, max_tokens=7) is None
    dated = ask(api, ask(api, model="claude-haiku-4-5")["id"], model="claude-haiku-4-5-20251001")
    assert dated["diagnostics"] is None


def test_another_speed_is_as_another_model(api):
    first = ask(api, model="claude-opus-5-5", speed="standard")["id"]
    assert ask(api, first, model="claude-opus-5-5")["diagnostics"] is None
    why = ask(api, first, model="claude-opus-5-5", speed="fast")["diagnostics"]["cache_miss_reason"]
    assert why["type"] == "model_changed"


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("model", {"model": "claude-opus-5-5"}),
        ("model", {"model": "claude-opus-5-5", "system": "Be long.", "tools": []}),
        ("tools", {"tools": []}),
        ("tools", {"tools": [TOOL, {**TOOL, "name": "other"}], "system": "Be long."}),
        ("system", {"system": "Be brief. It is noon."}),
        ("system", {"system": "Be long.", "thinking": {"type": "disabled"}}),
        ("messages", {"messages": [{"role": "user", "content": "Explain it."}]}),
        ("messages", {"messages": more({"role": "user", "content": "Explain it."})}),
    ],
)
def test_the_earliest_difference_is_told(api, what, fields):
    why = after(api, **fields)["cache_miss_reason"]
    assert why["type"] == f"{what}_changed"
    assert why["cache_missed_input_tokens"] > 0


def test_a_difference_early_on_misses_more(api):
    missed = [
        after(api, **fields)["cache_miss_reason"]["cache_missed_input_tokens"]
        for fields in ({"messages": [{"role": "user", "content": "It."}]}, {"system": "Be long."}, {"tools": []})
    ]
    assert missed == sorted(set(missed))


def test_turns_that_were_dropped_are_a_difference_from_there_on(api):
    long = more(BODY["messages"][0])
    first = ask(api, messages=long)["id"]
    why = ask(api, first, messages=long[:1])["diagnostics"]["cache_miss_reason"]
    whole = ask(api, first, messages=long[2:])["diagnostics"]["cache_miss_reason"]
    assert 0 < why["cache_missed_input_tokens"] < whole["cache_missed_input_tokens"]


@pytest.mark.parametrize("fields", [{"tool_choice": {"type": "none"}}, {"thinking": {"type": "disabled"}}])
def test_another_setting_leaves_no_comparison(api, fields):
    assert after(api, **fields) == {"cache_miss_reason": {"type": "unavailable"}}


def test_a_request_that_left_no_fingerprint_is_not_found(api):
    missing = {"cache_miss_reason": {"type": "previous_message_not_found"}}
    assert ask(api, api.send(BODY).json["id"])["diagnostics"] == missing
    first = ask(api)["id"]
    api.mock.reset()
    assert ask(api, first)["diagnostics"] == missing


def test_a_stream_has_it_in_its_first_event(api):
    first = ask(api)["id"]
    given = {"diagnostics": {"previous_message_id": first}, "stream": True, "tools": []}
    begun, *rest = api.send({**BODY, **given}).events
    assert begun["message"]["diagnostics"]["cache_miss_reason"]["type"] == "tools_changed"
    assert all("diagnostics" not in event.get("delta", {}) for event in rest)


def test_the_oldest_fingerprints_are_forgotten(api, monkeypatch):
    monkeypatch.setattr("tutor.mock.diagnosis._KEPT", 2)
    first, *_ = [ask(api)["id"] for _ in range(3)]
    assert ask(api, first)["diagnostics"]["cache_miss_reason"]["type"] == "previous_message_not_found"
