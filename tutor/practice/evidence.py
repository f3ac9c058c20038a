"""What checks look at: the exchange behind a reply, and what a learner's function did."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any

from tutor.journal import Exchange, Journal
from tutor.practice.feedback import checkable


def exchange_of(answer: Any, journal: Journal) -> Exchange:
    """The exchange an answer came from, found by request id or message id; "can't check" when the log has none.

    An answer may be a `Message` (ours or the official SDK's), an httpx response, or the JSON of either.
    """
    wanted = {text for text in _ids(answer) if isinstance(text, str)}
    match = next((each for each in reversed(list(journal)) if wanted & {each.request_id, _message_id(each)}), None)
    checkable(
        match is not None,
        "this reply is not in the log of this notebook.",
        "It came from before a restart, or from another address. Run the cell that sends the request again.",
    )
    assert match is not None
    return match


def is_reply(answer: Any) -> bool:
    """Does this look like a reply at all: something that carries the id of a request or a message?"""
    return any(isinstance(text, str) for text in _ids(answer))


def was_sent(answer: Any) -> bool:
    """Is the answer a reply, or a list of replies? A function is none, whatever it sends when the check calls it."""
    every = answer if isinstance(answer, (list, tuple)) else [answer]
    return bool(every) and all(map(is_reply, every))


def came_back(exchange: Exchange) -> str:
    """Status of a reply, and of an error its type and message."""
    error = f" `{error_of(exchange, 'type')}`: {error_of(exchange, 'message')}" if exchange.status != 200 else ""
    return f"Status {exchange.status}{error}"


def error_of(exchange: Exchange, part: str) -> str:
    """The `type` or `message` of an error reply; empty where there is none."""
    error = exchange.reply.get("error") if isinstance(exchange.reply, Mapping) else None
    return str(error.get(part, "")) if isinstance(error, Mapping) else ""


def reply_text(exchange: Exchange) -> str:
    """The text of a reply; empty for an error."""
    return text_in(exchange.reply.get("content")) if isinstance(exchange.reply, Mapping) else ""


def text_in(content: Any) -> str:
    """The text of a turn or a reply: a string, or the text blocks of a list."""
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    return "".join(str(block.get("text", "")) for block in blocks if isinstance(block, Mapping))


def kind(value: Any) -> str:
    """What a value is, in a learner's words: "a string", "a list", "nothing (`None`)"."""
    if value is None:
        return "nothing (`None`)"
    names = {str: "a string", dict: "a dictionary", list: "a list", int: "a number", float: "a number"}
    return names.get(type(value), f"a {type(value).__name__}")


@dataclass(frozen=True)
class Outcome:
    """What a learner's function returned, raised and printed."""

    value: Any = None
    error: Exception | None = None
    printed: str = ""


class Screen(io.StringIO):
    """What a learner's function prints. `shown` is the part that was flushed: a terminal shows no more than that."""

    shown = ""

    def flush(self) -> None:
        super().flush()
        self.shown = self.getvalue()


def outcome_of(function: Callable[..., Any], *arguments: Any, screen: Screen | None = None) -> Outcome:
    """Call a learner's function; what it prints is caught, what it raises is kept.

    Lists and dictionaries are handed over as copies, so that a function may change them. A check that watches the
    printing as it happens hands in a `screen` of its own.
    """
    printed = screen or Screen()
    own = [copy.deepcopy(value) if isinstance(value, (list, dict)) else value for value in arguments]
    try:
        with redirect_stdout(printed):
            return Outcome(function(*own), None, printed.getvalue())
    except SystemExit:
        return Outcome(None, RuntimeError("the function ended the program (SystemExit)"), printed.getvalue())
    except Exception as error:
        return Outcome(None, error, printed.getvalue())


def _ids(answer: Any) -> Iterator[Any]:
    if isinstance(answer, Mapping):
        yield from (answer.get("request_id"), answer.get("id"))
        return
    headers = getattr(answer, "headers", None)
    if isinstance(headers, Mapping):
        yield headers.get("request-id")
    for name in ("request_id", "_request_id", "id"):
        yield getattr(answer, name, None)


def _message_id(exchange: Exchange) -> Any:
    return exchange.reply.get("id") if isinstance(exchange.reply, Mapping) else None
