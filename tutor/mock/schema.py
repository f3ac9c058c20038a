"""The shape of a request body: its fields in the order in which the API looks at them, and its words for each fault.

Sources of the words:
[D] sentences and order observed on the live API on 2026-08-31 and 2026-09-04, in a public proxy's conformance tests;
[S] field names and values of the official SDK 2.11.0, in the words [D] shows for the same kind of fault elsewhere;
[I] real error bodies in public issue threads of 2025 and 2026.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..models import LEVELS
from . import grammar
from .shapes import (
    SHAPE,
    Check,
    anything,
    array,
    at_least,
    boolean,
    choice,
    dictionary,
    fields,
    integer,
    missing,
    name,
    optional,
    string,
    tagged,
    unit,
)

_TYPE: dict[str, Check] = {"type": anything}
CACHE = tagged({"ephemeral": fields({**_TYPE, "ttl": choice("5m", "1h")})})  # [S]
_CACHED: dict[str, Check] = {**_TYPE, "cache_control": optional(CACHE)}
_ON_OFF = fields({"enabled": boolean})
_DATA = ("media_type", "data")
_SOURCES: dict[str, Check] = {
    "url": fields({**_TYPE, "url": string}, ("url",)),
    "file": fields({**_TYPE, "file_id": string}, ("file_id",)),
}  # [S]
_SOURCE = tagged(
    {
        **_SOURCES,
        "base64": fields({**_TYPE, "media_type": choice("application/pdf"), "data": string}, _DATA),
        "text": fields({**_TYPE, "media_type": choice("text/plain"), "data": string}, _DATA),
        "content": fields({**_TYPE, "content": anything}, ("content",)),
    }
)  # [S]

TEXT = fields({**_CACHED, "text": string, "citations": optional(array(dictionary))}, ("text",))
_PICTURE = choice("image/jpeg", "image/png", "image/gif", "image/webp")
_PICTURE_SOURCE = tagged(
    {**_SOURCES, "base64": fields({**_TYPE, "media_type": _PICTURE, "data": string}, _DATA)}
)  # [I]
_TRANSFORMATIONS = fields({"oversized_image": choice("downsize", "error")})  # [S]
_IMAGE = fields({**_CACHED, "source": _PICTURE_SOURCE, "transformations": optional(_TRANSFORMATIONS)}, ("source",))
_SEARCH_RESULT = fields(
    {**_CACHED, "content": array(tagged({"text": TEXT})), "source": string, "title": string, "citations": _ON_OFF},
    ("content", "source", "title"),
)
_DOCUMENT = fields(
    {
        **_CACHED,
        "source": _SOURCE,
        "citations": optional(_ON_OFF),
        "context": optional(string),
        "title": optional(string),
    },
    ("source",),
)


def _content(of: Check) -> Check:
    """A string, or a list of blocks."""
    return lambda value, path: None if isinstance(value, str) else array(of)(value, path)


_IN_RESULT = tagged(
    {
        "text": TEXT,
        "image": _IMAGE,
        "search_result": _SEARCH_RESULT,
        "document": _DOCUMENT,
        "tool_reference": fields({**_CACHED, "tool_name": string}, ("tool_name",)),
        "browser_state": dictionary,
    }
)
_USE: dict[str, Check] = {**_CACHED, "id": string, "name": string, "input": dictionary}
_USE |= {"caller": anything, "toolset_name": optional(string)}
_RESULT: dict[str, Check] = {**_CACHED, "tool_use_id": string, "content": _content(_IN_RESULT), "is_error": boolean}

BLOCK = tagged(
    {
        "text": TEXT,
        "image": _IMAGE,
        "document": _DOCUMENT,
        "search_result": _SEARCH_RESULT,
        "thinking": fields({**_TYPE, "signature": string, "thinking": string}, ("signature", "thinking")),
        "redacted_thinking": fields({**_TYPE, "data": string}, ("data",)),
        "tool_use": fields(_USE, ("id", "name", "input")),
        "tool_result": fields({**_RESULT, "toolset_name": optional(string)}, ("tool_use_id",)),
        "server_tool_use": fields(_USE, ("id", "name", "input")),
        "web_search_tool_result": dictionary,
        "web_fetch_tool_result": dictionary,
        "code_execution_tool_result": dictionary,
        "bash_code_execution_tool_result": dictionary,
        "text_editor_code_execution_tool_result": dictionary,
        "tool_search_tool_result": dictionary,
        "container_upload": fields({**_CACHED, "file_id": string}, ("file_id",)),
    }
)  # [S]
_SERVER_TOOLS = (
    "bash_20250124", "browser_toolset_20260801", "code_execution_20250522", "code_execution_20250825",
    "code_execution_20260120", "code_execution_20260521", "computer_toolset_20260801", "memory_20250818",
    "text_editor_20250124", "text_editor_20250429", "text_editor_20250728", "tool_search_tool_bm25",
    "tool_search_tool_bm25_20251119", "tool_search_tool_regex", "tool_search_tool_regex_20251119",
    "web_fetch_20250910", "web_fetch_20260209", "web_fetch_20260309", "web_fetch_20260318",
    "web_search_20250305", "web_search_20260209", "web_search_20260318",
    "computer_20251124",  # with its beta only; the one type of which a page says what a model that lacks it answers [F]
)  # fmt: skip  # [S]


def _tool_name(value: Any, path: str) -> str | None:
    pattern = r"^[a-zA-Z0-9_-]{1,128}$"
    return name(value, path) or (
        None if re.fullmatch(pattern, value) else f"{path}: String should match pattern '{pattern}'"  # [D]
    )


def _input_schema(value: Any, path: str) -> str | None:
    return dictionary(value, path) or (None if "type" in value else missing(f"{path}.type"))


_CUSTOM = fields(
    {
        **_CACHED,
        "name": _tool_name,
        "input_schema": _input_schema,
        "description": string,
        "strict": boolean,
        "allowed_callers": array(string),
        "defer_loading": boolean,
        "eager_input_streaming": optional(boolean),
        "input_examples": array(dictionary),
    },
    ("name", "input_schema"),
)


def _server_tool(value: Any, path: str) -> str | None:
    """It has a name, unless it is a set of tools [S]; and one list of domains, not two [F], the words [synthetic]."""
    if "_toolset_" not in value["type"] and "name" not in value:
        return missing(f"{path}.name")
    both = value.get("allowed_domains") and value.get("blocked_domains")
    return f"{path}: only one of allowed_domains and blocked_domains may be given" if both else None


def _tool(value: Any, path: str) -> str | None:
    fault = tagged({"custom": _CUSTOM, **dict.fromkeys(_SERVER_TOOLS, _server_tool)}, "custom")(value, path)
    if fault or not value.get("strict"):
        return fault
    words = grammar.fault(value["input_schema"])
    return f"{path}.custom: {words}" if words else None


def _output_schema(value: Any, path: str) -> str | None:
    if fault := dictionary(value, path):
        return fault
    words = grammar.fault(value)
    return f"{path}: {words}" if words else None


def _message(value: Any, path: str) -> str | None:
    if not isinstance(value, dict):
        return f"{path}: Input should be an object"
    if "role" not in value:
        return missing(f"{path}.role")  # [D]
    role = value["role"]
    if not isinstance(role, str):
        return f"{path}.role: Input should be a valid string"
    if role not in ("user", "assistant", "system"):
        more = _ABOUT_TOOLS if role == "tool" else ""
        return (
            f'messages: Unexpected role "{role}". Allowed roles are "user" or "assistant"{more}'  # [D]; with `tool` [I]
        )
    return fields({"role": string, "content": _content(BLOCK)}, ("content",))(value, path)  # [D]


_ABOUT_TOOLS = ". For instructions on how to use tools, see https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview."


def _messages(value: Any, path: str) -> str | None:
    if value == []:
        return f"{path}: at least one message is required"  # [D]
    return array(_message)(value, path)


def _system(value: Any, path: str) -> str | None:
    if isinstance(value, list) and (wrong := [at for at, item in enumerate(value) if not isinstance(item, dict)]):
        return f"{path}.{wrong[0]}: {SHAPE}"  # [D]
    return _content(tagged({"text": TEXT}))(value, path)


def _user_id(value: Any, path: str) -> str | None:
    if value is None or (fault := string(value, path)):
        return None if value is None else fault
    if len(value) > 512:
        return f"{path}: String should have at most 512 characters"  # the limit [S], the words by analogy with [D]
    return f"{path}: user_id appears to contain an email address" if re.search(r"\S@\S+\.\S", value) else None  # [I]


def _container(value: Any, path: str) -> str | None:
    if value is None or isinstance(value, (str, dict)):
        return None
    return f"{path}.ContainerParams: {SHAPE}"  # [D]


def _geo(value: Any, path: str) -> str | None:
    if value is None or (fault := string(value, path)):
        return None if value is None else fault
    return None if value in ("global", "us") else f"{path}: must be one of ['global', 'us']"  # [D]


_PARALLEL: dict[str, Check] = {**_TYPE, "disable_parallel_tool_use": boolean}
_BINDING = fields({"prefix_mismatch_behavior": choice("error", "drop_block")})
_BUDGET = at_least(1024, "Input should be greater than or equal to 1024")  # [I]
FORMAT = fields({"type": choice("json_schema"), "schema": _output_schema}, ("type", "schema"))


def thinking(*displays: str) -> Check:
    """`thinking`, with what `display` may be."""
    shown: dict[str, Check] = {**_TYPE, "display": optional(choice(*displays)), "block_binding": _BINDING}
    return tagged(
        {
            "adaptive": fields(shown),
            "between_tools": fields(_TYPE),
            "disabled": fields(_TYPE),
            "enabled": fields({**_TYPE, "budget_tokens": _BUDGET, **shown}, ("budget_tokens",)),
        }
    )


def output_config(more: Mapping[str, Check]) -> Check:
    """`output_config`, with the fields of a beta."""
    return fields({"effort": optional(choice(*LEVELS)), "format": optional(FORMAT), **more}, kind=SHAPE)


def _deprecated(value: Any, path: str) -> str | None:
    return f"{path}: This field is deprecated. Use 'output_config.format' instead."  # [I]; not with its old beta


# In the order in which the API reports faults. [D]
MESSAGES: dict[str, Check] = {
    "model": name,
    "tool_choice": tagged(
        {
            "auto": fields(_PARALLEL),
            "any": fields(_PARALLEL),
            "tool": fields({**_PARALLEL, "name": string}, ("name",)),
            "none": fields(_TYPE),
        }
    ),
    "tools": array(_tool),
    "messages": _messages,
    "system": _system,
    "thinking": thinking("summarized", "omitted"),
    "output_config": output_config({}),
    "output_format": _deprecated,
    "cache_control": optional(CACHE),
    "max_tokens": at_least(0, "must be greater than or equal to 0"),  # [D]
    "metadata": fields({"user_id": _user_id}, kind=SHAPE),
    "stop_sequences": array(string),
    "temperature": unit,
    "service_tier": choice("auto", "standard_only"),
    "top_k": integer,
    "top_p": unit,
    "stream": boolean,
    "container": _container,
    "inference_geo": _geo,
    "speed": optional(choice("standard", "fast")),
    "diagnostics": optional(fields({"previous_message_id": optional(string)})),
}
SAMPLING = ("temperature", "top_k", "top_p")
_NOT_COUNTED = {
    "max_tokens", "metadata", "stop_sequences", "service_tier", "stream", "container", "inference_geo", "diagnostics",
    "fallbacks", "fallback_credit_token", "thread",
}  # fmt: skip


def check(body: Any, *, counting: bool, sampling: bool, more: Mapping[str, Check]) -> str | None:
    """The first fault of a body in the API's words, or None.

    `sampling`: whether those fields still exist; `more`: the fields that the request's betas add or change.
    """
    gone = (_NOT_COUNTED if counting else set()) | (set() if sampling else set(SAMPLING))
    known = {field: test for field, test in {**MESSAGES, **more}.items() if field not in gone}
    required = ("model", "messages") if counting else ("model", "messages", "max_tokens")
    if not isinstance(body, dict):
        return "Input should be an object"  # by analogy with [D]
    return fields(known, required)(body, "")
