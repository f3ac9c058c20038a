"""The models that a key may use: `client.models.list()`, `client.models.retrieve("claude-haiku-5-5")`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from tutor.api.calls import NOT_GIVEN
from tutor.api.messages import ApiObject

if TYPE_CHECKING:
    from tutor.api.client import Client, Timeout


class ModelInfo(ApiObject):
    """What the API says about a model."""

    id: str
    display_name: str
    lifecycle: str
    max_input_tokens: int | None = None
    max_tokens: int | None = None

    @property
    def created_at(self) -> datetime:
        """When it came out."""
        return datetime.fromisoformat(self.__dict__["created_at"])

    @property
    def deprecated_at(self) -> datetime | None:
        """When its end was announced, if it was."""
        return self._moment("deprecated_at")

    @property
    def retires_at(self) -> datetime | None:
        """When it is to stop answering, if that is known."""
        return self._moment("retires_at")

    def _moment(self, name: str) -> datetime | None:
        text = self.__dict__.get(name)
        return datetime.fromisoformat(text) if text else None


class Page(ApiObject):
    """One page of a list. A loop over it goes on with the pages after it."""

    __slots__ = ("_following",)

    data: list[ModelInfo]
    has_more: bool = False
    first_id: str | None = None
    last_id: str | None = None

    def __init__(self, fields: Mapping[str, Any], following: Callable[[Page], Page | None]) -> None:
        super().__init__(fields)
        self.data = [ModelInfo(item) for item in fields["data"]]
        self._following = following

    def __iter__(self) -> Iterator[ModelInfo]:
        page: Page | None = self
        while page and page.data:  # an empty page that promises more would never end
            yield from page.data
            page = page._following(page) if page.has_more else None


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
        """The models that your key may use, newest first."""
        asked = {"limit": limit, "after_id": after_id, "before_id": before_id}
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        found, _ = self._client.fetch("/v1/models" + (query and f"?{query}"), None, extra_headers, timeout, "data")

        def following(page: Page) -> Page | None:
            where = {"before_id": page.first_id} if before_id else {"after_id": page.last_id}
            if not any(where.values()) or where.items() <= asked.items():  # a page that leads to itself never ends
                return None
            return self.list(limit=limit, extra_headers=extra_headers, timeout=timeout, **where)

        return Page(found, following)

    def retrieve(
        self, model_id: str, *, extra_headers: Mapping[str, str] | None = None, timeout: Timeout = NOT_GIVEN
    ) -> ModelInfo:
        """One model, by its id or an alias."""
        if not model_id:
            raise ValueError(f"Expected the id of a model, got {model_id!r}.")
        path = "/v1/models/" + quote(model_id, safe="")
        return ModelInfo(self._client.fetch(path, None, extra_headers, timeout, "id")[0])
