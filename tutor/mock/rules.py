"""What the API would refuse: status, error type and message, in the order in which it looks.

    path and method, credential, anthropic-version, anthropic-beta, size, JSON      (`headers`, `body`)
    fields and their shapes                                                         (`schema.py`)
    the model                                                                       (404)
    the conversation                                                                (`turns.py`)
    what this model accepts                                                         (`accepts.py`)

Each rule stands in one place, with where its words come from. [F] the API's documentation or a recorded error body;
[I] error bodies in public issue threads; [D] see `schema.py`; [synthetic] no real text was found, the words are ours.
"""

from __future__ import annotations

import hmac
import json
import re
import zlib
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from .. import models
from ..models import Model
from . import accepts, betas, schema, turns
from .accepts import Asked

VERSIONS = ("2023-06-01", "2026-10-21")
BODY_LIMIT = 32 * 1024 * 1024
_DEEPEST = 200
COUNT, MESSAGES, MODELS = "/v1/messages/count_tokens", "/v1/messages", "/v1/models"


class Refusal(NamedTuple):
    """A request the API would not take; `code`: the `error_code` of its details, where it has one."""

    status: int
    type: str
    message: str
    code: str = ""


def invalid(message: str, code: str = "") -> Refusal:
    return Refusal(400, "invalid_request_error", message, code)


def route(method: str, path: str) -> Refusal | None:
    """404 for an unknown path, 405 for another method."""
    is_model = path == MODELS or (path.startswith(f"{MODELS}/") and "/" not in path[len(MODELS) + 1 :])
    if path not in (MESSAGES, COUNT) and not is_model:
        return Refusal(404, "not_found_error", "Not Found")  # [I]
    if method != ("GET" if is_model else "POST"):
        return Refusal(405, "invalid_request_error", "Method Not Allowed")  # status and words [I], the type synthetic
    return None


def credential(headers: Mapping[str, str], token: str | None) -> Refusal | None:
    """401 without a credential or with a wrong one; `x-api-key` wins over `Authorization`. [F]"""
    key, bearer = headers.get("x-api-key", ""), headers.get("authorization", "")
    if not key and not bearer:
        return Refusal(401, "authentication_error", "x-api-key header is required")
    scheme, _, value = bearer.partition(" ")
    given = key or (value.strip() if scheme.lower() == "bearer" else "")
    if given and (token is None or hmac.compare_digest(given.encode(), token.encode())):
        return None
    return Refusal(401, "authentication_error", "invalid x-api-key" if key else "Invalid bearer token")


def headers(given: Mapping[str, str]) -> Refusal | None:
    """400 for a missing or unknown version or beta. [F]"""
    version = given.get("anthropic-version")
    if not version:
        return invalid("anthropic-version: header is required")
    if version not in VERSIONS:
        return invalid(f'anthropic-version: "{version}" is not a valid version')
    if "anthropic-beta" in given:
        unknown = [beta for beta in map(str.strip, given["anthropic-beta"].split(",")) if beta not in betas.KNOWN]
        if unknown:
            return invalid(
                f"Unexpected value(s) {', '.join(f'`{beta}`' for beta in unknown)} for the `anthropic-beta` header. "
                "Please consult our documentation at docs.claude.com or try again without the header."
            )
    return None


def decoded(body: bytes, given: Mapping[str, str]) -> bytes | Refusal:
    """The body as it was before its `Content-Encoding`, or the refusal.

    gzip is taken, and zstd, br and deflate are refused with this code [I]. The codes are those of the official SDK
    2.11.0, the sentences what its types say of them.
    """
    if len(body) > BODY_LIMIT:
        return Refusal(413, "request_too_large", "Request exceeds the maximum size")  # [F], from the edge
    coding = given.get("content-encoding", "").strip().lower()
    if coding in ("", "identity"):
        return body
    if coding != "gzip":
        return invalid("The request's `Content-Encoding` is not supported.", "request_body_encoding_unsupported")
    unzip = zlib.decompressobj(wbits=31)
    try:
        plain = unzip.decompress(body, BODY_LIMIT + 1)
    except zlib.error:
        plain = b""
    if len(plain) > BODY_LIMIT:
        words = "The compressed request body exceeds the request size limit once decoded."
        return Refusal(413, "request_too_large", words, "request_body_too_large_after_decoding")
    if not unzip.eof or unzip.unused_data:
        words = "The request body is not valid for its `Content-Encoding`."
        return invalid(words, "request_body_encoding_invalid")
    return plain


def parse(body: bytes) -> Any | Refusal:
    """The body as JSON, or the refusal."""

    def constant(word: str) -> None:
        raise ValueError(f"unexpected {word}")

    try:
        text = body.decode("utf-8")
        value = json.loads(text, parse_constant=constant)
    except json.JSONDecodeError as error:
        control = error.msg.startswith("Invalid control character")
        words = "unexpected control character in string" if control else "unexpected character"  # [I]
        return _not_json(f"{words}: line {error.lineno} column {error.colno} (char {error.pos})")
    except (ValueError, RecursionError):  # not UTF-8, a constant such as NaN, too deep
        return _not_json("unexpected character: line 1 column 1 (char 0)")
    if _is_deep(value):
        return _not_json("nested too deeply")  # [synthetic]: where the API stops is not known
    half = re.search(r"\\u[dD][89a-fA-F]", text)
    if half and not _writable(value):
        return _not_json(f"no low surrogate in string: line 1 column {half.start() + 1} (char {half.start()})")  # [I]
    return value


def _is_deep(value: Any) -> bool:
    level, depth = [value], 0
    while level and depth < _DEEPEST:
        lists = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, (dict, list))]
        level, depth = [inner for one in lists for inner in one], depth + 1
    return bool(level)


def _writable(value: Any) -> bool:
    """Whether it can be written as UTF-8 again: half of a pair of surrogates cannot."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _not_json(words: str) -> Refusal:
    return invalid(f"The request body is not valid JSON: {words}")


def look(method: str, path: str, given: Mapping[str, str], body: bytes, token: str | None) -> Asked | Refusal:
    """Everything that can be said before the model is known."""
    refusal = route(method, path) or credential(given, token) or headers(given)
    if refusal:
        return refusal
    version = given["anthropic-version"]
    chosen = frozenset(filter(None, map(str.strip, given.get("anthropic-beta", "").split(","))))
    if method == "GET":
        return Asked(path, version, chosen, {})
    read = decoded(body, given)
    value = read if isinstance(read, Refusal) else parse(read)
    if isinstance(read, Refusal) or isinstance(value, Refusal):
        return value
    fault = schema.check(value, counting=path == COUNT, sampling=version == "2023-06-01", more=betas.fields(chosen))
    return invalid(fault) if fault else Asked(path, version, chosen, betas.plain(value), len(read))


def judge(asked: Asked, *, new_account: bool = True, thoughtful: Collection[str] = ()) -> Refusal | Model:
    """The model of a request that is in order, or why it is refused.

    `new_account`: replayed thinking must stand where it was written. `thoughtful`: tool uses that followed thinking.
    """
    model = models.find(asked.body["model"])
    if model is None:
        return Refusal(404, "not_found_error", f"model: {asked.body['model']}")  # [F] for unknown and for retired ids
    fault = next(faults(asked, model, new_account, thoughtful), None)
    return invalid(fault) if fault else model


def faults(asked: Asked, model: Model, new_account: bool, thoughtful: Collection[str]) -> Iterator[str]:
    """Everything wrong with a request whose fields are in order; the API names the first."""
    yield from turns.faults(asked.body, model, asked.version)
    for rule in accepts.RULES:
        if fault := rule(asked, model):
            yield fault
    yield from turns.thinking_faults(asked.body, model, accepts.BINDING_BETA in asked.betas, new_account, thoughtful)
