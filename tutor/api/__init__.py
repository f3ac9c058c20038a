"""A small client for the Claude Messages API, written to be read.

    from tutor.api import Client

Names and shapes are those of the official SDK, `anthropic`; what is added says so where it is defined. A way through:
`messages` (what comes back), `client` (one request), `retry` and `errors` (when it fails), then `sse`, `assembly` and
`stream` (when it comes in pieces).
"""

from tutor.api.client import Client
from tutor.api.errors import (
    AnthropicError,
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ClientClosedRequestError,
    ConflictError,
    ContentTooLargeError,
    ContractSpendLimitReachedError,
    DeadlineExceededError,
    EnforcedSpendLimitReachedError,
    GatewayTimeoutError,
    HTTPNotImplementedError,
    IncompleteStreamError,
    InternalServerError,
    MissingKeyError,
    NotFoundError,
    OverloadedError,
    PaymentRequiredError,
    PermissionDeniedError,
    PreconditionFailedError,
    RampLimitExceededError,
    RateLimitError,
    RequestHeaderFieldsTooLargeError,
    RequestTimeoutError,
    RequestTooLargeError,
    ServiceUnavailableError,
    UnprocessableEntityError,
)
from tutor.api.messages import Message, text_of
from tutor.api.stream import MessageStream

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AnthropicError",
    "AuthenticationError",
    "BadRequestError",
    "Client",
    "ClientClosedRequestError",
    "ConflictError",
    "ContentTooLargeError",
    "ContractSpendLimitReachedError",
    "DeadlineExceededError",
    "EnforcedSpendLimitReachedError",
    "GatewayTimeoutError",
    "HTTPNotImplementedError",
    "IncompleteStreamError",
    "InternalServerError",
    "Message",
    "MessageStream",
    "MissingKeyError",
    "NotFoundError",
    "OverloadedError",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "PreconditionFailedError",
    "RampLimitExceededError",
    "RateLimitError",
    "RequestHeaderFieldsTooLargeError",
    "RequestTimeoutError",
    "RequestTooLargeError",
    "ServiceUnavailableError",
    "UnprocessableEntityError",
    "text_of",
]
