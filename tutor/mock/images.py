"""How many tokens a picture is: one for each patch of 28 by 28 pixels, after it was scaled down to the model's limits.

Source: platform.claude.com/docs/en/build-with-claude/vision. The limits are the long edge and the number of tokens.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping
from typing import Any

PATCH = 28
LIMITS = {"high": (2576, 4784), "standard": (1568, 1568)}
_UNKNOWN = 1_600  # a picture behind an address, which is not fetched


def tokens(width: int, height: int, tier: str) -> int:
    """Tokens of a picture of that size; `tier` is the model's."""
    edge, most = LIMITS[tier]
    scale = min(1.0, edge / max(width, height, 1))
    columns = max(math.ceil(width * scale / PATCH), 1)
    rows = max(math.ceil(height * scale / PATCH), 1)
    while columns * rows > most:
        columns -= 1
        rows = max(math.ceil(height * columns / width), 1)
    return columns * rows


def estimate(block: Mapping[str, Any], tier: str) -> int:
    """Tokens of an image block."""
    source = block.get("source") or {}
    if source.get("type") != "base64":
        return _UNKNOWN
    try:
        data = base64.b64decode(source.get("data", ""))
    except (binascii.Error, ValueError):
        return _UNKNOWN
    found = size(data)
    return tokens(*found, tier) if found else _UNKNOWN


def size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, GIF, JPEG or WebP picture, or None."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if data[:4] == b"GIF8" and len(data) >= 10:
        return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    if data[:2] == b"\xff\xd8":
        return _jpeg(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) >= 30:
        return _webp(data)
    return None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    """From the frame header, past the segments before it."""
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = int.from_bytes(data[26:28], "little"), int.from_bytes(data[28:30], "little")
        return width & 0x3FFF, height & 0x3FFF
    return None
