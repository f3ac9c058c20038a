"""A reply that comes in pieces, handed out as they come: text, events, and in the end the whole message."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

from tutor.api.assembly import Assembly, fold
from tutor.api.body import Body
from tutor.api.errors import APIError, Response
from tutor.api.messages import ApiObject, Json, Message

__all__ = ["Event", "EventStream", "MessageStream", "fold"]

_NEWS = {  # by the type of the delta: the type of the helpful event, and its field
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "signature_delta": ("signature", "signature"),
    "input_json_delta": ("input_json", "partial_json"),
    "citations_delta": ("citation", "citation"),
}


class Event(ApiObject):
    """One event of a stream. Ask for its `type` first: what else it has depends on that."""

    type: str


class Growth(Event):
    """One more piece of text or thinking."""

    __slots__ = ("_block", "_end")

    def __init__(self, kind: str, piece: str, block: Json) -> None:
        super().__init__({"type": kind, kind: piece})
        self._block, self._end = block, len(block[kind])

    @property
    def snapshot(self) -> str:
        """All that had come by then, this piece included."""
        whole: str = self._block[self.type]
        return whole[: self._end]


class EventStream:
    """The events of a reply as they come: `for event in stream`. Close it, or use it in a `with` block.

    A stream that ends before `message_stop` raises IncompleteStreamError; the official SDK lets that pass.
    Several loops may share a stream, also of several threads: each goes on where the last one stopped. Reading what
    is closed raises RuntimeError; a loop that was under way when another thread closed the stream just ends.
    """

    def __init__(self, body: Body) -> None:
        self._body = body
        self._reply = Assembly(body.response, body.sent, body.hide)
        self._ready: deque[Event] = deque()  # made of one event, not yet handed out
        self._failure: APIError | None = None

    @property
    def response(self) -> Response:
        """Status and headers of the reply."""
        return self._body.response

    @property
    def request_id(self) -> str | None:
        """The id of the request, for your logs and for questions to support."""
        return self.response.headers.get("request-id")

    def close(self) -> None:
        """Ends the reply and its connection at once, also from another thread: a loop over the stream just ends."""
        self._body.close()

    def __iter__(self) -> Iterator[Event]:
        self._refuse_closed()
        return self

    def __next__(self) -> Event:
        with self._body.turn:
            if not self._ready:
                if (event := self._next()) is None:
                    raise StopIteration
                self._ready.extend(self._made_of(event))
            return self._ready.popleft()

    def _made_of(self, event: Json) -> Iterable[Event]:
        return (Event(event),)

    def _refuse_closed(self) -> None:
        if self._body.closed and not self._reply.complete:
            raise self._failure or RuntimeError("This stream is closed. Read it inside its `with` block.")

    def _next(self) -> Json | None:
        """The next event as JSON, or None at the end."""
        with self._body.turn:
            return self._read()

    def _read(self) -> Json | None:
        body, reply = self._body, self._reply
        try:
            while not reply.complete:
                if (event := reply.next_event()) is not None:
                    if reply.complete:
                        body.finish()
                    return event
                if (chunk := body.read()) is not None:
                    reply.feed(chunk)
                elif body.closed:  # by this program: nothing is wrong
                    return None
                else:
                    reply.end()
        except APIError as error:
            self._failure = reply.with_partial(error)
            self.close()
            raise
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __del__(self) -> None:
        if not sys.is_finalizing():  # closing that late can crash CPython 3.13
            self.close()


class MessageStream(EventStream):
    """A reply as it comes: `text_stream`, its events, and `get_final_message()`.

    As in the official SDK the loop over the events has more than the API sends, to save work: `text`, `thinking`,
    `signature`, `citation` and `input_json` after each piece, and the finished block or message in the stop events.
    """

    @property
    def text_stream(self) -> Iterator[str]:
        """The pieces of the text blocks as they come."""
        self._refuse_closed()
        return self._texts()

    def _texts(self) -> Iterator[str]:
        while (event := self._next()) is not None:
            if event["type"] == "content_block_delta" and event["delta"]["type"] == "text_delta":
                yield event["delta"]["text"]

    @property
    def current_message_snapshot(self) -> Message:
        """The message as far as it has come."""
        message = self._reply.message
        if message is None:
            raise RuntimeError("No message_start has come yet: read from the stream first.")
        return message

    def until_done(self) -> None:
        """Reads the stream to its end."""
        while self._next() is not None:
            pass

    def get_final_message(self) -> Message:
        """The whole message, as soon as it is there."""
        self.until_done()
        if self._failure:
            raise self._failure
        try:
            self._reply.end(closed=self._body.closed)
        except APIError as error:
            raise self._reply.with_partial(error) from None
        return self.current_message_snapshot

    def get_final_text(self) -> str:
        """The text of the whole message. Raises RuntimeError if there is no text block in it."""
        message = self.get_final_message()
        types = [block.type for block in message.content]
        if "text" not in types:
            raise RuntimeError(f"Expected a text block, got {types}. The blocks are in `get_final_message().content`.")
        return message.text

    def _made_of(self, event: Json) -> Iterable[Event]:
        """The event as the API sent it, and what the SDK makes of it."""
        kind, message = event["type"], self._reply.json or {}
        if kind == "message_stop":
            yield Event({**event, "message": message})
        elif kind == "content_block_stop":
            yield Event({**event, "content_block": message["content"][event["index"]]})
        else:
            yield Event(event)
        if kind == "content_block_delta" and event["delta"]["type"] in _NEWS:
            news, field = _NEWS[event["delta"]["type"]]
            piece = event["delta"][field]
            if news in ("text", "thinking"):
                yield Growth(news, piece, message["content"][event["index"]])
            else:
                yield Event({"type": news, field: piece})
