"""What a check of lesson 02 says about three requests that should differ in their time alone."""

from __future__ import annotations

import re
from typing import Any

from tutor.practice import expect
from tutor.practice.evidence import text_in

DATE = re.compile(
    r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
    r"|(January|February|March|April|May|June|July|August|September|October|November|December) \d"
    r"|\d (January|February|March|April|May|June|July|August|September|October|November|December)"
    r"|(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
)

_TIME = (
    r"(?<![\d.$€])(?:[01]?\d|2[0-3])(?:[:h][0-5]\d|\.[0-5]\d(?!\.?\d|\s?(?:%|€|euro|dollar|franc)))"
    r"|\b(?:1[0-2]|[1-9])\s?[ap]\.?m\b"
)
_TO = r"(?:to|till|until|and|[-–])"
CLOCK = re.compile(_TIME, re.I)
HOURS = re.compile(
    rf"(?:\bfrom|\bbetween|\b(?:open|close)s? at|{_TO})\s*(?:{_TIME})|(?:{_TIME})(?=\s*{_TO}\s*\d)", re.I
)
ABOUT_THE_TIME = re.compile(r"(?i)\b(?:it|is|now|the|current|local|time|at|here|o'clock)\b|[\W\d_]")


def clock(text: str) -> str:
    """The last time of day in a text, such as 13:15, 8.30 or 6 pm; empty where there is none."""
    found = [match[0] for match in CLOCK.finditer(text)]
    return found[-1] if found else ""


def expect_same_system(systems: list[Any]) -> None:
    """Three times the same `system`, and no time of day in it."""
    expect(
        all("Baobab Books" in text_in(system) for system in systems),
        "system-gone",
        sent="A call whose `system` does not name the shop.",
        back="Status 200. The model was not told which shop it speaks for.",
        why="The rest of `system` was right, and is still needed.",
        step="Keep `system`, and take only the time out of it.",
    )
    late = next((found for system in systems if (found := clock(HOURS.sub("", text_in(system))))), "")
    expect(
        not late,
        "time-left-in",
        sent=f"`system` with a time in it: {late}.",
        back="A different `system` in every call, or soon.",
        why="One changed character makes it a new text. A cache is no help then (lesson 12).",
        step="Take the time out of `build_system`, and put it where each call differs anyway.",
    )
    squeezed = {"".join(text_in(system).split()) for system in systems}
    expect(
        all(system == systems[0] for system in systems) or len(squeezed) > 1,
        "spacing-differs",
        sent="The same words in `system`, with different blanks or line ends.",
        back="Three texts that look alike, and are not equal.",
        why="A cache compares bytes. A blank is a byte.",
        step="Write the text in one place only, and return it from `build_system`.",
    )
    expect(
        all(system == systems[0] for system in systems),
        "system-differs",
        sent="A `system` that is not the same in all calls.",
        back="Different texts.",
        why="Whatever changes from call to call belongs in `messages`.",
        step='Compare two of them: `log[-1].request["system"]` and `log[-2].request["system"]`.',
    )


def expect_each_time(said: list[str]) -> None:
    """A time of day in what each call says in its turns, another one each, and a question beside it."""
    told = [clock(text) for text in said]
    expect(
        any(told),
        "time-dropped",
        sent="Three requests without a time of day.",
        back="Status 200. The model cannot know whether the shop is open.",
        why="It has no clock. It knows what the request says.",
        step="Put the time into the user's turn.",
    )
    expect(
        all(told),
        "time-sent-once",
        sent="A time in some of the calls, none in the others.",
        back="Status 200 for all of them.",
        why="The API keeps nothing between calls. What the first one said is gone in the second.",
        step="Put the time into the turn of every call.",
    )
    expect(
        len(set(told)) > 1,
        "one-time-for-all",
        sent=f"The same time in every call: {told[0]}.",
        back="Status 200. Two of the three answers are about the wrong hour.",
        why="The time is the one thing that should change.",
        step="Use `time`, which `ask_at` receives.",
    )
    expect(
        all(ABOUT_THE_TIME.sub("", CLOCK.sub("", text)) for text in said),
        "question-dropped",
        sent="A call that says the time, and asks nothing.",
        back="Status 200. The model can only guess what the customer wants to know.",
        why="The time helps with the question. It does not replace it.",
        step="Keep the question in the turn, behind the time.",
    )
