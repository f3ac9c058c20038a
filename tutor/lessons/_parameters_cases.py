"""What the checks of lesson 03 hand to a learner's function: replies, a call, a client. Nothing here sends anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from tutor.api import Message, failures
from tutor.api.calls import Messages
from tutor.api.client import API_VERSION
from tutor.api.errors import Request, Response
from tutor.api.messages import Sent, encode
from tutor.mock import rules

CEILING = 32
QUESTION = "Which planets of the solar system have rings?"
RINGS = ("Jupiter, Saturn, ", "Uranus and Neptune.")


def reply(*texts: str, ended: str = "end_turn", stop: str | None = None, thinking: bool = False) -> Message:
    """A reply of these text blocks, with thinking before them or not."""
    thought = [{"type": "thinking", "thinking": "", "signature": "EqQB"}] if thinking else []
    said = [{"type": "text", "text": text} for text in texts]
    usage = {"input_tokens": 20, "output_tokens": CEILING}
    fields = {"id": "msg_case", "type": "message", "role": "assistant", "model": "claude-haiku-5-5", "usage": usage}
    return Message(fields | {"content": thought + said, "stop_reason": ended, "stop_sequence": stop})


class Asked(NamedTuple):
    """One case of `ask_in_full`: what each of the calls brings, and what the function should return."""

    name: str
    replies: tuple[Message, ...]
    texts: tuple[str, ...]
    whole: bool


def _cut(*texts: str, thinking: bool = False) -> Message:
    return reply(*texts, ended="max_tokens", thinking=thinking)


_SHORT, _RIVER = "Nairobi is the capital of Kenya.", "The Amazon flows through Peru, Colombia and Brazil."
_HALF, _MANGO = "Mangoes grow in India.", "Mangoes grow in India. They grow in Mali and Peru too."
_TALE, _LONGER = "Long ago, beside the", "Long ago, beside the river Niger, there lived a fisher who"
ASK_IN_FULL = (
    Asked("whole at once", (reply(_SHORT),), (_SHORT,), True),
    Asked("cut, then whole", (_cut(_RIVER[:32]), reply(_RIVER)), (_RIVER[:32], _RIVER), True),
    Asked("cut after a full stop", (_cut(_HALF), reply(_MANGO)), (_HALF, _MANGO), True),
    Asked("thinking only, then whole", (_cut(thinking=True), reply(_SHORT, thinking=True)), ("", _SHORT), True),
    Asked("thinking only, twice", (_cut(thinking=True), _cut(thinking=True)), ("", ""), False),
    Asked("cut twice", (_cut(_TALE), _cut(_LONGER)), (_TALE, _LONGER), False),
)


class TooMany(BaseException):
    """More calls than the exercise allows; no `except Exception` of a learner's function holds it up."""


class Call:
    """`call(max_tokens)`: brings the replies of a case in turn, and keeps the ceilings it was given."""

    def __init__(self, replies: tuple[Message, ...]) -> None:
        self.replies = replies
        self.ceilings: list[Any] = []
        self.calls = 0

    def __call__(self, max_tokens: int) -> Message:
        self.calls += 1
        if self.calls == 3:
            raise TooMany
        if self.calls > 3:  # a bare `except` held it up: a whole reply ends most loops
            return reply("Enough.")
        self.ceilings.append(max_tokens)
        return self.replies[min(self.calls, len(self.replies)) - 1]


MARKER = (
    ("END was met", reply("Dear Ms Okoro, the parcel is here.\n", ended="stop_sequence", stop="END"), True),
    ("end_turn", reply("The parcel is on its way."), False),
    ("max_tokens", _cut("The parcel left Lima on Mon"), False),
    ("another stop string", reply("First draft: ", ended="stop_sequence", stop="STOP"), False),
    ("thinking first, END was met", reply("It is here. ", ended="stop_sequence", stop="END", thinking=True), True),
    ("END came first", reply(ended="stop_sequence", stop="END"), True),
)


class OfflineClient:
    """A client that sends nothing: the rules of the stand-in judge each request, and a reply of ours comes back.

    `tried` holds what each call was given, `failed` the errors they met.
    """

    has_default_timeout = True

    def __init__(self) -> None:
        self.tried: list[dict[str, Any]] = []
        self.failed: list[Exception] = []
        self.versions: set[str] = set()
        self.messages = self

    def create(self, **given: Any) -> Any:
        """Like `client.messages.create`, errors included."""
        self.tried.append({**given, **(given.get("extra_body") or {})})
        fake: Any = self
        try:
            return Messages(fake).create(**given)
        except Exception as error:
            self.failed.append(error)
            raise

    def fetch(self, path: str, body: Any, headers: Mapping[str, str] | None, timeout: Any, needs: str) -> Any:
        """A reply as JSON and how it came about, or the error that the API would answer with."""
        given = {"x-api-key": "none", "anthropic-version": API_VERSION}
        given |= {name.lower(): value for name, value in (headers or {}).items()}
        self.versions.add(given["anthropic-version"])
        asked = rules.look("POST", path, given, encode(body), None)
        judged = asked if isinstance(asked, rules.Refusal) else rules.judge(asked)
        if isinstance(judged, rules.Refusal):
            error = {"type": "error", "error": {"type": judged.type, "message": judged.message}}
            shown = Response(judged.status, {}, Request("POST", path))
            raise failures.status_error(shown, json.dumps(error))
        return reply(*RINGS, thinking=True).to_dict(), Sent()
