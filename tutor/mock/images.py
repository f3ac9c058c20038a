"""Pictures: which the API takes, and how many tokens each is.

One token for each patch of 28 by 28 pixels, after it was scaled down to the model's long edge and number of tokens.
Source: platform.claude.com/docs/en/build-with-claude/vision; the words are those of real error bodies of 2026 [I].
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Mapping
from typing import Any

from ..models import Model

PATCH = 28
LIMITS = {"high": (2576, 4784), "standard": (1568, 1568)}
_UNKNOWN = 1_600  # a picture behind an address, which is not fetched
_MOST_BYTES = 10 * 1024 * 1024  # as base64
_MANY = 20


def faults(messages: list[dict[str, Any]], model: Model) -> Iterator[str]:
    """Everything wrong with the pictures of a request, those in tool results included."""
    found = [(path, block) for at, turn in enumerate(messages) for path, block in _media(turn, f"messages.{at}")]
    pictures = [(path, block) for path, block in found if block["type"] == "image"]
    most = 600 if model.context_window > 200_000 else 100
    if len(found) > most:
        yield f"too many images and documents: {len(pictures)} + {len(found) - len(pictures)} > {most}"
    many = len(pictures) > _MANY
    edge, where = (2000, "max allowed size for many-image requests") if many else (8000, "max allowed size")
    for path, block in pictures:
        if block["source"]["type"] == "base64":
            yield from _unfit(block, f"{path}.image.source.base64", edge, where, model)


def _media(holder: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    content = holder.get("content")
    for at, block in enumerate(content if isinstance(content, list) else ()):
        if block["type"] in ("image", "document"):
            yield f"{path}.content.{at}", block
        elif block["type"] == "tool_result":
            yield from _media(block, f"{path}.content.{at}.tool_result")


def _unfit(block: Mapping[str, Any], path: str, most: int, where: str, model: Model) -> Iterator[str]:
    data, kind = block["source"]["data"], block["source"]["media_type"]
    if len(data) > _MOST_BYTES:
        yield f"{path}: image exceeds 10 MB maximum: {len(data)} bytes > {_MOST_BYTES} bytes"
    try:
        start = base64.b64decode(data, validate=True)
    except ValueError:
        yield f"{path}.data: Invalid base64 data"
        return
    found = size(start)
    if not found:
        yield "Could not process image"
        return
    if _kind(start) != kind:
        yield f"{path}: Image does not match the provided media type {kind}"
    if max(found) > most:
        yield f"{path}.data: At least one of the image dimensions exceed {where}: {most} pixels"
    fits = [min(side, PATCH * count) for side, count in zip(found, _patches(*found, model.image), strict=True)]
    if (block.get("transformations") or {}).get("oversized_image") == "error" and tuple(fits) != found:
        size_and_fit = (
            f"{found[0]}x{found[1]} pixels exceed the model's maximum image size; {fits[0]}x{fits[1]} would fit"
        )
        yield f"{path}.data: {size_and_fit}"  # that it names both [S] of `schema.py`, the words [synthetic]


def _kind(data: bytes) -> str:
    return {b"\x89": "image/png", b"G": "image/gif", b"\xff": "image/jpeg", b"R": "image/webp"}[data[:1]]


def tokens(width: int, height: int, tier: str) -> int:
    """Tokens of a picture of that size; `tier` is the model's."""
    columns, rows = _patches(width, height, tier)
    return columns * rows


def _patches(width: int, height: int, tier: str) -> tuple[int, int]:
    """Columns and rows of patches, after scaling down."""
    edge, most = LIMITS[tier]
    scale = min(1.0, edge / max(width, height, 1))
    columns = max(math.ceil(width * scale / PATCH), 1)
    rows = max(math.ceil(height * scale / PATCH), 1)
    while columns * rows > most:
        columns -= 1
        rows = max(math.ceil(height * columns / width), 1)
    return columns, rows


def estimate(block: Mapping[str, Any], tier: str) -> int:
    """Tokens of an image block."""
    source = block.get("source") or {}
    if source.get("type") != "base64":
        return _UNKNOWN
    found = size(base64.b64decode(source["data"]))
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
