"""From a request to a reply: the one entrance of the stand-in.

the rules → the weather → the recording of this question, or the search if the tutor asks → "nobody wrote a reply"
"""

from __future__ import annotations

import difflib
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..models import Model
from . import catalog, faults, ids, replay, rules, search, stream, tokens, turns
from .accepts import BINDING_BETA, Asked
from .cache import Cache
from .diagnosis import Diagnosis
from .recordings import FOLDER, Library, Recording, load, question
from .reply import JSON, Reply, Request, afflicted, failed

STREAM = "text/event-stream; charset=utf-8"


@dataclass(frozen=True)
class _Call:
    """One request on its way through."""

    seed: bytes
    lesson: str | None  # of the tutor's own requests
    limits: tuple[int, int, int] = Model.rate_limits


class Mock:
    """The stand-in. `token`: the credential it wants (None: any); `pace`: 0 streams as fast as it goes.

    `lesson`: where new recordings belong. `page`: its text; where nobody wrote a reply, prompts that stand there are
    named first. `new_account`: replayed thinking is checked.
    """

    def __init__(
        self,
        recordings: Path | None = None,
        token: str | None = None,
        strict: bool = False,
        pace: float = 1.0,
        *,
        new_account: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.folder = recordings or FOLDER
        self.token, self.strict, self.pace = token, strict, pace
        self.new_account, self.clock = new_account, clock
        self.lesson = self.page = ""
        self.weather = faults.Weather(clock)
        self._cache, self._diagnosis = Cache(), Diagnosis()
        self._lock = threading.Lock()
        self._calls: Counter[bytes] = Counter()
        self._replies: Counter[str] = Counter()
        self._thoughtful: set[str] = set()  # ids of tool uses that followed thinking
        self._library: Library | None = None
        self._bank: search.Bank | None = None

    def reset(self) -> None:
        """Count calls and replies from the beginning, end the weather, empty the cache, look for changed recordings."""
        with self._lock:
            self._calls.clear()
            self._replies.clear()
            self._library = self._bank = None
            self._cache, self._diagnosis = Cache(), Diagnosis()
        self.weather.end()

    @property
    def library(self) -> Library:
        """The recordings, loaded at the first request."""
        self._library = self._library or load(self.folder)
        return self._library

    @property
    def bank(self) -> search.Bank:
        """The tutor's answers, loaded at the first question."""
        self._bank = self._bank or search.load(self.folder)
        return self._bank

    def respond(self, request: Request) -> Reply:
        """The reply to a request."""
        path, _, query = request.path.partition("?")
        lesson = chat_lesson(request.headers)
        asked = rules.look(request.method, path, request.headers, request.body, self.token)
        seed = self._seed(request, asked)
        call = _Call(seed, lesson)
        if isinstance(asked, rules.Refusal):
            return self._refuse(call, asked)
        model = rules.judge(asked, new_account=self.new_account, thoughtful=self._thoughtful) if asked.body else None
        if isinstance(model, rules.Refusal):
            return self._refuse(call, model)
        if model:  # counting has a limit of its own
            call = replace(call, limits=(5_000, *model.rate_limits[1:]) if path == rules.COUNT else model.rate_limits)
        fault = self.weather.next(limited=path == rules.MESSAGES) if lesson is None else None
        if fault and (fault.status != 200 or fault.silent is not None):
            return failed(fault, self._headers(call), ids.request_id(seed))
        if model is None:
            answered = catalog.page(query) if path == rules.MODELS else catalog.one(path[len(rules.MODELS) + 1 :])
            reply = self._refuse(call, answered) if isinstance(answered, rules.Refusal) else self._json(call, answered)
        elif path == rules.COUNT:
            reply = self._json(call, {"input_tokens": self._count(asked.body, model)})
        else:
            reply = self._message(call, asked, model)
        return afflicted(reply, fault) if fault else reply

    # --- one kind of reply each --------------------------------------------------------------------

    def _message(self, call: _Call, asked: Asked, model: Model) -> Reply:
        body = asked.body
        if call.lesson is not None:
            found = self.bank.answer(body, call.lesson)
            reply: dict[str, Any] = {"content": [{"type": "text", "text": found.text}]}
            name, source = (found.entry.name, "written") if found.entry else ("none", "none")
            said = self._said(call, asked, model, reply, name, source)
            return replace(said, headers=said.headers | {"tutor-choices": json.dumps(found.choices)})
        recording = self.library.find(body)
        if recording is None:
            return self._unrecorded(call, asked, model)
        with self._lock:
            turn = self._replies[recording.name]
            self._replies[recording.name] += 1
        reply = recording.replies[min(turn, len(recording.replies) - 1)]
        said = self._said(call, asked, model, reply, recording.name, recording.kind)
        other = recording.model != body["model"] and recording.model != model.id
        return replace(said, headers=said.headers | {"tutor-model": recording.model}) if other else said

    def _said(self, call: _Call, asked: Asked, model: Model, reply: dict[str, Any], name: str, source: str) -> Reply:
        body = asked.body
        cached = self._cache.use(body, model, self.clock())
        said = replay.message(reply, body, model, call.seed, cached)
        if body.get("diagnostics") is not None:
            said["diagnostics"] = self._diagnosis.of(asked, model.id, said["id"])
        if BINDING_BETA in asked.betas:
            said["input_transformations"] = turns.transformations(body, model, self.new_account)
        if call.lesson is None:
            self.weather.count(said["usage"])
        if any(block["type"] == "thinking" for block in said["content"]):
            self._thoughtful |= {block["id"] for block in said["content"] if block["type"] == "tool_use"}
        extra = {"tutor-recording": name, "tutor-source": source}
        if source != "recorded":
            extra["tutor-usage"] = "estimated"
        pace = reply.get("pace")
        if body.get("stream"):
            headers = self._headers(call) | {"content-type": STREAM, "cache-control": "no-cache"} | extra
            events = stream.events(said, call.seed, self.pace, pace)
            return Reply(200, headers, None, events, source, name, usage=said["usage"])
        out = self._json(call, replay.strip(said), extra)
        return replace(out, source=source, recording=name, delay=stream.duration(pace) * self.pace, usage=said["usage"])

    def _unrecorded(self, call: _Call, asked: Asked, model: Model) -> Reply:
        body = asked.body
        broken = _broken(self.library)
        if self.strict:
            words = _difference(body, self.library.closest(body)) + broken
            return self._refuse(call, rules.invalid(words), {"x-should-retry": "false"}, "none")
        forced = (body.get("tool_choice") or {}).get("type") in ("any", "tool")
        if forced or (body.get("output_config") or {}).get("format"):
            what = "a forced tool" if forced else "output_config.format"
            words = f"No reply was written for this request, and prose would break a program that asked for {what}. "
            return self._refuse(call, rules.invalid(words + _GO_LIVE), {"x-should-retry": "false"}, "none")
        words = _nobody(self.library.closest(body, 20, self.page)) + broken
        return self._said(call, asked, model, {"content": [{"type": "text", "text": words}]}, "none", "none")

    def _count(self, body: dict[str, Any], model: Model) -> int:
        """What the recording of this question says, else the estimate."""
        recording = self.library.find(body)
        usage = (recording.replies[0].get("usage") or {}) if recording else {}
        sums = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        return sum(usage.get(key, 0) for key in sums) or tokens.prompt(body, model)

    # --- headers and envelopes ---------------------------------------------------------------------

    def _seed(self, request: Request, asked: Asked | rules.Refusal) -> bytes:
        """Request and call number: equal requests get different ids, and the same ones in every run."""
        body = asked.body if isinstance(asked, Asked) else None
        canonical = json.dumps(body, sort_keys=True) if body else request.body
        of = ids.seed(request.method, request.path, canonical)
        with self._lock:
            self._calls[of] += 1
            return ids.seed(of, self._calls[of])

    def _headers(self, call: _Call) -> dict[str, str]:
        return {
            "content-type": JSON,
            "request-id": ids.request_id(call.seed),
            "anthropic-organization-id": ids.ORGANIZATION,
            "anthropic-workspace-id": ids.WORKSPACE,
            **self.weather.headers(call.limits),
        }

    def _json(self, call: _Call, value: Any, extra: dict[str, str] | None = None) -> Reply:
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return Reply(200, self._headers(call) | (extra or {}), body)

    def _refuse(
        self, call: _Call, refusal: rules.Refusal, extra: dict[str, str] | None = None, source: str = "rules"
    ) -> Reply:
        details = {"error_code": refusal.code} if refusal.code else None
        bare = refusal.status == 413 and not details  # from the edge
        fault = faults.Fault(refusal.status, refusal.type, refusal.message, details=details, bare=bare)
        headers = self._headers(call) | (extra or {}) | {"tutor-source": source}
        if source == "none":
            headers["tutor-recording"] = "none"
        if refusal.status == 401:  # nobody was recognised
            del headers["anthropic-organization-id"], headers["anthropic-workspace-id"]
        return replace(failed(fault, headers, headers["request-id"]), headers=headers, source=source)


def wants_written(headers: dict[str, str]) -> bool:
    """Whether the tutor asks for its answer written in advance, though replies are live."""
    return chat_lesson(headers) is not None and headers["tutor-origin"].rstrip().endswith("written")


def chat_lesson(headers: dict[str, str]) -> str | None:
    """The lesson of a tutor's own request, or None if a learner's code sent it."""
    given = headers.get("tutor-origin", "")
    match = re.fullmatch(r"chat(?:;\s*lesson=([\w-]*))?(?:;\s*written)?", given.strip())
    return (match[1] or "") if match else None


# --- words for a request that nobody wrote a reply for ---------------------------------------------

_GO_LIVE = (
    "With a key of your own (in .env, or entered in the tutor under Go live) the request goes to a model instead."
)


def _nobody(closest: list[Recording]) -> str:
    prompts = list(dict.fromkeys(shorten(recording.asked, 90) for recording in closest if recording.asked))
    listed = "".join(f"\n- {prompt}" for prompt in prompts[:5])
    offer = f"\n\nReplies were written for these prompts, among others:\n{listed}\n\n" if prompts else "\n\n"
    return (
        "No reply was written for this prompt. You are working without a key, so every reply was written in advance, "
        f"and this text is the stand-in's own.{offer}{_GO_LIVE}"
    )


def _broken(library: Library) -> str:
    """Words about the files that cannot be read, one of which may be what was asked for."""
    return "".join(f"\n\nA recording cannot be read. {words}" for words in library.broken)


def _difference(body: dict[str, Any], closest: list[Recording]) -> str:
    if not closest:
        return "No recording answers this request, and there are no recordings."
    wanted, have = (_lines(question(one)) for one in (body, closest[0].request))
    changed = [
        line for line in difflib.unified_diff(have, wanted, closest[0].name, "this request", lineterm="", n=0)
        if not line.startswith("@@")
    ]  # fmt: skip
    return "No recording answers this request. The closest, and the difference:\n" + "\n".join(changed)[:3000]


def _lines(asked: dict[str, Any]) -> list[str]:
    return json.dumps(asked, indent=1, sort_keys=True, ensure_ascii=False).splitlines()


def shorten(text: str, length: int) -> str:
    """The first line of a text, with an end that shows that more follows."""
    line = text.strip().split("\n")[0]
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"
