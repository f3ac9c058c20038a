"""Every check of the course, and a summary; `start.py test` runs it."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import leftovers

from tutor.doctor import freshness
from tutor.doctor.finding import Finding

ROOT = Path(__file__).resolve().parent.parent
FAST, USUAL, LONG = "not slow and not long and not hypothesis", "not long", ""
NOT_FAST = ["--ignore-glob=*.ipynb", "--ignore=tests/lessons", "--ignore=tests/browser", "--ignore=tests/doctor"]


class Ended(KeyboardInterrupt):
    """The system asks this process alone to end."""


def checks(words: list[str]) -> dict[str, list[str]]:
    """The checks by name, as Python modules with their words; words that are not ours are pytest's."""
    chosen = FAST if "--fast" in words else LONG if "--long" in words else USUAL
    ignored = NOT_FAST if "--fast" in words else []
    return {
        "ruff check": ["ruff", "check", "."],
        "ruff format": ["ruff", "format", "--check", "."],
        "mypy": ["mypy"],
        "pytest": ["pytest", "-m", chosen, *ignored, *(word for word in words if word not in ("--fast", "--long"))],
    }


def run(command: list[str], temporary: str) -> int:
    """Run a module in this Python, its temporary files in that folder; return its exit code.

    Told to end, let it tidy up first.
    """
    environ = os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), temporary)
    child = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=environ)
    try:
        return child.wait()
    except KeyboardInterrupt as reason:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(0 if isinstance(reason, Ended) else 20)  # Ctrl-C has reached it as well
        for ask in (lambda: child.send_signal(signal.SIGINT), child.kill):
            with contextlib.suppress(subprocess.TimeoutExpired, ValueError, OSError):
                ask()
                child.wait(10)
        raise


def main(words: list[str]) -> int:
    """Run every check, also after one has failed, and sum up. What needs no screen runs beside the tests."""
    started = time.monotonic()
    *aside, (name, command) = checks(words).items()
    before = leftovers.files()
    with ThreadPoolExecutor() as pool, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        quiet = {each: pool.submit(captured, its_command) for each, its_command in aside}
        codes = {name: run(command, temporary)}
        left = leftovers.told(Path(temporary))
        for each, done in quiet.items():
            print(f"=== {each}", done.result().stdout.strip(), sep="\n", flush=True)
            codes[each] = done.result().returncode
    changes = leftovers.changes(before, leftovers.files())
    print("=== left behind", *(left + changes or ["nothing"]), sep="\n")
    alone = os.environ.get("CI") == "true"  # elsewhere somebody may be editing
    codes["left behind"] = len(left + changes * alone)
    sum_up(codes, time.monotonic() - started, freshness.look(ROOT, date.today()))
    return int(any(codes.values()))


def sum_up(codes: dict[str, int], seconds: float, fresh: Iterable[Finding]) -> None:
    """Print what became of each check, and which models and dates of the course need somebody's eye."""
    summary = [f"{each:<12} {'failed' if code else 'passed'}" for each, code in codes.items()]
    notes = [each for each in fresh if each.state != "fine"]
    verdict = "Not everything passed." if any(codes.values()) else "Everything passed."
    print("", *summary, *notes, f"{verdict} It took {seconds:.0f} s.", sep="\n")


def captured(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a module in this Python to its end, and keep what it prints."""
    command = [sys.executable, "-m", *command]
    return subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)


def interrupt(_number: int, _frame: object) -> None:
    """Being told to end (SIGTERM) is like Ctrl-C, but what was started here has not heard of it."""
    raise Ended


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupt)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        sys.exit(130)
