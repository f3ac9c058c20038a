"""What went wrong, in words: which error it is, what came, and what to do next."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tutor.api import errors
from tutor.api.errors import APIStatusError, Request, Response

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

_PLACE = re.compile(r"([\w.]+): Input should be ")
_LONGEST_VALUE = 60  # characters


def status_error(response: Response, text: str, sent: str = "") -> APIStatusError:
    """The error for a status: `429 rate_limit_error: 5 requests a minute allowed. Try again in 12 s (retry-after).`

    A stream can still fail after its status 200: then the text is the data of its `error` event. `sent` is the JSON of
    the request: where the API names a place in it, the error says what stands there.
    """
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = text
    status = response.status_code
    error = _mapping(_mapping(body).get("error"))
    code = str(_mapping(error.get("details")).get("error_code"))
    kind = _BY_CODE.get((status, code)) or _BY_STATUS.get(status)
    kind = kind or (errors.InternalServerError if status >= 500 else APIStatusError)
    came = f"{status if status >= 300 else 'In the stream:'} {error.get('type') or ''}".strip().rstrip(":")
    said = str(error.get("message") or " ".join(text.split())[:200] or "no words came with it")
    stop = "" if said.endswith((".", "!", "?")) else "."
    words = [f"{came}: {said}{stop}", _stands_there(said, sent), _advice(kind, response)]
    return kind(" ".join(filter(None, words)), response=response, body=body)


def lost_reply(request: Request, reason: str, *, late: bool, begun: bool) -> errors.APIConnectionError:
    """The error for a reply that did not come, or that broke off; `late`: because its time was over."""
    place = "/".join(request.url.split("/")[:3])
    if late:
        what = "Nothing more came from" if begun else "No reply from"
        message = f"{what} {place} in time ({reason}). Send the request again, or give a longer `timeout`."
        return errors.APITimeoutError(request, message=message)
    if begun:
        message = f"The stream from {place} broke off before message_stop ({reason}). Send the request again."
        return errors.IncompleteStreamError(message=message, request=request)
    message = f"No reply from {place} ({reason}). Check the network, the proxy and base_url."
    return errors.APIConnectionError(message=message, request=request)


def unexpected_reply(response: Response, text: str, needs: str) -> errors.APIResponseValidationError:
    """The error for a reply with a good status that is none of the API's, as from a wrong address."""
    message = f"Expected a JSON object with {needs!r}, got {text[:80]!r}. Check base_url."
    return errors.APIResponseValidationError(response, text, message=message)


def no_stream(response: Response, text: str) -> errors.APIResponseValidationError:
    """The error for a reply that was to be a stream and is none."""
    kind = response.headers.get("content-type")
    message = f"Expected a stream of events, got {kind}: {text[:80]!r}. Check base_url."
    return errors.APIResponseValidationError(response, text, message=message)


def _stands_there(said: str, sent: str) -> str:
    """`Your request has 2 there.`; empty where the API names no place, or one that is not in the request."""
    named = _PLACE.match(said)
    if not named:
        return ""
    try:
        value = json.loads(sent)
        for step in named[1].split("."):
            value = value[int(step) if isinstance(value, list) else step]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
    words = json.dumps(value, ensure_ascii=False)
    words = words if len(words) <= _LONGEST_VALUE else f"{words[:_LONGEST_VALUE]} ..."
    plainly = not isinstance(value, str | list) and named[1].endswith("content")
    return f"Your request has {words} there." + ' A text in quotes goes there, such as "Hello".' * plainly


def _advice(kind: type[APIStatusError], response: Response) -> str:
    wait = response.headers.get("retry-after", "")
    if response.status_code < 300:
        return "What had come before it is in `partial`."
    if response.status_code < 400:
        return "Check base_url: it points to somewhere else, and this client does not follow."
    if wait and response.status_code in (429, 503, 529):
        return f"Try again in {wait} s (retry-after)." if wait.isdecimal() else f"Try again after {wait} (retry-after)."
    return kind.advice


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
