"""What the API sends back, as objects: `message.content[0].type`, `message.usage.output_tokens`.

Message
├── content: a list of blocks   TextBlock, ThinkingBlock, RedactedThinkingBlock, ToolUseBlock, ServerToolUseBlock,
│                               and Block for every other type, also for one that is new tomorrow
├── stop_reason                 "end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal"
│                               or "model_context_window_exceeded"
└── usage: Usage                tokens, as the API counted them

Fields and their names are the API's; what this client adds to a message is said at each addition.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

Json = dict[str, Any]


class ApiObject:
    """A JSON object of the API: its fields are attributes, in the order in which they came.

    `__dict__` holds the fields and nothing else; what a subclass wants to know besides goes into a slot.
    """

    def __init__(self, fields: Mapping[str, Any]) -> None:
        for name, value in fields.items():
            self.__dict__[name] = _as_object(name, value)

    def to_dict(self) -> Json:
        """The same as plain JSON: dicts, lists, strings, numbers."""
        return {name: _as_json(value) for name, value in self.__dict__.items()}

    def to_json(self, indent: int | None = 2) -> str:
        """The same as JSON text."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False)

    def _name(self) -> str:
        return type(self).__name__

    def __getitem__(self, name: str) -> Any:
        raise TypeError(f"{self._name()} is an object, not a dict: write .{name}, or .to_dict()[{name!r}].")

    def __getattr__(self, name: str) -> Any:  # called for what is not there
        has = ", ".join(self.__dict__) or "none"
        raise AttributeError(f"{self._name()} has no field {name!r}. It has: {has}.", name=name, obj=self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ApiObject) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # fields may change

    def __repr__(self) -> str:
        return self._listed()

    def _listed(self) -> str:
        shown = {k: v._listed() if isinstance(v, ApiObject) else repr(v) for k, v in self.__dict__.items()}
        return f"{type(self).__name__}({', '.join(f'{name}={value}' for name, value in shown.items())})"


class Block(ApiObject):
    """One block of a reply's content. Ask for its `type` first: what else it has depends on that."""

    type: str

    def _name(self) -> str:
        return f"A block of type {self.__dict__.get('type')!r}"


class TextBlock(Block):
    """Text that Claude wrote."""

    text: str
    citations: list[ApiObject] | None = None


class ThinkingBlock(Block):
    """Claude's thinking: empty where the words are withheld. Send it back unchanged or not at all: it is signed."""

    thinking: str
    signature: str


class RedactedThinkingBlock(Block):
    """Thinking that is encrypted as a whole."""

    data: str


class ToolUseBlock(Block):
    """Claude asks you to run one of your tools; `input` is a plain dict."""

    id: str
    name: str
    input: Json
    caller: ApiObject | None = None


class ServerToolUseBlock(ToolUseBlock):
    """Claude ran a tool on the API's side, such as web search."""


class Usage(ApiObject):
    """Tokens of one reply. The whole prompt is the three input numbers together."""

    input_tokens: int
    output_tokens: int
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation: ApiObject | None = None
    output_tokens_details: ApiObject | None = None
    server_tool_use: ApiObject | None = None
    service_tier: str | None = None
    speed: str | None = None
    inference_geo: str | None = None


class Sent(NamedTuple):
    """How a message came about: the body that was sent, the headers that came back, what each attempt met."""

    body: bytes = b"{}"
    headers: Mapping[str, str] = {}  # never written to
    attempts: tuple[int | str, ...] = ()


class Message(ApiObject):
    """A reply of Claude."""

    __slots__ = ("_sent",)

    id: str
    type: str
    role: str
    model: str
    content: list[Block]
    stop_reason: str | None = None
    stop_sequence: str | None = None
    stop_details: ApiObject | None = None
    usage: Usage
    container: ApiObject | None = None
    diagnostics: ApiObject | None = None

    def __init__(self, fields: Mapping[str, Any], sent: Sent | None = None) -> None:
        super().__init__(fields)
        self._sent = sent or Sent()

    def to_param(self) -> Json:
        """This reply as a turn of the next request: all blocks as they came."""
        return {"role": self.role, "content": list(self.content)}

    @property
    def _request_id(self) -> str | None:
        """The id of the request, for your logs and for questions to support."""
        return self._sent.headers.get("request-id")

    @property
    def text(self) -> str:
        """The text blocks, joined with nothing between. Not in the official SDK."""
        return text_of(self)

    @property
    def request(self) -> Json:
        """The body of the request as it was sent. Not in the official SDK."""
        body: Json = json.loads(self._sent.body)
        return body

    @property
    def request_id(self) -> str | None:
        """The same as `_request_id`, which is its name in the official SDK."""
        return self._request_id

    @property
    def attempts(self) -> tuple[int | str, ...]:
        """What each sending met, a status or the name of an error: `(529, 200)`. Not in the official SDK."""
        return self._sent.attempts

    @property
    def estimated(self) -> bool:
        """Whether the token counts are an estimate, as for a reply written in advance. Not in the official SDK."""
        return self._sent.headers.get("tutor-usage") == "estimated"

    def __repr__(self) -> str:
        from tutor.api import show

        return show.plain(self)

    def _repr_html_(self) -> str:
        from tutor.api import show

        return show.html(self)


def text_of(reply: Any) -> str:
    """The text of a reply: its text blocks, joined with nothing between.

    Takes a Message, a message of the official SDK, or the reply's JSON as a dict. Empty where there is no text.
    """
    content = reply["content"] if isinstance(reply, Mapping) else reply.content
    if isinstance(content, str):
        return content
    blocks = (block if isinstance(block, Mapping) else vars(block) for block in content)
    return "".join(block["text"] for block in blocks if block["type"] == "text")


def encode(body: Mapping[str, Any]) -> bytes:
    """The body of a request as JSON; blocks of earlier replies may stand in it as they are."""
    text = json.dumps(body, default=_sendable, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()


def _sendable(value: Any) -> Any:
    if value is ...:
        raise TypeError("The request still holds `...`: put a value in its place.")
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return list(value)
    raise TypeError(f"Expected JSON (dict, list, str, number, bool, None) in the request, got {type(value).__name__}.")


def _block(fields: Mapping[str, Any]) -> Block:
    return _BLOCKS.get(str(fields.get("type")), Block)(fields)


_BLOCKS: dict[str, type[Block]] = {
    "text": TextBlock,
    "thinking": ThinkingBlock,
    "redacted_thinking": RedactedThinkingBlock,
    "tool_use": ToolUseBlock,
    "server_tool_use": ServerToolUseBlock,
}
_MAKE: dict[str, Callable[[Json], Any]] = {  # by the name of the field
    "content": _block,
    "content_block": _block,
    "message": Message,
    "usage": Usage,
    "input": dict,  # what a tool is called with is yours: a plain dict
}


def _as_object(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return _MAKE.get(name, ApiObject)(value)
    if isinstance(value, list):
        return [_as_object(name, item) for item in value]
    return value


def _as_json(value: Any) -> Any:
    if isinstance(value, ApiObject):
        return value.to_dict()
    if isinstance(value, list):
        return [_as_json(item) for item in value]
    return value
