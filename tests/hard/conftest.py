"""A real kernel, as a learner's notebook has one, to be treated badly."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from fake_api import FakeApi
from jupyter_client.manager import KernelManager

ROOT = Path(__file__).resolve().parents[2]
ANSI = re.compile(r"\x1b\[[0-9;]*m")
PATIENCE = 60  # seconds; a slow machine is not a wrong answer


class Kernel:
    """`run` cells in it; what they show comes back as text."""

    def __init__(self, folder: Path, *before: str, **environ: str) -> None:
        """`before`: the words of a command that starts the kernel, such as one that takes something away from it."""
        options = {"transport": "ipc", "connection_file": str(folder / "kernel.json")} if before else {}
        self._manager = KernelManager(kernel_name="python3", **options)
        self._manager.kernel_spec.argv[:1] = [*before, sys.executable]
        self._manager.start_kernel(cwd=str(folder), env={**os.environ, "PYTHONPATH": str(ROOT), **environ})
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(PATIENCE)
        self.outputs: list[dict[str, Any]] = []

    @property
    def pid(self) -> int:
        return int(self._manager.provisioner.pid)

    def begin(self, source: str) -> str:
        """Start a cell; `until` and `end` follow it."""
        return str(self._client.execute(source))

    def until(self, cell: str, words: str) -> None:
        """Wait until the cell has shown these words."""
        shown = ""
        while words not in shown:
            shown += self._next(cell) or ""

    def end(self, cell: str) -> str:
        """All that the cell shows from here to its end, as text."""
        shown: list[str] = []
        while (text := self._next(cell)) is not None:
            shown.append(text)
        return ANSI.sub("", "".join(shown))

    def run(self, source: str) -> str:
        """Run a cell; returns what it showed."""
        return self.end(self.begin(source))

    def interrupt(self) -> None:
        self._manager.interrupt_kernel()

    def kill(self) -> None:
        """End it as a crash would, and wait until it is gone."""
        self._manager.provisioner.process.kill()
        self._manager.provisioner.process.wait()

    def shut_down(self) -> None:
        """End it as JupyterLab does: it may save what it still has to."""
        self._manager.shutdown_kernel()

    def restart(self) -> None:
        self._manager.restart_kernel(now=True)
        self._client.wait_for_ready(PATIENCE)

    def close(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def _next(self, cell: str) -> str | None:
        """The next thing that the cell shows, perhaps empty; None at its end."""
        while True:
            try:
                message = self._client.get_iopub_msg(PATIENCE)
            except Empty:
                raise AssertionError("The kernel showed nothing for a minute, and did not end the cell.") from None
            if message["parent_header"].get("msg_id") != cell:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return None
            self.outputs.append(content)
            if kind == "stream":
                return str(content["text"])
            if kind == "error":
                return "\n".join(content["traceback"])
            return str(content.get("data", {}).get("text/plain", "")) + "\n" if "data" in content else ""


@pytest.fixture
def make_kernel(tmp_path: Path) -> Iterator[Callable[..., Kernel]]:
    """`make_kernel("command", NAME="value")`: a kernel with that environment besides; ended with the test."""
    kernels: list[Kernel] = []

    def make(*before: str, **environ: str) -> Kernel:
        own = {"TUTOR_HOME": str(tmp_path / "home"), "TUTOR_PACE": "0", **environ}
        kernels.append(Kernel(tmp_path, *before, **own))
        return kernels[-1]

    yield make
    for kernel in kernels:
        kernel.close()


@pytest.fixture
def api() -> Iterator[FakeApi]:
    """A loopback API for live lessons."""
    with FakeApi() as started:
        yield started


@pytest.fixture
def kernel(make_kernel: Callable[..., Kernel]) -> Kernel:
    return make_kernel()


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A copy of the course, so that a key can stand in its `.env`, and a recording be damaged."""
    for part in ("tutor", "notebooks"):
        shutil.copytree(ROOT / part, tmp_path / "course" / part, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    return tmp_path / "course"
