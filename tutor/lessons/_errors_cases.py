"""What the checks of lesson 05 hand to a learner's function: calls that fail in every way, and replies that end so."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tutor.practice.evidence import Outcome, outcome_of

# --- friendly: one call for each class of error -----------------------------------------------------

FIX = "change the request"
KEY = "look at the key"
ASK = "ask the person who manages the account"
WAIT = "wait, then send it again"
WAIT_OR_OTHER_MODEL = "wait, or take another model"
NETWORK = "look at the network"
CONSTANTS = (FIX, KEY, ASK, WAIT, WAIT_OR_OTHER_MODEL, NETWORK)

REPLY = "a reply"
BUG = KeyError("promt")


@dataclass(frozen=True)
class Failure:
    """One way in which a call ends: a status, or no reply at all; `usual` is the wording that most people have met."""

    name: str
    status: int | None
    type: str
    words: str
    wanted: str
    usual: bool = True


FAILURES = (
    Failure("BadRequestError, 400", 400, "invalid_request_error", "max_tokens: Field required", FIX),
    Failure("NotFoundError, 404", 404, "not_found_error", "model: claude-nobody", FIX),
    Failure("ContentTooLargeError, 413", 413, "request_too_large", "Request exceeds the maximum size", FIX),
    Failure("AuthenticationError, 401", 401, "authentication_error", "invalid x-api-key", KEY),
    Failure("PaymentRequiredError, 402", 402, "billing_error", "There is a billing problem with this account.", ASK),
    Failure("PermissionDeniedError, 403", 403, "permission_error", "Permission denied", ASK),
    Failure("RateLimitError, 429", 429, "rate_limit_error", "This request would exceed your rate limit.", WAIT),
    Failure("InternalServerError, 500", 500, "api_error", "Internal server error", WAIT),
    Failure("GatewayTimeoutError, 504", 504, "timeout_error", "The request timed out.", WAIT),
    Failure("OverloadedError, 529", 529, "overloaded_error", "Overloaded", WAIT_OR_OTHER_MODEL),
    Failure("APIConnectionError", None, "", "Connection error.", NETWORK),
    Failure("APITimeoutError", None, "timeout", "Request timed out.", NETWORK),
    Failure("AuthenticationError in other words", 401, "authentication_error", "Who are you?", KEY, False),
    Failure("RateLimitError in other words", 429, "rate_limit_error", "Overloaded with your requests", WAIT, False),
    Failure("OverloadedError in other words", 529, "overloaded_error", "Too busy", WAIT_OR_OTHER_MODEL, False),
    Failure("BadRequestError in other words", 400, "invalid_request_error", "No connection to the key", FIX, False),
)


def error_for(failure: Failure, headers: Mapping[str, str] | None = None) -> Exception:
    """The exception that the official SDK raises for it."""
    import anthropic
    import httpx2

    request = httpx2.Request("POST", "http://127.0.0.1:9/v1/messages")
    if failure.type == "timeout":
        return anthropic.APITimeoutError(request)
    if failure.status is None:
        return anthropic.APIConnectionError(message=failure.words, request=request)
    body = {"type": "error", "error": {"type": failure.type, "message": failure.words}, "request_id": "req_in_memory"}
    answered = httpx2.Response(
        failure.status, headers={"request-id": "req_in_memory", **(headers or {})}, json=body, request=request
    )
    classes = {
        400: anthropic.BadRequestError,
        401: anthropic.AuthenticationError,
        402: anthropic.PaymentRequiredError,
        403: anthropic.PermissionDeniedError,
        404: anthropic.NotFoundError,
        413: anthropic.ContentTooLargeError,
        429: anthropic.RateLimitError,
        500: anthropic.InternalServerError,
        504: anthropic.GatewayTimeoutError,
        529: anthropic.OverloadedError,
    }
    return classes[failure.status](f"Error code: {failure.status} - {body}", response=answered, body=body)


def told(function: Callable[..., Any], failure: Failure) -> Outcome:
    """What the function makes of one failure."""
    return outcome_of(function, _raising(error_for(failure)))


def fine(function: Callable[..., Any]) -> Outcome:
    """What the function makes of a call that works."""
    return outcome_of(function, lambda: REPLY)


def broken(function: Callable[..., Any]) -> Outcome:
    """What the function makes of a call with a mistake of its own in it."""
    return outcome_of(function, _raising(BUG))


def _raising(error: Exception) -> Callable[[], Any]:
    def call() -> Any:
        raise error

    return call


# --- with_retries: a call that fails some times, a sleep that only notes, a rand that is known ------


class Enough(BaseException):
    """Ends a function that tries again and again, also one that catches every `Exception`."""


MOST_TRIES = 4
STEPS = 30  # no right function makes so many


@dataclass
class Tried:
    """What a function did: "call" and the seconds of each sleep, in order."""

    steps: list[str | float] = field(default_factory=list)
    outcome: Outcome = field(default_factory=Outcome)
    endless: bool = False

    @property
    def calls(self) -> int:
        return self.steps.count("call")

    @property
    def waits(self) -> list[float]:
        return [step for step in self.steps if not isinstance(step, str)]


def status(code: int | None) -> Failure:
    """The first failure with that status."""
    return next(each for each in FAILURES if each.status == code)


def tried(
    function: Callable[..., Any],
    error: Exception,
    *,
    times: int = 99,
    chance: Callable[[], float] = lambda: 0.5,
) -> Tried:
    """Let the call fail so many times, then work; note what the function does."""
    result = Tried()

    def note(step: str | float) -> None:
        result.steps.append(step)
        if len(result.steps) > STEPS:
            result.endless = True
            raise Enough

    def call() -> Any:
        if result.endless:  # a bare `except` held `Enough` up: a reply ends most loops
            return REPLY
        note("call")
        if result.calls <= times:
            raise error
        return REPLY

    def sleep(seconds: float) -> None:
        note(float(seconds))

    with suppress(Enough):
        result.outcome = outcome_of(function, call, sleep, chance)
    return result


def own_mistake(error: Exception | None) -> Exception | None:
    """An error that did not come from the call but from the function."""
    import anthropic

    return None if isinstance(error, anthropic.APIError) else error


# --- outcome: one reply for each way to end ---------------------------------------------------------

ENDINGS = {
    "end_turn": "answer",
    "stop_sequence": "answer",
    "max_tokens": "cut",
    "model_context_window_exceeded": "cut",
    None: "cut",
    "refusal": "refused",
    "pause_turn": "go on",
    "tool_use": "run tool",
    "a_reason_of_tomorrow": "unknown",
}
DECLINED = "I'm sorry, I can't help with that. I would be glad to help with something else."


def reply_ending(reason: str | None, text: str = "The tide comes in twice a day.") -> Any:
    """A message of the official SDK with that stop reason; a refusal has no content."""
    from anthropic.types import Message, TextBlock, Usage

    content = [] if reason == "refusal" else [TextBlock.model_construct(type="text", text=text)]
    usage = Usage.model_construct(input_tokens=12, output_tokens=9)
    return Message.model_construct(
        id="msg_in_memory", type="message", role="assistant", content=content, stop_reason=reason, usage=usage
    )


# --- the plot ---------------------------------------------------------------------------------------


def crowd(function: Callable[..., Any], clients: int = 200) -> list[float]:
    """When so many clients try again, in seconds after the failure that they share; no clock runs, nothing is sent.

    `function` is a wait, as `wait(retry, rand)`, or a whole `with_retries(call, sleep, rand)`.
    """
    chance = random.Random(5)
    error = error_for(status(529))
    instants: list[float] = []
    whole = len(inspect.signature(function).parameters) == 3
    for _ in range(clients):
        now = chance.uniform(0, 0.04)  # nobody fails at quite the same moment
        if whole:
            waits = tried(function, error, chance=chance.random).waits[: MOST_TRIES - 1]
        else:
            waits = [function(retry, chance.random) for retry in range(MOST_TRIES - 1)]
        for wait in waits:
            now += wait
            instants.append(now)
    return instants
