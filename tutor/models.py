"""The model table of the course: ids, prices, limits, and what each model accepts.

The table is `models.toml`, read at the first question and kept. Its heading says where the prices come from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

DEFAULT = "claude-haiku-5-5"

ID = re.compile(r"\bclaude-(?:fable|mythos|opus|sonnet|haiku|instant|v?\d)(?:[-.]?[a-z0-9]+)*")
"""What the id of a model looks like in a text, whether the table knows it or not."""

LEVELS = ("low", "medium", "high", "xhigh", "max")


class Price(NamedTuple):
    """Dollars for a million tokens."""

    input: float
    output: float
    cache_write_5m: float
    cache_write_1h: float
    cache_read: float


@dataclass(frozen=True)
class Model:
    """One row of the table; `models.toml` says what each column means."""

    id: str
    name: str
    released: date
    price: Price
    min_cache: int
    thinking_default: str
    thinking: tuple[str, ...]
    up_to_high: tuple[str, ...] = ()
    context_window: int = 1_000_000
    max_output: int = 128_000
    long_above: int | None = None
    long_price: Price | None = None
    effort: tuple[str, ...] = LEVELS
    effort_default: str = "high"
    forced_tool_choice: bool = True
    prefill: bool = False
    sampling: str = "default"
    bound_thinking: str = ""
    system_turns: bool = True
    tool_prompt: tuple[int, int] = (0, 0)
    image: str = "high"
    tokenizer: str = "new"
    keeps_thinking: bool = True
    display: str = "omitted"
    fast: str = ""
    geo: bool = True
    rate_limits: tuple[int, int, int] = (1_000, 2_000_000, 400_000)
    refused_tools: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    retires: date | None = None
    retires_not_before: date | None = None

    @property
    def line(self) -> str:
        """`haiku`, `sonnet`, `opus` or `fable`."""
        return self.id.split("-")[1]


class UnknownModel(LookupError):
    """An id that is not in the table."""


@cache
def _table() -> dict[str, Any]:
    import tomllib

    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


@cache
def _models() -> dict[str, Model]:
    return {id: Model(id=id, **{key: _plain(key, value) for key, value in row.items()}) for id, row in _rows().items()}


def _rows() -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = _table()["model"]
    return rows


def _plain(key: str, value: Any) -> Any:
    if key in ("price", "long_price"):
        return Price(*value)
    return tuple(value) if isinstance(value, list) else value


@cache
def _names() -> dict[str, Model]:
    return {name: model for model in _models().values() for name in (model.id, *model.aliases)}


def all() -> tuple[Model, ...]:
    """Every model that answers, newest first."""
    return tuple(sorted(_models().values(), key=lambda model: model.released, reverse=True))


def find(id: str) -> Model | None:
    """The model of that id or alias, or None."""
    return _names().get(id)


def as_of() -> date:
    """The day on which the table was compared with its sources."""
    day: date = _table()["as_of"]
    return day


def retired() -> dict[str, date]:
    """Each retired id and its last day."""
    return dict(_table()["retired"])


def price(model: Model, prompt_tokens: int = 0) -> Price:
    """The prices of a request whose prompt (input, cache writes and cache reads together) is that long."""
    if model.long_price and model.long_above is not None and prompt_tokens > model.long_above:
        return model.long_price
    return model.price


def cost(usage: Mapping[str, Any], model_id: str) -> float:
    """Dollars for the `usage` of one reply; raises `UnknownModel` for an id that is not in the table."""
    model = find(model_id)
    if model is None:
        raise UnknownModel(f"Expected a model of the table, got {model_id!r}. The table knows {', '.join(_models())}.")
    plain, read = _count(usage, "input_tokens"), _count(usage, "cache_read_input_tokens")
    written = _count(usage, "cache_creation_input_tokens")
    hour = _count(usage.get("cache_creation"), "ephemeral_1h_input_tokens")
    rate = price(model, plain + read + written)
    dollars = (
        plain * rate.input
        + read * rate.cache_read
        + (written - hour) * rate.cache_write_5m
        + hour * rate.cache_write_1h
        + _count(usage, "output_tokens") * rate.output
    ) / 1_000_000
    besides = _table()["besides"]
    if usage.get("service_tier") == "batch":
        dollars *= besides["batch"]
    if usage.get("speed") == "fast":
        dollars *= besides["fast"]
    if usage.get("inference_geo") == "us":
        dollars *= besides["us_only"]
    searches: float = _count(usage.get("server_tool_use"), "web_search_requests") * besides["web_search"]
    return dollars + searches


def _count(holder: Any, key: str) -> int:
    """A number of `usage`; 0 where another server than Anthropic's left it out or wrote something else."""
    value = holder.get(key) if isinstance(holder, Mapping) else None
    return value if isinstance(value, int) else 0


def is_free(reply: Mapping[str, Any]) -> bool:
    """Whether a reply is a refusal that is not billed: one before any output, unless its category is billed."""
    details = reply.get("stop_details")
    category = details.get("category") if isinstance(details, Mapping) else None
    billed = category in _table()["besides"]["billed_refusals"]
    return reply.get("stop_reason") == "refusal" and not reply.get("content") and not billed


def bill(reply: Mapping[str, Any], model_id: str) -> float:
    """Dollars for a whole reply, by its `usage`, `content` and stop; raises as `cost` does."""
    usage = reply.get("usage")
    dollars = cost(usage if isinstance(usage, Mapping) else {}, model_id)
    return 0.0 if is_free(reply) else dollars
