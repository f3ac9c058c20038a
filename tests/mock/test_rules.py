"""Who is refused before the body is read, and what a model does not accept."""

from __future__ import annotations

import json

import pytest

from tutor import models

TOOL = {"name": "f", "input_schema": {"type": "object", "properties": {}}}
OLD, NEW = "2023-06-01", "2026-10-21"


def test_without_a_credential(api):
    answer = api.send({}, drop=("authorization",))
    assert (answer.status, answer.error) == (401, "x-api-key header is required")
    assert answer.json["error"]["type"] == "authentication_error"


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"authorization": "Bearer wrong"}, "Invalid bearer token"),
        ({"authorization": "Basic wrong"}, "Invalid bearer token"),
        ({"x_api_key": "wrong"}, "invalid x-api-key"),
    ],
)
def test_with_a_wrong_credential(api, headers, words):
    answer = api.send({}, **headers)
    assert (answer.status, answer.error) == (401, words)


def test_the_key_header_wins_over_the_bearer(api):
    assert api.send({}, x_api_key="wrong").error == "invalid x-api-key"
    assert api.send({}, x_api_key=api.mock.token, authorization="Bearer wrong").status == 400


def test_a_401_names_no_workspace(api):
    answer = api.send({}, drop=("authorization",))
    assert "anthropic-workspace-id" not in answer.headers
    assert "request-id" in answer.headers


def test_the_version_is_required_and_known(api):
    assert api.send({}, drop=("anthropic-version",)).error == "anthropic-version: header is required"
    assert (
        api.send({}, anthropic_version="2023-10-01").error == 'anthropic-version: "2023-10-01" is not a valid version'
    )


def test_a_beta_must_be_known(api):
    assert api("Hello").status == 200
    assert api.send({}, anthropic_beta="context-1m-2025-08-07").error == "model: Field required"
    answer = api.send({}, anthropic_beta="context-1m-2025-08-07, made-up-2026-01-01")
    assert answer.error.startswith("Unexpected value(s) `made-up-2026-01-01` for the `anthropic-beta` header.")
    assert api.send({}, anthropic_beta="").error.startswith("Unexpected value(s) `` for")


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/message", "/v1/messages/", "/v1/models/a/b", "/v1/complete"])
def test_an_unknown_path_is_a_404(api, path):
    answer = api.send({}, path=path)
    assert (answer.status, answer.json["error"]["type"]) == (404, "not_found_error")


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/messages"), ("PUT", "/v1/messages"), ("POST", "/v1/models")])
def test_another_method_is_a_405(api, method, path):
    assert api.send({}, method=method, path=path).status == 405


@pytest.mark.parametrize(
    ("body", "end"),
    [
        (b"", "unexpected character: line 1 column 1 (char 0)"),
        (b'{"model":', "unexpected character: line 1 column 10 (char 9)"),
        (b'{"a": NaN}', "unexpected character: line 1 column 1 (char 0)"),
        (b"\xff\xfe", "unexpected character: line 1 column 1 (char 0)"),
        (b"[" * 200_000, "unexpected character: line 1 column 1 (char 0)"),
        (b'{"a": "\n"}', "unexpected control character in string: line 1 column 8 (char 7)"),
        (b'{"a": "\\ud83d"}', "no low surrogate in string: line 1 column 8 (char 7)"),
    ],
)
def test_a_body_that_is_not_json_says_where(api, body, end):
    assert api.send(body).error == f"The request body is not valid JSON: {end}"


def test_json_may_be_deep_but_not_endless(api):
    def nested(depth):
        use = {"type": "tool_use", "id": "a", "name": "f", "input": {}}
        body = json.dumps({"model": "claude-haiku-5-5", "max_tokens": 9, "messages": turns(use)})
        return body.replace("{}", '{"a":' * depth + "1" + "}" * depth).encode()

    def turns(use):
        answered = {"type": "tool_result", "tool_use_id": "a"}
        contents = (("user", "Hello"), ("assistant", [use]), ("user", [answered]))
        return [{"role": role, "content": content} for role, content in contents]

    assert api.send(nested(150)).status == 200
    for depth in (250, 700, 900, 2000, 100_000):
        assert api.send(nested(depth)).error.startswith("The request body is not valid JSON: ")


def test_a_pair_of_surrogates_is_fine(api):
    assert b"\\ud83d\\ude00" in (
        body := b'{"model":"claude-haiku-5-5","max_tokens":9,"messages":[{"role":"user","content":"\\ud83d\\ude00"}]}'
    )
    assert api.send(body).status == 200


def test_a_body_that_is_too_large_is_stopped_at_the_edge(api):
    answer = api.send(b" " * (32 * 1024 * 1024 + 1))
    assert answer.status == 413
    assert answer.json == {"error": {"type": "request_too_large", "message": "Request exceeds the maximum size"}}


@pytest.mark.parametrize("model", ["claude-haiku-3-5", "claude-2.1", "claude-3-5-haiku-20241022", "gpt-4"])
def test_an_unknown_or_retired_model_is_a_404(api, model):
    answer = api("Hello", model=model)
    assert (answer.status, answer.json["error"]["type"], answer.error) == (404, "not_found_error", f"model: {model}")


def test_the_error_names_the_request_as_the_header_does(api):
    answer = api("Hello", model="gpt-4")
    assert answer.json["request_id"] == answer.headers["request-id"]
    assert answer.json["request_id"].startswith("req_011C")


def test_shape_is_looked_at_before_the_model(api):
    assert api("Hello", model="gpt-4", max_tokens="x").status == 400


HIGH = {"output_config": {"effort": "high"}}
REFUSED = [
    (
        "claude-haiku-4-5",
        {"max_tokens": 64001},
        "max_tokens: 64001 > 64000, which is the maximum allowed number of output tokens for claude-haiku-4-5-20251001",
    ),
    (
        "claude-haiku-5-5",
        {"stop_sequences": ["a", " \n"]},
        "stop_sequences: each stop sequence must contain non-whites",
    ),
    ("claude-haiku-5-5", {"stop_sequences": [""]}, "stop_sequences: each stop sequence must be non-empty"),
    (
        "claude-opus-4-6",
        {"output_config": {"effort": "xhigh"}},
        "This model does not support effort level 'xhigh'. Suppo",
    ),
    ("claude-haiku-4-5", HIGH, "This model does not support the effort parameter."),
    (
        "claude-haiku-5-5",
        {"thinking": {"type": "enabled", "budget_tokens": 2000}},
        '"thinking.type.enabled" is not supp',
    ),
    (
        "claude-opus-5-5",
        {"thinking": {"type": "disabled"}},
        '"thinking.type.disabled" is not supported for this model.',
    ),
    (
        "claude-sonnet-5-5",
        {"thinking": {"type": "disabled"}},
        '"thinking.type.disabled" is not supported for this model. Use "thinking.type.between_tools" for the lowest',
    ),
    ("claude-opus-5-5", {"thinking": {"type": "between_tools"}}, '"thinking.type.between_tools" is not supported'),
    ("claude-haiku-4-5", {"thinking": {"type": "adaptive"}}, "adaptive thinking is not supported on this model"),
    (
        "claude-haiku-5-5",
        {"thinking": {"type": "disabled"}, "output_config": {"effort": "xhigh"}},
        "output_config.effort 'xhigh' is not supported when thinking is disabled on this model. Use effort 'high' or",
    ),
    (
        "claude-sonnet-5-5",
        {"thinking": {"type": "between_tools"}, "output_config": {"effort": "max"}},
        "output_config.effort 'max' is not supported when thinking is disabled on this model.",
    ),
    (
        "claude-opus-4-5",
        {"thinking": {"type": "enabled", "budget_tokens": 2000}},
        "`max_tokens` must be greater than `thinking.budget_tokens`.",
    ),
    (
        "claude-haiku-5-5",
        {"thinking": {"type": "adaptive", "block_binding": {"prefix_mismatch_behavior": "error"}}},
        "thinking.adaptive.block_binding: Extra inputs are not permitted",
    ),
    (
        "claude-opus-5-5",
        {"tools": [TOOL], "tool_choice": {"type": "any"}},
        'tool_choice: type "tool" and "any" are not supported for this model.',
    ),
    (
        "claude-haiku-5-5",
        {"tool_choice": {"type": "any"}},
        "tool_choice.any may only be specified while providing tool",
    ),
    ("claude-haiku-5-5", {"tool_choice": {"type": "tool", "name": "x"}}, "Tool 'x' not found in provided tools"),
    (
        "claude-haiku-5-5",
        {"tools": [TOOL], "tool_choice": {"type": "tool", "name": "never"}},
        "Tool 'never' not found in provided tools",
    ),
    ("claude-haiku-5-5", {"tools": [TOOL, TOOL]}, "tools: Tool names must be unique."),
    (
        "claude-opus-5-5",
        {"tools": [{"type": "computer_20251124", "name": "computer"}]},
        "'claude-opus-5-5' does not support tool types: computer_20251124. Did you mean one of computer_toolset_",
    ),
    ("claude-haiku-5-5", {"speed": "fast"}, "'claude-haiku-5-5' does not support the `speed` parameter."),
    ("claude-opus-5", {"speed": "fast"}, "speed: Extra inputs are not permitted"),
    ("claude-haiku-4-5", {"inference_geo": "us"}, "inference_geo: 'claude-haiku-4-5-20251001' does not support this"),
]


@pytest.mark.parametrize(("model", "fields", "start"), REFUSED)
def test_a_model_refuses_what_it_does_not_take(api, model, fields, start):
    answer = api("Hello", model=model, **fields)
    assert answer.status == 400
    assert answer.error.startswith(start)


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("claude-haiku-5-5", {"thinking": {"type": "disabled"}, **HIGH}),
        ("claude-haiku-5-5", {"thinking": {"type": "adaptive", "display": "summarized"}}),
        ("claude-sonnet-5-5", {"thinking": {"type": "between_tools"}}),
        ("claude-opus-4-6", {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 2000}),
        ("claude-opus-5-5", {"tools": [TOOL], "tool_choice": {"type": "none"}}),
        ("claude-fable-5-2", {"output_config": {"effort": "max"}}),
        ("claude-opus-4-5", {}),
        ("claude-haiku-5-5", {"max_tokens": 128_000}),
        ("claude-haiku-5-5", {"max_tokens": 0}),
        ("claude-opus-5-5", {"speed": "fast"}),
        ("claude-haiku-5-5", {"inference_geo": "us"}),
        ("claude-opus-4-8", {"tools": [{"type": "computer_20251124", "name": "computer"}]}),
    ],
)
def test_a_model_takes_what_it_takes(api, model, fields):
    assert api("Hello", model=model, **fields).status == 200


# By model: the thinking it takes (adaptive, between_tools, disabled, enabled), then what else it takes: a forced tool,
# a prefill, a system turn. Written from the fact sheets, not from the model table.
TAKES = {
    "claude-fable-5-2": ("a", "s"),
    "claude-fable-5-1": ("a", "s"),
    "claude-fable-5": ("a", "fs"),
    "claude-opus-5-5": ("a", "s"),
    "claude-opus-5": ("ad", "fs"),
    "claude-opus-4-8": ("ad", "fs"),
    "claude-opus-4-7": ("ad", "f"),
    "claude-opus-4-6": ("ade", "f"),
    "claude-opus-4-5": ("de", "fp"),
    "claude-sonnet-5-5": ("ab", "s"),
    "claude-sonnet-5": ("ad", "f"),
    "claude-sonnet-4-6": ("ade", "f"),
    "claude-haiku-5-5": ("ad", "fs"),
    "claude-haiku-4-5": ("de", "fp"),
}


@pytest.mark.parametrize("model", TAKES)
def test_what_each_model_takes(api, model):
    kinds, more = TAKES[model]
    user = {"role": "user", "content": "Hello"}

    def taken(**fields):
        body = {"model": model, "messages": [user], **fields}
        return api.send(body, path="/v1/messages/count_tokens").status == 200

    for kind in ("adaptive", "between_tools", "disabled", "enabled"):
        budget = {"budget_tokens": 1024} if kind == "enabled" else {}
        assert taken(thinking={"type": kind, **budget}) == (kind[0] in kinds), kind
    assert taken(tools=[TOOL], tool_choice={"type": "any"}) == ("f" in more)
    assert taken(messages=[user, {"role": "assistant", "content": "I"}]) == ("p" in more)
    assert taken(messages=[user, {"role": "system", "content": "Be brief."}]) == ("s" in more)


def test_every_model_of_the_table_is_asked():
    assert {models.find(name).id for name in TAKES} == {model.id for model in models.all()}


def test_speed_is_reported_where_it_was_asked_for(api):
    assert api("Hello", model="claude-opus-5-5", speed="fast").json["usage"]["speed"] == "fast"
    body = {"model": "claude-opus-5", "max_tokens": 9, "speed": "fast", "messages": [{"role": "user", "content": "a"}]}
    assert api.send(body, anthropic_beta="fast-mode-2026-02-01").status == 200


def test_forced_tools_are_refused_when_counting_too(api):
    body = {"model": "claude-opus-5-5", "messages": [{"role": "user", "content": "x"}], "tools": [TOOL]}
    answer = api.send({**body, "tool_choice": {"type": "any"}}, path="/v1/messages/count_tokens")
    assert answer.error.startswith('tool_choice: type "tool" and "any"')


# `None`: accepted. Under 2023-06-01, by model.
SAMPLING = [
    ("claude-opus-4-6", {"temperature": 0.2}, None),
    ("claude-opus-4-6", {"top_k": 5}, None),
    ("claude-opus-4-6", {"temperature": 0.2, "top_p": 0.5}, "`temperature` and `top_p` cannot both be specified"),
    ("claude-opus-4-8", {"temperature": 1.0}, None),
    ("claude-opus-4-8", {"temperature": 0.9}, "`temperature` is deprecated for this model."),
    ("claude-opus-4-8", {"top_p": 0.99}, None),
    ("claude-opus-4-8", {"top_k": 1}, "`top_k` is deprecated for this model."),
    ("claude-haiku-5-5", {"temperature": 1}, None),
    ("claude-haiku-5-5", {"top_p": 0.99}, None),
    ("claude-haiku-5-5", {"top_p": 1}, "`top_p` is deprecated for this model."),
    ("claude-haiku-5-5", {"temperature": 1, "top_p": 0.99}, "`temperature` and `top_p` cannot both be specified"),
]


@pytest.mark.parametrize(("model", "fields", "start"), SAMPLING)
def test_sampling_under_the_old_version_depends_on_the_model(api, model, fields, start):
    body = {"model": model, "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}], **fields}
    answer = api.send(body, anthropic_version=OLD)
    assert answer.status == (400 if start else 200)
    assert start is None or answer.error.startswith(start)


def test_a_prompt_longer_than_the_window_is_refused(api):
    answer = api("word " * 280_000, model="claude-haiku-4-5")
    assert answer.error.startswith("prompt is too long: 2")
    assert answer.error.endswith("> 200000 maximum")


def marked(*ttls):
    return [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral", **ttl}} for ttl in ttls]


def test_four_cache_breakpoints_are_the_most(api):
    assert api(marked({}, {}, {}, {})).status == 200
    assert api(marked({}, {}, {}, {}, {})).error == "A maximum of 4 blocks with cache_control may be provided. Found 5."
    assert api(marked({}, {}, {}, {}), cache_control={"type": "ephemeral"}).error.endswith("Found 5.")


def test_an_hour_must_not_follow_five_minutes(api):
    assert api(marked({"ttl": "1h"}, {"ttl": "5m"})).status == 200
    answer = api(marked({"ttl": "1h"}), system=marked({}))
    assert answer.error == (
        "messages.0.content.0.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' "
        "cache_control block."
    )
