"""About how many tokens a text has: one estimate for replies, prompts and `count_tokens`.

The real tokenizer is not public. These pieces come to about 1.8 for an English word with its punctuation: a million
tokens of models since 4.7 hold about 555,000 words (platform.claude.com/docs/en/about-claude/models/overview).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..models import Model
from . import binding, images
from .recordings import as_blocks, is_thinking

_PIECE = re.compile(r" ?[A-Za-z]{1,4}| ?\d{1,3}| ?[^\sA-Za-z\d]|\s+")
_REQUEST, _TURN = 4, 4
_NEWER = 1.3  # tokens of models since 4.7 for one of an older model: .../build-with-claude/token-counting
_PAGE = 2_250  # tokens of a PDF page; .../build-with-claude/pdf-support says 1,500 to 3,000


def pieces(text: str) -> list[str]:
    """The text cut where a tokenizer might cut it; joined, it is the text again."""
    return _PIECE.findall(text)


def estimate(text: str) -> int:
    """About how many tokens the text has."""
    return len(_PIECE.findall(text))


class Part(NamedTuple):
    """One block of a request in the order of a prompt: tools, system, messages; `role` is its turn's."""

    where: str
    role: str
    block: Mapping[str, Any]
    tokens: int


def prompt(request: Mapping[str, Any], model: Model) -> int:
    """About how many tokens a request has as input."""
    return sum(part.tokens for part in parts(request, model))


def parts(request: Mapping[str, Any], model: Model) -> Iterator[Part]:
    """The blocks of a request, each with about its tokens; what a turn costs besides is in its first block."""
    forced = (request.get("tool_choice") or {}).get("type") in ("any", "tool")
    besides = _REQUEST
    if form := (request.get("output_config") or {}).get("format"):
        besides += _of(json.dumps(form), model)
    if request.get("tools"):
        besides += model.tool_prompt[forced]
    for tool in request.get("tools") or ():
        yield Part("tools", "", tool, besides + _of(json.dumps(tool), model))
        besides = 0
    turns = [("system", "", request["system"])] if request.get("system") else []
    turns += [("messages", turn["role"], turn["content"]) for turn in request.get("messages") or ()]
    latest = max((at for at, (_, role, _) in enumerate(turns) if role == "assistant"), default=0)
    for at, (where, role, content) in enumerate(turns):
        besides += _TURN
        for block in as_blocks(content) or [{}]:
            forgotten = is_thinking(block) and at < latest and not model.keeps_thinking
            said = 0 if forgotten else _block(block, model)
            yield Part(where, role, block, besides + said)
            besides = 0


def _block(block: Mapping[str, Any], model: Model) -> int:
    kind = block.get("type")
    if kind in ("thinking", "redacted_thinking"):
        return binding.thinking_tokens(block, model.id)
    if kind == "image":
        return images.estimate(block, model.image)
    if kind == "document" and (block.get("source") or {}).get("type") in ("base64", "url", "file"):
        return _pages(block["source"]) * _PAGE
    if kind == "tool_result":
        inner = sum(_block(part, model) for part in as_blocks(block.get("content")))
        return estimate(str(block.get("tool_use_id"))) // 2 + inner
    return sum(_of(text, model) for text in _texts(block))


def _of(text: str, model: Model) -> int:
    count = estimate(text)
    return round(count / _NEWER) if model.tokenizer == "old" else count


def _pages(source: Mapping[str, Any]) -> int:
    """The pages of a PDF, as far as they can be seen without reading it."""
    try:
        data = base64.b64decode(source.get("data", ""))
    except ValueError:
        return 1
    return max(len(re.findall(rb"/Type\s*/Page\b", data)), 1)


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
