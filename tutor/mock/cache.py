"""The prompt cache: which part of a prompt was written before, and what `usage` says of it.

A breakpoint (`cache_control` on a block; the top-level field sets one on the last block) writes everything up to it, if
that is long enough for the model, and reads what an earlier request wrote there or up to 19 places before; several tool
uses or tool results in a row are one place. An entry holds 5 minutes or an hour from its last use. The order is tools,
system, messages. Model, speed, thinking, effort and output format belong to the whole prefix, `tool_choice` to the
messages.
Source: platform.claude.com/docs/en/build-with-claude/prompt-caching. Lengths are the estimates of `tokens.py`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..models import Model
from . import ids, tokens
from .recordings import as_blocks, is_thinking

_PLACES = 20
_SECONDS = {"5m": 300.0, "1h": 3600.0}


class Shares(NamedTuple):
    """The shares of a prompt that were read from the cache, and written for 5 minutes and for an hour."""

    read: float = 0.0
    written_5m: float = 0.0
    written_1h: float = 0.0


class _Place(NamedTuple):
    """The end of a block: digest of all up to it, tokens up to it, number of its place, and how long it is to hold."""

    digest: bytes
    length: int
    number: int
    holds: str | None


class Cache:
    """What one account has in the cache: each prefix, until when, and for how long at a time."""

    def __init__(self) -> None:
        self._kept: dict[bytes, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def use(self, body: Mapping[str, Any], model: Model, now: float) -> Shares:
        """Read and write what a request has marked."""
        if not _is_marked(body):
            return Shares()
        places = _places(body, model)
        marked = [place for place in places if place.holds and place.length >= model.min_cache]
        with self._lock:
            self._kept = {digest: entry for digest, entry in self._kept.items() if entry[0] > now}
            hits = [place for mark in marked if (place := self._found(places, mark))]
            for hit in hits:
                self._kept[hit.digest] = (now + self._kept[hit.digest][1], self._kept[hit.digest][1])
            done = read = max((hit.length for hit in hits), default=0)
            written = dict.fromkeys(_SECONDS, 0)
            for mark in marked:
                if mark.digest not in self._kept and mark.holds:
                    self._kept[mark.digest] = (now + _SECONDS[mark.holds], _SECONDS[mark.holds])
                    written[mark.holds] += max(mark.length - done, 0)
                    done = max(done, mark.length)
        whole = places[-1].length
        return Shares(read / whole, written["5m"] / whole, written["1h"] / whole)

    def _found(self, places: list[_Place], mark: _Place) -> _Place | None:
        """The longest entry that a look back from a breakpoint finds."""
        near = (
            one for one in reversed(places) if 0 <= mark.number - one.number < _PLACES and one.length <= mark.length
        )
        return next((one for one in near if one.digest in self._kept), None)


def _is_marked(body: Mapping[str, Any]) -> bool:
    blocks = [*body.get("tools", ()), *as_blocks(body.get("system"))]
    blocks += [block for turn in body["messages"] for block in as_blocks(turn["content"])]
    return any(block.get("cache_control") for block in (body, *blocks))


def _places(body: Mapping[str, Any], model: Model) -> list[_Place]:
    settings = [model.id, body.get("speed") == "fast", body.get("thinking"), body.get("output_config")]
    digest, length, number, before = ids.seed(json.dumps(settings, sort_keys=True)), 0, 0, ("", "")
    out: list[_Place] = []
    last = None
    for part in tokens.parts(body, model):
        if part.where == "messages" and before[0] != "messages":
            digest = ids.seed(digest, json.dumps(body.get("tool_choice"), sort_keys=True))
        mark = part.block.get("cache_control") or {}
        plain = {key: value for key, value in part.block.items() if key != "cache_control"}
        digest = ids.seed(digest, part.role, json.dumps(plain, sort_keys=True))
        length += part.tokens
        kind = str(part.block.get("type"))
        number += kind not in ("tool_use", "tool_result") or before != (part.where, kind)
        before = (part.where, kind)
        out.append(_Place(digest, length, number, mark.get("ttl", "5m") if mark else None))
        if part.block and not is_thinking(part.block):
            last = len(out) - 1
    if (top := body.get("cache_control")) and last is not None:
        out[last] = out[last]._replace(holds=out[last].holds or top.get("ttl", "5m"))
    return out
