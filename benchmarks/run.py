"""Runs the benchmarks one after the other: all of them, or those named, as in `start.py bench relay chat`."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(words: list[str]) -> int:
    """Run them; 1 if one of them missed a bound, 2 if there is none of a name."""
    there = {path.stem.removeprefix("bench_"): path for path in sorted(HERE.glob("bench_*.py"))}
    if unknown := [word for word in words if word not in there]:
        print(f"There is no benchmark {unknown[0]!r}. There are: {', '.join(there)}.", file=sys.stderr)
        return 2
    failed = 0
    for name in words or there:
        print(f"=== {name}", flush=True)
        failed += subprocess.call([sys.executable, str(there[name])]) != 0
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
