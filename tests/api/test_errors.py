"""The errors are the SDK's: same names, same tree, same fields; and their words say what to do."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import anthropic
import httpx2
import pytest

import tutor.api
from tutor.api import errors, failures

OURS = {"MissingKeyError", "IncompleteStreamError"}
REQUEST = errors.Request("POST", "http://test/v1/messages")
NAMES = sorted(name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception))


def envelope(kind: str = "some_error", message: str = "It went wrong", **details: Any) -> dict[str, Any]:
    error = {"type": kind, "message": message, **({"details": details} if details else {})}
    return {"type": "error", "error": error, "request_id": "req_1"}


def ours(status: int, body: Any, **headers: str) -> errors.APIStatusError:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    text = body if isinstance(body, str) else json.dumps(body)
    return failures.status_error(errors.Response(status, names, REQUEST), text)


def theirs(status: int, body: Any, **headers: str) -> anthropic.APIStatusError:
    request = httpx2.Request("POST", "http://test/v1/messages")
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    response = httpx2.Response(status, headers=names, request=request)
    return anthropic._error_classes.make_status_error("", body=body, response=response)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OURS])
def test_every_error_has_its_place_in_the_sdks_tree(name: str) -> None:
    def line(kind: type) -> list[str]:
        return [parent.__name__ for parent in kind.__mro__ if parent.__name__ not in OURS]

    assert line(getattr(errors, name)) == line(getattr(anthropic, name))
    assert name in tutor.api.__all__


def test_the_status_errors_of_the_sdk_are_all_here() -> None:
    table = anthropic._error_classes.ERROR_CLASSES
    assert {kind.__name__ for (_, code), kind in table.items() if code is None} <= set(NAMES)


@pytest.mark.parametrize("status", [*range(400, 600), 200, 302])
def test_a_status_is_the_same_error_as_in_the_sdk(status: int) -> None:
    assert type(ours(status, envelope())).__name__ == type(theirs(status, envelope())).__name__


@pytest.mark.parametrize(
    "code", ["ramp_limit_exceeded", "enforced_spend_limit_reached", "contract_spend_limit_reached"]
)
def test_a_code_is_the_same_error_as_in_the_sdk(code: str) -> None:
    body = envelope("rate_limit_error", error_code=code)
    mine, their = ours(429, body), theirs(429, body)
    assert type(mine).__name__ == type(their).__name__
    assert isinstance(mine, errors.RateLimitError)
    assert mine.error_code == their.error_code == code


@pytest.mark.parametrize(
    "body",
    [
        envelope(),
        envelope("rate_limit_error", "Slow down", error_code="new_code", more=[1]),
        envelope("x", "y", error_code=7),
        {"error": {"type": "forbidden", "message": "Request not allowed"}},
        {"error": "no object"},
        {"error": {"details": "no object"}},
        [],
        "no JSON",
    ],
)
def test_the_fields_are_those_of_the_sdk(body: Any) -> None:
    headers = {"request_id": "req_1", "anthropic_workspace_id": "wrkspc_1"}
    mine, their = ours(403, body, **headers), theirs(403, body, **headers)
    for field in ("status_code", "request_id", "workspace_id", "type", "error_code", "api_message", "body"):
        assert getattr(mine, field) == getattr(their, field), field
    assert mine.response.headers.get("request-id") == "req_1"
    if mine.error_code:
        assert mine.details is not None
        assert mine.details.error_code == mine.error_code


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            ours(429, envelope("rate_limit_error", "5 requests a minute allowed"), retry_after="12"),
            "429 rate_limit_error: 5 requests a minute allowed. Try again in 12 s (retry-after).",
        ),
        (
            ours(
                429, envelope("rate_limit_error", "Your limit is reached.", error_code="enforced_spend_limit_reached")
            ),
            "429 rate_limit_error: Your limit is reached. Sending it again does not help: "
            "wait for the day it names, or ask for a higher limit.",
        ),
        (
            ours(400, envelope("invalid_request_error", "max_tokens: Field required")),
            "400 invalid_request_error: max_tokens: Field required. Change the request before you send it again.",
        ),
        (
            ours(404, envelope("not_found_error", "model: claude-3-opus-20240229")),
            "404 not_found_error: model: claude-3-opus-20240229. "
            "Check the id and the address; `client.models.list()` has the ids of the models.",
        ),
        (
            ours(529, envelope("overloaded_error", "Overloaded")),
            "529 overloaded_error: Overloaded. This is not your fault. Send it again later.",
        ),
        (ours(500, ""), "500: no words came with it. This is not your fault. Send it again later."),
        (
            ours(200, envelope("overloaded_error", "Overloaded")),
            "In the stream: overloaded_error: Overloaded. What had come before it is in `partial`.",
        ),
    ],
)
def test_an_error_says_what_came_and_what_to_do(error: errors.APIStatusError, says: str) -> None:
    assert str(error) == says


@pytest.mark.parametrize(
    ("said", "there"),
    [
        (
            "messages.0.content: Input should be a valid array",
            'Your request has 2 there. A text in quotes goes there, such as "Hello". ',
        ),
        ("messages.1: Input should be an object", 'Your request has "Say hello" there. '),
        ("max_tokens: Input should be a valid integer", f'Your request has "{"9" * 59} ... there. '),
        ("messages.0.content.0.text: Input should be a valid string", ""),
        ("messages.7: Input should be an object", ""),
        ("system.text: Input should be a valid string", ""),
        ("model: Input should be a valid string", ""),
        ("max_tokens: Field required", ""),
    ],
)
def test_where_the_api_names_a_place_the_error_says_what_stands_there(said: str, there: str) -> None:
    request = {"messages": [{"role": "user", "content": 2}, "Say hello"], "max_tokens": "9" * 100, "system": "x"}
    body = json.dumps(envelope("invalid_request_error", said))
    error = failures.status_error(errors.Response(400, {}, REQUEST), body, json.dumps(request))
    assert str(error) == f"400 invalid_request_error: {said}. {there}Change the request before you send it again."


def test_a_number_of_sendings_is_said_when_there_was_more_than_one() -> None:
    error = ours(529, envelope("overloaded_error", "Overloaded"))
    error.attempts = (529, 529, 529)
    assert str(error).endswith("Send it again later. It was sent 3 times.")


@pytest.mark.parametrize("again", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_survive_the_way_out_of_a_worker(again: Any) -> None:
    error = ours(429, envelope("rate_limit_error", "Slow down"), retry_after="1")
    error.attempts = (429,)
    twin = again(error)
    assert (type(twin), str(twin), twin.status_code, twin.body) == (type(error), str(error), 429, error.body)
    late = again(errors.APITimeoutError(REQUEST))
    assert isinstance(late, errors.APITimeoutError)


def test_errors_can_be_made_as_with_the_sdk() -> None:
    response = errors.Response(429, {"retry-after": "1"}, REQUEST)
    error = errors.RateLimitError("Slow down.", response=response, body=None)
    assert (error.message, error.status_code, error.type, error.error_code) == ("Slow down.", 429, None, None)
    assert str(errors.APITimeoutError(REQUEST)) == "Request timed out."


def test_the_tree_is_drawn_as_it_is() -> None:
    drawn = errors.__doc__ or ""
    for name in NAMES:
        alias = getattr(errors, name).__name__ != name
        assert alias or name in drawn
