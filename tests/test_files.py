"""Files are there whole, or as they were before: whatever ends the writing, and whoever else writes."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tutor import files

WRITER = """
import sys
from pathlib import Path
from tutor import files
path, n = Path(sys.argv[1]), 0
print("begun", flush=True)
while True:
    n += 1
    files.replace(path, f"{n}\\n" * 50_000)
"""
FULL = """
import resource, sys
from pathlib import Path
from tutor import files
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
for write in (files.replace, files.create):
    for name in sys.argv[1:]:
        try:
            write(Path(name), "x" * 5000)
        except OSError:
            print("refused")
"""


@pytest.mark.slow
def test_whenever_the_writer_is_killed_the_file_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    for n in range(8):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        while not path.exists():
            time.sleep(0.001)
        time.sleep(0.003 * n)
        writer.kill()
        writer.communicate()
        lines = path.read_text().splitlines()
        assert (len(lines), len(set(lines))) == (50_000, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="a limit on files is set the way of Unix")
def test_on_a_full_disk_the_old_file_stays_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("old")
    names = [str(tmp_path / "old.txt"), str(tmp_path / "new.txt")]
    done = subprocess.run([sys.executable, "-c", FULL, *names], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["refused"] * 3  # `create` does not touch what is there
    assert [path.name for path in tmp_path.iterdir()] == ["old.txt"]
    assert (tmp_path / "old.txt").read_text() == "old"


def test_of_many_who_create_one_succeeds(tmp_path: Path) -> None:
    path, won = tmp_path / "file.txt", []
    threads = [threading.Thread(target=lambda n=n: files.create(path, str(n)) and won.append(n)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path.read_text()] == [str(n) for n in won]
    assert os.listdir(tmp_path) == ["file.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_a_private_file_is_its_owners_alone(tmp_path: Path) -> None:
    files.replace(tmp_path / "file.txt", "secret", private=True)
    assert stat.S_IMODE((tmp_path / "file.txt").stat().st_mode) == 0o600
