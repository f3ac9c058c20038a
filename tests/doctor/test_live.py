"""With a key: the doctor asks a server on loopback that lists models as the API does, and compares."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tutor import models
from tutor.doctor import live
from tutor.mock import catalog
from tutor.settings import Settings

KEY = "sk-ant-api03-planted-in-the-tests-0123456789"
DEFAULT = models.DEFAULT


class Api:
    """Lists models: those of the table at first. Change `rows`, `status` or `ahead` (seconds) as a test needs it."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = [catalog.row_of(model) for model in models.all()]
        self.status, self.ahead, self.body = 200, 0.0, b""
        self.paths: list[str] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                api.paths.append(self.path)
                body = api.body or json.dumps(api.answer(self.path)).encode()
                self.send_response_only(api.status)
                for name, value in (
                    ("date", formatdate(time.time() + api.ahead, usegmt=True)),
                    ("x-should-retry", "false"),
                ):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing is printed."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, path: str) -> dict[str, Any]:
        """A page of the list, or an error in the API's envelope."""
        if self.status != 200:
            error = {"type": "error", "message": "No."}
            return {"type": "error", "error": error, "request_id": "req_1"}
        asked = parse_qs(urlsplit(path).query)
        ids = [row["id"] for row in self.rows]
        first = ids.index(asked["after_id"][0]) + 1 if "after_id" in asked else 0
        data = self.rows[first : first + min(int(asked["limit"][0]), 10)]  # pages are short: a reader has to go on
        more = first + len(data) < len(ids)
        return {"data": data, "has_more": more, "first_id": data[0]["id"], "last_id": data[-1]["id"]}

    def row(self, id: str) -> dict[str, Any]:
        return next(row for row in self.rows if row["id"] == id)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def api() -> Iterator[Api]:
    server = Api()
    yield server
    server.close()


def look(api: Api, *used: str, **given: Any) -> dict[str, tuple[str, str]]:
    """What was found, by its subject: state and words. The key is in none of them."""
    found = list(live.look(Settings(**{"mode": "live", "key": KEY, "upstream": api.url, **given}), used))
    assert KEY not in " ".join(map(str, found))
    assert all(each.next_step for each in found if each.state in ("mend", "note"))
    return {each.subject: (each.state, each.words) for each in found}


def test_an_api_that_serves_the_table_is_fine(api: Api) -> None:
    assert {subject: state for subject, (state, _) in look(api, DEFAULT).items()} == dict.fromkeys(
        ("API", "Clock", "Models"), "fine"
    )
    assert len(api.paths) > 2  # every page was read


@pytest.mark.parametrize("given", [{"key": None}, {"mode": "recorded"}])
def test_without_a_key_and_in_recorded_mode_nothing_is_asked(api: Api, given: dict[str, Any]) -> None:
    assert [state for state, _ in look(api, **given).values()] == ["skipped"]
    assert api.paths == []


CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"lifecycle": "deprecated"}, f"{DEFAULT} is deprecated there, active here"),
    ({"retires_at": "2027-03-01T00:00:00Z"}, f"{DEFAULT} ends on 1 March 2027 there, on no announced day here"),
    ({"max_tokens": 64_000}, f"{DEFAULT} has max_tokens 64,000 there, 128,000 here"),
    ({"max_input_tokens": 200_000}, f"{DEFAULT} has max_input_tokens 200,000 there, 1,000,000 here"),
    ({"id": "claude-haiku-9"}, f"{DEFAULT} is not served to this key; claude-haiku-9 is new"),
]


@pytest.mark.parametrize(
    ("change", "words"), CHANGES, ids=lambda each: next(iter(each), "") if isinstance(each, dict) else ""
)
def test_each_difference_from_the_table_is_told(api: Api, change: dict[str, Any], words: str) -> None:
    api.row(DEFAULT).update(change)
    assert look(api)["Models"] == ("note", f"the API and the table differ: {words}")


def test_a_model_that_lessons_use_and_the_api_does_not_serve_is_to_be_mended(api: Api) -> None:
    api.rows.remove(api.row(DEFAULT))
    assert look(api, DEFAULT)["Models"] == ("mend", f"lessons use it, and {DEFAULT} is not served to this key")


def test_what_the_table_knows_in_another_way_is_no_difference(api: Api) -> None:
    haiku = models.find("claude-haiku-4-5-20251001")
    assert haiku is not None
    api.row(haiku.id)["id"] = "claude-haiku-4-5"
    api.row(DEFAULT)["retires_at"] = "2027-10-07T00:00:00Z"  # the day before which it does not end
    api.row("claude-opus-4-7").update(max_tokens=None, max_input_tokens=None)
    del api.row("claude-opus-4-6")["lifecycle"]
    gone = {**api.rows[0], "id": "claude-2.0", "lifecycle": "retired"}
    late = {**api.rows[0], "id": "claude-sonnet-4-5-20250929", "lifecycle": "deprecated"}
    api.rows += [gone, late]
    assert look(api)["Models"][0] == "fine"


def test_an_announced_end_that_the_table_knows_is_no_difference(api: Api) -> None:
    model = models.find("claude-haiku-4-5")
    assert model is not None
    ending = replace(model, retires=date(2027, 3, 1))
    info = live_row(catalog.row_of(ending))
    assert list(live.differences(ending, info)) == []
    assert list(live.differences(replace(ending, retires=date(2027, 4, 1)), info)) == [
        f"{model.id} ends on 1 March 2027 there, on 1 April 2027 here"
    ]


def live_row(row: dict[str, Any]) -> Any:
    from tutor.api.catalogue import ModelInfo

    return ModelInfo(row)


@pytest.mark.parametrize(
    ("ahead", "state", "words"),
    [
        (30, "fine", "agree"),
        (-30, "fine", "agree"),
        (600, "mend", "10 minutes behind"),
        (-600, "mend", "10 minutes ahead"),
    ],
)
def test_the_clock_is_compared_with_the_servers(api: Api, ahead: float, state: str, words: str) -> None:
    api.ahead = ahead
    found = look(api)["Clock"]
    assert (found[0], words in found[1]) == (state, True)


def test_a_reply_without_a_date_says_nothing_about_the_clock() -> None:
    assert live.clock("", time.time()).state == "skipped"


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        (401, "mend", "the key is refused"),
        (403, "mend", "the key is refused"),
        (404, "skipped", "has no list of models"),
        (429, "skipped", "no answer just now"),
        (529, "skipped", "no answer just now"),
        (418, "mend", "no usable answer"),
    ],
)
def test_an_answer_that_is_an_error_is_told_with_what_it_means(api: Api, status: int, state: str, words: str) -> None:
    api.status = status
    ((found, said),) = look(api).values()
    assert (found, words in said) == (state, True)


def test_an_address_that_is_no_api_is_to_be_mended(api: Api) -> None:
    api.body = b"<html>Log in to the hotel's network</html>"
    assert look(api)["API"][0] == "mend"


def test_an_address_that_nobody_listens_at_is_to_be_mended(api: Api) -> None:
    api.close()
    assert look(api)["API"][0] == "mend"


@pytest.mark.parametrize("data", [None, [1], [{"type": "model"}], [{"id": [1]}], [{"id": DEFAULT, "retires_at": 5}]])
def test_a_list_of_anything_is_no_usable_answer(api: Api, data: object) -> None:
    api.body = json.dumps({"data": data, "has_more": False}).encode()
    found = list(live.look(Settings(mode="live", key=KEY, upstream=api.url), ()))
    assert (found[-1].state, "its list of models is not as the API's" in found[-1].words) == ("mend", True)


def test_a_model_named_like_the_key_shows_neither_it_nor_signs_for_the_terminal(api: Api) -> None:
    api.rows.append({**api.rows[0], "id": f"\x1b[2J{KEY}"})
    assert "[2J[hidden] is new" in look(api)["Models"][1]
