"""The shape of a request: each fault gets the sentence the live API was seen to give, the first in its order."""

from __future__ import annotations

import pytest

GONE = object()
PING = [{"role": "user", "content": "ping"}]
WEB = {"type": "web_search_20260318", "name": "web_search"}
TOOL = {"name": "f", "input_schema": {"type": "object", "properties": {}}}


def system_turn(content):
    return [{"role": "user", "content": "a"}, {"role": "system", "content": content}]


# [D] of schema.py: a request fragment, and the live API's sentence about it (claude-sonnet-5, version 2023-06-01).
OBSERVED = [
    ({"model": GONE}, "model: Field required"),
    ({"model": None}, "model: Input should be a valid string"),
    ({"model": 7}, "model: Input should be a valid string"),
    ({"model": ""}, "model: String should have at least 1 character"),
    ({"messages": GONE}, "messages: Field required"),
    ({"messages": None}, "messages: Input should be a valid array"),
    ({"messages": "x"}, "messages: Input should be a valid array"),
    ({"messages": []}, "messages: at least one message is required"),
    ({"max_tokens": GONE}, "max_tokens: Field required"),
    ({"max_tokens": None}, "max_tokens: Input should be a valid integer"),
    ({"max_tokens": "x"}, "max_tokens: Input should be a valid integer"),
    ({"max_tokens": -1}, "max_tokens: must be greater than or equal to 0"),
    ({"messages": [{"content": "ping"}]}, "messages.0.role: Field required"),
    (
        {"messages": [{"role": "bogus", "content": "ping"}]},
        'messages: Unexpected role "bogus". Allowed roles are "user" or "assistant"',
    ),
    ({"messages": [{"role": "user"}]}, "messages.0.content: Field required"),
    ({"messages": [{"role": "user", "content": None}]}, "messages.0.content: Input should be a valid array"),
    ({"messages": [{"role": "user", "content": 7}]}, "messages.0.content: Input should be a valid array"),
    ({"messages": [{"role": "user", "content": [7]}]}, "messages.0.content.0: Input should be an object"),
    ({"messages": [{"role": "user", "content": [{}]}]}, "messages.0.content.0.type: Field required"),
    (
        {"messages": [{"role": "user", "content": "ping", "bogus": 1}]},
        "messages.0.bogus: Extra inputs are not permitted",
    ),
    (
        {"messages": [{"role": "user", "content": "a", "bogus": 1}], "temperature": "x"},
        "messages.0.bogus: Extra inputs are not permitted",
    ),
    ({"messages": system_turn(7)}, "messages.1.content: Input should be a valid array"),
    ({"messages": system_turn([{"text": "x"}])}, "messages.1.content.0.type: Field required"),
    ({"tool_choice": 7}, "tool_choice: Input should be an object"),
    ({"tool_choice": None}, "tool_choice: Input should be an object"),
    ({"tools": "x"}, "tools: Input should be a valid array"),
    ({"tools": [7]}, "tools.0: Input should be an object"),
    ({"tools": [{**TOOL, "name": ""}]}, "tools.0.custom.name: String should have at least 1 character"),
    ({"tools": [{"input_schema": {"type": "object"}}]}, "tools.0.custom.name: Field required"),
    ({"tools": [{**TOOL, "name": "  "}]}, "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'"),
    (
        {"tools": [{**TOOL, "strict": True}]},
        "tools.0.custom: For 'object' type, 'additionalProperties' must be explicitly set to false",
    ),
    ({"system": 7}, "system: Input should be a valid array"),
    ({"system": [7]}, "system.0: Input does not match the expected shape."),
    ({"thinking": "x"}, "thinking: Input should be an object"),
    ({"output_config": "x"}, "output_config: Input does not match the expected shape."),
    ({"output_config": None}, "output_config: Input does not match the expected shape."),
    ({"cache_control": "x"}, "cache_control: Input should be an object"),
    ({"metadata": "x"}, "metadata: Input does not match the expected shape."),
    ({"metadata": {"bogus": "x"}}, "metadata.bogus: Extra inputs are not permitted"),
    ({"metadata": {"user_id": 7}}, "metadata.user_id: Input should be a valid string"),
    ({"stop_sequences": "ZZ"}, "stop_sequences: Input should be a valid array"),
    ({"stop_sequences": [1]}, "stop_sequences.0: Input should be a valid string"),
    ({"temperature": "x"}, "temperature: Input should be a valid number"),
    ({"temperature": None}, "temperature: Input should be a valid number"),
    ({"temperature": 2}, "temperature: range: 0..1"),
    ({"service_tier": "bogus"}, "service_tier: Input should be 'auto' or 'standard_only'"),
    ({"top_k": "x"}, "top_k: Input should be a valid integer"),
    ({"top_p": 1.5}, "top_p: range: 0..1"),
    ({"stream": "yes"}, "stream: Input should be a valid boolean"),
    ({"stream": None}, "stream: Input should be a valid boolean"),
    ({"container": 7}, "container.ContainerParams: Input does not match the expected shape."),
    (
        {"container": "container_x"},
        "container: Container identifier can only be provided when using the code execution tool",
    ),
    ({"inference_geo": 7}, "inference_geo: Input should be a valid string"),
    ({"inference_geo": "bogus-geo"}, "inference_geo: must be one of ['global', 'us']"),
    ({"zzz_unknown": 1}, "zzz_unknown: Extra inputs are not permitted"),
    # What is reported first where two things are wrong; the later field stands first in the body.
    ({"tool_choice": 7, "model": 7}, "model: Input should be a valid string"),
    ({"tools": "x", "tool_choice": 7}, "tool_choice: Input should be an object"),
    ({"messages": "x", "tools": "x"}, "tools: Input should be a valid array"),
    ({"system": 7, "messages": "x"}, "messages: Input should be a valid array"),
    ({"thinking": "x", "system": 7}, "system: Input should be a valid array"),
    ({"output_config": "x", "thinking": "x"}, "thinking: Input should be an object"),
    ({"cache_control": "x", "output_config": "x"}, "output_config: Input does not match the expected shape."),
    ({"max_tokens": "x", "cache_control": "x"}, "cache_control: Input should be an object"),
    ({"metadata": "x", "max_tokens": "x"}, "max_tokens: Input should be a valid integer"),
    ({"stop_sequences": "ZZ", "metadata": "x"}, "metadata: Input does not match the expected shape."),
    ({"temperature": "x", "stop_sequences": "ZZ"}, "stop_sequences: Input should be a valid array"),
    ({"service_tier": 7, "temperature": "x"}, "temperature: Input should be a valid number"),
    ({"top_k": "x", "service_tier": 7}, "service_tier: Input should be 'auto' or 'standard_only'"),
    ({"top_p": "x", "top_k": "x"}, "top_k: Input should be a valid integer"),
    ({"stream": "yes", "top_p": "x"}, "top_p: Input should be a valid number"),
    ({"container": 7, "stream": "yes"}, "stream: Input should be a valid boolean"),
    ({"inference_geo": 7, "container": 7}, "container.ContainerParams: Input does not match the expected shape."),
    ({"zzz_unknown": 1, "inference_geo": 7}, "inference_geo: Input should be a valid string"),
    ({"zzz_unknown": 1, "model": GONE}, "model: Field required"),
    ({"container": "container_x", "zzz_unknown": 1}, "zzz_unknown: Extra inputs are not permitted"),
    ({"model": GONE, "stop_sequences": "ZZ"}, "model: Field required"),
    (
        {"messages": [{"role": "user", "content": []}], "temperature": "x"},
        "temperature: Input should be a valid number",
    ),
    ({"messages": [{"role": "user", "content": []}], "zzz_unknown": 1}, "zzz_unknown: Extra inputs are not permitted"),
    (
        {"messages": [{"role": "user", "content": []}], "container": "container_x"},
        "messages.0: user messages must have non-empty content",
    ),
]


@pytest.mark.parametrize(("fragment", "sentence"), OBSERVED, ids=[sentence[:60] for _, sentence in OBSERVED])
def test_a_fault_gets_the_sentence_the_api_was_seen_to_give(api, fragment, sentence):
    whole = {"model": "claude-sonnet-5", "max_tokens": 16, "messages": PING, **fragment}
    answer = api.send({key: value for key, value in whole.items() if value is not GONE}, anthropic_version="2023-06-01")
    assert (answer.status, answer.json["error"]["type"], answer.error) == (400, "invalid_request_error", sentence)


@pytest.mark.parametrize(
    ("fragment", "start"),
    [
        (
            {"messages": [{"role": "tool", "content": "x"}]},
            'messages: Unexpected role "tool". Allowed roles are "user"',
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "picture"}]}]},
            "messages.0.content.0: Input tag 'picture' found using 'type' does not match any of the expected tags:",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
            "messages.0.content.0.text.text: Field required",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "x", "extra": 1}]}]},
            "messages.0.content.0.text.extra: Extra inputs are not permitted",
        ),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {"type": "image", "source": {"type": "base64", "media_type": "image/tiff", "data": ""}}
                        ],
                    }
                ]
            },
            "messages.0.content.0.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', "
            "'image/gif' or 'image/webp'",
        ),
        ({"tools": [{"name": "f"}]}, "tools.0.custom.input_schema: Field required"),
        ({"tools": [{"name": "f", "input_schema": {}}]}, "tools.0.custom.input_schema.type: Field required"),
        (
            {"tools": [{"type": "function", "name": "f"}]},
            "tools.0: Input tag 'function' found using 'type' does not match",
        ),
        ({"tools": [{"type": "web_search_20260318"}]}, "tools.0.web_search_20260318.name: Field required"),
        (
            {"tools": [{**WEB, "allowed_domains": ["a.example"], "blocked_domains": ["b.example"]}]},
            "tools.0.web_search_20260318: only one of",
        ),
        ({"thinking": {}}, "thinking.type: Field required"),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 1000}},
            "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
        ),
        (
            {"thinking": {"type": "disabled", "display": "omitted"}},
            "thinking.disabled.display: Extra inputs are not permitted",
        ),
        (
            {"thinking": {"type": "between_tools", "budget_tokens": 2000}},
            "thinking.between_tools.budget_tokens: Extra inputs are not permitted",
        ),
        (
            {"output_config": {"effort": "huge"}},
            "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'",
        ),
        ({"metadata": {"user_id": "x" * 513}}, "metadata.user_id: String should have at most 512 characters"),
        (
            {"metadata": {"user_id": "amina@example.com"}},
            "metadata.user_id: user_id appears to contain an email address",
        ),
        (
            {"cache_control": {"type": "ephemeral", "ttl": "2h"}},
            "cache_control.ephemeral.ttl: Input should be '5m' or '1h'",
        ),
    ],
)
def test_other_faults_follow_the_same_pattern(api, fragment, start):
    whole = {"model": "claude-haiku-5-5", "max_tokens": 16, "messages": PING, **fragment}
    assert api.send(whole).error.startswith(start)


@pytest.mark.parametrize("body", [[], "text", 7, None, True])
def test_a_body_that_is_no_object_is_refused(api, body):
    assert api.send(body).status == 400


@pytest.mark.parametrize("tool", [{**WEB, "allowed_domains": ["a.example"]}, {"type": "computer_toolset_20260801"}])
def test_the_apis_own_tools_are_taken(api, tool):
    assert api("Hello", tools=[tool]).status == 200


def test_sampling_does_not_exist_under_the_new_version_even_at_its_default(api):
    for field, value in {"temperature": 1.0, "top_p": 1.0, "top_k": 5}.items():
        assert api("Hello", **{field: value}).error == f"{field}: Extra inputs are not permitted"


def test_count_tokens_knows_fewer_fields(api):
    body = {"model": "claude-haiku-5-5", "messages": PING}
    assert api.send(body, path="/v1/messages/count_tokens").status == 200
    answer = api.send({**body, "max_tokens": 5}, path="/v1/messages/count_tokens")
    assert answer.error == "max_tokens: Extra inputs are not permitted"
