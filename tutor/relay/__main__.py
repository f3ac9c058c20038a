"""`python -m tutor.relay --port 8765`: the relay alone, for any client; and the verbs that look after the recordings.

python -m tutor.relay --port 8765       serve; prints the two variables to export, stays until it is ended
python -m tutor.relay list              every recording and its question
python -m tutor.relay check             what is wrong with the recordings; exit status 1 if anything is
python -m tutor.relay prune used.txt    the files of recordings that are not named in used.txt; --delete deletes them
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from types import FrameType

from .. import settings
from ..journal import Journal
from ..mock.recordings import FOLDER, RecordingError
from .review import listed, problems, unused
from .server import Relay


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser("python -m tutor.relay", description="One local address for the Messages API.")
    parser.add_argument("--port", type=int, default=8765, help="0 picks a free one")
    parser.add_argument("verb", nargs="?", default="serve", choices=("serve", "list", "check", "prune"))
    parser.add_argument("used", nargs="?", type=Path, help="for prune: the file that a run with TUTOR_USED wrote")
    parser.add_argument("--recordings", type=Path, default=FOLDER, help=argparse.SUPPRESS)
    parser.add_argument("--delete", action="store_true", help="for prune: delete the files instead of naming them")
    given = parser.parse_args(arguments)
    if given.verb != "prune" and (given.used or given.delete):
        return _complain(f"Expected nothing after {given.verb}, got {given.used or '--delete'}.")
    if given.verb == "serve":
        return serve(given.port)
    try:
        return look_after(given.verb, given.recordings, given.used, given.delete)
    except RecordingError as error:
        return _complain(str(error))
    except OSError as error:
        return _complain(f"{error.filename}: {error.strerror}.")


def look_after(verb: str, folder: Path, used: Path | None, delete: bool) -> int:
    """The verbs for recordings; returns the exit status."""
    if not any(folder.glob("*/*.yaml")):
        return _complain(f"Expected a folder of recordings, found none in {folder}.")
    if verb == "prune":
        if used is None:
            return _complain("Expected the file that a run with TUTOR_USED=used.txt wrote: prune used.txt")
        lines: Iterable[str] = map(str, unused(used, folder))
    else:
        lines = listed(folder) if verb == "list" else problems(folder)
    found = 0
    for line in lines:
        found += 1
        print(line)
        if verb == "prune" and delete:
            Path(line).unlink()
    if verb == "check" and not found:
        print("Every recording is in order.")
    return int(verb == "check" and found > 0)


def serve(port: int) -> int:
    """Serve until SIGINT or SIGTERM."""
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    if not 0 <= port <= 65535:
        return _complain(f"Expected a port from 0 to 65535, got {port}.")
    try:
        relay = Relay(settings.read(os.environ), Journal())
        relay.start(port)
    except settings.SettingsError as error:
        return _complain(str(error))
    except OSError:
        return _complain(
            f"Port {port} is taken by another program, or may not be used. Choose another, or --port 0 for a free one."
        )
    print(f"ANTHROPIC_BASE_URL={relay.url}\nANTHROPIC_API_KEY={relay.token}", flush=True)
    print(f"The relay answers ({relay.mode}). Ctrl-C ends it.", file=sys.stderr)
    while not ended.wait(1):  # in steps: on Windows a wait without end cannot be interrupted
        continue
    relay.stop()
    return 0


def _complain(words: str) -> int:
    print(words, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
