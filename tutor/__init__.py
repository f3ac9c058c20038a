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
    from tutor.practice import predict

__version__ = "0.1.0"
__all__ = ["Client", "log", "plots", "predict", "start", "text_of"]

_HOMES = {
    "Client": "tutor.api",
    "log": "tutor.course:LOG",
    "predict": "tutor.practice.guess",
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
