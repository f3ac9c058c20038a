"""The check that ends every run of the tests: it names what they left behind, and ends what still runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import leftovers
import pytest


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """The folder that a run of the tests would keep its temporary files in."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course of two files, and a cache that no one counts."""
    folder = tmp_path / "course"
    (folder / "__pycache__").mkdir(parents=True)
    for name in ("kept.py", "changed.py"):
        (folder / name).write_text("# as it was\n")
    return folder


def test_where_nothing_was_left_nothing_is_told(temporary: Path, course: Path) -> None:
    before = leftovers.files(course)
    (temporary / "pytest-of-somebody").mkdir()  # pytest's own, the folders of the last tests
    (course / "__pycache__" / "kept.pyc").touch()
    assert leftovers.told(temporary) == []
    assert leftovers.changes(before, leftovers.files(course)) == []


def test_files_are_named(temporary: Path, course: Path) -> None:
    (course / "gone.py").touch()
    before = leftovers.files(course)
    (course / "gone.py").unlink()
    (course / "changed.py").write_text("# as it is now\n")
    (course / "notebooks").mkdir()
    (course / "notebooks" / "new.py").touch()
    (temporary / "tmpabc").touch()
    assert leftovers.told(temporary) == ["temporary: tmpabc"]
    changes = leftovers.changes(before, leftovers.files(course))
    assert changes == ["new: notebooks/new.py", "gone: gone.py", "changed: changed.py"]


def test_a_process_is_named_and_ended(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "PATIENCE", 0)
    command = [sys.executable, "-c", "print('here', flush=True); input()"]
    environ = os.environ | {"TMPDIR": str(temporary)}
    with subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        (line,) = leftovers.told(temporary)
        assert line.startswith(f"running: {child.pid} {sys.executable} -c print('here'")
        assert child.wait(10) != 0
    assert leftovers.processes(temporary) == []
