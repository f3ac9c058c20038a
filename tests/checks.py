"""Every check of the course, one after the other, and a summary; `start.py test` runs it."""

import contextlib
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FAST, USUAL, LONG = "not slow and not browser and not long and not hypothesis", "not long", ""


class Ended(KeyboardInterrupt):
    """The system asks this process alone to end."""


def checks(words: list[str]) -> dict[str, list[str]]:
    """The checks by name, as Python modules with their words; words that are not ours are pytest's."""
    chosen = FAST if "--fast" in words else LONG if "--long" in words else USUAL
    return {
        "ruff check": ["ruff", "check", "."],
        "ruff format": ["ruff", "format", "--check", "."],
        "mypy": ["mypy"],
        "pytest": ["pytest", "-m", chosen, *(word for word in words if word not in ("--fast", "--long"))],
    }


def run(command: list[str]) -> int:
    """Run a module in this Python; return its exit code. Told to end, let it tidy up first."""
    child = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT)
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
    """Run every check, also after one has failed, and sum up."""
    summary, failed = [], False
    for name, command in checks(words).items():
        print(f"=== {name}", flush=True)
        started = time.monotonic()
        code = run(command)
        failed = failed or code != 0
        summary.append(f"{name:<12} {'failed' if code else 'passed'} {time.monotonic() - started:7.1f} s")
    print("", *summary, "Not everything passed." if failed else "Everything passed.", sep="\n")
    return int(failed)


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
