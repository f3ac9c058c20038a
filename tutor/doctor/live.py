"""What only the API can tell: whether it takes the key, what time it is there, and which models it serves now."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import date
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from .. import models
from ..models import Model
from ..settings import Settings
from .finding import Finding, fine, mend, note, skipped
from .freshness import NEWER, day

if TYPE_CHECKING:
    from ..api.catalogue import ModelInfo

APART = 60  # seconds between two clocks
PAGE = 100


def look(found: Settings, used: Iterable[str]) -> Iterator[Finding]:
    """What the address of the API says, if there is a key; `used` are the models that lessons ask."""
    if not found.key or found.mode == "recorded":
        yield skipped("API", "TUTOR_MODE is recorded" if found.key else "there is no key to ask with")
        return
    from ..api import Client, errors
    from ..api.hidden import Secrets

    step = "Check the network, the variables of the proxy, and ANTHROPIC_BASE_URL if it is set."

    try:
        with Client(found.key, found.upstream, max_retries=1, timeout=20) as client:
            _, sent = client.fetch("/v1/models?limit=1", None, None, 20, "data")
            yield fine("API", f"{found.upstream} answers, and takes the key")
            yield clock(sent.headers.get("date", ""), time.time())
            hide = Secrets({"x-api-key": found.key})  # an id is a stranger's words, too
            for each in agreement(list(client.models.list(limit=PAGE)), set(used)):
                yield each._replace(words=hide("".join(filter(str.isprintable, each.words))))
    except (errors.AuthenticationError, errors.PermissionDeniedError) as error:
        yield mend("API", f"the key is refused. {error}", "Make a new one at platform.claude.com/settings/keys.")
    except errors.NotFoundError:
        yield skipped("API", f"{found.upstream} has no list of models")
    except (errors.RateLimitError, errors.InternalServerError) as error:
        yield skipped("API", f"no answer just now. {error}")
    except (errors.APIError, ValueError) as error:
        yield mend("API", f"{found.upstream} gives no usable answer. {error}", step)
    except (TypeError, AttributeError):  # a list of anything
        yield mend("API", f"{found.upstream} gives no usable answer: its list of models is not as the API's", step)


def clock(theirs: str, ours: float) -> Finding:
    """Whether this computer's time, in seconds since 1970, is that of a reply's `date` header."""
    try:
        apart = ours - parsedate_to_datetime(theirs).timestamp()
    except ValueError:
        return skipped("Clock", "not compared: the reply has no date")
    if abs(apart) > APART:
        words = f"this computer is {abs(apart) / 60:.0f} minutes {'ahead of' if apart > 0 else 'behind'} the API"
        return mend("Clock", words, "Set date and time. A wrong clock breaks https, and waiting after a 429.")
    return fine("Clock", "this computer and the API agree on the time")


def agreement(served: Iterable[ModelInfo], used: set[str]) -> Iterator[Finding]:
    """Whether the model table says what the API says of each model."""
    listed = {row.id: row for row in served if row.__dict__.get("lifecycle") != "retired"}
    other: list[str] = []
    gone: list[str] = []
    for model in models.all():
        row = next((listed.pop(name) for name in (model.id, *model.aliases) if name in listed), None)
        if row is None:
            (gone if model.id in used else other).append(f"{model.id} is not served to this key")
        else:
            other += differences(model, row)
    other += [f"{id} is new" for id in listed if id not in models.retired()]
    if gone:
        yield mend("Models", f"lessons use it, and {'; '.join(gone)}", NEWER)
    if other:
        step = f"{NEWER} Authors: compare tutor/models.toml with its sources."
        yield note("Models", f"the API and the table differ: {'; '.join(other)}", step)
    if not gone and not other:
        yield fine("Models", "the API serves just what the model table says")


def differences(model: Model, row: ModelInfo) -> Iterator[str]:
    """What the API says otherwise of a model than the table does."""
    says = row.__dict__.get
    lifecycle = "deprecated" if model.retires else "active"
    if says("lifecycle", lifecycle) != lifecycle:
        yield f"{model.id} is {says('lifecycle')} there, {lifecycle} here"
    ends = row.retires_at.date() if row.retires_at else None
    if ends not in (model.retires, None if model.retires else model.retires_not_before):
        yield f"{model.id} ends {_when(ends)} there, {_when(model.retires)} here"
    for name, ours in (("max_input_tokens", model.context_window), ("max_tokens", model.max_output)):
        if says(name) not in (None, ours):
            yield f"{model.id} has {name} {says(name):,} there, {ours:,} here"


def _when(end: date | None) -> str:
    return f"on {day(end)}" if end else "on no announced day"
