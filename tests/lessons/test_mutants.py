"""Breaking a check breaks a test: shown here for the shortest lesson, by `benchmarks/mutants.py <lesson>` for each."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the time limit of a mutant is a signal")
def test_nine_of_ten_breaks_of_the_first_check_are_noticed() -> None:
    command = [sys.executable, "benchmarks/mutants.py", "start_here"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"start_here: [1-9]\d+ caught", done.stdout)
