"""A limit for what a learner wrote: a loop without an end ends the check, and not the lesson."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SECONDS = 20.0  # the longest check of the course, live and slow, needs a quarter of it
AGAIN = 0.5  # seconds until it rings again, in case somebody's bare `except` has caught it


class TookTooLong(BaseException):
    """The time is over. Not an Exception, so that `except Exception` lets it through."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raises TookTooLong in the block when the time is over, also in a sleep.

    Only where the system has timers for the main thread: on Windows nothing rings, and Interrupt Kernel ends a loop.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    running = True

    def ring(number: int, frame: object) -> None:
        if running:
            raise TookTooLong

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        running = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
