"""A recorded reply and a request make a message.

`max_tokens`, `stop_sequences` and the model's window are applied to the reply as it was written, so that text, stop
reason and usage agree: thinking takes from the ceiling first, then the blocks in their order. A reply that is not cut
keeps its own numbers, less any thinking that this request would not get, and its input as the prompt cache divides it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..models import Model
from . import binding, ids, recordings, tokens
from .cache import Shares

Block = dict[str, Any]

INPUT = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
_NO_GEO = "not_available"  # [F] recorded from models that do not take `inference_geo`


def message(
    reply: Mapping[str, Any], body: Mapping[str, Any], model: Model, seed: bytes, cached: Shares
) -> dict[str, Any]:
    """The message that this request gets when `reply` is what the model would have said."""
    thinks = _thinks(body, model)
    blocks = [dict(block) for block in reply["content"] if thinks or not recordings.is_thinking(block)]
    usage = _usage(reply, blocks, body, model, cached)
    hidden = ((body.get("thinking") or {}).get("display") or model.display) == "omitted"
    for index, block in enumerate(blocks):
        if block["type"] == "thinking" and hidden:
            block["thinking"] = ""
        if block["type"] == "tool_use":
            block.setdefault("id", ids.tool_use_id(seed, index))
            block.setdefault("caller", {"type": "direct"})
    if not thinks:
        usage["output_tokens"] -= usage["output_tokens_details"]["thinking_tokens"]
        usage["output_tokens_details"] = {"thinking_tokens": 0}
    room = max(model.context_window - sum(usage[key] for key in INPUT), 1)
    ceiling, full = min((body["max_tokens"], "max_tokens"), (room, "model_context_window_exceeded"))
    stopped = _stop(blocks, body.get("stop_sequences") or (), usage)
    ends = [end for end in (stopped, _ceiling(blocks, ceiling, usage, full)) if end]
    reason, stop = reply.get("stop_reason") or _natural(blocks), reply.get("stop_sequence")
    if ends:
        used, blocks, reason, stop = min(ends, key=lambda end: end[0])
        usage["output_tokens"] = used
        thought = usage["output_tokens_details"]
        thought["thinking_tokens"] = min(thought["thinking_tokens"], used)
    _sign(blocks, body, model, usage["output_tokens_details"]["thinking_tokens"])
    return {
        "id": ids.message_id(seed),
        "type": "message",
        "role": "assistant",
        "model": model.id,
        "content": blocks,
        "stop_reason": reason,
        "stop_sequence": stop,
        "stop_details": reply.get("stop_details"),
        "usage": usage,
    }


def _natural(blocks: list[Block]) -> str:
    return "tool_use" if any(block["type"] == "tool_use" for block in blocks) else "end_turn"


def _thinks(body: Mapping[str, Any], model: Model) -> bool:
    """Whether a reply may hold thinking: not where it is off, between tools without tools, before a forced tool. [F]"""
    kind = (body.get("thinking") or {}).get("type") or ("disabled" if model.thinking_default == "off" else "adaptive")
    forced = (body.get("tool_choice") or {}).get("type") in ("any", "tool")
    return not (kind == "disabled" or forced or (kind == "between_tools" and not body.get("tools")))


def _usage(
    reply: Mapping[str, Any], blocks: list[Block], body: Mapping[str, Any], model: Model, cached: Shares
) -> dict[str, Any]:
    """Every field of `usage`; what the recording does not say is estimated, or as `cached` divides it."""
    given = dict(reply.get("usage") or {})
    if "input_tokens" not in given:
        given["input_tokens"] = tokens.prompt(body, model)
    if any(cached) and not any(given.get(key) for key in INPUT[1:]):
        read, *written = (round(share * given["input_tokens"]) for share in cached)
        kinds = ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")
        given |= {
            "input_tokens": given["input_tokens"] - read - sum(written),
            "cache_creation_input_tokens": sum(written),
            "cache_read_input_tokens": read,
            "cache_creation": dict(zip(kinds, written, strict=True)),
        }
    thought = (given.get("output_tokens_details") or {}).get("thinking_tokens", sum(map(_thought, blocks)))
    return {
        "input_tokens": given["input_tokens"],
        "cache_creation_input_tokens": given.get("cache_creation_input_tokens", 0),
        "cache_read_input_tokens": given.get("cache_read_input_tokens", 0),
        "cache_creation": given.get("cache_creation")
        or {
            "ephemeral_5m_input_tokens": given.get("cache_creation_input_tokens", 0),
            "ephemeral_1h_input_tokens": 0,
        },
        "output_tokens": given.get("output_tokens", thought + sum(map(_said, blocks)) or 1),
        "output_tokens_details": {"thinking_tokens": thought},
        **({"server_tool_use": given["server_tool_use"]} if "server_tool_use" in given else {}),
        "service_tier": given.get("service_tier", "standard"),
        "inference_geo": given.get("inference_geo", (body.get("inference_geo") or "global") if model.geo else _NO_GEO),
        **({"speed": body["speed"]} if body.get("speed") else {}),
    }


def _thought(block: Block) -> int:
    return 24 + tokens.estimate(block.get("thinking", "")) if recordings.is_thinking(block) else 0


def _said(block: Block) -> int:
    """Estimated tokens of a block that is not thinking."""
    if recordings.is_thinking(block):
        return 0
    if block["type"] == "text":
        return tokens.estimate(block["text"])
    return tokens.estimate(json.dumps({key: block.get(key) for key in ("name", "input", "content")}))


def _scale(blocks: list[Block], usage: Mapping[str, Any]) -> float:
    """Tokens of usage for each estimated token of the visible blocks."""
    visible = usage["output_tokens"] - usage["output_tokens_details"]["thinking_tokens"]
    scale: float = max(visible, 0) / (sum(map(_said, blocks)) or 1)
    return scale


def _ceiling(
    blocks: list[Block], ceiling: int, usage: Mapping[str, Any], reason: str
) -> tuple[int, list[Block], str, str | None] | None:
    """The reply cut at so many tokens, or None if it fits."""
    if usage["output_tokens"] <= ceiling:
        return None
    thought = usage["output_tokens_details"]["thinking_tokens"]
    room = max(ceiling - thought, 0) / (_scale(blocks, usage) or 1)
    kept: list[Block] = []
    for block in blocks if ceiling else ():
        if recordings.is_thinking(block):
            kept.append(block)
            continue
        size = _said(block)
        if size > room:
            kept += _cut(block, int(room))
            break
        kept.append(block)
        room -= size
    return ceiling, kept, reason, None


def _cut(block: Block, count: int) -> list[Block]:
    """The first `count` tokens of a block; of a tool's input nothing is left that could be read."""
    if not count:
        return []
    if block["type"] == "text":
        return [{**block, "text": "".join(tokens.pieces(block["text"])[:count])}]
    if block["type"] != "tool_use":
        return []
    written = tokens.pieces(json.dumps(block["input"], ensure_ascii=False))
    partial = "".join(written[: len(written) * count // _said(block)])
    return [{**block, "input": {}, "partial_json": partial}]


def _stop(blocks: list[Block], stops: Any, usage: Mapping[str, Any]) -> tuple[int, list[Block], str, str | None] | None:
    """The reply cut before the first stop sequence in its text, or None."""
    used = 0
    for index, block in enumerate(blocks):
        if block["type"] == "text":
            found = [(block["text"].find(stop), stop) for stop in stops if stop in block["text"]]
            if found:  # the one that is complete first
                at, stop = min(found, key=lambda pair: pair[0] + len(pair[1]))
                text = block["text"][:at]
                used += tokens.estimate(text + stop)
                thought = usage["output_tokens_details"]["thinking_tokens"]
                total = min(thought + round(used * _scale(blocks, usage)), usage["output_tokens"])
                kept = blocks[:index] + ([{**block, "text": text}] if text else [])
                return max(total, 1), kept, "stop_sequence", stop
        used += _said(block)
    return None


def _sign(blocks: list[Block], body: Mapping[str, Any], model: Model, thought: int) -> None:
    """Signatures of the thinking blocks, bound to what came before them."""
    if not any(map(recordings.is_thinking, blocks)):
        return
    asked = recordings.question({**body, "messages": []})
    sent = [block for turn in body["messages"] for block in recordings.as_blocks(turn["content"])]
    previous = next((block["signature"] for block in reversed(sent) if block.get("type") == "thinking"), "")
    for index, block in enumerate(blocks):
        if block["type"] == "thinking":
            turn = {"role": "assistant", "content": blocks[:index]}
            before = binding.prefix(asked, recordings.turns({"messages": [*body["messages"], turn]}))
            block["signature"] = previous = binding.sign(model.id, thought, block.get("thinking", ""), before, previous)
            thought = 0  # several blocks: the first carries the sum


def strip(said: dict[str, Any]) -> dict[str, Any]:
    """The message as an unstreamed reply shows it."""
    return {
        **said,
        "content": [{key: block[key] for key in block if key != "partial_json"} for block in said["content"]],
    }
