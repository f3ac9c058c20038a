"""A figure beside the bound that it is held to, the table of all of them, and what is needed to measure one."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Figure:
    """What was measured, the number that counts, its unit, and the most that it may be (or the least: `at_least`).

    `of` shows where the number comes from: "0.81 ms : 0.47 ms".
    """

    what: str
    number: float
    unit: str
    bound: float
    of: str = ""
    at_least: bool = False

    @property
    def kept(self) -> bool:
        return self.number >= self.bound if self.at_least else self.number <= self.bound

    def __str__(self) -> str:
        limit = f"{'at least' if self.at_least else 'at most'} {self.bound:g}"
        share = round(self.number / self.bound, 2) + 0.0  # no minus before a nought
        mark = "" if self.kept else "  NOT KEPT"
        return f"{self.what:<48} {self.of:<22} {self.number:>8.2f} {self.unit:<6} {limit:<13} {share:>5.2f}{mark}"


HEAD = f"{'':<48} {'measured':<22} {'result':>8} {'':<6} {'bound':<13} {'of it':>5}"

Measure = Callable[[], list[Figure]]


def table(figures: list[Figure]) -> int:
    """Print them; 1 if a bound is not kept."""
    print(HEAD, *figures, sep="\n")
    return int(not all(figure.kept for figure in figures))


def fastest(
    contenders: dict[str, Callable[[], object]], rounds: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, float]:
    """Seconds of each contender's fastest round; they take turns, and noise only ever adds."""
    best = dict.fromkeys(contenders, float("inf"))
    for _ in range(rounds):
        for name, run in contenders.items():
            start = clock()
            run()
            best[name] = min(best[name], clock() - start)
    return best


@contextmanager
def serving(serve: Callable[[Connection], None]) -> Iterator[Any]:
    """A server in a process of its own until the block ends, and what it sends first: its address."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    try:
        yield ours.recv()
    finally:
        server.terminate()
        server.join()
