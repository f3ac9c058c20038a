"""`diagnostics`: where a request differs from an earlier one, so that its prompt could not come from the cache.

A request with the field `diagnostics` leaves a fingerprint under the id of its reply; a later one that names this id in
`previous_message_id` is compared with it. How much is missed is told from lengths in bytes.
Source: platform.claude.com/docs/en/build-with-claude/cache-diagnostics. It names model, system, tools; tools come first
here, as in a prompt. How long fingerprints are kept it does not say: here the latest of them, until a restart.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any, NamedTuple

from . import ids
from .accepts import Asked
from .recordings import as_blocks

_KEPT = 1_000
_BYTES = 4  # of JSON, for a token
_SETTINGS = ("tool_choice", "thinking", "context_management", "output_config")


class _Part(NamedTuple):
    """A digest and a length in bytes."""

    digest: bytes
    length: int


class Fingerprint(NamedTuple):
    """What of a request decides about its prompt."""

    model: bytes
    tools: _Part
    system: _Part
    settings: bytes
    messages: tuple[_Part, ...]

    def length(self, since: int = 0) -> int:
        """Bytes of the messages from one on."""
        return sum(part.length for part in self.messages[since:])


def fingerprint(asked: Asked, model: str) -> Fingerprint:
    """The fingerprint of a request to a model; where its breakpoints are does not matter."""
    body = asked.body
    turns = [{**turn, "content": as_blocks(turn["content"])} for turn in body["messages"]]
    return Fingerprint(
        ids.seed(_written([model, body.get("speed") == "fast"])),
        _part(body.get("tools")),
        _part(as_blocks(body.get("system"))),
        ids.seed(_written([[body.get(field) for field in _SETTINGS], sorted(asked.betas)])),
        tuple(map(_part, turns)),
    )


def _part(value: Any) -> _Part:
    text = _written(value)
    return _Part(ids.seed(text), len(text))


def _written(value: Any) -> str:
    return json.dumps(_unmarked(value), separators=(",", ":"))


def _unmarked(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _unmarked(item) for key, item in value.items() if key != "cache_control"}
    return [_unmarked(item) for item in value] if isinstance(value, list) else value


def reason(before: Fingerprint | None, now: Fingerprint) -> dict[str, Any] | None:
    """The earliest difference in the words of the API, or None where the one continues the other."""
    if before is None:
        return {"type": "previous_message_not_found"}
    missed = before.length()
    if before.model != now.model:
        return _changed("model", missed + before.system.length + before.tools.length)
    if before.tools != now.tools:
        return _changed("tools", missed + before.system.length + before.tools.length)
    if before.system != now.system:
        return _changed("system", missed + before.system.length)
    if before.settings != now.settings:
        return {"type": "unavailable"}
    for at, part in enumerate(before.messages):
        if at == len(now.messages) or now.messages[at] != part:
            return _changed("messages", before.length(since=at))
    return None


def _changed(what: str, length: int) -> dict[str, Any]:
    return {"type": f"{what}_changed", "cache_missed_input_tokens": length // _BYTES}


class Diagnosis:
    """The fingerprints of one account, by the id of the reply."""

    def __init__(self) -> None:
        self._kept: dict[str, Fingerprint] = {}
        self._lock = threading.Lock()

    def of(self, asked: Asked, model: str, message_id: str) -> dict[str, Any] | None:
        """The field `diagnostics` of the reply `message_id`, to a request that asks for it."""
        now = fingerprint(asked, model)
        previous = asked.body["diagnostics"].get("previous_message_id")
        with self._lock:
            found = self._kept.get(previous) if previous else now
            self._kept[message_id] = now
            while len(self._kept) > _KEPT:
                del self._kept[next(iter(self._kept))]
        why = reason(found, now)
        return {"cache_miss_reason": why} if why else None
