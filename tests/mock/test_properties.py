"""Any JSON body of any shape gets a well-formed answer: never a 500, a traceback or a hang."""

from __future__ import annotations

import base64
import copy
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tutor.mock import Mock, Reply, Request, betas

TOKEN = "tutor-local-of-a-test"
HEADERS = {"authorization": f"Bearer {TOKEN}", "anthropic-version": "2026-10-21"}
MOCK = Mock(Path(__file__).with_name("recordings"), token=TOKEN, pace=0)

KEYS = st.sampled_from(
    [
        "model", "max_tokens", "messages", "role", "content", "type", "text", "system", "tools", "tool_choice", "name",
        "input_schema", "thinking", "signature", "budget_tokens", "display", "stream", "stop_sequences", "id", "input",
        "tool_use_id", "cache_control", "ttl", "metadata", "user_id", "output_config", "effort", "format", "schema",
        "source", "data", "media_type", "citations", "service_tier", "temperature", "container", "is_error", "strict",
        "block_binding", "diagnostics", "top_p", "inference_geo", "speed", "title",
        "additionalProperties", "properties", "items", "anyOf", "minItems", "$ref", "$defs", "required", "caller",
        "transformations",
    ]
)  # fmt: skip
WORDS = st.sampled_from(
    [
        "user", "assistant", "system", "tool", "text", "image", "document", "thinking", "redacted_thinking", "tool_use",
        "tool_result", "search_result", "server_tool_use", "custom", "any", "auto", "none", "adaptive", "enabled",
        "disabled", "between_tools", "omitted", "low", "max", "ephemeral", "5m", "1h", "base64", "url", "json_schema",
        "claude-haiku-5-5", "claude-opus-5-5", "claude-haiku-4-5", "claude-sonnet-5-5", "claude-2.1", "toolu_1", "",
        " ", "web_search_20260318", "Write a haiku about tides.", "object", "\x00", "\u2028", "é😀",
    ]
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS | st.text(max_size=20)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=5),
    max_leaves=12,
)
BLOCK = st.fixed_dictionaries(
    {"type": WORDS},
    optional={
        "text": WORDS,
        "id": st.sampled_from(["toolu_1", "toolu_2"]),
        "tool_use_id": st.sampled_from(["toolu_1", "toolu_2"]),
        "name": WORDS,
        "input": st.dictionaries(WORDS, SCALARS, max_size=2),
        "content": st.text(max_size=5) | st.lists(ANYTHING, max_size=2),
        "thinking": st.text(max_size=5),
        "signature": st.text(max_size=30),
        "source": ANYTHING,
        "cache_control": ANYTHING,
        "citations": ANYTHING,
        "data": st.text(max_size=5),
    },
)
PNG = b"\x89PNG\r\n\x1a\n"
MARK = st.fixed_dictionaries({"type": st.just("ephemeral")}, optional={"ttl": st.sampled_from(["5m", "1h"])})
GOOD_BLOCK = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("text"), "text": st.text(min_size=1, max_size=9)}, optional={"cache_control": MARK}
    ),
    st.fixed_dictionaries(
        {"type": st.just("tool_use"), "id": st.sampled_from(["a", "b"]), "name": st.just("f"), "input": st.just({})}
    ),
    st.fixed_dictionaries(
        {"type": st.just("tool_result"), "tool_use_id": st.sampled_from(["a", "b"])}, optional={"content": st.just("x")}
    ),
    st.fixed_dictionaries(
        {"type": st.just("server_tool_use"), "id": st.sampled_from(["a", "b"]), "name": WORDS, "input": st.just({})},
        optional={"caller": ANYTHING},
    ),
    st.fixed_dictionaries({"type": st.just("web_search_tool_result")}, optional={"tool_use_id": WORDS}),
    st.fixed_dictionaries(
        {
            "type": st.just("image"),
            "source": st.fixed_dictionaries(
                {
                    "type": st.just("base64"),
                    "media_type": st.just("image/png"),
                    "data": st.binary(max_size=20).map(lambda tail: base64.b64encode(PNG + tail).decode()),
                }
            ),
        }
    ),
    st.fixed_dictionaries({"type": st.just("thinking"), "thinking": st.just(""), "signature": st.text(max_size=9)}),
)
SCHEMA = st.fixed_dictionaries(
    {"type": st.just("object")},
    optional={
        "properties": st.dictionaries(KEYS, ANYTHING, max_size=3) | ANYTHING,
        "required": st.lists(KEYS, max_size=2) | ANYTHING,
        "additionalProperties": st.just(False) | ANYTHING,
        "$defs": st.dictionaries(KEYS, st.fixed_dictionaries({"$ref": KEYS | ANYTHING}), max_size=3) | ANYTHING,
    },
)
FORMAT = st.fixed_dictionaries({"type": st.just("json_schema"), "schema": SCHEMA})
TURN = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["user", "assistant", "user", "assistant", "system"]),
        "content": st.text(max_size=9) | st.lists(GOOD_BLOCK, max_size=3) | st.lists(BLOCK, max_size=3),
    }
)
NEARLY_RIGHT = st.fixed_dictionaries(
    {
        "model": st.sampled_from(["claude-haiku-5-5", "claude-opus-5-5", "claude-haiku-4-5", "claude-sonnet-5-5"]),
        "max_tokens": st.integers(0, 200) | st.integers(),
        "messages": st.lists(TURN, min_size=1, max_size=5),
    },
    optional={
        "system": st.text(max_size=9) | st.lists(BLOCK, max_size=2),
        "tools": st.lists(
            st.fixed_dictionaries({"name": WORDS, "input_schema": SCHEMA}, optional={"strict": st.booleans()})
            | ANYTHING,
            max_size=2,
        ),
        "tool_choice": st.fixed_dictionaries({"type": WORDS}, optional={"name": WORDS}) | ANYTHING,
        "thinking": st.fixed_dictionaries({"type": WORDS}, optional={"budget_tokens": st.integers(0, 9999)}) | ANYTHING,
        "stop_sequences": st.lists(st.text(max_size=3), max_size=3),
        "stream": st.booleans(),
        "metadata": ANYTHING,
        "output_config": st.fixed_dictionaries({}, optional={"effort": WORDS, "format": FORMAT | ANYTHING}) | ANYTHING,
        "cache_control": MARK | ANYTHING,
        "speed": st.sampled_from(["fast", "standard"]),
        "temperature": SCALARS,
        "container": SCALARS,
        "diagnostics": st.fixed_dictionaries({"previous_message_id": st.none() | WORDS}) | ANYTHING,
        "output_format": FORMAT | ANYTHING,
        "context_management": ANYTHING,
        "fallbacks": ANYTHING,
    },
)


@st.composite
def spoiled(draw: st.DrawFn) -> Any:
    """A body that is nearly right, with one value somewhere replaced or taken away."""
    body = copy.deepcopy(draw(NEARLY_RIGHT))
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, item in items:
            places.append((value, key))
            walk(item)

    walk(body)
    holder, key = draw(st.sampled_from(places))
    if draw(st.booleans()):
        holder[key] = draw(ANYTHING)
    else:
        del holder[key]
    return body


BODIES = ANYTHING | NEARLY_RIGHT | spoiled()
PATHS = st.sampled_from(["/v1/messages", "/v1/messages", "/v1/messages/count_tokens"])


def well_formed(reply: Reply) -> None:
    assert reply.status in (200, 400, 404)
    assert reply.headers["request-id"].startswith("req_")
    if reply.events is not None:
        data = b"".join(chunk for _, chunk in reply.events).decode()
        kinds = [json.loads(block.split("data: ", 1)[1])["type"] for block in data.split("\n\n") if block]
        assert (kinds[0], kinds[-1]) == ("message_start", "message_stop")
        return
    said = json.loads(reply.body or b"")
    if reply.status == 200:
        assert said.get("type") == "message" or set(said) == {"input_tokens"}
        if "usage" in said:
            assert said["stop_reason"]
            assert said["usage"]["output_tokens"] >= said["usage"]["output_tokens_details"]["thinking_tokens"]
    else:
        assert (said["type"], set(said)) == ("error", {"type", "error", "request_id"})
        assert said["error"]["type"] in ("invalid_request_error", "not_found_error")
        assert said["error"]["message"]
        assert said["request_id"] == reply.headers["request-id"]


def answered(body: Any, path: str, more: dict[str, str]) -> None:
    raw = json.dumps(body).encode()
    if "content-encoding" in more:
        raw = gzip.compress(raw)
    well_formed(MOCK.respond(Request("POST", path, {**HEADERS, **more}, raw)))


MORE = st.fixed_dictionaries(
    {"anthropic-version": st.sampled_from(["2026-10-21", "2023-06-01"])},
    optional={"anthropic-beta": st.just(", ".join(betas.FIELDS)), "content-encoding": st.just("gzip")},
)
QUICKLY = settings(max_examples=300, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=20_000, suppress_health_check=list(HealthCheck))


@QUICKLY
@given(BODIES, PATHS, MORE)
def test_any_body_gets_a_well_formed_answer(body, path, more):
    answered(body, path, more)


@pytest.mark.long
@LONG
@given(BODIES, PATHS, MORE)
def test_twenty_thousand_bodies_get_a_well_formed_answer(body, path, more):
    answered(body, path, more)


@QUICKLY
@given(st.binary(max_size=200))
def test_any_bytes_get_a_well_formed_answer(raw):
    well_formed(MOCK.respond(Request("POST", "/v1/messages", HEADERS, raw)))


@QUICKLY
@given(st.binary(max_size=200), st.sampled_from(["gzip", "br", "identity"]))
def test_any_bytes_in_any_encoding_get_a_well_formed_answer(raw, coding):
    for body in (raw, gzip.compress(raw)):
        well_formed(MOCK.respond(Request("POST", "/v1/messages", {**HEADERS, "content-encoding": coding}, body)))


@QUICKLY
@given(NEARLY_RIGHT, st.text(max_size=30))
def test_any_question_to_the_tutor_gets_a_well_formed_answer(body, origin):
    for lesson in ("chat; lesson=demo", origin):
        well_formed(
            MOCK.respond(
                Request("POST", "/v1/messages", {**HEADERS, "tutor-origin": lesson}, json.dumps(body).encode())
            )
        )


@QUICKLY
@given(
    st.dictionaries(
        st.sampled_from(["x-api-key", "authorization", "anthropic-version", "anthropic-beta", "content-encoding"]),
        st.text(),
    ),
    st.text(),
)
def test_any_headers_and_path_get_an_answer(headers, path):
    reply = MOCK.respond(Request("POST", path, headers, b"{}"))
    assert reply.status in (400, 401, 404, 405)
    assert json.loads(reply.body)["type"] == "error"
