"""Saves what was forwarded as recordings that a person can read, without secrets.

One question, one file: `recordings/<lesson>/<its-words>.yaml`. The first call of a session replaces what the file held,
later calls add a reply. A reply that was cut never replaces a whole one. Of the headers only the request id is saved.
"""

from __future__ import annotations

import logging
import re
import threading
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from .. import files
from ..journal import Exchange
from ..mock import recordings

_SECRET = re.compile(r"sk-ant-|[\w.+-]+@[\w-]+\.\w{2,}|\bBearer\s+\S{16,}")
_NUMBERS = (
    "input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens", "output_tokens_details",
    "server_tool_use",
)  # fmt: skip


class Refused(ValueError):
    """An exchange that must not be saved; the message says why and repeats nothing of it."""


class Recorder:
    """Saves the exchanges of one session below `folder`."""

    def __init__(self, folder: Path = recordings.FOLDER, key: str | None = None) -> None:
        self.folder, self._key = folder, key
        self.refused: list[str] = []
        self._saved: dict[str, tuple[Path, list[dict[str, Any]]]] = {}
        self._lock = threading.Lock()

    def save(self, exchange: Exchange, lesson: str) -> Path | None:
        """The file in which an exchange now stands, or None if it is not one to keep."""
        if not _worth_keeping(exchange):
            return None
        request = {key: value for key, value in exchange.request.items() if key not in recordings.NOT_THE_QUESTION}
        asked = recordings.fingerprint(recordings.question(request))
        reply = _reply(exchange)
        with self._lock:
            try:
                return self._written(exchange, asked, request, reply, lesson)
            except (Refused, recordings.RecordingError) as refusal:
                why = str(refusal)
            except OSError as error:  # the reply is on its way: it must not fail because it cannot be saved
                why = f"it could not be written ({error.strerror})."
        self.refused.append(f"The reply {exchange.request_id} was not saved: {why}")
        logging.getLogger(__name__).warning("%s", self.refused[-1])
        return None

    def _written(
        self, exchange: Exchange, asked: str, request: dict[str, Any], reply: dict[str, Any], lesson: str
    ) -> Path | None:
        path, replies = self._saved.get(asked) or (self._place(asked, request, lesson), [])
        cut = reply["stop_reason"] in ("max_tokens", "stop_sequence")
        if cut and (replies or path.exists()):
            return None
        if not cut:
            replies = [one for one in replies if one["stop_reason"] not in ("max_tokens", "stop_sequence")]
        replies = [*replies, reply]
        on = datetime.fromtimestamp(exchange.started, UTC).date().isoformat()
        source = {"kind": "recorded", "on": on, "request_id": exchange.request_id}
        text = self._checked(write({"source": source, "request": request, "replies": replies}))
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, text)
        self._saved[asked] = path, replies
        return path

    def _place(self, asked: str, request: dict[str, Any], lesson: str) -> Path:
        """The file of this question: the one it has, else a new one named for its words."""
        library = recordings.load(self.folder)
        if library.broken:
            raise Refused(f"there is a file that may hold this question already. {library.broken[0]}")
        for known in library.recordings:
            if recordings.fingerprint(recordings.question(known.request)) == asked:
                return self.folder / f"{known.name}.yaml"
        taken = {path for path, _ in self._saved.values()}
        stem = slug(recordings.last_question(request)) or "untitled"
        for number in range(1, 1000):
            path = self.folder / (lesson or "recorded") / f"{stem}{'' if number == 1 else f'-{number}'}.yaml"
            if path not in taken and not path.exists():
                return path
        raise Refused("a thousand questions begin with these words")

    def _checked(self, text: str) -> str:
        if _SECRET.search(text) or (self._key and self._key in text):
            raise Refused("it holds something that looks like a key or an e-mail address.")
        return text


def _worth_keeping(exchange: Exchange) -> bool:
    return (
        exchange.status == 200
        and exchange.method == "POST"
        and exchange.path.partition("?")[0] == "/v1/messages"
        and exchange.origin == ""
        and exchange.source == "live"
        and _is_question(exchange.request)
        and _is_message(exchange.reply)
    )


def _is_question(asked: Any) -> bool:
    turns = asked.get("messages") if isinstance(asked, dict) else None
    return isinstance(turns, list) and all(
        isinstance(turn, dict) and {"role", "content"} <= set(turn) for turn in turns
    )


def _is_message(said: Any) -> bool:
    """Whether it is a whole reply: another server than Anthropic's may leave something out."""
    return (
        isinstance(said, dict)
        and isinstance(said.get("stop_reason"), str)
        and isinstance(said.get("content"), list)
        and all(isinstance(block, dict) for block in said["content"])
        and isinstance(said.get("usage"), dict)
    )


def _reply(exchange: Exchange) -> dict[str, Any]:
    said = exchange.reply
    kept: dict[str, Any] = {"content": [_block(block) for block in said["content"]]}
    kept["stop_reason"] = said["stop_reason"]
    kept |= {key: said[key] for key in ("stop_sequence", "stop_details") if said.get(key)}
    kept["usage"] = {key: said["usage"][key] for key in _NUMBERS if said["usage"].get(key)}
    if said["usage"].get("cache_creation_input_tokens") and said["usage"].get("cache_creation"):
        kept["usage"]["cache_creation"] = said["usage"]["cache_creation"]  # for how long, which is what it costs
    if pace := _pace(exchange):
        kept["pace"] = pace
    return kept


def _block(block: dict[str, Any]) -> dict[str, Any]:
    """A block without what the stand-in makes anew: signatures are bound to an account."""
    return {**block, "signature": ""} if block.get("type") == "thinking" else block


def _pace(exchange: Exchange) -> list[list[int]]:
    """How the pieces arrived: milliseconds since the one before, and characters."""
    out, before = [], 0.0
    for at, event in exchange.events:
        delta = event.get("delta") or {}
        piece = delta.get("text") or delta.get("thinking") or delta.get("partial_json")
        if event.get("type") == "content_block_delta" and piece:
            out.append([round((at - before) * 1000), len(piece)])
            before = at
    return out


def slug(text: str) -> str:
    """The first words of a question as a file name."""
    return "-".join(re.findall(r"[a-z0-9]+", text.lower())[:8])[:80].rstrip("-")


def write(data: dict[str, Any]) -> str:
    """A recording as YAML: text with line breaks stands as it is, numbers and short lists in one line."""
    import yaml

    text: str = yaml.dump(data, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=110)
    return text


@cache
def _dumper() -> Any:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Repeats are written out, not pointed at."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    def text(dumper: Any, value: str) -> Any:
        literal = "\n" in value and not re.search(r"[ \t]\n|^\s|[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]", value)
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if literal else None)

    def row(dumper: Any, value: list[Any]) -> Any:
        flat = all(isinstance(item, (int, float)) or (isinstance(item, list) and len(item) == 2) for item in value)
        return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=bool(value) and flat)

    def table(dumper: Any, value: dict[str, Any]) -> Any:
        small = all(not isinstance(item, (list, dict)) for item in value.values()) and len(str(value)) < 90
        has_text = any(isinstance(item, str) and "\n" in item for item in value.values())
        return dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=small and not has_text)

    Dumper.add_representer(str, text)
    Dumper.add_representer(list, row)
    Dumper.add_representer(dict, table)
    return recordings.with_fewer_guesses(Dumper)
