"""What the tests left behind: processes, temporary files, and files of the course that are new, gone or changed."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 30  # seconds that what is about to end may take
OURS = {".git", ".venv", ".jupyter", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache", "__pycache__"}

Files = dict[str, tuple[int, int]]


def files(root: Path = ROOT) -> Files:
    """Every file of the course with its size and time, but for what git, start.py and the tools keep."""
    found: Files = {}
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - OURS)
        for path in (Path(folder, name) for name in names):
            with contextlib.suppress(FileNotFoundError):  # it went away just now
                state = path.lstat()
                found[path.relative_to(root).as_posix()] = state.st_size, state.st_mtime_ns
    return found


def processes(folder: Path) -> list[psutil.Process]:
    """Those that were told to keep their temporary files in this folder: ours, whoever started them."""
    return [each for each in psutil.process_iter() if str(folder) in _temporary(each)]


def _temporary(process: psutil.Process) -> list[str]:
    try:
        environ = process.environ()
    except (psutil.Error, OSError):  # another user's, or gone by now
        return []
    return [environ.get(name, "") for name in ("TMPDIR", "TEMP", "TMP")]


def told(folder: Path) -> list[str]:
    """One line for each process and file left behind by what had its temporary files in this folder."""
    deadline = time.monotonic() + PATIENCE
    while (running := processes(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    lines = [f"running: {_command(process)}" for process in running]
    for process in running:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    names = sorted(path.name for path in folder.iterdir())
    return lines + [f"temporary: {name}" for name in names if not name.startswith("pytest-of-")]


def changes(before: Files, now: Files) -> list[str]:
    """One line for each file of the course that differs."""
    lines = [f"new: {name}" for name in sorted(now.keys() - before.keys())]
    lines += [f"gone: {name}" for name in sorted(before.keys() - now.keys())]
    both = sorted(now.keys() & before.keys())
    return lines + [f"changed: {name}" for name in both if now[name] != before[name]]


def _command(process: psutil.Process) -> str:
    try:
        return f"{process.pid} {' '.join(process.cmdline())[:200]}"
    except psutil.Error:
        return str(process.pid)
