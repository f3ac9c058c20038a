"""The models that a key may use: `client.models.list()`, `client.models.retrieve(...)`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from tutor.api.calls import NOT_GIVEN
from tutor.api.messages import ApiObject

if TYPE_CHECKING:
    from tutor.api.client import Client, Timeout


class ModelInfo(ApiObject):
    """What the API knows about a model; its dates are `datetime`s."""

    id: str
    display_name: str
    lifecycle: str
    max_input_tokens: int | None = None
    max_tokens: int | None = None

    created_at: datetime
    deprecated_at: datetime | None = None
    retires_at: datetime | None = None

    def __init__(self, fields: Mapping[str, Any]) -> None:
        super().__init__(fields)
        for name in ("created_at", "deprecated_at", "retires_at"):
            if fields.get(name):
                self.__dict__[name] = datetime.fromisoformat(fields[name])


class Page(ApiObject):
    """One page of a list: `data`, `has_more`, `first_id`, `last_id`."""

    data: list[ModelInfo]
    has_more: bool
    first_id: str | None = None
    last_id: str | None = None

    def __init__(self, fields: Mapping[str, Any], models: Models) -> None:
        super().__init__(fields)
        self.data = [ModelInfo(item) for item in fields["data"]]
        self._models = models

    def __iter__(self) -> Iterator[ModelInfo]:
        yield from self.data
        if self.has_more:
            yield from self._models.list(after_id=self.last_id)


class Models:
    """List the models, or look one up."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def list(
        self,
        *,
        limit: int | None = None,
        after_id: str | None = None,
        before_id: str | None = None,
        extra_headers: Mapping[str, str] | None = None,
        timeout: Timeout = NOT_GIVEN,
    ) -> Page:
        """The models that your key may use, newest first. A loop over the page goes on with the next pages."""
        asked = {"limit": limit, "after_id": after_id, "before_id": before_id}
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        found, _ = self._client.fetch("/v1/models" + (query and "?" + query), None, extra_headers, timeout, "data")
        return Page(found, self)

    def retrieve(
        self, model_id: str, *, extra_headers: Mapping[str, str] | None = None, timeout: Timeout = NOT_GIVEN
    ) -> ModelInfo:
        """One model by its id or an alias."""
        if not model_id:
            raise ValueError(f"Expected the id of a model, got {model_id!r}.")
        return ModelInfo(
            self._client.fetch("/v1/models/" + quote(model_id, safe=""), None, extra_headers, timeout, "id")[0]
        )
