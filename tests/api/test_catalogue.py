"""The list of models, page by page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import anthropic
import pytest

from tutor.api import Client, NotFoundError

HAIKU: dict[str, Any] = {
    "type": "model",
    "id": "claude-haiku-5-5",
    "display_name": "Claude Haiku 5.5",
    "created_at": "2026-10-07T00:00:00Z",
    "lifecycle": "active",
    "deprecated_at": None,
    "retires_at": None,
    "max_input_tokens": 1_000_000,
    "max_tokens": 128_000,
}


def page(*ids: str, more: bool = False) -> dict[str, Any]:
    data = [{**HAIKU, "id": id} for id in ids]
    return {"data": data, "has_more": more, "first_id": ids[0], "last_id": ids[-1]}


def test_one_model(api: Any, client: Client, key: str) -> None:
    api.says(HAIKU)
    model = client.models.retrieve("claude-haiku-5-5")
    with anthropic.Anthropic(api_key=key, base_url=api.url) as sdk:
        theirs = sdk.models.retrieve("claude-haiku-5-5")
    for name in ("id", "display_name", "created_at", "retires_at", "lifecycle", "max_tokens"):
        assert getattr(model, name) == getattr(theirs, name)
    assert model.created_at == datetime(2026, 10, 7, tzinfo=UTC)
    assert [(seen.method, seen.path) for seen in api.seen] == [("GET", "/v1/models/claude-haiku-5-5")] * 2
    assert model.to_dict() == HAIKU


def test_an_id_cannot_leave_its_place_in_the_address(api: Any, client: Client) -> None:
    api.says(HAIKU)
    client.models.retrieve("../messages?x#y")
    assert api.seen[0].path == "/v1/models/..%2Fmessages%3Fx%23y"
    with pytest.raises(ValueError, match="Expected the id of a model"):
        client.models.retrieve("")


def test_a_loop_goes_on_with_the_next_page_as_in_the_sdk(api: Any, client: Client, key: str) -> None:
    for _ in range(2):
        api.says(page("a", "b", more=True))
        api.says(page("c"))
    assert [model.id for model in client.models.list(limit=2)] == ["a", "b", "c"]
    with anthropic.Anthropic(api_key=key, base_url=api.url) as sdk:
        assert [model.id for model in sdk.models.list(limit=2)] == ["a", "b", "c"]
    paths = [seen.path for seen in api.seen]
    assert paths[:2] == paths[2:]


def test_one_page(api: Any, client: Client) -> None:
    api.says(page("a", "b", more=True))
    first = client.models.list()
    assert [model.display_name for model in first.data] == ["Claude Haiku 5.5"] * 2
    assert (first.has_more, first.first_id, first.last_id) == (True, "a", "b")
    assert api.seen[0].path == "/v1/models"


@pytest.mark.parametrize("page", [{"data": [], "has_more": True}, {"data": [HAIKU], "has_more": True}, {"data": []}])
def test_a_page_that_leads_nowhere_is_the_last(api: Any, client: Client, page: dict[str, Any]) -> None:
    api.says({**page, "first_id": None, "last_id": None})
    assert len(list(client.models.list())) == len(page["data"])
    assert len(api.seen) == 1


def test_no_such_model(api: Any, client: Client) -> None:
    api.fails(404, "not_found_error", "model: claude-haiku-3-5")
    with pytest.raises(NotFoundError, match="model: claude-haiku-3-5"):
        client.models.retrieve("claude-haiku-3-5")


def test_a_page_that_leads_to_itself_ends_the_loop(api: Any, client: Client) -> None:
    for _ in range(3):
        api.says(page("a", more=True))
    assert [model.id for model in client.models.list(limit=1)] == ["a", "a"]
    assert len(api.seen) == 2
