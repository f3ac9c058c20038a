"""From a bare machine to JupyterLab answering, beside `python3 -m venv` and `pip install` of the same packages.

Both begin with a fresh copy of the course, an empty home folder and empty package caches. The packages come from the
network: seconds differ from place to place, the ratio less.
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

from figures import ROOT, Figure, table

PYTHON = getattr(sys, "_base_executable", sys.executable)  # the machine's own, also when .venv's runs this
LATER = 3
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


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        course, env = bare(Path(name))
        first = opened(course, env)[1]
        handed_over, answered = min(opened(course, env) for _ in range(LATER))
    with tempfile.TemporaryDirectory() as name:
        usual = by_pip(*bare(Path(name)))
    of = f"{first:.1f} s : {usual:.1f} s"
    return [
        Figure("bare machine to JupyterLab, beside venv and pip", first / usual, "times", 0.35, of),
        Figure("a later start reaches JupyterLab's own", handed_over, "s", 1.0, f"answers in {answered:.1f} s"),
    ]


if __name__ == "__main__":
    sys.exit(table(measure()))
