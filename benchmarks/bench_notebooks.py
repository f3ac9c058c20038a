"""What comparing every notebook costs, beside running it: pytest with nbval against nbclient.

    python benchmarks/bench_notebooks.py       prints a table; ends with 1 if the bound is not kept

Each contender is a process of its own and runs the same notebooks, as shipped and solved; they take turns, and the
fastest round counts: noise only ever adds. pytest's time holds its start, nbclient's holds the start of Python.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS, BOUND = 2, 1.3
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]


def execute(folder: Path) -> None:
    """Run every notebook as it is shipped, and solved, in the environment of the tests; outputs are dropped."""
    import environment
    import nbclient
    import nbformat
    import solved

    solved.write_solved(folder)
    os.environ.update(environment.clean(folder))
    for path in [*sorted(solved.NOTEBOOKS.glob("*.ipynb")), *sorted(folder.glob("*.ipynb"))]:
        where = {"metadata": {"path": str(folder)}}
        nbclient.NotebookClient(
            nbformat.read(path, as_version=4), timeout=60, kernel_name="python3", resources=where
        ).execute()


def seconds(command: list[str]) -> float:
    """How long a Python process takes; raises `CalledProcessError` if it fails."""
    started = time.perf_counter()
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path[:2])}
    subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environ, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return time.perf_counter() - started


def main() -> int:
    """Measure in turn, print the fastest rounds and their ratio; 1 if the bound is not kept."""
    compared, executed = [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            executed.append(seconds([__file__, folder]))
        compared.append(seconds(["-m", "pytest", "-q", "-p", "no:cacheprovider", "notebooks"]))
    ratio = min(compared) / min(executed)
    print(f"{'nbclient, run only':<22}{min(executed):>7.1f} s")
    print(f"{'pytest --nbval':<22}{min(compared):>7.1f} s{ratio:>8.2f} x, bound {BOUND} x")
    return int(ratio > BOUND)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        execute(Path(sys.argv[1]))
    else:
        sys.exit(main())
