"""What it takes to choose the tutor's answer, in this process, and how often it is the right one.

The bank is that of the course, repeated under other words until it has 1,000 entries. Asked are the questions of
`tests/mock/questions_more.yaml`, each once. Times are those that this process itself was at work. How often the answer
is right is told by the half of the proof that nobody read (`tests/mock/test_fresh.py`).
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace

from figures import ROOT, Figure, table

sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "mock")]

import test_fresh as proof  # noqa: E402  # the paths come first
import yaml  # noqa: E402

from tutor.mock import search  # noqa: E402
from tutor.mock.entries import Entry, folded  # noqa: E402

ENTRIES, ROUNDS = 1_000, 5


def many() -> list[Entry]:
    """1,000 entries: those of the course, then copies in which every long word is another one."""
    found = list(search.load().entries)
    for number, entry in enumerate(found[: ENTRIES - len(found)]):
        ask = tuple(" ".join(word + "x" if len(word) > 5 else word for word in one.split()) for one in entry.ask)
        name = f"tutor/copy#{number}"
        found.append(replace(entry, name=name, lesson="copy", id="", ask=ask, folded=tuple(map(folded, ask))))
    return found[:ENTRIES]


def questions() -> list[tuple[str, str]]:
    """Lesson and words of every question of the list."""
    listed = yaml.safe_load((ROOT / "tests" / "mock" / "questions_more.yaml").read_text("utf-8"))
    groups = [(lesson, group) for kind in ("plain", "misspelt") for lesson, group in listed[kind].items()]
    return [(lesson, asked) for lesson, group in groups for ways in group.values() for asked in ways]


def milliseconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return 1000 * (time.process_time() - started)


def measure() -> list[Figure]:
    entries, asked = many(), questions()
    banks = [search.Bank(entries, {}) for _ in range(ROUNDS)]
    index = min(milliseconds(lambda bank=bank: bank.index) for bank in banks)
    bodies = [(lesson, {"messages": [{"role": "user", "content": words}]}) for lesson, words in asked]
    times = sorted(milliseconds(lambda one=one: banks[0].answer(one[1], one[0])) for one in bodies)
    right, pretended = 100 * proof.right("report"), 100 * proof.pretended("report")
    return [
        Figure("index of 1,000 entries and all lessons", index, "ms", 150),
        Figure("an answer of the tutor, the middle one", statistics.median(times), "ms", 15, f"of {len(times)}"),
        Figure("an answer, 95 of 100", times[int(0.95 * len(times))], "ms", 15),
        Figure("an answer, the slowest", times[-1], "ms", 15),
        Figure("fresh questions right, or offered", right, "%", 100 * proof.RIGHT, at_least=True),
        Figure("questions with no answer that get one", pretended, "%", 100 * proof.PRETENDED),
    ]


if __name__ == "__main__":
    sys.exit(table(measure()))
