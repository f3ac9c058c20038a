"""How a message is put together from the events of its stream: decisions only, nothing here waits or reads.

The order of events is message_start; for each block content_block_start, any number of content_block_delta and
content_block_stop; one or more message_delta; message_stop. A `ping` may come at any time, an `error` too, and so may
events that are new tomorrow.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable
from typing import Any

from tutor.api import failures, sse
from tutor.api.errors import APIError, APIResponseValidationError, IncompleteStreamError, Response
from tutor.api.messages import Json, Message, Sent

_NOT_NEWS = ("id", "type", "role", "content", "usage")  # come with other events, or never change
_GROWING = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}


def fold(message: Json | None, event: Json) -> Json | None:
    """The message after one more event: `functools.reduce(fold, events, None)` makes a reply of a stream.

    Everything is plain JSON. `message` is changed and given back, the event is left as it is; an event that says
    nothing about the message changes nothing. LookupError, TypeError or ValueError: the event does not fit.
    """
    kind = event["type"]
    if kind == "message_start":
        if message is not None:
            raise ValueError("a second message_start")
        start = event["message"]
        return {**start, "content": list(start["content"]), "usage": dict(start["usage"])}
    if kind in _FOLD:
        if message is None:
            raise ValueError(f"{kind} before message_start")
        _FOLD[kind](message, event)
    return message


def _start_block(message: Json, event: Json) -> None:
    if event["index"] != len(message["content"]):
        raise ValueError(f"block {event['index']} starts where block {len(message['content'])} should")
    message["content"].append(dict(event["content_block"]))


def _grow_block(message: Json, event: Json) -> None:
    block = _block(message, event)
    delta = event["delta"]
    field = _GROWING.get(delta["type"])
    if field:
        # A string with one owner grows in place in CPython; with two, a long reply costs the square of its length.
        whole, block[field] = block.get(field, ""), ""
        whole += delta[field]
        block[field] = whole
    elif delta["type"] == "signature_delta":
        block["signature"] = delta["signature"]
    elif delta["type"] == "citations_delta":
        block["citations"] = [*(block.get("citations") or ()), delta["citation"]]


def _stop_block(message: Json, event: Json) -> None:
    block = _block(message, event)
    if written := block.pop("partial_json", ""):  # a tool without arguments may write nothing at all
        block["input"] = unfinished_json(written)


def _end_message(message: Json, event: Json) -> None:
    for name, value in event["delta"].items():
        if name not in _NOT_NEWS and (value is not None or name != "container"):  # said once, it stays
            message[name] = value
    for name, count in event["usage"].items():
        if count is not None:
            message["usage"][name] = count  # a running total, so the last one counts


def _check_whole(message: Json, event: Json) -> None:
    if any("partial_json" in block for block in message["content"]):
        raise ValueError("message_stop, and a tool's input is not finished")


def _block(message: Json, event: Json) -> Json:
    index = event["index"]
    if not 0 <= index < len(message["content"]):
        raise ValueError(f"{event['type']} for block {index}, which has not started")
    block: Json = message["content"][index]
    return block


def unfinished_json(text: str) -> Any:
    """The value of JSON that may break off, as a tool's input does at `max_tokens`: what is certain of it.

    `{"city": "Oslo", "days": [1, 2], "not` gives `{"city": "Oslo", "days": [1, 2]}`. ValueError: it is not JSON.
    """
    try:
        return json.loads(text)
    except ValueError as error:
        missing, whole = "", (0, "")  # what would close the text, and the last place where it could have ended
        for mark in _MARKS.finditer(text):
            if mark[0] in "{[":
                missing = {"{": "}", "[": "]"}[mark[0]] + missing
                whole = (mark.end(), missing)
            elif mark[0] in "}]":
                missing = missing[1:]
            elif mark[0] == ",":
                whole = (mark.start(), missing)
        if not missing:
            raise error
    try:
        return json.loads(text + missing)
    except ValueError:
        end, missing = whole
        return json.loads(text[:end] + missing)


def _json(data: bytes) -> Json:
    """What `json.loads` gives, in half its time: it looks for blanks twice."""
    text = data.decode().strip()
    event, end = _DECODER.raw_decode(text)
    if end != len(text):
        raise ValueError(f"JSON and then {text[end : end + 20]!r}")
    if not isinstance(event, dict):
        raise TypeError(f"expected an object, got {type(event).__name__}")
    return event


_DECODER = json.JSONDecoder()
_MARKS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[][{},]', re.DOTALL)  # strings, whole or not; brackets; commas
_FOLD: dict[str, Callable[[Json, Json], None]] = {
    "content_block_start": _start_block,
    "content_block_delta": _grow_block,
    "content_block_stop": _stop_block,
    "message_delta": _end_message,
    "message_stop": _check_whole,
}


class Assembly:
    """A reply in the making: bytes in, checked events out, the message growing with them."""

    def __init__(self, response: Response, sent: Sent, hide: Callable[[str], str] = str) -> None:
        self.response = response
        self.sent = sent
        self.hide = hide
        self._first = b""
        self.json: Json | None = None
        self.complete = False
        self._decoder = sse.Decoder()
        self._waiting: deque[tuple[bytes, bytes]] = deque()

    @property
    def message(self) -> Message | None:
        """The message as far as it has come."""
        return None if self.json is None else Message(self.json, self.sent)

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes of the reply."""
        self._first = self._first or chunk[:200]
        self._waiting.extend(self._decoder.feed(chunk))

    def next_event(self) -> Json | None:
        """The next event, already folded into the message; None where more bytes are needed."""
        while self._waiting:
            name, data = self._waiting.popleft()
            if name == b"ping" or not data:
                continue
            try:
                event = _json(data)
                kind = event["type"]
                self.json = fold(self.json, event)
            except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
                if name != b"error":
                    raise self._unfit(data, error) from error
                kind = "error"
            if kind == "error":
                raise failures.status_error(self.response, self.hide(data.decode("utf-8", "replace")))
            if kind != "ping":
                self.complete = kind == "message_stop"
                return event
        return None

    def end(self, closed: bool = False) -> None:
        """Raises IncompleteStreamError if the reply ended, or was closed here, before the message did.

        APIResponseValidationError: it never was a stream of events, as from a wrong address.
        """
        if not self.complete:
            if self.json is None and "event-stream" not in self.response.headers.get("content-type", "event-stream"):
                raise failures.no_stream(self.response, self.hide(self._first.decode("utf-8", "replace")))
            what, then = ("was closed", "Read it to its end") if closed else ("ended", "Send the request again")
            message = f"The stream {what} before message_stop, so this is not the whole reply. {then}."
            raise IncompleteStreamError(message=message, request=self.response.request)

    def with_partial(self, error: APIError) -> APIError:
        """The same error, knowing what had come before it."""
        error.partial = self.message
        error.attempts = self.sent.attempts
        return error

    def _unfit(self, data: bytes, error: Exception) -> APIResponseValidationError:
        what = str(error) if isinstance(error, ValueError) else repr(error)
        text = self.hide(data.decode("utf-8", "replace"))
        message = f"An event of the stream does not fit: {self.hide(what)}. It was {text[:200]!r}."
        return APIResponseValidationError(self.response, text, message=message)
