"""Pictures are counted in patches of 28 by 28 pixels, with the examples of the documentation."""

from __future__ import annotations

import base64
import struct
import zlib

import pytest

from tutor.mock import images


@pytest.mark.parametrize(
    ("width", "height", "tier", "tokens"),
    [
        (200, 200, "high", 64),
        (1000, 1000, "high", 1296),
        (1920, 1080, "high", 2691),
        (1920, 1080, "standard", 1560),
        (1, 1, "high", 1),
        (20_000, 10, "high", 92),
    ],
)
def test_the_examples_of_the_documentation(width, height, tier, tokens):
    assert images.tokens(width, height, tier) == tokens


@pytest.mark.parametrize("tier", images.LIMITS)
def test_no_picture_is_more_than_the_limit(tier):
    for width, height in [(8000, 8000), (8000, 1), (1, 8000), (3000, 2000), (0, 0)]:
        assert 1 <= images.tokens(width, height, tier) <= images.LIMITS[tier][1]


def png(width, height):
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))


PICTURES = {
    "png": png(640, 480),
    "gif": b"GIF89a" + struct.pack("<HH", 640, 480) + b"\x00" * 10,
    "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\x00" * 10 + b"\xff\xc0\x00\x11\x08\x01\xe0\x02\x80" + b"\x00" * 10,
    "webp, extended": b"RIFF\x00\x00\x00\x00WEBPVP8X" + b"\x00" * 8 + b"\x7f\x02\x00\xdf\x01\x00",
    "webp, lossless": b"RIFF\x00\x00\x00\x00WEBPVP8L\x00\x00\x00\x00\x2f"
    + struct.pack("<I", 639 | 479 << 14)
    + b"\x00" * 9,
    "webp": b"RIFF\x00\x00\x00\x00WEBPVP8 " + b"\x00" * 10 + struct.pack("<HH", 640, 480),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_the_size_is_read_from_the_picture(kind):
    assert images.size(PICTURES[kind]) == (640, 480)


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF8", b"text", b"RIFFxxxxWEBP"])
def test_what_is_no_picture_has_no_size(data):
    assert images.size(data) is None


def test_a_picture_counts_in_a_prompt(api):
    def counted(data):
        source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(data).decode()}
        content = [{"type": "image", "source": source}, {"type": "text", "text": "What is this?"}]
        body = {"model": "claude-haiku-5-5", "messages": [{"role": "user", "content": content}]}
        return api.send(body, path="/v1/messages/count_tokens").json["input_tokens"]

    assert counted(png(1000, 1000)) - counted(png(200, 200)) == 1296 - 64


def shown(data, media_type="image/png", **fields):
    source = {"type": "base64", "media_type": media_type, "data": base64.b64encode(data).decode()}
    return {"type": "image", "source": source, **fields}


AT = "messages.0.content.0.image.source.base64"
SMALL = shown(png(10, 10))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([shown(b"not a picture")], "Could not process image"),
        ([shown(png(9, 9), "image/gif")], f"{AT}: Image does not match the provided media type image/gif"),
        (
            [shown(png(9000, 9))],
            f"{AT}.data: At least one of the image dimensions exceed max allowed size: 8000 pixels",
        ),
        (
            [shown(png(2001, 9)), *[SMALL] * 20],
            f"{AT}.data: At least one of the image dimensions exceed max allowed size for many-image requests: 2000",
        ),
        (
            [shown(png(9, 9) + bytes(8 * 1024 * 1024))],
            f"{AT}: image exceeds 10 MB maximum: 11184856 bytes > 10485760 bytes",
        ),
        ([SMALL] * 601, "too many images and documents: 601 + 0 > 600"),
        (
            [shown(png(4000, 3000), transformations={"oversized_image": "error"})],
            f"{AT}.data: 4000x3000 pixels exceed the model's maximum image size; 2",
        ),
    ],
)
def test_a_picture_the_api_does_not_take(api, content, words):
    answer = api(content)
    assert answer.status == 400
    assert answer.error.startswith(words)


def test_base64_must_be_base64(api):
    broken = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "not base64!"}}
    assert api([broken]).error == f"{AT}.data: Invalid base64 data"


@pytest.mark.parametrize(
    "content",
    [
        [shown(png(8000, 8000))],
        [shown(png(2000, 2000)), *[SMALL] * 20],
        [shown(png(1000, 1000), transformations={"oversized_image": "error"})],
        [{"type": "image", "source": {"type": "url", "url": "https://example.com/heron.png"}}],
    ],
)
def test_a_picture_the_api_takes(api, content):
    assert api(content).status == 200


def test_pictures_in_tool_results_count_and_older_models_take_a_hundred(api):
    use = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [SMALL] * 101}
    contents = (("user", "Hello"), ("assistant", [use]), ("user", [result]))
    messages = [{"role": role, "content": content} for role, content in contents]
    assert api(messages=messages).status == 200
    answer = api(messages=messages, model="claude-haiku-4-5")
    assert answer.error == "too many images and documents: 101 + 0 > 100"
