"""How a message looks: as HTML in a notebook, as plain text elsewhere, both saying the same.

First what came, then one quiet line (why it stopped, tokens, dollars), then, in a notebook, the JSON, folded.
The words stand as they came: nothing in them is read as Markdown or as HTML.
"""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tutor.api.messages import Block, Message

Part = tuple[Literal["text", "note", "code"], str]

_STOPPED = {
    None: "not finished",
    "max_tokens": "max_tokens (cut at the limit)",
    "tool_use": "tool_use (waits for your tool's result)",
    "pause_turn": "pause_turn (send it back to go on)",
    "model_context_window_exceeded": "model_context_window_exceeded (cut at the end of the window)",
}
_NOT_AS_PROMISED = (AttributeError, LookupError, TypeError, ValueError)
_TAGS = {
    "text": '<p style="white-space: pre-wrap; overflow-wrap: anywhere">{}</p>',
    "note": '<p class="tutor-meta" style="white-space: pre-wrap">{}</p>',
    "code": "<p><code>{}</code></p>",
}


def plain(message: Message) -> str:
    """The message as plain text. What is not as the API promises is shown field by field."""
    try:
        return "\n".join([*(words for _, words in parts(message)), footer(message)])
    except _NOT_AS_PROMISED:
        return message._listed()


def html(message: Message) -> str:
    """The message as HTML, readable without the course's styles too."""
    try:
        words = "".join(_TAGS[kind].format(_escaped(words)) for kind, words in parts(message))
        last = footer(message)
    except _NOT_AS_PROMISED:
        words, last = _TAGS["code"].format(_escaped(message._listed())), "not as the API promises"
    folded = escape(message.to_json(), quote=False)
    return (
        '<section class="tutor tutor-panel mathjax_ignore"'  # a dollar is no formula here
        ' role="group" aria-label="Reply"><div style="display: grid; gap: 8px; grid-template-columns: minmax(0, 1fr)">'
        f'{words}<p class="tutor-meta tutor-num">{_escaped(last)}</p>'
        '<details><summary class="tutor-meta">JSON</summary>'
        f'<pre style="margin-top: 4px; white-space: pre-wrap">{folded}</pre></details>'
        "</div></section>"
    )


def parts(message: Message) -> list[Part]:
    """What there is to read, in order."""
    found = [_part(place, block, message) for place, block in enumerate(message.content)]
    if message.stop_reason == "refusal":
        found.append(("note", _refusal(message)))
    return found or [("note", "Empty: the reply has no blocks.")]


def footer(message: Message) -> str:
    """One line: `end_turn · ≈ 14 tokens in, ≈ 41 out · ≈ $0.00002`."""
    stopped = _STOPPED.get(message.stop_reason) or str(message.stop_reason)
    return " · ".join([stopped, *_tokens(message)])


def _tokens(message: Message) -> list[str]:
    """Tokens and dollars, as far as they are known."""
    usage = message.to_dict().get("usage") or {}
    if not {"input_tokens", "output_tokens"} <= usage.keys():
        return []
    kinds = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    prompt = sum(usage.get(kind) or 0 for kind in kinds)
    tokens = f"{_count(prompt, message)} tokens in, {_count(usage['output_tokens'], message)} out"
    from tutor import models

    try:
        dollars = models.bill(message.to_dict(), message.model)
    except LookupError:  # a model that is not in the course's price table
        return [tokens]
    if models.is_free(message.to_dict()):
        return [tokens, "not billed"]
    decimals = 2 if dollars >= 0.01 else -int(f"{dollars:.0e}".partition("e")[2])  # below a cent one digit that counts
    return [tokens, f"≈ ${dollars:.{decimals}f}"]


def _part(place: int, block: Block, message: Message) -> Part:
    if block.type == "text":
        return ("text", block.text) if block.text else ("note", "An empty text block.")
    if block.type == "thinking":
        return "note", _thinking(place, block.thinking, message)
    if block.type in ("tool_use", "server_tool_use"):
        return "code", f"{block.name}({json.dumps(block.input, ensure_ascii=False)})"
    return "note", f"A block of type {block.type}."


def _thinking(place: int, words: str, message: Message) -> str:
    details = (message.to_dict().get("usage") or {}).get("output_tokens_details") or {}
    spent = details.get("thinking_tokens")
    said = "Thought first" if place == 0 else "Thought again"
    if spent is not None and place == 0:
        said += f", for {_count(spent, message)} of the tokens out"
    return f"{said}: {words}" if words else f"{said}; the words are withheld."


def _refusal(message: Message) -> str:
    details = message.stop_details.to_dict() if message.stop_details else {}
    category = f" Category: {details['category']}." if details.get("category") else ""
    kept = " Discard what had come before." if message.content else ""
    return f"Refused: a safety check stopped this reply.{category} {details.get('explanation') or ''}".rstrip() + kept


def _escaped(words: str) -> str:
    return escape(words, quote=False).replace("\n", "<br>")


def _count(tokens: int, message: Message) -> str:
    return f"≈ {tokens:,}" if message.estimated else f"{tokens:,}"
