"""The kernel: which Python Jupyter will start for a lesson, and what that Python will then find."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import packages
from .finding import Finding, fine, mend

NAME = "python3"  # as every notebook of the course says
LIST = [sys.executable, "-m", "jupyter_client.kernelspecapp", "list", "--json"]
PROBE = """
import sys
from importlib.util import find_spec
found = [find_spec(name) for name in ("ipykernel", "tutor")]
print(sys.prefix, *(each.origin if each else "" for each in found), sep="\\n")
"""
WAIT = 60  # seconds
INSTALL = "python -m ipykernel install --sys-prefix"
PACKAGES_FIRST = "Mend the packages first, then run this again."


def look(root: Path) -> Iterator[Finding]:
    """Whether a notebook would run on this Python, with this course."""
    listed = subprocess.run(LIST, capture_output=True, text=True, timeout=WAIT, check=False)
    try:
        specs = json.loads(listed.stdout)["kernelspecs"]
    except (ValueError, LookupError):
        yield mend("Kernel", f"Jupyter cannot list its kernels: {_last(listed.stderr)}", PACKAGES_FIRST)
        return
    if NAME in specs:
        yield started(specs[NAME], root)
    else:
        yield mend("Kernel", f"Jupyter has no kernel named {NAME}", INSTALL)


def started(listed: dict[str, Any], root: Path) -> Finding:
    """What becomes of a kernel that is started as Jupyter has it `listed`."""
    spec = listed["spec"]
    python = spec["argv"][0]
    if re.fullmatch(r"python(3(\.\d+)?)?", python):  # Jupyter then takes its own
        python = sys.executable
    remove = f"Delete the folder {listed['resource_dir']}, which Jupyter finds first; then run this again."
    if Path(listed["resource_dir"]).is_relative_to(sys.prefix):
        remove = INSTALL
    command = [python, "-P", "-c", PROBE]  # -P: a kernel, too, looks for its own parts elsewhere than in this folder
    env = {**os.environ, **spec.get("env", {})}
    try:
        done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, timeout=WAIT, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return mend("Kernel", f"Jupyter would start {python}, which does not run ({type(error).__name__})", remove)
    if done.returncode:
        words = f"Jupyter would start {python}, which cannot run the course: {_last(done.stderr)}"
        return mend("Kernel", words, remove)
    prefix, ipykernel, course = done.stdout.split("\n")[:3]
    if not _same(prefix, sys.prefix):
        return mend("Kernel", f"Jupyter would start another Python than this one: {python}", remove)
    if not ipykernel or not course:
        words = f"a notebook would not find {'the course' if ipykernel else 'the package ipykernel'}"
        return mend("Kernel", words, packages.again(root))
    if not _same(course, root / "tutor" / "__init__.py"):
        words = f"a notebook would find another package named tutor, in {Path(course).parent}"
        return mend("Kernel", words, "python -m pip uninstall tutor")
    return fine("Kernel", "Jupyter starts this Python, and it finds this course")


def _same(one: str | Path, other: str | Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _last(said: str) -> str:
    lines = said.strip().splitlines()
    return ([line for line in lines if "Error" in line] or lines or ["it says nothing"])[-1]
