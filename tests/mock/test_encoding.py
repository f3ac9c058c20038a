"""Bodies in an encoding: gzip is read, the others are refused, and none of them breaks anything."""

import gzip
import json
import zlib

import pytest

from tutor.mock import rules

BODY = json.dumps(
    {
        "model": "claude-haiku-5-5",
        "max_tokens": 1000,
        "messages": [{"role": "user", "content": "Explain photosynthesis in one sentence."}],
    }
).encode()


def send(api, body, coding):
    return api.send(body, content_encoding=coding)


@pytest.mark.parametrize("coding", ["gzip", "GZIP", " gzip "])
def test_gzip_is_read(api, coding):
    assert send(api, gzip.compress(BODY), coding).headers["tutor-recording"] == "demo/photosynthesis"


def test_identity_is_no_encoding(api):
    assert send(api, BODY, "identity").status == 200


@pytest.mark.parametrize(
    ("body", "coding", "status", "code"),
    [
        (zlib.compress(BODY), "deflate", 400, "request_body_encoding_unsupported"),
        (BODY, "zstd", 400, "request_body_encoding_unsupported"),
        (BODY, "br", 400, "request_body_encoding_unsupported"),
        (BODY, "gzip", 400, "request_body_encoding_invalid"),
        (b"", "gzip", 400, "request_body_encoding_invalid"),
        (gzip.compress(BODY)[:-9], "gzip", 400, "request_body_encoding_invalid"),
        (gzip.compress(BODY) + b"more", "gzip", 400, "request_body_encoding_invalid"),
        (gzip.compress(b" " * (rules.BODY_LIMIT + 1)), "gzip", 413, "request_body_too_large_after_decoding"),
    ],
    ids=["deflate", "zstd", "br", "plain", "empty", "broken off", "too long", "a bomb"],
)
def test_what_cannot_be_read_says_so_with_a_code(api, body, coding, status, code):
    answer = send(api, body, coding)
    assert (answer.status, answer.json["error"]["details"]) == (status, {"error_code": code})
    assert answer.json["request_id"] == answer.headers["request-id"]


def test_what_is_in_it_is_judged_as_any_other(api):
    assert send(api, gzip.compress(b"{"), "gzip").error.startswith("The request body is not valid JSON")
    assert send(api, gzip.compress(b"{}"), "gzip").error == "model: Field required"


def test_a_body_of_exactly_the_limit_is_read(api):
    padded = BODY + b" " * (rules.BODY_LIMIT - len(BODY))
    assert send(api, gzip.compress(padded), "gzip").status == 200


def test_the_length_of_a_prompt_counts_as_it_is_read(api):
    long = json.dumps({**json.loads(BODY), "messages": [{"role": "user", "content": "a b " * 800_000}]}).encode()
    assert send(api, gzip.compress(long), "gzip").error.startswith("prompt is too long")
