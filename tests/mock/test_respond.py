"""What a learner's request gets where nobody wrote a reply; ids; several replies; counting; the catalogue of models."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tutor import models
from tutor.mock import catalog

TIDES = "Write a haiku about tides."
PLANTS = "Explain photosynthesis in one sentence."
SCHEMA = {"type": "json_schema", "schema": {"type": "object", "additionalProperties": False}}
TOOL = {"name": "f", "input_schema": {"type": "object"}}


def test_a_recording_may_hold_several_replies_and_the_last_repeats(api):
    texts = [api(PLANTS).text for _ in range(3)]
    assert texts[0] != texts[1] == texts[2]
    api.mock.reset()
    assert api(PLANTS).text == texts[0]


def test_headers_say_where_the_reply_comes_from(api):
    headers = api(TIDES).headers
    assert (headers["tutor-recording"], headers["tutor-source"], headers["tutor-usage"]) == (
        "demo/tides",
        "written",
        "estimated",
    )
    assert headers["content-type"] == "application/json"
    assert headers["anthropic-workspace-id"].startswith("wrkspc_")
    assert api(TIDES, stream=True).headers["content-type"] == "text/event-stream; charset=utf-8"


def test_another_models_recording_is_named(api):
    answer = api(TIDES, model="claude-opus-5-5")
    assert (answer.json["model"], answer.headers["tutor-model"]) == ("claude-opus-5-5", "claude-haiku-5-5")
    assert "tutor-model" not in api(TIDES).headers


def test_ids_look_like_the_apis_and_are_the_same_in_every_run(api, make_api):
    first, second = api(TIDES), api(TIDES)
    assert first.headers["request-id"] != second.headers["request-id"]
    assert first.json["id"].startswith("msg_01")
    assert len(first.json["id"]) == len("msg_01XFDUDYJgAACzvnptvVoYEL")
    other = make_api()
    assert [other(TIDES).headers["request-id"] for _ in range(2)] == [
        first.headers["request-id"],
        second.headers["request-id"],
    ]


def test_key_order_does_not_change_the_ids(api, make_api):
    body = {"messages": [{"content": TIDES, "role": "user"}], "max_tokens": 1000, "model": "claude-haiku-5-5"}
    assert make_api().send(body).json["id"] == api(TIDES).json["id"]


def test_an_unrecorded_prompt_gets_an_honest_message_that_names_others(api):
    answer = api("Write a poem about tides and the moon", max_tokens=500)
    assert answer.status == 200
    assert answer.headers["tutor-recording"] == "none"
    assert answer.text.startswith("No reply was written for this prompt.")
    assert "- Write a haiku about tides." in answer.text
    assert "With a key of your own" in answer.text
    assert answer.json["stop_reason"] == "end_turn"


def test_prompts_on_the_learners_page_come_first_however_alike_others_are(api):
    first = f"others:\n\n- {PLANTS}\n"
    assert first not in api("Write a poem about tides and the moon").text
    api.mock.page = f'questions = ["{PLANTS}"]  # written for this page'
    assert first in api("Write a poem about tides and the moon").text


def test_no_prompt_is_named_twice_and_not_more_than_five(api):
    named = [line for line in api("Write a poem about the moon").text.splitlines() if line.startswith("- ")]
    assert len(named) == len(set(named)) <= 5


@pytest.mark.parametrize(
    "fields", [{"output_config": {"format": SCHEMA}}, {"tools": [TOOL], "tool_choice": {"type": "any"}}]
)
def test_where_prose_would_break_the_caller_it_is_an_error(api, fields):
    answer = api("Sort this ticket.", **fields)
    assert (answer.status, answer.headers["x-should-retry"], answer.headers["tutor-recording"]) == (
        400,
        "false",
        "none",
    )
    assert "No reply was written for this request" in answer.error


def test_strict_shows_the_closest_and_the_difference(make_api):
    answer = make_api(strict=True)("Write a haiku about the tides.")
    assert (answer.status, answer.headers["x-should-retry"], answer.headers["tutor-source"]) == (400, "false", "none")
    assert "--- demo/tides" in answer.error
    assert '-     "text": "Write a haiku about tides.",' in answer.error
    assert '+     "text": "Write a haiku about the tides.",' in answer.error


def test_strict_answers_what_is_recorded(make_api):
    assert make_api(strict=True)(TIDES, max_tokens=50, stream=True).status == 200


def test_without_any_recording_strict_and_kind_both_answer(make_api, tmp_path):
    for strict, status in ((True, 400), (False, 200)):
        api = make_api(strict=strict)
        api.mock.folder = tmp_path
        assert api("Hello").status == status


def test_counting_says_what_the_recording_says(api):
    def counted(content, **fields):
        body = {"model": "claude-haiku-5-5", "messages": [{"role": "user", "content": content}], **fields}
        return api.send(body, path="/v1/messages/count_tokens").json["input_tokens"]

    assert counted(TIDES) == api(TIDES).json["usage"]["input_tokens"] == 14
    assert counted("Hello") < counted("Hello, how are you?")
    assert counted(PLANTS) == api(PLANTS).json["usage"]["input_tokens"]


def test_a_hundred_threads_may_ask_at_once(api):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(20) as pool:
        ids = list(pool.map(lambda _: api(TIDES).headers["request-id"], range(100)))
    assert len(set(ids)) == 100


# --- /v1/models ------------------------------------------------------------------------------------


def listed(api, query=""):
    return api.send(b"", method="GET", path=f"/v1/models{query}").json


def test_models_are_listed_newest_first(api):
    page = listed(api)
    assert [row["id"] for row in page["data"]] == [model.id for model in models.all()]
    assert page["data"][0]["created_at"] == "2026-11-09T00:00:00Z"
    assert (page["has_more"], page["first_id"]) == (False, "claude-fable-5-2")


def test_paging_goes_through_all_of_them_forwards_and_backwards(api):
    seen, query = [], "?limit=4"
    while True:
        page = listed(api, query)
        seen += [row["id"] for row in page["data"]]
        if not page["has_more"]:
            break
        query = f"?limit=4&after_id={page['last_id']}"
    assert seen == [model.id for model in models.all()]
    back = listed(api, f"?limit=4&before_id={seen[6]}")
    assert ([row["id"] for row in back["data"]], back["has_more"]) == (seen[2:6], True)


def test_retired_models_are_listed_only_when_asked_for(api):
    rows = listed(api, "?lifecycle=retired&limit=100")["data"]
    assert {row["lifecycle"] for row in rows} == {"retired"}
    assert "claude-3-5-haiku-20241022" in {row["id"] for row in rows}


@pytest.mark.parametrize("query", ["?limit=0", "?limit=1001", "?limit=x", "?after_id=nobody", "?before_id="])
def test_a_page_that_cannot_be_is_a_400(api, query):
    assert api.send(b"", method="GET", path=f"/v1/models{query}").status == 400


def test_one_model_is_found_by_id_and_alias(api):
    one = api.send(b"", method="GET", path="/v1/models/claude-haiku-4-5").json
    assert (one["id"], one["max_input_tokens"]) == ("claude-haiku-4-5-20251001", 200_000)
    assert api.send(b"", method="GET", path="/v1/models/gpt-4").error == "model: gpt-4"


def test_a_model_is_active_until_its_end_is_announced():
    for end, lifecycle, retires_at in (
        (None, "active", None),
        (date(2027, 3, 1), "deprecated", "2027-03-01T00:00:00Z"),
    ):
        row = catalog.row_of(replace(models.find("claude-haiku-4-5"), retires=end))
        assert (row["lifecycle"], row["retires_at"]) == (lifecycle, retires_at)
