"""What one value may be: checks that give None, or the API's sentence about the fault at a path.

The marks of the sources are those of `schema.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any, str], str | None]

SHAPE = "Input does not match the expected shape."


def missing(path: str) -> str:
    return f"{path}: Field required"  # [D]


def extra(path: str) -> str:
    return f"{path}: Extra inputs are not permitted"  # [D]


def quoted(choices: tuple[str, ...]) -> str:
    """`'a', 'b' or 'c'`, as the API lists what it accepts."""
    words = [f"'{choice}'" for choice in choices]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def string(value: Any, path: str) -> str | None:
    return None if isinstance(value, str) else f"{path}: Input should be a valid string"  # [D]


def name(value: Any, path: str) -> str | None:
    return string(value, path) or (None if value else f"{path}: String should have at least 1 character")  # [D]


def boolean(value: Any, path: str) -> str | None:
    return None if isinstance(value, bool) else f"{path}: Input should be a valid boolean"  # [D]


def integer(value: Any, path: str) -> str | None:
    good = isinstance(value, int) and not isinstance(value, bool)
    return None if good else f"{path}: Input should be a valid integer"  # [D]


def unit(value: Any, path: str) -> str | None:
    """A number from 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"{path}: Input should be a valid number"  # [D]
    return None if 0 <= value <= 1 else f"{path}: range: 0..1"  # [D]


def anything(value: Any, path: str) -> str | None:
    return None


def at_least(least: int, words: str) -> Check:
    def check(value: Any, path: str) -> str | None:
        return integer(value, path) or (None if value >= least else f"{path}: {words}")

    return check


def choice(*choices: str) -> Check:
    def check(value: Any, path: str) -> str | None:
        return None if value in choices else f"{path}: Input should be {quoted(choices)}"  # [D] for service_tier

    return check


def optional(check: Check) -> Check:
    return lambda value, path: None if value is None else check(value, path)


def array(of: Check) -> Check:
    def check(value: Any, path: str) -> str | None:
        if not isinstance(value, list):
            return f"{path}: Input should be a valid array"  # [D]
        return next((fault for at, item in enumerate(value) if (fault := of(item, f"{path}.{at}"))), None)

    return check


def dictionary(value: Any, path: str) -> str | None:
    return (
        None if isinstance(value, dict) else f"{path}: Input should be a valid dictionary"
    )  # [I] messages.N.content.N.tool_use.input


def fields(
    known: Mapping[str, Check], required: tuple[str, ...] = (), kind: str = "Input should be an object"
) -> Check:
    """An object of these fields and no others."""

    def check(value: Any, path: str) -> str | None:
        if not isinstance(value, dict):
            return f"{path}: {kind}"  # [D]
        dot = f"{path}." if path else ""
        for field, test in known.items():
            if field not in value:
                if field in required:
                    return missing(f"{dot}{field}")
            elif fault := test(value[field], f"{dot}{field}"):
                return fault
        return next((extra(f"{dot}{field}") for field in value if field not in known), None)

    return check


def tagged(kinds: Mapping[str, Check], default: str = "") -> Check:
    """An object whose `type` says which fields it has."""

    def check(value: Any, path: str) -> str | None:
        if not isinstance(value, dict):
            return f"{path}: Input should be an object"  # [D]
        kind = value.get("type", default) or default
        if not kind:
            return missing(f"{path}.type")  # [D]
        if not isinstance(kind, str) or kind not in kinds:
            known = ", ".join(f"'{one}'" for one in sorted(kinds))
            return (
                f"{path}: Input tag '{kind}' found using 'type' does not match any of the expected tags: {known}"  # [I]
            )
        return kinds[kind](value, f"{path}.{kind}")

    return check
