"""What comparing every notebook costs, beside running it: pytest with nbval against nbclient.

Each contender is a process of its own and runs the same notebooks, as shipped and solved; both at the same time, since
what else the machine does is then done to both. The times hold the start of pytest, or of Python.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from figures import ROOT, Figure, table

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


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        commands = [__file__, folder], ["-m", "pytest", "-q", "-p", "no:cacheprovider", "notebooks"]
        with ThreadPoolExecutor() as pool:
            executed, compared = pool.map(seconds, commands)
    of = f"{compared:.1f} s : {executed:.1f} s"
    return [Figure("notebooks compared, beside nbclient running them", compared / executed, "times", 1.3, of)]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        execute(Path(sys.argv[1]))
    else:
        sys.exit(table(measure()))
