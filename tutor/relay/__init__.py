"""One loopback address for every request made in a notebook: recorded or live, journaled, metered, without secrets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..mock.faults import Draining, Fault
from .budget import Budget
from .server import Relay, current

__all__ = ["Budget", "Relay", "current", "faults"]


@contextmanager
def faults(*ordered: int | Fault | Draining) -> Iterator[None]:
    """`with faults(529, rate_limit(retry_after=1)): ...`: the next attempts of this notebook meet these, in this order.

    What is left over is dropped at the end of the block. Blocks do not nest. The tutor's own requests are exempt.
    """
    relay = current()
    if relay is None:
        raise RuntimeError("Expected a started lesson. Run the cell with start(...) first.")
    weather = relay.mock.weather
    weather.begin(*ordered)
    try:
        yield
    finally:
        weather.end()
