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
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from .. import models
from ..models import Model
from . import accepts, schema, turns
from .accepts import Asked

VERSIONS = ("2023-06-01", "2026-10-21")
BODY_LIMIT = 32 * 1024 * 1024
_DEEPEST = 200
COUNT, MESSAGES, MODELS = "/v1/messages/count_tokens", "/v1/messages", "/v1/models"

# Those the official SDK 2.11.0 lists.
BETAS = frozenset(
    """
    admin-user-sign-out-2026-10-08 advisor-tool-2026-03-01 agent-memory-2026-07-22 analytics-usage-cost-2026-08-24
    cache-diagnosis-2026-04-07 ce-claude-code-managed-settings-2026-10-06 ce-plugins-2026-09-01
    ce-user-management-2026-07-13 code-execution-2025-05-22 compact-2026-01-12 compact-2026-09-04
    computer-use-2024-10-22 computer-use-2025-01-24 computer-use-2025-11-24 context-1m-2025-08-07
    context-management-2025-06-27 dev-full-thinking-2025-05-14 dreaming-2026-04-21 experimental-claude-tag-2026-10-21
    extended-cache-ttl-2025-04-11 fallback-credit-2026-06-01 fallback-credit-2026-07-01 fast-mode-2026-02-01
    files-api-2025-04-14 inline-tools-2026-09-15 interleaved-thinking-2025-05-14 managed-agents-2026-04-01
    mcp-client-2025-04-04 mcp-client-2025-11-20 mcp-client-2026-09-15 mcp-tunnels-2026-06-22
    message-batches-2024-09-24 message-threads-2026-08-12 mid-conversation-output-config-2026-07-01
    mid-conversation-system-clear-at-2026-08-21 mid-conversation-tool-changes-2026-07-01
    model-context-window-exceeded-2025-08-26 output-128k-2025-02-19 output-300k-2026-03-24 pdfs-2024-09-25
    prompt-caching-2024-07-31 server-side-fallback-2026-06-01 server-side-fallback-2026-07-01 skills-2025-10-02
    spend-limit-reads-2026-09-26 structured-outputs-2025-11-13 task-budgets-2026-03-13
    telemetry-destinations-2026-08-11 thinking-binding-controls-2026-08-01 thinking-display-updates-2026-08-18
    thinking-token-count-2026-05-13 token-counting-2024-11-01 token-efficient-tools-2025-02-19
    user-profiles-2026-03-24 user-profiles-2026-08-18 user-profiles-2026-09-04 user-profiles-billing-2026-10-01
    webhooks-2026-10-07
    """.split()  # noqa: SIM905 - sixty strings in quotes are harder to read
)


class Refusal(NamedTuple):
    """A request the API would not take."""

    status: int
    type: str
    message: str


def invalid(message: str) -> Refusal:
    return Refusal(400, "invalid_request_error", message)


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
        unknown = [beta for beta in map(str.strip, given["anthropic-beta"].split(",")) if beta not in BETAS]
        if unknown:
            return invalid(
                f"Unexpected value(s) {', '.join(f'`{beta}`' for beta in unknown)} for the `anthropic-beta` header. "
                "Please consult our documentation at docs.claude.com or try again without the header."
            )
    return None


def parse(body: bytes) -> Any | Refusal:
    """The body as JSON, or the refusal."""
    if len(body) > BODY_LIMIT:
        return Refusal(413, "request_too_large", "Request exceeds the maximum size")  # [F], from the edge

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
    betas = frozenset(filter(None, map(str.strip, given.get("anthropic-beta", "").split(","))))
    if method == "GET":
        return Asked(path, version, betas, {})
    value = parse(body)
    if isinstance(value, Refusal):
        return value
    fault = schema.check(value, counting=path == COUNT, sampling=version == "2023-06-01")
    return invalid(fault) if fault else Asked(path, version, betas, value, len(body))


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
