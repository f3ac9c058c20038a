"""A course on the Claude Messages API: `from tutor import start`, then `client, exercises, chat = start("requests")`.

Importing does no work: each name is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tutor import plots
    from tutor.api import Client, text_of
    from tutor.course import LOG as log
    from tutor.course import start
    from tutor.mock.faults import cut, draining, error_event, rate_limit, silent, slow
    from tutor.practice import predict
    from tutor.relay import faults

__version__ = "0.1.0"
__all__ = [
    "Client",
    "cut",
    "draining",
    "error_event",
    "faults",
    "log",
    "plots",
    "predict",
    "rate_limit",
    "silent",
    "slow",
    "start",
    "text_of",
]

_HOMES = {
    "Client": "tutor.api",
    "cut": "tutor.mock.faults",
    "draining": "tutor.mock.faults",
    "error_event": "tutor.mock.faults",
    "faults": "tutor.relay",
    "log": "tutor.course:LOG",
    "predict": "tutor.practice.guess",
    "rate_limit": "tutor.mock.faults",
    "silent": "tutor.mock.faults",
    "slow": "tutor.mock.faults",
    "start": "tutor.course",
    "text_of": "tutor.api",
}


def __getattr__(name: str) -> Any:
    if name == "plots":
        return import_module("tutor.plots")
    if name not in _HOMES:
        raise AttributeError(f"tutor has no {name!r}. It has: {', '.join(__all__)}.")
    module, _, inner = _HOMES[name].partition(":")
    return getattr(import_module(module), inner or name)


def __dir__() -> list[str]:
    return sorted(__all__)
