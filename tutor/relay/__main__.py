"""`python -m tutor.relay --port 8765`: the relay alone, for any client.

Prints the two variables to export, and nothing else, to standard output; stays until it is ended.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from types import FrameType

from .. import settings
from ..journal import Journal
from .server import Relay


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser("python -m tutor.relay", description="One local address for the Messages API.")
    parser.add_argument("--port", type=int, default=8765, help="0 picks a free one")
    given = parser.parse_args(arguments)
    return serve(given.port)


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
