"""From a bare machine to JupyterLab answering, beside `python3 -m venv` and `pip install` of the same packages.

    python benchmarks/bench_start.py            prints a table; ends with 1 if a bound is not kept

Both begin with a fresh copy of the course, an empty home folder and empty package caches, and take turns for two
rounds; the better round counts. The packages come from the network: seconds differ from place to place, the ratio less.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHON = getattr(sys, "_base_executable", sys.executable)  # the machine's own, also when .venv's runs this
ROUNDS, LATER = 2, 3
NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__")


def bare(folder: Path) -> tuple[Path, dict[str, str]]:
    """A copy of the course, and the environment of a home folder in which nothing has been installed yet."""
    shutil.copytree(ROOT, folder / "course", ignore=NOT_COPIED)
    (folder / "home").mkdir()
    dropped = ("UV_CACHE_DIR", "PIP_CACHE_DIR", "XDG_CACHE_HOME", "VIRTUAL_ENV", "PYTHONPATH")
    env = {name: value for name, value in os.environ.items() if name not in dropped}
    return folder / "course", env | {"HOME": str(folder / "home"), "USERPROFILE": str(folder / "home")}


def opened(course: Path, env: dict[str, str]) -> tuple[float, float]:
    """Seconds until start.py hands over to JupyterLab, and until JupyterLab answers."""
    began = time.perf_counter()
    command = [PYTHON, "start.py", "--no-browser", "--port", "0"]
    handed_over = answered = 0.0
    with subprocess.Popen(
        command, cwd=course, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as lab:
        assert lab.stdout is not None
        said = []
        for line in lab.stdout:
            said.append(line)
            if line.startswith("Starting JupyterLab"):
                handed_over = time.perf_counter() - began
            if address := re.search(r"(http://127\.0\.0\.1:\d+)/lab\S*\?(token=\w+)", line):
                with urllib.request.urlopen(f"{address[1]}/api/status?{address[2]}") as reply:
                    reply.read()
                answered = time.perf_counter() - began
                break
        lab.terminate()
        said += lab.stdout.readlines()
    if not answered:
        raise SystemExit("start.py did not get JupyterLab to answer:\n" + "".join(said))
    return handed_over, answered


def by_pip(course: Path, env: dict[str, str]) -> float:
    """Seconds that the usual two commands take for the same packages; JupyterLab is not even started."""
    began = time.perf_counter()
    python = course / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    for command in (
        [PYTHON, "-m", "venv", ".venv"],
        [str(python), "-m", "pip", "install", "--quiet", "-r", "requirements.lock", "-e", "."],
    ):
        subprocess.run(command, cwd=course, env=env, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> int:
    ours, usual, again = [], [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as name:
            course, env = bare(Path(name))
            ours.append(opened(course, env)[1])
            again += [opened(course, env) for _ in range(LATER)]
        with tempfile.TemporaryDirectory() as name:
            usual.append(by_pip(*bare(Path(name))))
    first, pips = min(ours), min(usual)
    handed_over, answered = min(again)
    rows = [
        ("bare machine to JupyterLab, beside venv + pip", f"{first:.1f} s : {pips:.1f} s", first / pips, 0.35, "times"),
        ("a later start reaches JupyterLab's own", f"of {answered:.1f} s to an answer", handed_over, 1.0, "s"),
    ]
    print(f"{'':<46} {'measured':<26} {'result':>8}   at most")
    for what, measured, result, bound, unit in rows:
        kept = "" if result <= bound else "   NOT KEPT"
        print(f"{what:<46} {measured:<26} {result:>8.2f}   {bound:g} {unit}{kept}")
    return int(any(result > bound for _, _, result, bound, _ in rows))


if __name__ == "__main__":
    sys.exit(main())
