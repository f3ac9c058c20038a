"""What can go wrong, as one tree. The names are those of the official SDK, except for the two marked with *.

AnthropicError
├── MissingKeyError *                   there is no key; nothing was sent
└── APIError
    ├── APIConnectionError              no reply came, or only a part of one
    │   ├── APITimeoutError
    │   └── IncompleteStreamError *     a stream ended before `message_stop`
    ├── APIResponseValidationError      a reply came that is not what the API promises
    └── APIStatusError                  the API answered with an error
        ├── BadRequestError                     400
        ├── AuthenticationError                 401
        ├── PaymentRequiredError                402
        ├── PermissionDeniedError               403
        ├── NotFoundError                       404
        ├── RequestTimeoutError                 408
        ├── ConflictError                       409
        ├── PreconditionFailedError             412
        ├── ContentTooLargeError                413
        ├── UnprocessableEntityError            422
        ├── RateLimitError                      429
        │   ├── RampLimitExceededError
        │   ├── EnforcedSpendLimitReachedError
        │   └── ContractSpendLimitReachedError
        ├── RequestHeaderFieldsTooLargeError    431
        ├── ClientClosedRequestError            499
        └── InternalServerError                 500 and every other 5xx
            ├── HTTPNotImplementedError         501
            ├── ServiceUnavailableError         503
            ├── GatewayTimeoutError             504
            └── OverloadedError                 529: catch it before InternalServerError

Catch the most special class first. Only an APIStatusError has a status; an APIConnectionError has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from tutor.api.hidden import without_credentials
from tutor.api.messages import ApiObject, Message


class Request(NamedTuple):
    """A request that was sent, without its credentials."""

    method: str
    url: str
    headers: Mapping[str, str] = {}  # never written to

    @classmethod
    def shown(cls, method: str, url: str, headers: Mapping[str, str]) -> Self:
        """A request as anybody may see it."""
        return cls(method, url, without_credentials(headers))


class Response(NamedTuple):
    """Status and headers of a reply."""

    status_code: int
    headers: Mapping[str, str]
    request: Request


class AnthropicError(Exception):
    """Anything that this client raises on its own behalf."""


class MissingKeyError(AnthropicError, TypeError):
    """There is no API key. The official SDK raises a plain TypeError here, so catch that."""


class APIError(AnthropicError):
    """A request failed. `attempts` says what each sending met, `partial` is what a stream had brought by then."""

    partial: Message | None = None
    attempts: tuple[int | str, ...] = ()

    def __init__(self, message: str, request: Request, *, body: object | None) -> None:
        super().__init__(message)
        self.message = message
        self.request = request
        self.body = body

    def __str__(self) -> str:
        return f"{self.message} It was sent {len(self.attempts)} times." if len(self.attempts) > 1 else self.message

    def __reduce__(self) -> tuple[Any, ...]:  # so that it survives the way out of a worker process
        return _again, (type(self), *self.args), self.__dict__


class APIConnectionError(APIError):
    """No reply came, or only a part of one."""

    def __init__(self, *, message: str = "Connection error.", request: Request) -> None:
        super().__init__(message, request, body=None)


class APITimeoutError(APIConnectionError):
    """No reply came in time."""

    def __init__(self, request: Request, *, message: str = "Request timed out.") -> None:
        super().__init__(message=message, request=request)


class IncompleteStreamError(APIConnectionError):
    """A stream ended before its `message_stop`; `partial` is what had come. The official SDK lets this pass."""


class APIResponseValidationError(APIError):
    """A reply came that is not what the API promises, for example from a wrong address."""

    def __init__(self, response: Response, body: object | None, *, message: str | None = None) -> None:
        super().__init__(message or "The reply is not what the API promises.", response.request, body=body)
        self.response = response
        self.status_code = response.status_code


class APIStatusError(APIError):
    """The API answered with an error. Branch on the class, on `type` or on `error_code`: the words may change."""

    advice = "Change the request before you send it again."

    def __init__(self, message: str, *, response: Response, body: object | None) -> None:
        super().__init__(message, response.request, body=body)
        error = _mapping(_mapping(body).get("error"))
        details = _mapping(error.get("details"))
        code = details.get("error_code")
        self.response = response
        self.status_code = response.status_code
        self.request_id: str | None = response.headers.get("request-id")
        self.workspace_id: str | None = response.headers.get("anthropic-workspace-id")
        self.type: str | None = error.get("type")
        self.api_message: str | None = error.get("message")
        self.details = ApiObject(details) if details else None
        self.error_code = code if isinstance(code, str) else None


class BadRequestError(APIStatusError):
    """400: the request is not right."""


class AuthenticationError(APIStatusError):
    """401: the key is missing, wrong, or no longer valid."""

    advice = "Check the key: the variable ANTHROPIC_API_KEY, or platform.claude.com/settings/keys."


class PaymentRequiredError(APIStatusError):
    """402: there is something to pay first."""

    advice = "Look at platform.claude.com/settings/billing."


class PermissionDeniedError(APIStatusError):
    """403: the key is right but may not do this."""

    advice = "Use a key that may do this, or ask the person who manages it."


class NotFoundError(APIStatusError):
    """404: no such model, file or address."""

    advice = "Check the id and the address; `client.models.list()` has the ids of the models."


class RequestTimeoutError(APIStatusError):
    """408: the request took too long to arrive."""

    advice = "Send it again."


class ConflictError(APIStatusError):
    """409: something else is being done to the same thing."""

    advice = "Send it again in a moment."


class PreconditionFailedError(APIStatusError):
    """412: a condition in the request does not hold."""


class ContentTooLargeError(APIStatusError):
    """413: the request is too big."""

    advice = "Send less: a request to Messages may have 32 MB."


RequestTooLargeError = ContentTooLargeError  # its older name


class UnprocessableEntityError(APIStatusError):
    """422: the request can be read but not be carried out."""


class RateLimitError(APIStatusError):
    """429: too many requests, or too many tokens, in a short time."""

    advice = "Wait, then send it again, and send fewer at a time."


class RampLimitExceededError(RateLimitError):
    """429, ramp_limit_exceeded: the use grew too fast."""

    advice = "Wait, then send more little by little."


class EnforcedSpendLimitReachedError(RateLimitError):
    """429, enforced_spend_limit_reached: the month's spending has reached its limit."""

    advice = "Sending it again does not help: wait for the day it names, or ask for a higher limit."


class ContractSpendLimitReachedError(RateLimitError):
    """429, contract_spend_limit_reached: the contract's spending has reached its limit."""

    advice = "Sending it again does not help: ask for a higher limit."


class RequestHeaderFieldsTooLargeError(APIStatusError):
    """431: the headers are too big."""


class ClientClosedRequestError(APIStatusError):
    """499: the client went away."""

    advice = "Send it again."


class InternalServerError(APIStatusError):
    """500, and every other status from 500 on: the fault is on the API's side."""

    advice = "This is not your fault. Send it again later."


class HTTPNotImplementedError(InternalServerError):
    """501: the API does not do this."""


class ServiceUnavailableError(InternalServerError):
    """503: the API cannot do this at the moment."""


class GatewayTimeoutError(InternalServerError):
    """504: the reply took too long."""

    advice = "Ask for a stream, or for a shorter reply."


DeadlineExceededError = GatewayTimeoutError  # its older name


class OverloadedError(InternalServerError):
    """529: the API has too much to do for everyone."""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _again(kind: type[APIError], *args: Any) -> APIError:
    return kind.__new__(kind, *args)
