"""Dollars spent by this notebook, and the cap after which nothing more is sent."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from .. import models


class Budget:
    """The meter of one notebook."""

    def __init__(self, cap: float) -> None:
        self.cap = cap
        self._spent = 0.0
        self._lock = threading.Lock()

    @property
    def spent(self) -> float:
        """Dollars for the replies so far, by the table of prices."""
        return self._spent

    @property
    def is_spent(self) -> bool:
        """Whether the cap is reached."""
        return self._spent >= self.cap

    def add(self, reply: Mapping[str, Any], model: str, paid: bool) -> float:
        """Count a reply. A model that is not in the table counts as the dearest one, so that the cap holds.

        `paid` False: somebody else's address, whose own names for models have prices that we do not know.
        """
        try:
            dollars = models.bill(reply, model)
        except models.UnknownModel:
            dollars = max(models.bill(reply, each.id) for each in models.all()) if paid else 0.0
        with self._lock:
            self._spent += dollars
        return dollars

    def refusal(self) -> str:
        """What a request meets once the cap is reached."""
        return (
            f"This notebook has spent ${self.spent:.2f} of its ${self.cap:.2f}, so this request was not sent. "
            "Restart the kernel to begin again from zero, or set TUTOR_BUDGET to another number of dollars."
        )
