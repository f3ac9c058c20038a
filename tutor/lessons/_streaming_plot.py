"""When the pieces of a streamed reply arrived: what the picture of lesson 04 draws."""

from __future__ import annotations

from typing import Any

from tutor.journal import Exchange


def time_line(streamed: Exchange, whole: Exchange) -> tuple[list[tuple[float, int]], float, str]:
    """What `plots.arrivals` draws: seconds and characters so far, when the unstreamed reply was there, and a note.

    A written reply has the pace that its author gave it, which a clock would only blur; any other was measured.
    """
    texts = [(at, event["delta"]["text"]) for at, event in streamed.events if _has_text(event)]
    landed, note = whole.ended - whole.started, f"{streamed.source}, measured"
    if streamed.source == whole.source == "written":
        pace = _written_pace(streamed.reply_headers.get("tutor-recording", ""))
        if len(pace) >= len(texts):
            texts = [(at, text) for at, (_, text) in zip(pace, texts, strict=False)]
            landed, note = pace[-1], "pace written by us"
    line, characters = [], 0
    for at, text in texts:
        characters += len(text)
        line.append((at, characters))
    return line, landed, note


def _has_text(event: dict[str, Any]) -> bool:
    return bool(event["type"] == "content_block_delta" and event["delta"]["type"] == "text_delta")


def _written_pace(name: str) -> list[float]:
    """Seconds after sending for each piece of a recording, as its author wrote them; empty where there is no pace."""
    from tutor.mock.recordings import load

    recording = next((each for each in load().recordings if each.name == name), None)
    pairs = (recording.replies[0].get("pace") or []) if recording else []
    seconds, passed = [], 0.0
    for milliseconds, _ in pairs:
        passed += milliseconds / 1000
        seconds.append(passed)
    return seconds
