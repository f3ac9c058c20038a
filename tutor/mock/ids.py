"""Ids that look like the API's and are the same in every run: made of the request and of how often it was sent."""

from __future__ import annotations

import hashlib
import random

_LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"  # base 58: no 0, O, I, l
ORGANIZATION = "00000000-0000-4000-8000-000000000000"
WORKSPACE = "wrkspc_01" + "1" * 22


def seed(*parts: bytes | str | int) -> bytes:
    """A digest of the parts, kept apart from each other."""
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.digest()


def request_id(of: bytes) -> str:
    """Such as `req_011CYdtG53QfXyHJPATrjwxv`."""
    return "req_011C" + _letters(of, "request", 20)


def message_id(of: bytes) -> str:
    """Such as `msg_01XFDUDYJgAACzvnptvVoYEL`."""
    return "msg_01" + _letters(of, "message", 22)


def tool_use_id(of: bytes, index: int) -> str:
    """Such as `toolu_01A09q90qw90lq917835lq9q`."""
    return "toolu_01" + _letters(of, f"tool {index}", 22)


def dice(of: bytes, purpose: str) -> random.Random:
    """Random numbers that are the same in every run."""
    return random.Random(seed(of, purpose))


def _letters(of: bytes, purpose: str, count: int) -> str:
    return "".join(dice(of, purpose).choices(_LETTERS, k=count))
