"""The calls, one method each: `client.messages.create(...)`, `.stream(...)`, `.count_tokens(...)`.

Parameters are the API's own. What it takes tomorrow goes through `extra_body` and `extra_headers`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypedDict, TypeVar, Unpack, overload

from tutor.api.errors import AnthropicError
from tutor.api.messages import ApiObject, Json, Message
from tutor.api.stream import EventStream, MessageStream

if TYPE_CHECKING:
    from tutor.api.body import Body
    from tutor.api.client import Client, Timeout

MESSAGES = "/v1/messages"
SECONDS_PER_TOKEN = 3600 / 128_000  # how long a reply may take, as the official SDK reckons
LONGEST_WAIT = 600  # seconds without a byte that connections survive as a rule
NOT_GIVEN: Any = type("NotGiven", (), {"__repr__": lambda self: "NOT_GIVEN"})()

P = ParamSpec("P")
R = TypeVar("R")


class Extras(TypedDict, total=False):
    """What every call may have besides the parameters of the API."""

    extra_headers: Mapping[str, str] | None
    extra_body: Mapping[str, Any] | None
    timeout: Timeout


class CountOptions(Extras, total=False):
    """What a request to count tokens may have besides `model` and `messages`."""

    cache_control: Mapping[str, Any] | None
    output_config: Mapping[str, Any]
    speed: Literal["standard", "fast"] | None
    system: str | Iterable[Mapping[str, Any]]
    thinking: Mapping[str, Any]
    tool_choice: Mapping[str, Any]
    tools: Iterable[Mapping[str, Any]]


class Options(CountOptions, total=False):
    """What a request for a message may have besides `model`, `max_tokens` and `messages`."""

    container: str | Mapping[str, Any] | None
    diagnostics: Mapping[str, Any] | None
    inference_geo: str | None
    metadata: Mapping[str, Any]
    service_tier: Literal["auto", "standard_only"]
    stop_sequences: Sequence[str]


def takes(options: type) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Names a keyword that the API does not have, and the nearest that it has, before anything else is looked at."""

    def decorate(call: Callable[P, R]) -> Callable[P, R]:
        known = {*call.__annotations__, *options.__annotations__} - {"options", "return"}

        @functools.wraps(call)
        def checked(*args: P.args, **given: P.kwargs) -> R:
            for name in given:
                if name not in known:
                    raise TypeError(
                        f"{call.__name__}() got an unexpected keyword argument {name!r}. {_hint(name, known)}"
                    )
            try:
                return call(*args, **given)
            except AnthropicError as error:  # shown with the line that called, without the way from there to here
                raise error.with_traceback(None) from error.__cause__

        return checked

    return decorate


_ELSEWHERE = {
    "stream": "`stream()` is always a stream; leave it out.",
    "betas": 'Betas go into a header: extra_headers={"anthropic-beta": "..."}.',
    "max_tokens": "Counting writes nothing, so it has no limit; leave it out.",
}


def _hint(name: str, known: set[str]) -> str:
    if name in _ELSEWHERE:
        return _ELSEWHERE[name]
    if name in ("temperature", "top_p", "top_k"):
        return "The API has no sampling parameters since version 2026-10-21."
    from difflib import get_close_matches

    close = get_close_matches(name, sorted(known), n=1)
    return f"Did you mean {close[0]!r}?" if close else "What is new in the API goes through extra_body={...}."


class Messages:
    """Create messages, stream them, count their tokens."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @overload
    def create(
        self,
        *,
        model: str,
        max_tokens: int,
        messages: Iterable[Mapping[str, Any]],
        stream: Literal[False] = False,
        **options: Unpack[Options],
    ) -> Message: ...

    @overload
    def create(
        self,
        *,
        model: str,
        max_tokens: int,
        messages: Iterable[Mapping[str, Any]],
        stream: Literal[True],
        **options: Unpack[Options],
    ) -> EventStream: ...

    @takes(Options)
    def create(
        self,
        *,
        model: str,
        max_tokens: int,
        messages: Iterable[Mapping[str, Any]],
        stream: bool = False,
        **options: Unpack[Options],
    ) -> Message | EventStream:
        """Sends a request and waits for the whole reply; with `stream=True` gives its events as they come.

        Raises ValueError if the reply could take more than ten minutes: ask for a stream then, or give a `timeout`.
        """
        body = {"model": model, "max_tokens": max_tokens, "messages": messages, **options}
        if stream:
            return EventStream(self._client.open(MESSAGES, *_sorted({**body, "stream": True})))
        if "timeout" not in options and self._client.has_default_timeout:
            _refuse_long(max_tokens)
        return Message(*self._client.fetch(MESSAGES, *_sorted(body), needs="content"))

    @takes(Options)
    def stream(
        self,
        *,
        model: str,
        max_tokens: int,
        messages: Iterable[Mapping[str, Any]],
        **options: Unpack[Options],
    ) -> MessageStreamManager:
        """A reply as it comes: `with client.messages.stream(...) as stream: for text in stream.text_stream: ...`."""
        body = {"model": model, "max_tokens": max_tokens, "messages": messages, **options, "stream": True}
        return MessageStreamManager(lambda: self._client.open(MESSAGES, *_sorted(body)))

    @takes(CountOptions)
    def count_tokens(
        self,
        *,
        model: str,
        messages: Iterable[Mapping[str, Any]],
        **options: Unpack[CountOptions],
    ) -> TokenCount:
        """How many input tokens a request would have: `.input_tokens`. Free, and an estimate."""
        body = _sorted({"model": model, "messages": messages, **options})
        counted, _ = self._client.fetch(f"{MESSAGES}/count_tokens", *body, needs="input_tokens")
        return TokenCount(counted)


class TokenCount(ApiObject):
    """The answer of `count_tokens`."""

    input_tokens: int


class MessageStreamManager:
    """What `stream` gives back: the request goes out where its `with` block begins."""

    def __init__(self, start: Callable[[], Body]) -> None:
        self._start = start
        self._stream: MessageStream | None = None

    def __enter__(self) -> MessageStream:
        self._stream = MessageStream(self._start())
        return self._stream

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._stream:
            self._stream.close()

    def __getattr__(self, name: str) -> Any:  # called for what is not there
        raise AttributeError(
            f"The stream has not begun. Write `with client.messages.stream(...) as stream:`, then stream.{name}."
        )

    def __iter__(self) -> Iterator[Any]:
        raise TypeError("The stream has not begun. Write `with client.messages.stream(...) as stream:` first.")


def _sorted(given: Json) -> tuple[Json, Mapping[str, str] | None, Timeout]:
    """What goes into the body, what into the headers, and how long to wait."""
    body = {name: value for name, value in given.items() if name not in Extras.__annotations__}
    body.update(given.get("extra_body") or {})
    return body, given.get("extra_headers"), given.get("timeout", NOT_GIVEN)


def _refuse_long(max_tokens: int) -> None:
    if isinstance(max_tokens, int | float) and max_tokens * SECONDS_PER_TOKEN > LONGEST_WAIT:
        most = int(LONGEST_WAIT / SECONDS_PER_TOKEN)
        raise ValueError(
            f"Streaming is required for operations that may take longer than 10 minutes: max_tokens is {max_tokens:,}, "
            f"and without a stream at most {most:,} go. Use `client.messages.stream(...)`, or give a `timeout`."
        )
