"""A request, a reply, and what the weather makes of a reply."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from . import faults

JSON = "application/json"


@dataclass(frozen=True)
class Request:
    """What came in; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What goes out: a body, or events with the seconds to wait before each.

    `source`: written, recorded, none, rules or fault. `delay`: seconds before the first byte.
    `drop`: break the connection at the end instead of ending the body. A `status` of 0 means no reply at all.
    """

    status: int
    headers: dict[str, str]
    body: bytes | None
    events: list[tuple[float, bytes]] | None = None
    source: str = "rules"
    recording: str = ""
    delay: float = 0.0
    drop: bool = False
    usage: dict[str, Any] = field(default_factory=dict)


def failed(fault: faults.Fault, headers: dict[str, str], request_id: str) -> Reply:
    """The error reply of a fault, or silence."""
    if fault.silent is not None:
        return Reply(0, {}, b"", source="fault", delay=fault.silent, drop=True)
    error: dict[str, Any] = {"type": fault.type, "message": fault.message}
    if fault.details:
        error["details"] = fault.details
    envelope = {"error": error} if fault.bare else {"type": "error", "error": error, "request_id": request_id}
    given = {"content-type": JSON} if fault.bare else headers
    body = json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()
    return Reply(fault.status, given | fault.headers | {"tutor-source": "fault"}, body, source="fault")


def afflicted(reply: Reply, fault: faults.Fault) -> Reply:
    """The reply after the weather: slower, with an error in its stream, or cut."""
    reply = replace(reply, source="fault", headers=reply.headers | {"tutor-source": "fault"})
    if fault.slower:
        events = [(wait + fault.slower, data) for wait, data in reply.events] if reply.events is not None else None
        reply = replace(reply, events=events, delay=reply.delay + fault.slower)
    if fault.error_after is not None and reply.events is not None:
        reply = replace(reply, events=[*reply.events[: fault.error_after], (0.0, error_event(fault))])
    if fault.cut_after is not None:
        reply = _cut(reply, fault.cut_after, fault.cut_clean)
    return reply


def error_event(fault: faults.Fault) -> bytes:
    """An `error` event, as it comes after a 200."""
    data = json.dumps({"type": "error", "error": {"type": fault.type, "message": fault.message}})
    return f"event: error\ndata: {data}\n\n".encode()


def _cut(reply: Reply, count: int, clean: bool) -> Reply:
    if reply.events is None:
        return replace(reply, body=(reply.body or b"")[:count], drop=not clean)
    kept = []
    for wait, data in reply.events:
        if count <= 0:
            break
        kept.append((wait, data[:count]))
        count -= len(data)
    return replace(reply, events=kept, drop=not clean)
