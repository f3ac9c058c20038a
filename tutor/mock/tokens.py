"""About how many tokens a text has: one estimate for replies, prompts and `count_tokens`.

The real tokenizer is not public. These pieces come to about 1.8 for an English word with its punctuation: a million
tokens of models since 4.7 hold about 555,000 words (platform.claude.com/docs/en/about-claude/models/overview).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..models import Model
from . import binding, images

_PIECE = re.compile(r" ?[A-Za-z]{1,4}| ?\d{1,3}| ?[^\sA-Za-z\d]|\s+")
_REQUEST, _TURN = 4, 4


def pieces(text: str) -> list[str]:
    """The text cut where a tokenizer might cut it; joined, it is the text again."""
    return _PIECE.findall(text)


def estimate(text: str) -> int:
    """About how many tokens the text has."""
    return len(_PIECE.findall(text))


def prompt(request: Mapping[str, Any], model: Model) -> int:
    """About how many tokens a request has as input."""
    total = _REQUEST
    for turn in request.get("messages") or ():
        total += _TURN + _content(turn.get("content"), model)
    if system := request.get("system"):
        total += _TURN + _content(system, model)
    if tools := request.get("tools"):
        forced = (request.get("tool_choice") or {}).get("type") in ("any", "tool")
        total += model.tool_prompt[forced] + sum(estimate(json.dumps(tool)) for tool in tools)
    if form := (request.get("output_config") or {}).get("format"):
        total += estimate(json.dumps(form))
    return total


def _content(content: Any, model: Model) -> int:
    if isinstance(content, str):
        return estimate(content)
    return sum(_block(block, model) for block in content or ())


def _block(block: Mapping[str, Any], model: Model) -> int:
    kind = block.get("type")
    if kind in ("thinking", "redacted_thinking"):
        return binding.thinking_tokens(block)
    if kind == "image":
        return images.estimate(block, model.image)
    if kind == "tool_result":
        return estimate(str(block.get("tool_use_id"))) // 2 + _content(block.get("content"), model)
    return sum(estimate(text) for text in _texts(block))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key not in ("type", "cache_control", "id", "tool_use_id", "citations", "media_type"):
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, (int, float)):
        yield str(value)
