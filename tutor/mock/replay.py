"""A recorded reply and a request make a message, and a message makes a stream.

`max_tokens` and `stop_sequences` are applied to the reply as it was written, so that text, stop reason and usage agree:
thinking takes from the ceiling first, then the blocks in their order. A reply that is not cut keeps its own numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..models import Model
from . import binding, ids, recordings, tokens

Block = dict[str, Any]
Event = tuple[float, bytes]

_QUICK = 0.018  # seconds for each piece of a reply without a pace of its own


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


# --- the stream ------------------------------------------------------------------------------------


def strip(said: dict[str, Any]) -> dict[str, Any]:
    """The message as an unstreamed reply shows it."""
    return {
        **said,
        "content": [{key: block[key] for key in block if key != "partial_json"} for block in said["content"]],
    }


def events(said: Mapping[str, Any], seed: bytes, pace: float, recorded: Any = None) -> list[Event]:
    """The message as server-sent events, each with the seconds to wait before it.

    `recorded` is how the recording arrived: pairs of milliseconds and characters. Padding, ping, cumulative usage, the
    empty thinking delta and the empty first piece of a tool's JSON are as in public recordings of real streams.
    """
    dice = ids.dice(seed, "stream")
    usage = said["usage"]
    opening = {**said, "content": [], "stop_reason": None, "stop_sequence": None, "stop_details": None}
    opening["usage"] = {**usage, "output_tokens": min(usage["output_tokens"], dice.randint(1, 8))}
    opening["usage"].pop("output_tokens_details", None)
    waits = _waits(recorded)
    out: list[Event] = []

    def add(kind: str, wait: float = 0.0, **fields: Any) -> None:
        data = json.dumps({"type": kind, **fields}, ensure_ascii=False, separators=(",", ":"))
        padding = " " * dice.randint(0, 14) if kind != "ping" else ""
        out.append((wait * pace, f"event: {kind}\ndata: {data[:-1]}{padding}}}\n\n".encode()))

    add("message_start", message=opening)
    for index, block in enumerate(said["content"]):
        add("content_block_start", index=index, content_block=_opened(block))
        if index == 0:
            out.append((0.0, b'event: ping\ndata: {"type": "ping"}\n\n'))
        for delta in _deltas(block, waits, dice):
            wait = delta.pop("wait", 0.0)
            add("content_block_delta", wait, index=index, delta=delta)
        add("content_block_stop", index=index)
    ends = {key: said[key] for key in ("stop_reason", "stop_sequence", "stop_details")}
    sums = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")
    more = ("output_tokens_details", "server_tool_use")
    add("message_delta", delta=ends, usage={key: usage[key] for key in (*sums, *more) if key in usage})
    add("message_stop")
    return out


def duration(recorded: Any) -> float:
    """Seconds that a recording with a pace took, unstreamed as well."""
    milliseconds: float = sum(wait for wait, _ in recorded or ())
    return milliseconds / 1000


def _opened(block: Block) -> Block:
    """A block before its first delta."""
    empty: dict[str, Any] = {"text": "", "thinking": "", "signature": ""}
    if block["type"] in ("tool_use", "server_tool_use"):
        empty["input"] = {}
    return {key: empty.get(key, value) for key, value in block.items() if key not in ("citations", "partial_json")}


def _deltas(block: Block, waits: Iterator[tuple[float, int]], dice: Any) -> Iterator[dict[str, Any]]:
    if block["type"] == "text":
        for citation in block.get("citations") or ():
            yield {"type": "citations_delta", "citation": citation}
        for wait, text in _pieces(block["text"], waits, dice):
            yield {"type": "text_delta", "text": text, "wait": wait}
    elif block["type"] == "thinking":
        for wait, text in _pieces(block.get("thinking", ""), waits, dice) or [(0.0, "")]:
            yield {"type": "thinking_delta", "thinking": text, "wait": wait}
        yield {"type": "signature_delta", "signature": block["signature"]}
    elif block["type"] in ("tool_use", "server_tool_use"):
        yield {"type": "input_json_delta", "partial_json": ""}
        whole = block.get("partial_json", json.dumps(block["input"], ensure_ascii=False) if block["input"] else "")
        for wait, text in _pieces(whole, waits, dice):
            yield {"type": "input_json_delta", "partial_json": text, "wait": wait}


def _pieces(text: str, waits: Iterator[tuple[float, int]], dice: Any) -> list[tuple[float, str]]:
    """The text in the pieces of its recording, or in pieces of a few tokens."""
    out: list[tuple[float, str]] = []
    rest = tokens.pieces(text)
    while rest:
        wait, characters = next(waits, (0.0, 0))
        if characters:
            joined = "".join(rest)
            out.append((wait, joined[:characters]))
            rest = [joined[characters:]] if joined[characters:] else []
        else:
            count = dice.randint(2, 6)
            out.append((_QUICK * count, "".join(rest[:count])))
            rest = rest[count:]
    return out


def _waits(recorded: Any) -> Iterator[tuple[float, int]]:
    for milliseconds, characters in recorded or ():
        yield milliseconds / 1000, characters
