"""Recordings: load them from YAML, find the one that answers a request, and the closest ones where none does.

Two requests ask the same question when they are equal but for what does not change the question: `stream`,
`max_tokens`, `stop_sequences`, `metadata`, `service_tier`, `cache_control`, `diagnostics`, `speed`, `inference_geo`,
sampling, thinking sent back, and how the same content may be written (a string is one text block; two turns of one
role in a row are one).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "recordings"

NOT_THE_QUESTION = {
    "stream", "max_tokens", "stop_sequences", "metadata", "service_tier", "cache_control",
    "temperature", "top_p", "top_k", "diagnostics", "speed", "inference_geo",
}  # fmt: skip
_SECRET = re.compile(r"sk-ant-")
_WORD = re.compile(r"\w+")


class RecordingError(ValueError):
    """A recording that cannot be used; the message names the file and what to change."""


@dataclass(frozen=True)
class Recording:
    """One exchange: a request and its replies, the first call's first; the last one repeats."""

    name: str
    request: dict[str, Any]
    replies: tuple[dict[str, Any], ...]
    kind: str
    model: str

    @property
    def asked(self) -> str:
        """The last words of the user, for lists of what may be asked."""
        return last_question(self.request)


def question(body: Mapping[str, Any]) -> dict[str, Any]:
    """The request without what does not change the question, in one way of writing."""
    kept = {key: _plain(value) for key, value in body.items() if key not in NOT_THE_QUESTION}
    if isinstance(kept.get("system"), str):
        kept["system"] = [{"type": "text", "text": kept["system"]}]
    kept["messages"] = turns(body)
    return kept


def turns(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The turns in one way of writing: content as blocks, no thinking, turns of one role joined."""
    joined: list[dict[str, Any]] = []
    for turn in body.get("messages") or ():
        blocks = [block for block in map(_plain, as_blocks(turn["content"])) if not is_thinking(block)]
        if joined and joined[-1]["role"] == turn["role"]:
            joined[-1]["content"] += blocks
        else:
            joined.append({"role": turn["role"], "content": blocks})
    return joined


def as_blocks(content: Any) -> list[Any]:
    """Content as a list of blocks."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content or ())


def is_thinking(block: Any) -> bool:
    """Whether a block is thinking, readable or not."""
    return isinstance(block, dict) and block.get("type") in ("thinking", "redacted_thinking")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _plain(item)
            for key, item in value.items()
            if item is not None and key not in ("cache_control", "caller")
        }
    return [_plain(item) for item in value] if isinstance(value, list) else value


def fingerprint(asked: Mapping[str, Any]) -> str:
    """A short name for a question, the same for equal questions."""
    text = json.dumps(asked, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def last_question(body: Mapping[str, Any]) -> str:
    """The text of the last user turn."""
    for turn in reversed(body.get("messages") or ()):
        if turn.get("role") == "user":
            texts = [block.get("text", "") for block in as_blocks(turn.get("content")) if isinstance(block, dict)]
            return " ".join(text for text in texts if text)
    return ""


class Library:
    """All recordings of all lessons, as one index; `broken` says what is wrong with files that are left out."""

    def __init__(self, recordings: list[Recording], broken: tuple[str, ...] = ()) -> None:
        self.recordings, self.broken = recordings, broken
        self._exact: dict[str, Recording] = {}
        self._other_model: dict[str, Recording] = {}
        self._words: list[tuple[Recording, Counter[str]]] = []
        for recording in recordings:
            asked = question(recording.request)
            self._exact.setdefault(fingerprint(asked), recording)
            self._other_model.setdefault(fingerprint({**asked, "model": ""}), recording)
            self._words.append((recording, _words(asked)))

    def find(self, body: Mapping[str, Any]) -> Recording | None:
        """The recording of this question, from another model where this one has none."""
        asked = question(body)
        return self._exact.get(fingerprint(asked)) or self._other_model.get(fingerprint({**asked, "model": ""}))

    def closest(self, body: Mapping[str, Any], count: int = 5, page: str = "") -> list[Recording]:
        """The recordings most like this request, the most alike first; before them those whose prompt a page quotes."""
        wanted = _words(question(body))
        size = sum(wanted.values())

        def likeness(entry: tuple[Recording, Counter[str]]) -> tuple[bool, float]:
            recording, words = entry
            shared = sum((wanted & words).values())
            return f'"{recording.asked}"' in page, 2 * shared / (size + sum(words.values()) or 1)

        ranked = sorted(self._words, key=likeness, reverse=True)
        return [recording for recording, _ in ranked[:count]]


def _words(asked: Mapping[str, Any]) -> Counter[str]:
    """The words of a question; those of the last turn count four times, being what a person would call the question."""
    last = last_question(asked).lower()
    return Counter(_WORD.findall(json.dumps(asked, ensure_ascii=False).lower()) + 3 * _WORD.findall(last))


def load(folder: Path = FOLDER) -> Library:
    """The recordings of a folder, read again only when a file has changed."""
    return _load(folder, stamp(path for path in folder.glob("*/*.yaml") if path.parent.name != "tutor"))


def stamp(paths: Any) -> tuple[tuple[str, int], ...]:
    """Which files there are and when each was changed."""
    return tuple(sorted((str(path), path.stat().st_mtime_ns) for path in paths))


@lru_cache(maxsize=4)
def _load(folder: Path, files: tuple[tuple[str, int], ...]) -> Library:
    read: list[Recording] = []
    broken: list[str] = []
    for path, _ in files:
        try:
            read.append(recording(Path(path), folder))
        except RecordingError as error:  # a file that was cut off must not take the others with it
            broken.append(str(error))
    return Library(read, tuple(broken))


def recording(path: Path, folder: Path) -> Recording:
    """One file as a recording; raises `RecordingError`."""
    name = path.relative_to(folder).with_suffix("").as_posix()
    data = read_yaml(path)

    def must(true: bool, what: str) -> None:
        if not true:
            raise RecordingError(f"{name}: {what}")

    must(isinstance(data, dict) and set(data) == {"source", "request", "replies"}, "expected source, request, replies")
    source, request, replies = data["source"], data["request"], data["replies"]
    must(isinstance(source, dict) and source.get("kind") in ("written", "recorded"), "expected a source.kind")
    must(isinstance(source.get("on"), str), "expected source.on, a date")
    must(isinstance(request, dict) and isinstance(request.get("model"), str), "expected request.model")
    turned = request.get("messages")
    must(isinstance(turned, list) and bool(turned), "expected request.messages, a list")
    must(
        all(isinstance(turn, dict) and {"role", "content"} <= set(turn) for turn in turned), "expected role and content"
    )
    must(all(_is_content(turn["content"]) for turn in turned), "expected words or blocks, a type in each block")
    must(isinstance(replies, list) and bool(replies), "expected replies, a list")
    for reply in replies:
        must(isinstance(reply, dict) and "content" in reply, "expected content in each reply")
        must(_is_content(reply["content"]), "expected words or blocks, a type in each block")
        reply["content"] = as_blocks(reply["content"])
        must(all(map(_is_whole, reply["content"])), "expected text in a text block, input in a tool_use block")
        must(isinstance(reply.get("usage", {}), dict), "expected usage, names and numbers")
        pace = reply.get("pace") or []
        must(isinstance(pace, list) and all(map(_is_pair, pace)), "expected pace, pairs of milliseconds and characters")
    return Recording(name, request, tuple(replies), source["kind"], request["model"])


def _is_content(value: Any) -> bool:
    blocks = value if isinstance(value, list) else ()
    return isinstance(value, (str, list)) and all(
        isinstance(block, dict) and isinstance(block.get("type"), str) for block in blocks
    )


def _is_whole(block: Mapping[str, Any]) -> bool:
    kind = block["type"]
    if kind == "text":
        return isinstance(block.get("text"), str)
    return kind not in ("tool_use", "server_tool_use") or isinstance(block.get("input"), dict)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(part, (int, float)) for part in value)


def read_yaml(path: Path) -> Any:
    """The data of a YAML file in which `on`, `yes` and dates are plain words; raises `RecordingError`."""
    import yaml

    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise RecordingError(f"{path.name}: expected text in UTF-8.") from None
    except OSError as error:
        raise RecordingError(f"{path.name}: expected a file to read, got {error.strerror}.") from None
    if _SECRET.search(text):
        raise RecordingError(
            f"{path.name}: it holds something that looks like an API key. Take it out, and revoke the key."
        )
    try:
        return yaml.load(text, _loader())
    except yaml.YAMLError as error:
        raise RecordingError(f"{path.name}: {error}") from None


@lru_cache(maxsize=1)
def _loader() -> Any:
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]
        """Reads what a person means."""

    return with_fewer_guesses(Loader)


def with_fewer_guesses(kind: Any) -> Any:
    """A loader or dumper for which only true and false are not words: YAML 1.1 takes `on` and 2026-11-20 for more."""
    kind.yaml_implicit_resolvers = {
        letter: [(tag, rule) for tag, rule in rules if not tag.endswith((":bool", ":timestamp"))]
        for letter, rules in kind.yaml_implicit_resolvers.items()
    }
    kind.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
    return kind
