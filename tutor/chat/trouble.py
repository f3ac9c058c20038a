"""What went wrong with a reply, in plain words: what happened, what is kept, what helps.

Decided from the status, the error's type and the stop reason alone, so that it does not matter which client was used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tutor.api.errors import IncompleteStreamError

# What a button of the tutor does. The page knows these names.
AGAIN, WRITTEN, KEY, GO_ON, REWORD, OTHER = "again", "written", "key", "go-on", "reword", "other"

LONGEST_WORDS = 300  # letters of the API's own words about an error
LONGEST_WAIT = 60  # seconds that a button is held back; who was told to wait for hours may try all the same

LABELS = {
    AGAIN: "Ask again",
    WRITTEN: "Use the answer written in advance",
    KEY: "Enter a key",
    GO_ON: "Continue",
    REWORD: "Ask in other words",
    OTHER: "Try",  # and the name of the model
}


@dataclass(frozen=True)
class Trouble:
    """A title, a sentence or two with `code` between backquotes, the words of the status line, and what helps."""

    title: str
    text: str
    status: str
    helps: tuple[str, ...] = (AGAIN,)
    wait: int = 0  # seconds before asking again makes sense

    @property
    def plain(self) -> str:
        """The same without marks."""
        return f"{self.title} {self.text}".replace("`", "")


UNANSWERED = Trouble(
    "This question got no reply.", "It is kept. Ask again when you like.", "This question got no reply."
)


STOPPED = Trouble("Stopped before the first word.", "Your question is kept.", "Stopped before the first word.")


def of_error(error: BaseException) -> Trouble:
    """The trouble behind an exception of the client."""
    status = getattr(error, "status_code", None)
    if isinstance(error, IncompleteStreamError):
        return _cut(error.partial.text if error.partial else "")
    if not isinstance(status, int):
        return _unreachable(error)
    if status in (502, 504) and _header(error, "tutor-source") == "relay":  # its own words for having got no answer
        return _unreachable(TimeoutError() if status == 504 else ConnectionError(), _message(error))
    kind = _kind(error)
    answered = f"The API answered {status}{f' `{kind}`' if kind else ''}."
    if status == 200:
        return Trouble(
            "The reply broke off.",
            f"The API sent `{kind or 'an error'}` in the middle of it. What had arrived stays.",
            "Stopped: the reply broke off.",
            (AGAIN, WRITTEN),
        )
    if status == 401:
        return Trouble(
            "The key was not accepted.",
            f"{answered} Your question is kept. It cost nothing.",
            "Stopped: the key was not accepted.",
            (KEY, WRITTEN),
        )
    if status == 403 and "budget" in _message(error).lower():
        return Trouble(
            "The budget of this notebook is spent.",
            "Nothing was sent to the API, and your question is kept. Raise `TUTOR_BUDGET`, or use written replies.",
            "Stopped: the budget is spent.",
            (WRITTEN,),
        )
    if status == 429:
        wait = _wait(error)
        when = f" Wait {wait:,} {'second' if wait == 1 else 'seconds'} first." if wait else " Wait a moment first."
        return Trouble(
            "Too many requests for now.",
            f"{answered} Your question is kept. It cost nothing.{when}",
            "Stopped: too many requests.",
            (AGAIN, WRITTEN),
            min(wait, LONGEST_WAIT),
        )
    if status == 402 or "credit" in _message(error).lower() or "spend" in _message(error).lower():
        return Trouble(
            "The account cannot pay for this call.",
            f"{answered} Your question is kept. Look at Billing on platform.claude.com.",
            "Stopped: no credit.",
            (AGAIN, WRITTEN),
        )
    if status >= 500:
        return Trouble(
            "The API is busy." if status in (503, 529) else "The API has a fault.",
            f"{answered} Your question is kept. The meter has not moved.",
            "Stopped: the API is busy." if status in (503, 529) else "Stopped: the API has a fault.",
            (AGAIN, OTHER, WRITTEN),
        )
    message = _message(error).rstrip(".")
    message = message if len(message) <= LONGEST_WORDS else f"{message[:LONGEST_WORDS]} ..."
    return Trouble(
        "The API refused the request.",
        f"{answered} Your question is kept.{f' Its words: {message}.' if message else ''}",
        "Stopped: the request was refused.",
        (AGAIN, OTHER, WRITTEN),
    )


def of_reply(ended: bool, stop_reason: str | None, ceiling: int, text: str) -> Trouble | None:
    """The trouble of a reply that came with status 200, or None: cut off, declined, or at its ceiling."""
    if not ended:
        return _cut(text)
    if stop_reason == "refusal":
        return Trouble(
            "The model declined to answer.",
            "The status is 200 and `stop_reason` is `refusal`. Your question is kept, and not sent again.",
            "Stopped: the model declined.",
            (REWORD, OTHER, WRITTEN),
        )
    if stop_reason == "max_tokens":
        return Trouble(
            "The reply reached its ceiling.",
            f"`stop_reason` is `max_tokens`: {ceiling} tokens were all it may have. What had arrived stays.",
            "Stopped: the reply reached its ceiling.",
            (GO_ON,) if text.strip() else (AGAIN,),
        )
    if stop_reason not in (None, "end_turn", "stop_sequence"):
        return Trouble(
            "The reply ended early.",
            f"`stop_reason` is `{stop_reason}`. What had arrived stays.",
            "Stopped: the reply ended early.",
            (GO_ON,) if text.strip() else (AGAIN,),
        )
    if not text.strip():
        return Trouble(
            "The reply was empty.", "It ended as usual and has no text.", "Stopped: the reply was empty.", (AGAIN,)
        )
    return None


def _cut(text: str) -> Trouble:
    return Trouble(
        "The reply was cut off.",
        "The connection closed before the last event, `message_stop`. What had arrived stays.",
        "Stopped: the reply was cut off.",
        (AGAIN, GO_ON) if text.strip() else (AGAIN, WRITTEN),
    )


def _unreachable(error: BaseException, said: str = "") -> Trouble:
    if "Timeout" in type(error).__name__:
        return Trouble(
            "No answer in time.",
            f"{said or 'The connection stood, and nothing came.'} Your question is kept.",
            "Stopped: no answer in time.",
            (AGAIN, WRITTEN),
        )
    if isinstance(error, OSError) or "Connection" in type(error).__name__:
        return Trouble(
            "No connection.",
            f"{said or 'The request did not reach the API. Is this computer online?'} Your question is kept.",
            "Stopped: no connection.",
            (AGAIN, WRITTEN),
        )
    return Trouble(
        "Something failed on our side.",
        f"`{type(error).__name__}`: {error}. Your question is kept.",
        "Stopped: an error.",
        (AGAIN,),
    )


def _body(error: BaseException) -> dict[str, Any]:
    body = getattr(error, "body", None)
    inner = body.get("error") if isinstance(body, dict) else None
    return inner if isinstance(inner, dict) else {}


def _kind(error: BaseException) -> str:
    return str(_body(error).get("type") or getattr(error, "type", "") or "")


def _message(error: BaseException) -> str:
    return str(_body(error).get("message", getattr(error, "message", "")))


def _header(error: BaseException, name: str) -> str:
    return str(getattr(getattr(error, "response", None), "headers", {}).get(name, ""))


def _wait(error: BaseException) -> int:
    try:
        return round(max(float(_header(error, "retry-after") or 0), 0))
    except (ValueError, OverflowError):  # a date, or for ever
        return 0
