"""`/v1/models`: the model table in the API's shape, with paging and filters, as the official SDK describes it.

Effort and thinking are those of the table; that every model has the other capabilities is assumed. When a model was
deprecated, or a retired one released, is not in the table: null, and the epoch, which the SDK allows for "unknown".
"""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import parse_qs

from .. import models
from ..models import Model
from .rules import Refusal, invalid

_THINKING = ("adaptive", "between_tools", "disabled", "enabled")


def page(query: str) -> dict[str, Any] | Refusal:
    """One page of the list, newest first."""
    asked = parse_qs(query, keep_blank_values=True)
    rows = [row_of(model) for model in models.all()]
    wanted = asked.get("lifecycle", asked.get("lifecycle[]"))
    if wanted:
        rows += [_gone(id, day) for id, day in models.retired().items()]
        rows = [row for row in rows if row["lifecycle"] in wanted]
    try:
        limit = int(asked.get("limit", ["20"])[0])
    except ValueError:
        return invalid("limit: Input should be a valid integer")
    if not 1 <= limit <= 1000:
        return invalid(
            f"limit: Input should be {'greater' if limit < 1 else 'less'} than or equal to {1 if limit < 1 else 1000}"
        )
    ids = [row["id"] for row in rows]
    first, last = 0, len(rows)
    for cursor in ("after_id", "before_id"):
        if cursor in asked and asked[cursor][0] not in ids:
            return invalid(f"{cursor}: not found")  # the words are ours: no real text was found
    if "after_id" in asked:
        first = ids.index(asked["after_id"][0]) + 1
        last = first + limit
    elif "before_id" in asked:
        last = ids.index(asked["before_id"][0])
        first = max(last - limit, 0)
    else:
        last = limit
    shown = rows[first:last]
    more = first > 0 if "before_id" in asked else last < len(rows)
    return {
        "data": shown,
        "has_more": more,
        "first_id": shown[0]["id"] if shown else None,
        "last_id": shown[-1]["id"] if shown else None,
    }


def one(id: str) -> dict[str, Any] | Refusal:
    """A model by id or alias."""
    model = models.find(id)
    if model:
        return row_of(model)
    gone = models.retired().get(id)
    return _gone(id, gone) if gone else Refusal(404, "not_found_error", f"model: {id}")


def row_of(model: Model) -> dict[str, Any]:
    """A model of the table as the API describes it."""
    yes = {"supported": True}
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.name,
        "created_at": _midnight(model.released),
        "line": model.line,
        "lifecycle": "deprecated" if model.retires else "active",
        "deprecated_at": None,
        "retires_at": _midnight(model.retires) if model.retires else None,
        "max_input_tokens": model.context_window,
        "max_tokens": model.max_output,
        "capabilities": {
            "batch": yes,
            "citations": yes,
            "code_execution": yes,
            "context_management": yes,
            "effort": {
                "supported": bool(model.effort),
                **{level: {"supported": level in model.effort} for level in models.LEVELS},
            },
            "image_input": yes,
            "pdf_input": yes,
            "server_tools": {"supported": True, "code_execution": yes, "web_search": yes},
            "structured_outputs": yes,
            "thinking": {
                "supported": True,
                "types": {kind: {"supported": kind in model.thinking} for kind in _THINKING},
            },
        },
    }


def _gone(id: str, day: date) -> dict[str, Any]:
    return {
        "type": "model",
        "id": id,
        "display_name": id,
        "created_at": "1970-01-01T00:00:00Z",
        "line": None,
        "lifecycle": "retired",
        "deprecated_at": None,
        "retires_at": _midnight(day),
        "max_input_tokens": None,
        "max_tokens": None,
        "capabilities": None,
    }


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
