"""Which error a status means, and what it says: what came, then what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tutor.api import errors
from tutor.api.errors import APIStatusError, Response

_BY_STATUS: dict[int, type[APIStatusError]] = {
    400: errors.BadRequestError,
    401: errors.AuthenticationError,
    402: errors.PaymentRequiredError,
    403: errors.PermissionDeniedError,
    404: errors.NotFoundError,
    408: errors.RequestTimeoutError,
    409: errors.ConflictError,
    412: errors.PreconditionFailedError,
    413: errors.ContentTooLargeError,
    422: errors.UnprocessableEntityError,
    429: errors.RateLimitError,
    431: errors.RequestHeaderFieldsTooLargeError,
    499: errors.ClientClosedRequestError,
    501: errors.HTTPNotImplementedError,
    503: errors.ServiceUnavailableError,
    504: errors.GatewayTimeoutError,
    529: errors.OverloadedError,
}
_BY_CODE: dict[tuple[int, str], type[APIStatusError]] = {
    (429, "ramp_limit_exceeded"): errors.RampLimitExceededError,
    (429, "enforced_spend_limit_reached"): errors.EnforcedSpendLimitReachedError,
    (429, "contract_spend_limit_reached"): errors.ContractSpendLimitReachedError,
}


def status_error(response: Response, body: object) -> APIStatusError:
    """The error that fits: `429 rate_limit_error: 5 requests a minute allowed. Try again in 12 s (retry-after).`

    `body` is the reply's JSON, or its text where it is not JSON. A stream can still fail after its status 200;
    then `body` is the data of the stream's `error` event.
    """
    status = response.status_code
    error = _mapping(_mapping(body).get("error"))
    code = str(_mapping(error.get("details")).get("error_code"))
    kind = _BY_CODE.get((status, code)) or _BY_STATUS.get(status)
    kind = kind or (errors.InternalServerError if status >= 500 else APIStatusError)
    what = f"{status if status >= 400 else 'In the stream:'} {error.get('type') or ''}".strip()
    said = error.get("message") or (isinstance(body, str) and " ".join(body.split())[:200]) or "no words came with it"
    return kind(f"{what}: {_sentence(str(said))} {_advice(kind, response)}", response=response, body=body)


def _advice(kind: type[APIStatusError], response: Response) -> str:
    wait = response.headers.get("retry-after", "")
    if response.status_code < 400:
        return "What had come before it is in `partial`."
    if wait and response.status_code in (429, 503, 529):
        return f"Try again in {wait} s (retry-after)." if wait.isdecimal() else f"Try again after {wait} (retry-after)."
    return kind.advice


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else text + "."


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
