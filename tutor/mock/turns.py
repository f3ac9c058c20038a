"""Rules about the conversation: who may speak where, what a turn holds, tools and their results, thinking sent back.

The marks of the sources are those of `rules.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import takewhile
from typing import Any

from ..models import Model
from . import binding, recordings
from .recordings import as_blocks, is_thinking

Turn = dict[str, Any]

_ANYWHERE = "; the directive-only form (content: [] with output_config) is accepted at any position"


def faults(body: dict[str, Any], model: Model, version: str) -> Iterator[str]:
    """Everything wrong with the turns, in the API's order."""
    messages: list[Turn] = body["messages"]
    yield from _system_turns(messages, model)
    yield from _empty_turns(messages)
    yield from _texts(messages, body.get("system"))
    yield from _tool_pairs(messages)
    if version != "2023-06-01":
        yield from _gone_in_2026(messages)


def _system_turns(messages: list[Turn], model: Model) -> Iterator[str]:
    """[D] where a system turn may stand; [F] which models take one."""
    for at, turn in enumerate(messages):
        if turn["role"] != "system":
            continue
        blocks = as_blocks(turn["content"])
        following = messages[at + 1]["role"] if at + 1 < len(messages) else "assistant"
        if not model.system_turns:
            yield (
                'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, '
                'not "system" as an input message role.'
            )
        if not turn["content"]:
            yield f"messages.{at}: system content must contain at least one block"
        if any(block["type"] != "text" for block in blocks):
            yield f"messages.{at}: role 'system' supports text, tool_addition, and tool_removal blocks only"
        if at == 0:
            yield f"messages.0: use the top-level 'system' parameter for the initial system prompt{_ANYWHERE}"
        if following == "user":
            yield f"messages.{at}: role 'system' must precede an 'assistant' message or end the array{_ANYWHERE}"
        if any(not block["text"].strip() for block in blocks if block["type"] == "text"):
            yield f"messages.{at}: system text blocks must contain non-whitespace text"


def _empty_turns(messages: list[Turn]) -> Iterator[str]:
    """User turns in a row are one turn, which must hold something; an assistant's may be empty. [D]"""
    for first, run in _runs(messages):
        if run[0]["role"] == "user" and not any(turn["content"] for turn in run):
            yield f"messages.{first}: user messages must have non-empty content"


def _texts(messages: list[Turn], system: Any) -> Iterator[str]:
    """[F] no empty text block, none of blanks only."""
    for at, turn in enumerate(messages):
        if turn["role"] != "system" and turn["content"] != "":
            yield from _blank("messages", f"messages.{at}.content", turn["content"])
    if system:
        yield from _blank("system", "system", system)


def _blank(where: str, path: str, content: Any) -> Iterator[str]:
    for index, block in enumerate(as_blocks(content)):
        if block["type"] == "text" and not block["text"]:
            if block.get("cache_control"):
                yield f"{path}.{index}.text: cache_control cannot be set for empty text blocks"  # [I]
            yield f"{where}: text content blocks must be non-empty"
        elif block["type"] == "text" and not block["text"].strip():
            yield f"{where}: text content blocks must contain non-whitespace text"


def _tool_pairs(messages: list[Turn]) -> Iterator[str]:
    """Each tool_use has its tool_result in the next turn, and the other way round. [I]"""
    asked: list[str] = []
    asked_at = 0
    for first, run in _runs([turn for turn in messages if turn["role"] != "system"]):
        blocks = [block for turn in run for block in as_blocks(turn["content"])]
        results = [block["tool_use_id"] for block in takewhile(_is_result, blocks)]  # what comes after text is too late
        for at, turn in enumerate(run, first):
            for index, block in enumerate(as_blocks(turn["content"])):
                if block["type"] == "tool_result" and block["tool_use_id"] not in asked:
                    yield (
                        f"messages.{at}.content.{index}: unexpected `tool_use_id` found in `tool_result` blocks: "
                        f"{block['tool_use_id']}. Each `tool_result` block must have a corresponding `tool_use` block "
                        "in the previous message."
                    )
        if open_ids := [id for id in asked if id not in results]:
            yield _unanswered(asked_at, open_ids)
        for id in dict.fromkeys(results):
            if results.count(id) > 1:
                yield (
                    f"messages.{first}.content: each tool_use must have a single result. "
                    f"Found multiple `tool_result` blocks with id: {id}"
                )
        asked = [block["id"] for block in blocks if block["type"] == "tool_use"]
        asked_at = first
    if asked:
        yield _unanswered(asked_at, asked)
    yield from _twice(messages)


def _is_result(block: Any) -> bool:
    return bool(block["type"] == "tool_result")


def _twice(messages: list[Turn]) -> Iterator[str]:
    seen: set[str] = set()
    for at, turn in enumerate(messages):
        for index, block in enumerate(as_blocks(turn["content"])):
            if block["type"] == "tool_use":
                if block["id"] in seen:
                    yield f"messages.{at}.content.{index}: `tool_use` ids must be unique"
                seen.add(block["id"])


def _unanswered(at: int, ids: list[str]) -> str:
    return (
        f"messages.{at}: `tool_use` ids were found without `tool_result` blocks immediately after: {', '.join(ids)}. "
        "Each `tool_use` block must have a corresponding `tool_result` block in the next message."
    )


def _gone_in_2026(messages: list[Turn]) -> Iterator[str]:
    """What 2026-10-21 took away besides sampling. The two rules are [F], their words [synthetic]."""
    for at, turn in enumerate(messages):
        for index, block in enumerate(as_blocks(turn["content"])):
            where = f"messages.{at}.content.{index}"
            if turn["role"] == "assistant" and block["type"] == "document":
                yield f"{where}: `document` blocks are not permitted in assistant messages"
            if turn["role"] == "user":
                inner = block["content"] if block["type"] == "search_result" else [block]
                if any(part.get("citations") for part in inner if part["type"] == "text"):
                    yield f"{where}: `citations` are not permitted in user messages"


def _runs(messages: list[Turn]) -> Iterator[tuple[int, list[Turn]]]:
    """Turns of one role in a row, with the place of the first."""
    first = 0
    for at in range(1, len(messages) + 1):
        if at == len(messages) or messages[at]["role"] != messages[first]["role"]:
            yield first, messages[first:at]
            first = at


def thinking_faults(
    body: dict[str, Any], model: Model, has_beta: bool, new_account: bool, thoughtful: Collection[str]
) -> Iterator[str]:
    """Thinking that is sent back: unaltered, and after what it was written after. [F], `_MODIFIED` [I]"""
    setting = (body.get("thinking") or {}).get("block_binding", {}).get("prefix_mismatch_behavior")
    checked = model.bound_thinking == "all" or (model.bound_thinking == "new" and (new_account or setting))
    asked = recordings.question({**body, "messages": []})
    before: list[Turn] = []
    previous: str | None = None
    latest = max((at for at, turn in enumerate(body["messages"]) if turn["role"] == "assistant"), default=-1)
    for at, turn in enumerate(body["messages"]):
        blocks = as_blocks(turn["content"])
        is_open = at == latest and body["messages"][-1]["role"] == "user"
        if is_open and not any(map(is_thinking, blocks)) and any(block.get("id") in thoughtful for block in blocks):
            yield f"messages.{at}.content.0: {_MODIFIED}"
        for index, block in enumerate(blocks):
            if block["type"] == "thinking":
                invalid = f"messages.{at}.content.{index}: Invalid `signature` in `thinking` block"
                bound = binding.read(block["signature"])
                if bound is None:
                    yield invalid
                    continue
                if not binding.same_text(bound, block["thinking"]):
                    yield f"messages.{at}.content.{index}: {_MODIFIED}" if at == latest else invalid
                if not binding.same_model(bound, model.id):  # dropped without a word, and not billed
                    continue
                digest = binding.prefix(asked, recordings.turns({"messages": [*before, _part(turn, index)]}))
                moved = digest != bound.before or not binding.follows(bound, previous)
                if checked and moved and setting != "drop_block":
                    yield invalid + _MOVED + ("" if has_beta else _NEEDS_BETA)
                previous = block["signature"]
        before.append(turn)


_MOVED = (
    ". The block is bound to a different conversation. Remove the block, or set "
    '`thinking.block_binding.prefix_mismatch_behavior` to "drop_block".'
)
_NEEDS_BETA = " That setting requires the `thinking-binding-controls-2026-08-01` value in the `anthropic-beta` header."
_MODIFIED = (
    "`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. "
    "These blocks must remain as they were in the original response."
)


def _part(turn: Turn, index: int) -> Turn:
    """The turn as it stood before its block at `index` was written."""
    return {"role": turn["role"], "content": as_blocks(turn["content"])[:index]}


def ends_in_thinking(turn: Turn) -> bool:
    """Whether the last block of a turn is thinking."""
    return is_thinking(as_blocks(turn["content"])[-1])
