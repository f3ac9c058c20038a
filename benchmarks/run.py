"""Measures, and prints one table: everything, or what is named, as in `start.py bench relay chat`.

Each benchmark is a module `bench_<name>.py` with `measure() -> list[Figure]`, and runs in a process of its own.
"""

from __future__ import annotations

import importlib
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from figures import Figure, table

HERE = Path(__file__).resolve().parent


def measured(name: str) -> list[Figure]:
    return list(importlib.import_module(f"bench_{name}").measure())


def main(words: list[str]) -> int:
    """1 if a bound is not kept or a benchmark failed, 2 if there is none of a name."""
    there = [path.stem.removeprefix("bench_") for path in sorted(HERE.glob("bench_*.py"))]
    if unknown := [word for word in words if word not in there]:
        print(f"There is no benchmark {unknown[0]!r}. There are: {', '.join(there)}.", file=sys.stderr)
        return 2
    figures, failed, began = list[Figure](), list[str](), time.monotonic()
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
        for name in words or there:
            print(f"{name} ... ", end="", flush=True)
            started = time.monotonic()
            try:
                figures += pool.submit(measured, name).result()
                print(f"{time.monotonic() - started:.0f} s", flush=True)
            except Exception as error:  # the others can still be measured
                failed.append(f"{name} failed: {type(error).__name__}: {error}")
                print("failed", flush=True)
    print()
    missed = table(figures)
    print("", *failed, f"Measured in {time.monotonic() - began:.0f} s.", sep="\n")
    return int(missed or bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
