"""The conversation: what is merged, what is refused, and what thinking is bound to."""

from __future__ import annotations

import pytest

ANYWHERE = "; the directive-only form (content: [] with output_config) is accepted at any position"
USE = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
OTHER = {**USE, "id": "toolu_2"}
BINDING = "thinking-binding-controls-2026-08-01"
WEATHER = {
    "name": "get_weather",
    "description": "The weather of a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def result(of="toolu_1"):
    return {"type": "tool_result", "tool_use_id": of, "content": "4 degrees"}


def text(words):
    return {"type": "text", "text": words}


def turns(pattern):
    """`turns([("u", "Hello"), ("a", [...])])`"""
    roles = {"u": "user", "a": "assistant", "s": "system"}
    return [{"role": roles[letter], "content": content} for letter, content in pattern]


ACCEPTED = [
    [("u", "a"), ("u", "b")],
    [("u", "a"), ("a", "ok"), ("a", "yes"), ("u", "b")],
    [("a", "ok"), ("u", "b")],
    [("u", "a"), ("a", []), ("u", "b")],
    [("u", "a"), ("a", ""), ("u", "b")],
    [("u", []), ("u", "a")],
    [("u", "a"), ("s", "rule")],
    [("u", "a"), ("s", "rule"), ("a", "ok"), ("u", "b")],
    [("u", "a"), ("s", "one"), ("s", "two"), ("s", "three")],
    [("u", "a"), ("a", [USE]), ("u", [result()])],
    [("u", "a"), ("a", [USE]), ("u", [result(), text("and?")])],
    [("u", "a"), ("a", [USE, OTHER]), ("u", [result("toolu_2")]), ("u", [result(), text("and?")])],
]
REFUSED = [
    (
        [("s", "rule"), ("u", "a")],
        f"messages.0: use the top-level 'system' parameter for the initial system prompt{ANYWHERE}",
    ),
    ([("u", "a"), ("s", [])], "messages.1: system content must contain at least one block"),
    ([("u", "a"), ("s", " ")], "messages.1: system text blocks must contain non-whitespace text"),
    (
        [("u", "a"), ("s", "one"), ("s", "two"), ("u", "b")],
        f"messages.2: role 'system' must precede an 'assistant' message or end the array{ANYWHERE}",
    ),
    (
        [("u", "a"), ("a", "ok"), ("s", "rule"), ("a", "yes"), ("u", "b")],
        "messages.2: role 'system' must follow a 'user' message or an 'assistant' message ending in a server tool "
        f"result{ANYWHERE}",
    ),
    ([("u", [])], "messages.0: user messages must have non-empty content"),
    ([("u", "")], "messages.0: user messages must have non-empty content"),
    ([("u", "a"), ("a", "ok"), ("u", []), ("u", [])], "messages.2: user messages must have non-empty content"),
    ([("u", [text("")])], "messages: text content blocks must be non-empty"),
    ([("u", "  ")], "messages: text content blocks must contain non-whitespace text"),
    ([("u", "a"), ("a", [text(" ")]), ("u", "b")], "messages: text content blocks must contain non-whitespace text"),
    (
        [("u", [{**text(""), "cache_control": {"type": "ephemeral"}}])],
        "messages.0.content.0.text: cache_control cannot be set for empty text blocks",
    ),
    (
        [("u", "a"), ("a", [USE]), ("u", "no result")],
        "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1. "
        "Each `tool_use` block must have a corresponding `tool_result` block in the next message.",
    ),
    (
        [("u", "a"), ("a", [USE])],
        "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after",
    ),
    ([("u", "a"), ("a", [USE]), ("u", [text("first"), result()])], "messages.1: `tool_use` ids were found without"),
    (
        [("u", "a"), ("a", [USE, OTHER]), ("u", [result(), text("x")]), ("u", [result("toolu_2")])],
        "messages.1: `tool_use`",
    ),
    (
        [("u", "a"), ("a", [USE]), ("u", [result("toolu_9"), result()])],
        "messages.2.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_9. "
        "Each `tool_result` block must have a corresponding `tool_use` block in the previous message.",
    ),
    (
        [("u", "a"), ("a", [USE]), ("u", [result(), result()])],
        "messages.2.content: each tool_use must have a single result. "
        "Found multiple `tool_result` blocks with id: toolu_1",
    ),
    (
        [("u", "a"), ("a", [USE]), ("u", [result()]), ("a", [USE]), ("u", [result()])],
        "messages.3.content.0: `tool_use` ids must be unique",
    ),
    (
        [("u", "a"), ("a", "The answer is")],
        "This model does not support assistant message prefill. The conversation must end with a user message.",
    ),
    (
        [("u", "a"), ("a", [{"type": "thinking", "thinking": "", "signature": "x"}])],
        "The final block in an assistant message cannot be `thinking`.",
    ),
]


@pytest.mark.parametrize("pattern", ACCEPTED)
def test_a_conversation_the_api_takes(api, pattern):
    answer = api(messages=turns(pattern))
    assert answer.status == 200, answer.json


@pytest.mark.parametrize(("pattern", "sentence"), REFUSED)
def test_a_conversation_the_api_refuses(api, pattern, sentence):
    answer = api(messages=turns(pattern))
    assert answer.status == 400
    assert answer.error.startswith(sentence)


SEARCH = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "tides"}}
FOUND = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []}
WEB = [{"type": "web_search_20260318", "name": "web_search"}]


@pytest.mark.parametrize(
    "pattern",
    [
        [("u", "a"), ("a", [text("I look."), SEARCH])],  # after pause_turn
        [("u", "a"), ("a", [SEARCH, FOUND])],
        [("u", "a"), ("a", [SEARCH, FOUND, text("High.")]), ("u", "b")],
        [("u", "a"), ("a", [SEARCH, USE]), ("u", [result()])],
        [("u", "a"), ("a", [SEARCH, USE]), ("u", [result()]), ("a", [FOUND, text("High.")]), ("u", "b")],
        [("u", "a"), ("a", [SEARCH, FOUND]), ("s", "rule")],
    ],
)
def test_a_turn_that_waits_for_the_apis_own_tool_goes_on(api, pattern):
    answer = api(messages=turns(pattern), tools=WEB)
    assert answer.status == 200, answer.json


def test_words_after_the_results_end_a_turn_that_waits(api):
    pattern = [("u", "a"), ("a", [SEARCH, USE]), ("u", [result(), text("and?")])]
    waiting = "messages.1: `web_search` tool use with id `srvtoolu_1` was found without a corresponding"
    assert api(messages=turns(pattern), tools=WEB).error == f"{waiting} `web_search_tool_result` block"


def test_the_tool_that_is_waited_for_must_be_there(api):
    assert api(messages=turns([("u", "a"), ("a", [SEARCH])])).error.endswith("but no `web_search` tool was provided")


def test_an_empty_system_prompt_block_is_refused(api):
    assert api("Hello", system=[text("")]).error == "system: text content blocks must be non-empty"
    assert api("Hello", system="").status == 200


def test_a_model_without_system_turns_says_where_they_belong(api):
    answer = api(messages=turns([("u", "a"), ("s", "rule")]), model="claude-opus-4-7")
    assert answer.error.startswith('messages: Unexpected role "system". The Messages API accepts a top-level `system`')


def test_older_models_go_on_from_a_prefill_without_blanks_at_its_end(api):
    begun = turns([("u", "a"), ("a", "The answer is")])
    assert api(messages=begun, model="claude-haiku-4-5").status == 200
    begun[1]["content"] += " "
    assert api(messages=begun, model="claude-haiku-4-5").error.endswith("cannot end with trailing whitespace")


@pytest.mark.parametrize(("version", "status"), [("2023-06-01", 200), ("2026-10-21", 400)])
def test_what_the_new_version_took_away(api, version, status):
    document = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}}
    cited = {**text("x"), "citations": [{"type": "char_location"}]}
    for pattern in ([("u", "a"), ("a", [document]), ("u", "b")], [("u", [cited])]):
        body = {"model": "claude-haiku-5-5", "max_tokens": 9, "messages": turns(pattern)}
        assert api.send(body, anthropic_version=version).status == status


# --- thinking that is sent back --------------------------------------------------------------------


def thought(api, **fields):
    """A conversation whose first reply begins with thinking, and that goes on."""
    question = {"role": "user", "content": "Write a haiku about tides."}
    reply = api(messages=[question], **fields).json
    assert reply["content"][0]["type"] == "thinking"
    return [question, {"role": "assistant", "content": reply["content"]}, {"role": "user", "content": "And why?"}]


def test_a_reply_may_be_sent_back_as_it_came(api):
    assert api(messages=thought(api)).status == 200


def test_it_may_be_written_another_way_as_long_as_it_says_the_same(api):
    messages = thought(api)
    messages[0]["content"] = [{**text("Write a haiku about tides."), "cache_control": {"type": "ephemeral"}}]
    assert api(messages=messages, max_tokens=5, output_config={"effort": "low"}).status == 200


def edited(messages, what):
    if what == "first turn":
        messages[0] = {"role": "user", "content": "Write a haiku about sand."}
    elif what == "window moved":
        del messages[0]
    return messages


@pytest.mark.parametrize("what", ["first turn", "window moved", "system", "tools"])
def test_what_came_before_must_not_change(api, what):
    fields = {"system": {"system": "Be brief."}, "tools": {"tools": [WEATHER]}}.get(what, {})
    answer = api(messages=edited(thought(api), what), **fields)
    place = "messages.0.content.0" if what == "window moved" else "messages.1.content.0"
    assert answer.error == (
        f"{place}: Invalid `signature` in `thinking` block. The block is bound to a different conversation. Remove the "
        'block, or set `thinking.block_binding.prefix_mismatch_behavior` to "drop_block". That setting requires the '
        "`thinking-binding-controls-2026-08-01` value in the `anthropic-beta` header."
    )


def test_with_the_beta_the_block_may_be_dropped(api):
    body = {"model": "claude-haiku-5-5", "max_tokens": 99, "messages": edited(thought(api), "first turn")}
    assert not api.send(body, anthropic_beta=BINDING).error.endswith("header.")
    drop = {"type": "adaptive", "block_binding": {"prefix_mismatch_behavior": "drop_block"}}
    assert api.send({**body, "thinking": drop}, anthropic_beta=BINDING).status == 200


def test_an_old_account_and_an_old_model_are_not_checked(api, make_api):
    messages = edited(thought(api), "first turn")
    assert make_api(new_account=False)(messages=messages).status == 200
    assert api(messages=edited(thought(api, model="claude-opus-5"), "first turn"), model="claude-opus-5").status == 200


def test_fable_5_2_checks_every_account(make_api):
    api = make_api(new_account=False)
    messages = edited(thought(api, model="claude-fable-5-2"), "first turn")
    assert "different conversation" in api(messages=messages, model="claude-fable-5-2").error


def test_thinking_may_be_left_out(api):
    messages = edited(thought(api), "first turn")
    messages[1]["content"] = [block for block in messages[1]["content"] if block["type"] != "thinking"]
    assert api(messages=messages).status == 200


@pytest.mark.parametrize("signature", ["", "EqQBCkYIChgCKkDw", "not base64!", "é"])
def test_a_signature_that_was_not_given_is_invalid(api, signature):
    messages = thought(api)
    messages[1]["content"][0]["signature"] = signature
    assert api(messages=messages).error == "messages.1.content.0: Invalid `signature` in `thinking` block"


def test_one_altered_letter_makes_a_signature_invalid(api):
    messages = thought(api)
    signature = messages[1]["content"][0]["signature"]
    for place in range(0, len(signature) - 4, 7):
        other = "A" if signature[place] != "A" else "B"
        messages[1]["content"][0]["signature"] = signature[:place] + other + signature[place + 1 :]
        assert "Invalid `signature`" in api(messages=messages).error


def test_thinking_of_another_model_is_dropped_without_a_word(api):
    messages = edited(thought(api, model="claude-opus-5-5"), "first turn")
    assert api(messages=messages).status == 200


def test_with_the_beta_the_reply_says_what_was_left_out(api, make_api):
    def transformed(api, messages, **thinking):
        body = {"model": "claude-haiku-5-5", "max_tokens": 99, "messages": messages, **thinking}
        return api.send(body, anthropic_beta=BINDING).json["input_transformations"]

    entry = {"type": "thinking_dropped", "path": "messages.1.content.0", "reason": "prefix_binding_mismatch"}
    drop = {"thinking": {"type": "adaptive", "block_binding": {"prefix_mismatch_behavior": "drop_block"}}}
    moved = edited(thought(api), "first turn")
    assert transformed(api, thought(api)) == []
    assert transformed(api, moved, **drop) == [entry]
    assert transformed(make_api(new_account=False), moved) == [{**entry, "type": "thinking_mismatch_allowed"}]
    other = thought(api, model="claude-opus-5-5")
    assert transformed(api, other) == [{**entry, "reason": "model_binding_mismatch"}]
    assert "input_transformations" not in api("Hello").json


def test_words_put_into_a_thinking_block_are_noticed(api):
    messages = thought(api)
    messages[1]["content"][0]["thinking"] = "mine"
    assert "in the latest assistant message cannot be modified" in api(messages=messages).error


def open_tool_turn(api):
    question = {"role": "user", "content": "What is the weather in Nairobi?"}
    content = api(messages=[question], tools=[WEATHER]).json["content"]
    answered = {"type": "tool_result", "tool_use_id": content[-1]["id"], "content": "24 degrees"}
    return [question, {"role": "assistant", "content": content}, {"role": "user", "content": [answered]}]


def test_within_an_open_tool_turn_thinking_must_stay(api):
    messages = open_tool_turn(api)
    assert api(messages=messages, tools=[WEATHER]).status == 200
    del messages[1]["content"][0]
    assert api(messages=messages, tools=[WEATHER]).error == (
        "messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be "
        "modified. These blocks must remain as they were in the original response."
    )


def second_thought(api):
    """Two replies with thinking, one after the other, and a third question."""
    messages = thought(api)
    messages[2] = {"role": "user", "content": "Write a haiku about tides."}
    return again(api, messages)


def again(api, messages):
    """The conversation with one more reply, which begins with thinking, and one more question."""
    api.teach({"model": "claude-haiku-5-5", "messages": messages}, like="demo/tides")
    reply = api(messages=messages).json["content"]
    return [*messages, {"role": "assistant", "content": reply}, {"role": "user", "content": "Go on."}]


def without_thinking(messages, at):
    kept = [block for block in messages[at]["content"] if block["type"] != "thinking"]
    return [*messages[:at], {**messages[at], "content": kept}, *messages[at + 1 :]]


def test_blocks_may_be_left_out_from_the_start_and_from_the_end(api):
    messages = second_thought(api)
    assert api(messages=messages).status == 200
    assert api(messages=without_thinking(messages, 1)).status == 200
    assert api(messages=without_thinking(messages, 3)).status == 200
    assert api(messages=without_thinking(without_thinking(messages, 1), 3)).status == 200


def test_a_block_left_out_of_the_middle_is_noticed(api):
    longer = again(api, second_thought(api))
    assert api(messages=longer).status == 200
    assert "different conversation" in api(messages=without_thinking(longer, 3)).error


def test_thinking_sent_back_is_counted_as_input(api):
    messages = thought(api)
    with_it = api.send({"model": "claude-haiku-5-5", "messages": messages}, path="/v1/messages/count_tokens").json
    without = api.send(
        {"model": "claude-haiku-5-5", "messages": without_thinking(messages, 1)}, path="/v1/messages/count_tokens"
    ).json
    assert with_it["input_tokens"] - without["input_tokens"] == 17


def test_thinking_that_is_dropped_or_forgotten_is_not_counted(api):
    def counted(messages, model):
        body = {"model": model, "messages": messages}
        return api.send(body, path="/v1/messages/count_tokens").json["input_tokens"]

    thinking = {"thinking": {"type": "enabled", "budget_tokens": 1024}}
    question = [{"role": "user", "content": "Write a haiku about tides."}]
    api.teach({"model": "claude-haiku-4-5", "messages": question, **thinking}, like="demo/tides")
    old = thought(api, model="claude-haiku-4-5", max_tokens=2000, **thinking)
    assert counted(old, "claude-haiku-4-5") - counted(without_thinking(old, 1), "claude-haiku-4-5") == 17
    old += turns([("a", "Because."), ("u", "Why?")])
    other = thought(api, model="claude-opus-5-5")
    for messages, reader in ((old, "claude-haiku-4-5"), (other, "claude-haiku-5-5")):
        assert counted(messages, reader) == counted(without_thinking(messages, 1), reader)
