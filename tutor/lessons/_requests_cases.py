"""The data of lesson 01's checks."""

from __future__ import annotations

BROKEN = {
    "model": "claude-3-5-haiku-20241022",
    "max_tokens": 100,
    "messages": "Say hello in three languages.",
}


ROLES = ("user", "assistant", "system")


NUMBERS = "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|twenty|thirty|hundred|thousand"


CASES: tuple[tuple[str, list[dict[str, str]], str], ...] = (
    ("one text block", [{"type": "text", "text": "Lagos."}], "Lagos."),
    (
        "thinking first",
        [
            {"type": "thinking", "thinking": "Two lakes come to mind.", "signature": "EqQB"},
            {"type": "text", "text": "Lake Titicaca."},
        ],
        "Lake Titicaca.",
    ),
    (
        "two text blocks",
        [{"type": "text", "text": "Kilimanjaro is "}, {"type": "text", "text": "in Tanzania."}],
        "Kilimanjaro is in Tanzania.",
    ),
    (
        "another kind of block",
        [
            {"type": "text", "text": "One moment."},
            {"type": "tool_use", "id": "toolu_01", "name": "clock", "input": {}},  # type: ignore[dict-item]
        ],
        "One moment.",
    ),
    ("a refusal without blocks", [], ""),
)
