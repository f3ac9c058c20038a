"""A limit for what a learner wrote: a loop without an end ends the check, and not the lesson.

A bare `except:` in that loop catches the end too, and would do so for ever. So after some patience each end brings the
next: at the following line of the learner's code, which stands in the `except`, where nothing catches it.
"""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar

from tutor.practice.needs import is_learners

T = TypeVar("T")

SECONDS = 20.0  # the longest check of the course, live and slow, needs a quarter of it
AGAIN, PATIENT = 0.5, 4  # seconds until it rings again, and which ring is the first of the impatient ones


class TookTooLong(BaseException):
    """The time is over. Not an Exception, so that `except Exception` lets it through."""


def within(seconds: float, work: Callable[[], T]) -> T:
    """What `work()` returns. Raises TookTooLong inside of it when the time is over, also in a sleep.

    Only where the system has timers for the main thread: on Windows nothing rings, and Restart Kernel ends a loop.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        return work()
    here, running, rings = sys._getframe(), True, 0

    def ring(number: int, frame: FrameType | None) -> None:
        nonlocal rings
        rings += 1
        if not running or frame is here:
            return
        if rings >= PATIENT:
            own = _learners_frames(frame, here)
            if not own:
                return  # the course clears up after the learner's code
            for each in own:
                each.f_trace = _at_every_line
            sys.settrace(_at_every_line)
        raise TookTooLong

    before, tracing = signal.signal(signal.SIGALRM, ring), sys.gettrace()
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        return work()
    finally:
        running = False
        sys.settrace(tracing)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _at_every_line(frame: FrameType, event: str, what: Any) -> Any:
    """A trace function that ends the learner's code at its next line. Python switches it off when it does."""
    if not is_learners(frame.f_code.co_filename):
        return None
    if event == "line":
        [*map(_thread.interrupt_main, [signal.SIGALRM])]  # and rings once more; after a plain call it would do so here
        raise TookTooLong
    return _at_every_line


def _learners_frames(frame: FrameType | None, end: FrameType) -> list[FrameType]:
    """The functions of the learner that run now, the innermost first."""
    own = []
    while frame is not None and frame is not end:
        if is_learners(frame.f_code.co_filename):
            own.append(frame)
        frame = frame.f_back
    return own
