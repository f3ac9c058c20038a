"""What a model accepts: one function for each rule, in the order in which they are looked at.

The marks of the sources are those of `rules.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ..models import Model
from . import grammar, images, schema, tokens, turns

BINDING_BETA, FAST_BETA = "thinking-binding-controls-2026-08-01", "fast-mode-2026-02-01"


class Asked(NamedTuple):
    """A request that passed the first look: which endpoint, which version and betas, the body and its bytes."""

    path: str
    version: str
    betas: frozenset[str]
    body: dict[str, Any]
    size: int = 0


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
    if last["role"] != "assistant" or not last["content"] or turns.ends_on_server(last):
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
    if kind == "disabled" and "between_tools" in model.thinking:
        return _BETWEEN_TOOLS_INSTEAD
    if kind not in model.thinking:
        return _NOT_THIS_THINKING.get(kind, _OTHER_THINKING).format(kind=kind)
    if kind in model.up_to_high and effort in ("xhigh", "max"):
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
_BETWEEN_TOOLS_INSTEAD = (
    '"thinking.type.disabled" is not supported for this model. Use "thinking.type.between_tools" for the lowest '
    'thinking setting, or "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
)  # [F]: one page of October 2026; another page words it differently
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


def tool_types(asked: Asked, model: Model) -> str | None:
    refused = [tool["type"] for tool in asked.body.get("tools", ()) if tool.get("type") in model.refused_tools]
    if not refused:
        return None
    instead = "computer_toolset_20260801"  # [F] the sentence; of the list that follows it one entry is known
    return f"'{model.id}' does not support tool types: {', '.join(refused)}. Did you mean one of {instead}?"


def grammars(asked: Asked, model: Model) -> str | None:
    return grammar.too_much(asked.body)


def pictures(asked: Asked, model: Model) -> str | None:
    return next(images.faults(asked.body["messages"], model), None)


def speed(asked: Asked, model: Model) -> str | None:
    """[F] platform.claude.com/docs/en/build-with-claude/fast-mode says which models."""
    if asked.body.get("speed") is None or model.fast == "yes":
        return None
    if not model.fast:
        return f"'{model.id}' does not support the `speed` parameter."  # [I]
    return (
        None if FAST_BETA in asked.betas else "speed: Extra inputs are not permitted"
    )  # by analogy with `block_binding`


def inference_geo(asked: Asked, model: Model) -> str | None:
    """[F] which models, the words [synthetic]."""
    refused = asked.body.get("inference_geo") is not None and not model.geo
    return f"inference_geo: '{model.id}' does not support this parameter." if refused else None


RULES: tuple[Callable[[Asked, Model], str | None], ...] = (
    max_tokens, stop_sequences, prefill, sampling, effort, thinking, tool_choice, tool_types, grammars, pictures,
    cache_breakpoints, context_window, container, speed, inference_geo,
)  # fmt: skip
