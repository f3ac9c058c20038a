"""What was asked and answered: the turns of one lesson's tutor, and the history that the API accepts of them."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from tutor.chat.policy import whole
from tutor.chat.trouble import UNANSWERED, Trouble
from tutor.settings import without_keys

State = Literal["writing", "complete", "stopped", "failed"]

HISTORY = 8_000  # tokens, about; older turns are left out of a request before it gets longer than this
MOST = 1_000  # questions of a saved conversation that are taken up again; each is drawn anew
LETTERS_PER_TOKEN = 3.5  # an estimate on the careful side, for English and code


@dataclass
class Turn:
    """One question, what was sent with it, and as much of the reply as has come."""

    id: str
    question: str
    context: tuple[str, ...] = ()
    state: State = "writing"
    text: str = ""
    source: str = ""  # who wrote the reply: written, recorded, none, live
    estimated: bool = False  # the token numbers are our own estimate
    request: dict[str, Any] = field(default_factory=dict)
    more: int = 0  # tokens, about, of the lesson, which goes along only live
    headers: dict[str, str] = field(default_factory=dict)
    events: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    usage: dict[str, Any] = field(default_factory=dict)
    stop_reason: str | None = None
    trouble: Trouble | None = None

    def came(self, seconds: float, event: dict[str, Any]) -> None:
        """Take in one event of the stream. Usage is a running total, so the last number counts."""
        self.events.append((seconds, event))
        kind = event.get("type")
        if kind == "message_start":
            self.usage |= _numbers(event["message"].get("usage"))
        elif kind == "content_block_start" and event["content_block"].get("type") == "text":
            self.text += event["content_block"].get("text", "")
        elif kind == "content_block_delta" and event["delta"].get("type") == "text_delta":
            self.text += event["delta"]["text"]
        elif kind == "message_delta":
            self.stop_reason = event["delta"].get("stop_reason") or self.stop_reason
            self.usage |= _numbers(event.get("usage"))

    @property
    def choices(self) -> list[str]:
        """Questions that the reply lists to choose from, as a stand-in without an answer names them."""
        try:
            listed = json.loads(self.headers.get("tutor-choices", "[]"))
        except (ValueError, RecursionError):
            return []
        known = isinstance(listed, list)
        return [text for text in listed if isinstance(text, str) and text.isprintable()] if known else []

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """The content of the user turn: the context first, the question last."""
        return [{"type": "text", "text": text} for text in (*self.context, self.question)]


def _numbers(usage: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (usage or {}).items() if value is not None}


class Conversation:
    """The turns of one lesson, oldest first. Safe to use from several threads."""

    def __init__(self) -> None:
        self._turns: list[Turn] = []
        self._lock = threading.RLock()

    def add(self, turn: Turn) -> None:
        """Put a new turn at the end."""
        with self._lock:
            self._turns.append(turn)

    def find(self, id: str) -> Turn | None:
        """The turn of that id, or None."""
        return next((turn for turn in self if turn.id == id), None)

    def drop(self, id: str) -> None:
        """Forget one turn, because it is asked again."""
        with self._lock:
            self._turns = [turn for turn in self._turns if turn.id != id]

    def __iter__(self) -> Iterator[Turn]:
        with self._lock:
            return iter(list(self._turns))

    def __len__(self) -> int:
        return len(self._turns)

    def messages(self, budget: int = HISTORY) -> list[dict[str, Any]]:
        """The history and the last question, as the API accepts it, the oldest turns left out beyond `budget` tokens.

        A failed turn is left out. A turn that was stopped keeps what had arrived; one stopped before its first word
        leaves only its question, merged with the next one: the API takes no empty assistant turn. Thinking blocks are
        left out of every turn, which is allowed, and means that no edit of the history can break their signatures.
        What went along with an earlier question is not sent again: the learner chooses that for each question anew.
        """
        *earlier, last = self
        kept: list[Turn] = []
        room = budget
        for turn in reversed([turn for turn in earlier if turn.state in ("complete", "stopped")]):
            room -= tokens_of(turn.question, turn.text)
            if room < 0:
                break
            kept.insert(0, turn)
        messages: list[dict[str, Any]] = []
        for turn in [*kept, last]:
            said = turn.blocks if turn is last else turn.blocks[-1:]
            if messages and messages[-1]["role"] == "user":
                messages[-1]["content"] += said
            else:
                messages.append({"role": "user", "content": said})
            if turn is not last and turn.text.strip():
                messages.append({"role": "assistant", "content": [{"type": "text", "text": turn.text}]})
        return messages

    def transcript(self, title: str) -> str:
        """The conversation as Markdown, with who wrote each reply; `load` reads it back from a comment at its end."""
        parts = [f"# Conversation with the tutor: {title}"]
        kept = [replace(turn, state=_rest(turn)) for turn in self]
        for turn in kept:
            parts.append("**You**\n\n" + "\n".join(f"> {line}" for line in turn.question.splitlines()))
            label = ", ".join(filter(None, ["Tutor", WHO.get(turn.source, ""), turn.state.replace("complete", "")]))
            words = turn.text.strip() or (turn.trouble or UNANSWERED).plain
            parts.append(f"**{label}**\n\n{words}")
        data = without_keys(json.dumps([{name: getattr(turn, name) for name in SAVED} for turn in kept]))
        parts.append(_COMMENT + data.replace("-", "\\u002d").replace(">", "\\u003e") + " -->")
        return whole(without_keys("\n\n".join(parts))) + "\n"

    def load(self, transcript: str) -> None:
        """Put the turns of a transcript in the place of what is here. Raises `ValueError` if it is none.

        Anybody may have written the file, so every field has to be of its type, and ids are given anew.
        """
        data = transcript.rpartition(_COMMENT)[2].removesuffix("\n").removesuffix(" -->")
        try:
            turns = [_saved(item) for item in json.loads(data)]
        except (ValueError, TypeError, KeyError, RecursionError, AttributeError):
            raise ValueError(
                "Expected a conversation that the tutor saved; the comment at its end is missing or was changed."
            ) from None
        if len(turns) > MOST:
            raise ValueError(f"Expected a conversation of at most {MOST} questions, got {len(turns):,}.")
        with self._lock:
            self._turns = turns


SAVED: dict[str, type | tuple[type, ...]] = {
    "question": str,
    "context": list,
    "state": str,
    "text": str,
    "source": str,
    "estimated": bool,
    "request": dict,
    "usage": dict,
    "stop_reason": (str, type(None)),
}
_COMMENT = "<!-- tutor "
WHO = {"written": "written in advance", "recorded": "recorded", "none": "written in advance", "live": "live"}


def tokens_of(*texts: str) -> int:
    """About how many tokens the texts have, rather too many than too few."""
    return round(sum(map(len, texts)) / LETTERS_PER_TOKEN)


def _saved(item: dict[str, Any]) -> Turn:
    """A turn of a transcript. Raises `TypeError`, `KeyError` or `ValueError` for what the tutor did not write."""
    for name, kind in SAVED.items():
        if not isinstance(item[name], kind):
            raise TypeError(name)
    words = [item["question"], item["text"], *item["context"], item["stop_reason"] or ""]
    if any(not isinstance(text, str) or whole(text) != text for text in words):
        raise ValueError("letters that no request can carry")
    known = item["state"] in ("complete", "stopped", "failed") and item["source"] in ("", *WHO)
    if not (known and isinstance(item["request"].get("model", ""), str)):
        raise ValueError("not as the tutor writes it")
    usage = {name: count for name, count in item["usage"].items() if isinstance(count, int) and 0 <= count < 10**9}
    fields = {name: item[name] for name in SAVED} | {"context": tuple(item["context"]), "usage": usage}
    missing = UNANSWERED if item["state"] == "failed" else None
    return Turn(id=f"saved-{secrets.token_hex(4)}", **fields, trouble=missing)


def _rest(turn: Turn) -> State:
    """The state of a turn of which no more will come."""
    if turn.state != "writing":
        return turn.state
    return "stopped" if turn.text.strip() else "failed"
