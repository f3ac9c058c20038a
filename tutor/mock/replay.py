"""A recorded reply and a request make a message.

`max_tokens` and `stop_sequences` are applied to the reply as it was written, so that text, stop reason and usage agree:
thinking takes from the ceiling first, then the blocks in their order. A reply that is not cut keeps its own numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..models import Model
from . import binding, ids, recordings, tokens

Block = dict[str, Any]


def message(
    reply: Mapping[str, Any], body: Mapping[str, Any], model: Model, seed: bytes, asked_model: str
) -> dict[str, Any]:
    """The message that this request gets when `reply` is what the model would have said."""
    blocks = [dict(block) for block in reply["content"]]
    for index, block in enumerate(blocks):
        if block["type"] == "tool_use":
            block.setdefault("id", ids.tool_use_id(seed, index))
            block.setdefault("caller", {"type": "direct"})
    usage = _usage(reply, blocks, body, model)
    ceiling = body["max_tokens"]
    ends = [
        end for end in (_stop(blocks, body.get("stop_sequences") or (), usage), _ceiling(blocks, ceiling, usage)) if end
    ]
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
        "model": model.id if asked_model in model.aliases else asked_model,
        "content": blocks,
        "stop_reason": reason,
        "stop_sequence": stop,
        "stop_details": reply.get("stop_details"),
        "usage": usage,
    }


def _natural(blocks: list[Block]) -> str:
    return "tool_use" if any(block["type"] == "tool_use" for block in blocks) else "end_turn"


def _usage(reply: Mapping[str, Any], blocks: list[Block], body: Mapping[str, Any], model: Model) -> dict[str, Any]:
    """Every field of `usage`; what the recording does not say is estimated."""
    given = reply.get("usage") or {}
    thought = (given.get("output_tokens_details") or {}).get("thinking_tokens", sum(map(_thought, blocks)))
    return {
        "input_tokens": given.get("input_tokens", tokens.prompt(body, model)),
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
        "inference_geo": given.get("inference_geo", body.get("inference_geo") or "global"),
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
    blocks: list[Block], ceiling: int, usage: Mapping[str, Any]
) -> tuple[int, list[Block], str, str | None] | None:
    """The reply cut at `max_tokens`, or None if it fits."""
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
    return ceiling, kept, "max_tokens", None


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
