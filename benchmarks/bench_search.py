"""What it takes to choose the tutor's answer, in this process.

    python benchmarks/bench_search.py          prints a table; ends with 1 if a bound is not kept

The bank is that of the course, repeated under other words until it has 1,000 entries. Asked are the questions of
`tests/mock/questions_more.yaml`, each once. Times are of this machine; the bounds hold for a quiet one.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import yaml  # noqa: E402  # the path comes first

from tutor.mock import search  # noqa: E402
from tutor.mock.entries import Entry, folded  # noqa: E402

ENTRIES, INDEX_MS, ANSWER_MS, ROUNDS = 1_000, 150, 15, 5
IMPORT = "import tutor, tutor.mock, sys; print(*{'sqlite3'} & set(sys.modules))"


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
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def main() -> int:
    """Measure and print; 1 if a bound is missed."""
    entries, asked = many(), questions()
    banks = [search.Bank(entries, {}) for _ in range(ROUNDS)]
    index = min(milliseconds(lambda bank=bank: bank.index) for bank in banks)
    bodies = [(lesson, {"messages": [{"role": "user", "content": words}]}) for lesson, words in asked]
    times = sorted(milliseconds(lambda one=one: banks[0].answer(one[1], one[0])) for one in bodies)
    loaded = subprocess.run([sys.executable, "-c", IMPORT], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    rows = [
        (f"index of {len(entries)} entries and all lessons", index, INDEX_MS),
        (f"an answer, median of {len(times)}", statistics.median(times), ANSWER_MS),
        ("an answer, 95 of 100", times[int(0.95 * len(times))], ANSWER_MS),
        ("an answer, the slowest", times[-1], ANSWER_MS),
    ]
    print(f"{'':48}{'ms':>8}{'bound':>8}")
    for name, took, bound in rows:
        print(f"{name:48}{took:8.1f}{bound:8}{'' if took <= bound else '  missed'}")
    print(f"loaded by importing the stand-in: {loaded.strip() or 'no SQLite'}")
    return int(any(took > bound for _, took, bound in rows) or bool(loaded.strip()))


if __name__ == "__main__":
    sys.exit(main())
