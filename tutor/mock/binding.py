"""Signatures of thinking blocks: each one is bound to the system prompt, the tools and the turns before it.

The API says how this behaves, not how it is built (platform.claude.com/docs/en/build-with-claude/preserved-thinking).
Ours carries digests of what came before and of the thinking block before it, and the tokens that were thought.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

_KEY = b"a stand-in has no secrets"
_HEAD = bytes.fromhex("12a4010a")  # so that it begins with EqQB, as many real ones do
_FILLER = 96


class Bound(NamedTuple):
    """What a signature of ours says."""

    model: bytes
    tokens: int
    text: bytes
    before: bytes
    previous: bytes


def sign(model: str, tokens: int, text: str, before: bytes, previous: str) -> str:
    """The signature of a thinking block of `tokens`, after a prefix of digest `before` and the signature `previous`."""
    said = _digest(model)[:8] + min(tokens, 2**32 - 1).to_bytes(4, "big") + _digest(text)[:8]
    said += before + _digest(previous)[:8]
    filler = hashlib.shake_256(said).digest(_FILLER)
    return base64.b64encode(_HEAD + said + _mac(said + filler) + filler).decode()


def read(signature: str) -> Bound | None:
    """What a signature says, or None if it is not ours or was altered."""
    try:
        data = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return None
    said, mac, filler = data[4:48], data[48:64], data[64:]
    if data[:4] != _HEAD or len(filler) != _FILLER or not hmac.compare_digest(mac, _mac(said + filler)):
        return None
    return Bound(said[:8], int.from_bytes(said[8:12], "big"), said[12:20], said[20:36], said[36:44])


def same_model(bound: Bound, model: str) -> bool:
    """Whether the block was written by this model."""
    return bound.model == _digest(model)[:8]


def same_text(bound: Bound, text: str) -> bool:
    """Whether the words of the block, if it shows any, are those that were signed."""
    return bound.text == _digest(text)[:8]


def follows(bound: Bound, previous: str | None) -> bool:
    """Whether the thinking block before this one is the one that was there; leaving out all earlier ones is allowed."""
    return previous is None or bound.previous == _digest(previous)[:8]


def prefix(question: Mapping[str, Any], turns: list[dict[str, Any]]) -> bytes:
    """The digest of system, tools and turns, thinking left out."""
    before = [question.get("system"), question.get("tools"), turns]
    return _digest(json.dumps(before, sort_keys=True, separators=(",", ":")))[:16]


def thinking_tokens(block: Mapping[str, Any], model: str) -> int:
    """The tokens a replayed thinking block is billed as input; another model's is dropped, and free."""
    bound = read(str(block.get("signature", "")))
    return bound.tokens if bound and same_model(bound, model) else 0


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _mac(data: bytes) -> bytes:
    return hmac.digest(_KEY, data, "sha256")[:16]
