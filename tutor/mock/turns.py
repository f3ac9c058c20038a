"""Rules about the conversation: who may speak where, what a turn holds, tools and their results, thinking sent back.

The marks of the sources are those of `rules.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import takewhile
from typing import Any

from ..models import Model
from . import binding, recordings
from .recordings import as_blocks, is_thinking

Turn = dict[str, Any]

_DIRECT = (None, {"type": "direct"})
_ANYWHERE = "; the directive-only form (content: [] with output_config) is accepted at any position"


def faults(body: dict[str, Any], model: Model, version: str) -> Iterator[str]:
    """Everything wrong with the turns, in the API's order."""
    messages: list[Turn] = body["messages"]
    yield from _system_turns(messages, model)
    yield from _empty_turns(messages)
    yield from _texts(messages, body.get("system"))
    yield from _tool_pairs(messages)
    yield from _server_tools(messages, [str(tool.get("name")) for tool in body.get("tools", ())])
    if version != "2023-06-01":
        yield from _gone_in_2026(messages)


def _system_turns(messages: list[Turn], model: Model) -> Iterator[str]:
    """[D] where a system turn may stand, several in a row as one; [F] which models take one."""
    for first, run in _runs(messages):
        if run[0]["role"] != "system":
            continue
        if not model.system_turns:
            yield (
                'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, '
                'not "system" as an input message role.'
            )  # [I]; another body of 2026-09 says: role 'system' is not supported on this model
        last, before = first + len(run) - 1, messages[first - 1]
        if first == 0:
            yield f"messages.0: use the top-level 'system' parameter for the initial system prompt{_ANYWHERE}"
        elif before["role"] == "assistant" and not ends_on_server(before):
            yield (
                f"messages.{first}: role 'system' must follow a 'user' message or an 'assistant' message ending in a "
                f"server tool result{_ANYWHERE}"
            )  # [I]
        if last + 1 < len(messages) and messages[last + 1]["role"] == "user":
            yield f"messages.{last}: role 'system' must precede an 'assistant' message or end the array{_ANYWHERE}"
        for at, turn in enumerate(run, first):
            blocks = as_blocks(turn["content"])
            if not turn["content"]:
                yield f"messages.{at}: system content must contain at least one block"
            if any(block["type"] != "text" for block in blocks):
                yield f"messages.{at}: role 'system' supports text, tool_addition, and tool_removal blocks only"
            if any(not block["text"].strip() for block in blocks if block["type"] == "text"):
                yield f"messages.{at}: system text blocks must contain non-whitespace text"


def _empty_turns(messages: list[Turn]) -> Iterator[str]:
    """User turns in a row are one turn, which must hold something; an assistant's may be empty. [D]

    Two facts are in dispute: a bare "" of a user (one report says it was accepted), and an empty turn of the assistant
    (bodies of 2025 refuse it in other words).
    """
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


def _server_tools(messages: list[Turn], names: list[str]) -> Iterator[str]:
    """A server tool has its result, or the turn is still open: it ends the messages, or only tool results follow it.

    [F] platform.claude.com/docs/en/build-with-claude/handling-stop-reasons, the sentence [I]; only for tools that the
    model called directly.
    """
    blocks = [block for turn in messages for block in as_blocks(turn["content"])]
    done = {block.get("tool_use_id") for block in blocks if _is_server_result(block)}
    for at, turn in enumerate(messages):
        for block in as_blocks(turn["content"]):
            if block["type"] != "server_tool_use" or block["id"] in done or block.get("caller") not in _DIRECT:
                continue
            waiting = f"messages.{at}: `{block['name']}` tool use with id `{block['id']}`"
            after = (block for later in messages[at + 1 :] for block in as_blocks(later["content"]))
            if not all(map(_is_result, after)):
                yield f"{waiting} was found without a corresponding `{block['name']}_tool_result` block"
            tool = "code_execution" if block["name"].endswith("code_execution") else block["name"]
            if tool not in names:
                yield f"{waiting} is waiting for its result, but no `{tool}` tool was provided"  # [F] the end of it


def _is_server_result(block: Mapping[str, Any]) -> bool:
    return bool(block["type"] != "tool_result" and block["type"].endswith("_tool_result"))


def ends_on_server(turn: Turn) -> bool:
    """Whether a turn stopped in the middle of the API's own tools: to go on from it is no prefill. [F], as above"""
    blocks = as_blocks(turn["content"])
    return bool(blocks) and (blocks[-1]["type"] == "server_tool_use" or _is_server_result(blocks[-1]))


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
    messages = body["messages"]
    latest = max((at for at, turn in enumerate(messages) if turn["role"] == "assistant"), default=-1)
    if messages[latest]["role"] == "assistant" and messages[-1]["role"] == "user":
        blocks = as_blocks(messages[latest]["content"])
        if not any(map(is_thinking, blocks)) and any(block.get("id") in thoughtful for block in blocks):
            yield f"messages.{latest}.content.0: {_MODIFIED}"
    for at, path, fate in _sent_back(body, model):
        invalid = f"{path}: Invalid `signature` in `thinking` block"
        if fate == "altered" and at == latest:
            yield f"{path}: {_MODIFIED}"
        elif fate in ("altered", "unknown"):
            yield invalid
        elif fate == "moved" and _checked(body, model, new_account) and _behaviour(body) != "drop_block":
            yield invalid + _MOVED + ("" if has_beta else _NEEDS_BETA)


def transformations(body: dict[str, Any], model: Model, new_account: bool) -> list[dict[str, str]]:
    """What `input_transformations` says: thinking that was left out, or let pass. [S] of `schema.py`"""
    out = []
    for _, path, fate in _sent_back(body, model):
        if fate == "other model":
            out.append({"type": "thinking_dropped", "path": path, "reason": "model_binding_mismatch"})
        elif fate == "moved" and model.bound_thinking:
            kind = "thinking_dropped" if _checked(body, model, new_account) else "thinking_mismatch_allowed"
            out.append({"type": kind, "path": path, "reason": "prefix_binding_mismatch"})
    return out


def _behaviour(body: dict[str, Any]) -> str | None:
    setting: str | None = (body.get("thinking") or {}).get("block_binding", {}).get("prefix_mismatch_behavior")
    return setting


def _checked(body: dict[str, Any], model: Model, new_account: bool) -> bool:
    asks = new_account or _behaviour(body) is not None
    return model.bound_thinking == "all" or (model.bound_thinking == "new" and asks)


def _sent_back(body: dict[str, Any], model: Model) -> Iterator[tuple[int, str, str]]:
    """Each thinking block: its turn, its path, and whether it is fine, unknown, altered, moved or of another model."""
    if not any(is_thinking(block) for turn in body["messages"] for block in as_blocks(turn["content"])):
        return
    asked = recordings.question({**body, "messages": []})
    before: list[Turn] = []
    previous: str | None = None
    for at, turn in enumerate(body["messages"]):
        blocks = as_blocks(turn["content"])
        for index, block in enumerate(blocks):
            if block["type"] != "thinking":
                continue
            path = f"messages.{at}.content.{index}"
            bound = binding.read(block["signature"])
            if bound is None:
                yield at, path, "unknown"
            elif not binding.same_text(bound, block["thinking"]):
                yield at, path, "altered"
            elif not binding.same_model(bound, model.id):  # dropped without a word, and not billed
                yield at, path, "other model"
            else:
                part = {"role": turn["role"], "content": blocks[:index]}  # the turn before this block was written
                digest = binding.prefix(asked, recordings.turns({"messages": [*before, part]}))
                moved = digest != bound.before or not binding.follows(bound, previous)
                yield at, path, "moved" if moved else "fine"
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


def ends_in_thinking(turn: Turn) -> bool:
    """Whether the last block of a turn is thinking."""
    return is_thinking(as_blocks(turn["content"])[-1])
