"""What the API would refuse: status, error type and message, in the order in which it looks.

    path and method, credential, anthropic-version, anthropic-beta, size, JSON      (`headers`, `body`)
    fields and their shapes                                                         (`schema.py`)
    the model                                                                       (404)
    the conversation                                                                (`turns.py`)
    what this model accepts                                                         (`MODEL_RULES`)

Each rule stands in one place, with where its words come from. [F] the API's documentation or a recorded error body;
[I] error bodies in public issue threads; [D] see `schema.py`; [synthetic] no real text was found, the words are ours.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

from .. import models
from ..models import Model
from . import schema, tokens, turns

VERSIONS = ("2023-06-01", "2026-10-21")
BODY_LIMIT = 32 * 1024 * 1024
COUNT, MESSAGES, MODELS = "/v1/messages/count_tokens", "/v1/messages", "/v1/models"
BINDING_BETA = "thinking-binding-controls-2026-08-01"

# Those the official SDK 2.11.0 lists.
BETAS = frozenset(
    re.findall(
        r"\S+",
        """
    admin-user-sign-out-2026-10-08 advisor-tool-2026-03-01 agent-memory-2026-07-22 analytics-usage-cost-2026-08-24
    cache-diagnosis-2026-04-07 ce-claude-code-managed-settings-2026-10-06 ce-plugins-2026-09-01
    ce-user-management-2026-07-13 code-execution-2025-05-22 compact-2026-01-12 compact-2026-09-04
    computer-use-2024-10-22 computer-use-2025-01-24 computer-use-2025-11-24 context-1m-2025-08-07
    context-management-2025-06-27 dev-full-thinking-2025-05-14 dreaming-2026-04-21 experimental-claude-tag-2026-10-21
    extended-cache-ttl-2025-04-11 fallback-credit-2026-06-01 fallback-credit-2026-07-01 fast-mode-2026-02-01
    files-api-2025-04-14 inline-tools-2026-09-15 interleaved-thinking-2025-05-14 managed-agents-2026-04-01
    mcp-client-2025-04-04 mcp-client-2025-11-20 mcp-client-2026-09-15 mcp-tunnels-2026-06-22
    message-batches-2024-09-24 message-threads-2026-08-12 mid-conversation-output-config-2026-07-01
    mid-conversation-system-clear-at-2026-08-21 mid-conversation-tool-changes-2026-07-01
    model-context-window-exceeded-2025-08-26 output-128k-2025-02-19 output-300k-2026-03-24 pdfs-2024-09-25
    prompt-caching-2024-07-31 server-side-fallback-2026-06-01 server-side-fallback-2026-07-01 skills-2025-10-02
    spend-limit-reads-2026-09-26 structured-outputs-2025-11-13 task-budgets-2026-03-13
    telemetry-destinations-2026-08-11 thinking-binding-controls-2026-08-01 thinking-display-updates-2026-08-18
    thinking-token-count-2026-05-13 token-counting-2024-11-01 token-efficient-tools-2025-02-19
    user-profiles-2026-03-24 user-profiles-2026-08-18 user-profiles-2026-09-04 user-profiles-billing-2026-10-01
    webhooks-2026-10-07
    """,
    )
)


class Refusal(NamedTuple):
    """A request the API would not take."""

    status: int
    type: str
    message: str


class Asked(NamedTuple):
    """A request that passed the first look: which endpoint, which version and betas, and the body."""

    path: str
    version: str
    betas: frozenset[str]
    body: dict[str, Any]
    size: int = 0


def invalid(message: str) -> Refusal:
    return Refusal(400, "invalid_request_error", message)


def route(method: str, path: str) -> Refusal | None:
    """404 for an unknown path, 405 for another method."""
    is_model = path == MODELS or (path.startswith(f"{MODELS}/") and "/" not in path[len(MODELS) + 1 :])
    if path not in (MESSAGES, COUNT) and not is_model:
        return Refusal(404, "not_found_error", "Not Found")  # [I]
    if method != ("GET" if is_model else "POST"):
        return Refusal(405, "invalid_request_error", "Method Not Allowed")  # status and words [I], the type synthetic
    return None


def credential(headers: Mapping[str, str], token: str | None) -> Refusal | None:
    """401 without a credential or with a wrong one; `x-api-key` wins over `Authorization`. [F]"""
    key, bearer = headers.get("x-api-key", ""), headers.get("authorization", "")
    if not key and not bearer:
        return Refusal(401, "authentication_error", "x-api-key header is required")
    scheme, _, value = bearer.partition(" ")
    given = key or (value.strip() if scheme.lower() == "bearer" else "")
    if given and (token is None or hmac.compare_digest(given.encode(), token.encode())):
        return None
    return Refusal(401, "authentication_error", "invalid x-api-key" if key else "Invalid bearer token")


def headers(given: Mapping[str, str]) -> Refusal | None:
    """400 for a missing or unknown version or beta. [F]"""
    version = given.get("anthropic-version")
    if not version:
        return invalid("anthropic-version: header is required")
    if version not in VERSIONS:
        return invalid(f'anthropic-version: "{version}" is not a valid version')
    if "anthropic-beta" in given:
        unknown = [beta for beta in map(str.strip, given["anthropic-beta"].split(",")) if beta not in BETAS]
        if unknown:
            return invalid(
                f"Unexpected value(s) {', '.join(f'`{beta}`' for beta in unknown)} for the `anthropic-beta` header. "
                "Please consult our documentation at docs.claude.com or try again without the header."
            )
    return None


def parse(body: bytes) -> Any | Refusal:
    """The body as JSON, or the refusal."""
    if len(body) > BODY_LIMIT:
        return Refusal(413, "request_too_large", "Request exceeds the maximum size")  # [F], from the edge

    def constant(word: str) -> None:
        raise ValueError(f"unexpected {word}")

    try:
        text = body.decode("utf-8")
        value = json.loads(text, parse_constant=constant)
    except json.JSONDecodeError as error:
        control = error.msg.startswith("Invalid control character")
        words = "unexpected control character in string" if control else "unexpected character"  # [I]
        return _not_json(f"{words}: line {error.lineno} column {error.colno} (char {error.pos})")
    except (ValueError, RecursionError):  # not UTF-8, a constant such as NaN, too deep
        return _not_json("unexpected character: line 1 column 1 (char 0)")
    half = re.search(r"\\u[dD][89a-fA-F]", text)
    if half and not _writable(value):
        return _not_json(f"no low surrogate in string: line 1 column {half.start() + 1} (char {half.start()})")  # [I]
    return value


def _writable(value: Any) -> bool:
    """Whether it can be written as UTF-8 again: half of a pair of surrogates cannot."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _not_json(words: str) -> Refusal:
    return invalid(f"The request body is not valid JSON: {words}")


def look(method: str, path: str, given: Mapping[str, str], body: bytes, token: str | None) -> Asked | Refusal:
    """Everything that can be said before the model is known."""
    refusal = route(method, path) or credential(given, token) or headers(given)
    if refusal:
        return refusal
    version = given["anthropic-version"]
    betas = frozenset(filter(None, map(str.strip, given.get("anthropic-beta", "").split(","))))
    if method == "GET":
        return Asked(path, version, betas, {})
    value = parse(body)
    if isinstance(value, Refusal):
        return value
    fault = schema.check(value, counting=path == COUNT, sampling=version == "2023-06-01")
    return invalid(fault) if fault else Asked(path, version, betas, value, len(body))


def judge(asked: Asked, *, new_account: bool = True, thoughtful: Collection[str] = ()) -> Refusal | Model:
    """The model of a request that is in order, or why it is refused.

    `new_account`: replayed thinking must stand where it was written. `thoughtful`: tool uses that followed thinking.
    """
    model = models.find(asked.body["model"])
    if model is None:
        return Refusal(404, "not_found_error", f"model: {asked.body['model']}")  # [F] for unknown and for retired ids
    fault = next(faults(asked, model, new_account, thoughtful), None)
    return invalid(fault) if fault else model


def faults(asked: Asked, model: Model, new_account: bool, thoughtful: Collection[str]) -> Iterator[str]:
    """Everything wrong with a request whose fields are in order; the API names the first."""
    yield from turns.faults(asked.body, model, asked.version)
    for rule in MODEL_RULES:
        if fault := rule(asked, model):
            yield fault
    yield from turns.thinking_faults(asked.body, model, BINDING_BETA in asked.betas, new_account, thoughtful)


# --- what a model accepts --------------------------------------------------------------------------


def max_tokens(asked: Asked, model: Model) -> str | None:
    wanted = asked.body.get("max_tokens", 0)
    if wanted <= model.max_output:
        return None
    limit = f"{wanted} > {model.max_output}, which is the maximum allowed number of output tokens for {model.id}"
    return f"max_tokens: {limit}"  # [F]


def stop_sequences(asked: Asked, model: Model) -> str | None:
    for stop in asked.body.get("stop_sequences", ()):
        if not stop:
            return "stop_sequences: each stop sequence must be non-empty"  # [F]
        if not stop.strip():
            return "stop_sequences: each stop sequence must contain non-whitespace"  # [F]
    return None


def prefill(asked: Asked, model: Model) -> str | None:
    last = asked.body["messages"][-1]
    if last["role"] != "assistant" or not last["content"]:
        return None
    if turns.ends_in_thinking(last):
        return "The final block in an assistant message cannot be `thinking`."  # [I]
    if not model.prefill:
        words = "This model does not support assistant message prefill."  # [F]
        return f"{words} The conversation must end with a user message."
    text = last["content"] if isinstance(last["content"], str) else str(last["content"][-1].get("text", ""))
    trailing = text != text.rstrip()
    return "messages: final assistant content cannot end with trailing whitespace" if trailing else None  # [F]


def sampling(asked: Asked, model: Model) -> str | None:
    """Only under 2023-06-01; the later version has no such fields. [F] the limits, [I] the words."""
    given = {field: asked.body[field] for field in schema.SAMPLING if field in asked.body}
    if not given:
        return None
    if "temperature" in given and "top_p" in given and model.sampling != "default":
        return "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
    if model.sampling == "full":
        return None
    fine = {
        "temperature": given.get("temperature", 1) == 1,
        "top_p": given.get("top_p", 0.99) == 0.99 if model.sampling == "narrow" else given.get("top_p", 1) >= 0.99,
        "top_k": "top_k" not in given,
    }
    return next((f"`{field}` is deprecated for this model." for field in given if not fine[field]), None)


def thinking(asked: Asked, model: Model) -> str | None:
    given = asked.body.get("thinking")
    if given is None:
        return None
    kind, effort = given["type"], asked.body.get("output_config", {}).get("effort") or model.effort_default
    if kind not in model.thinking:
        return _NOT_THIS_THINKING.get(kind, _OTHER_THINKING).format(kind=kind)
    if model.effort and effort not in model.thinking[kind]:
        return (
            f"output_config.effort '{effort}' is not supported when thinking is disabled on this model. "
            "Use effort 'high' or below, or enable thinking."
        )  # [I] for `disabled`; for `between_tools` the same words
    if "block_binding" in given and BINDING_BETA not in asked.betas:
        return f"thinking.{kind}.block_binding: Extra inputs are not permitted"  # [F]
    if kind == "enabled" and given["budget_tokens"] >= asked.body.get("max_tokens", model.max_output):
        return "`max_tokens` must be greater than `thinking.budget_tokens`."  # [I]
    return None


_NOT_THIS_THINKING = {
    "adaptive": "adaptive thinking is not supported on this model",  # [F]
    "enabled": '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and '
    '"output_config.effort" to control thinking behavior.',  # [F]
    "disabled": '"thinking.type.disabled" is not supported for this model. Use "thinking.type.adaptive" and '
    '"output_config.effort" to control thinking behavior.',  # [F]: the beginning; the end differs between pages
}
_OTHER_THINKING = '"thinking.type.{kind}" is not supported for this model.'  # by analogy with the others


def effort(asked: Asked, model: Model) -> str | None:
    level = asked.body.get("output_config", {}).get("effort")
    if level is None or level in model.effort:
        return None
    if not model.effort:
        return "This model does not support the effort parameter."  # [I]
    levels = ", ".join(sorted(model.effort))
    return f"This model does not support effort level '{level}'. Supported levels: {levels}."  # [F]


def tool_choice(asked: Asked, model: Model) -> str | None:
    choice, tools = asked.body.get("tool_choice"), asked.body.get("tools", [])
    names = [tool.get("name", "") for tool in tools]
    if len(names) != len(set(names)):
        return "tools: Tool names must be unique."  # [I]
    if not choice:
        return None
    kind = choice["type"]
    if kind in ("any", "tool") and not model.forced_tool_choice:
        return 'tool_choice: type "tool" and "any" are not supported for this model.'  # [F], on count_tokens too
    if kind == "tool" and choice["name"] not in names:
        return f"Tool '{choice['name']}' not found in provided tools"  # [D]
    if not tools:
        return f"tool_choice.{kind} may only be specified while providing tools"  # [D]
    return None


def cache_breakpoints(asked: Asked, model: Model) -> str | None:
    """At most four; the one that the top-level field sets counts."""
    marked = [mark for part in ("tools", "system", "messages") for mark in _breakpoints(asked.body.get(part), part)]
    count = len(marked) + bool(asked.body.get("cache_control"))
    if count > 4:
        return f"A maximum of 4 blocks with cache_control may be provided. Found {count}."  # [I]
    short = False
    for path, ttl in marked:
        if short and ttl == "1h":
            words = "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block."  # [I]
            return f"{path}.cache_control.ttl: {words}"
        short = short or ttl != "1h"
    return None


def _breakpoints(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Where the breakpoints are, in the order in which a prompt is put together, and how long each holds."""
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from _breakpoints(item, f"{path}.{at}")
    elif isinstance(value, dict):
        if value.get("cache_control"):
            yield path, value["cache_control"].get("ttl", "5m")
        yield from _breakpoints(value.get("content"), f"{path}.content")


def context_window(asked: Asked, model: Model) -> str | None:
    if asked.size < model.context_window:  # no token is shorter than a byte
        return None
    length = tokens.prompt(asked.body, model)
    too_long = length > model.context_window
    return f"prompt is too long: {length} tokens > {model.context_window} maximum" if too_long else None  # [F]


def container(asked: Asked, model: Model) -> str | None:
    runs = any(str(tool.get("type", "")).startswith("code_execution") for tool in asked.body.get("tools", ()))
    if not isinstance(asked.body.get("container"), str) or runs:
        return None
    return "container: Container identifier can only be provided when using the code execution tool"  # [D]


MODEL_RULES: tuple[Callable[[Asked, Model], str | None], ...] = (
    max_tokens, stop_sequences, prefill, sampling, effort, thinking, tool_choice, cache_breakpoints, context_window,
    container,
)  # fmt: skip
