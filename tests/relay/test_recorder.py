"""Live replies become recordings: readable, without secrets, and replayed as they were."""

from __future__ import annotations

import json

import pytest

from tutor.mock import recordings
from tutor.relay import recorder, review

KEY = "sk-ant-api03-planted-in-the-tests-0123456789"
HAIKU = "claude-haiku-5-5"


def reply(text="Moon pulls,\nwater climbs", **fields):
    usage = {"input_tokens": 14, "output_tokens": 9, "service_tier": "standard", "inference_geo": "global"}
    said = {"id": "msg_1", "type": "message", "role": "assistant", "model": HAIKU, "stop_reason": "end_turn"}
    thinking = {"type": "thinking", "thinking": "", "signature": "real"}
    return {
        **said,
        "stop_sequence": None,
        "content": [thinking, {"type": "text", "text": text}],
        "usage": usage,
        **fields,
    }


@pytest.fixture
def recording(make_house, upstream, tmp_path):
    """A relay that records into a folder of its own, for the lesson `demo`."""
    house = make_house(tmp_path, mode="record", key=KEY, upstream=upstream.url)
    house.relay.reset("demo")
    return house


def saved(tmp_path):
    return sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.yaml"))


def test_a_live_reply_is_saved_for_a_person_to_read(recording, upstream, tmp_path):
    upstream.json(reply(), "request-id: req_live")
    recording.ask("Write a haiku about tides.", metadata={"user_id": "u1"})
    assert saved(tmp_path) == ["demo/write-a-haiku-about-tides.yaml"]
    text = (tmp_path / "demo/write-a-haiku-about-tides.yaml").read_text()
    on = text.partition("on: ")[2][:10]
    assert text == (
        f"source: {{kind: recorded, on: {on}, request_id: req_live}}\n"
        "request:\n"
        "  model: claude-haiku-5-5\n"
        "  messages:\n"
        "  - {role: user, content: Write a haiku about tides.}\n"
        "replies:\n"
        "- content:\n"
        "  - {type: thinking, thinking: '', signature: ''}\n"
        "  - type: text\n"
        "    text: |-\n"
        "      Moon pulls,\n"
        "      water climbs\n"
        "  stop_reason: end_turn\n"
        "  usage: {input_tokens: 14, output_tokens: 9}\n"
    )


def test_what_was_recorded_is_replayed(recording, upstream, tmp_path, make_house):
    upstream.json(reply())
    recording.ask("Write a haiku about tides.")
    replay = make_house(tmp_path)
    answer = replay.ask("Write a haiku about tides.")
    assert answer.json()["content"][1]["text"] == "Moon pulls,\nwater climbs"
    assert answer.headers["tutor-source"] == "recorded"
    assert "tutor-usage" not in answer.headers
    assert answer.json()["usage"]["output_tokens"] == 9


def test_what_the_cache_did_is_saved_and_replayed(recording, upstream, tmp_path, make_house):
    kinds = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 900}
    usage = {"input_tokens": 3, "cache_creation_input_tokens": 900, "cache_creation": kinds, "output_tokens": 9}
    upstream.json(reply(usage=usage))
    recording.ask("Write a haiku about tides.", cache_control={"type": "ephemeral", "ttl": "1h"})
    again = make_house(tmp_path).ask("Write a haiku about tides.").json()["usage"]
    assert {key: again[key] for key in usage} == usage


def test_a_streamed_reply_is_saved_with_its_pace(recording, upstream, tmp_path):
    start = {**reply(), "content": [], "stop_reason": None}
    events = [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Moon "}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "pulls"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
        {"type": "message_stop"},
    ]
    upstream.stream(*(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n".encode() for one in events))
    recording.ask("Write a haiku.", stream=True)
    one = recordings.load(tmp_path).recordings[0]
    assert one.replies[0]["content"] == [{"type": "text", "text": "Moon pulls"}]
    assert [characters for _, characters in one.replies[0]["pace"]] == [5, 5]
    assert "stream" not in one.request


def test_the_second_call_adds_a_reply_and_a_new_session_begins_again(recording, upstream, tmp_path, make_house):
    for text in ("one", "two"):
        upstream.json(reply(text))
        recording.ask("Count.")
    assert len(recordings.load(tmp_path).recordings[0].replies) == 2
    again = make_house(tmp_path, mode="record", key=KEY, upstream=upstream.url)
    upstream.json(reply("three"))
    again.ask("Count.")
    assert saved(tmp_path) == ["demo/count.yaml"]
    assert len(recordings.load(tmp_path).recordings[0].replies) == 1


def test_a_cut_reply_never_takes_the_place_of_a_whole_one(recording, upstream, tmp_path):
    for reason in ("max_tokens", "end_turn", "max_tokens"):
        upstream.json(reply(reason, stop_reason=reason))
        recording.ask("Tell me all.")
    replies = recordings.load(tmp_path).recordings[0].replies
    assert [one["stop_reason"] for one in replies] == ["end_turn"]


def test_two_questions_that_begin_alike_get_two_files(recording, upstream, tmp_path):
    for system in ("Be brief.", "Be long."):
        upstream.json(reply())
        recording.ask("Hello", system=system)
    assert saved(tmp_path) == ["demo/hello-2.yaml", "demo/hello.yaml"]


@pytest.mark.parametrize("secret", ["sk-ant-api03-other", KEY, "amina@example.com", "Bearer abcdefghijklmnopqrstuvwx"])
def test_what_looks_like_a_secret_is_not_saved(recording, upstream, tmp_path, secret):
    upstream.json(reply(f"Your key is {secret}"))
    answer = recording.ask("What is my key?")
    assert answer.status_code == 200
    assert saved(tmp_path) == []
    assert "was not saved: it holds something that looks like a key" in recording.relay.recorder.refused[0]
    assert secret not in recording.relay.recorder.refused[0]


def test_who_records_is_told_what_was_not_saved(recording, upstream, caplog):
    upstream.json(reply("Write to amina@example.com"), "request-id: req_live")
    recording.ask("my-key-is-sk-ant-api03-other")
    assert caplog.messages == recording.relay.recorder.refused
    assert caplog.messages[0].startswith("The reply req_live was not saved: ")
    assert "api03" not in caplog.text


def test_a_question_of_one_long_word_gets_a_short_file_name(recording, upstream, tmp_path):
    upstream.json(reply())
    assert recording.ask("a" * 500).status_code == 200
    assert saved(tmp_path) == [f"demo/{'a' * 80}.yaml"]


def test_a_folder_that_cannot_be_written_does_not_break_the_reply(make_house, upstream, tmp_path):
    (tmp_path / "file").write_text("in the way")
    house = make_house(tmp_path / "file", mode="record", key=KEY, upstream=upstream.url)
    upstream.json(reply())
    assert house.ask("Hello").json() == reply()
    assert house.relay.recorder.refused[0].endswith("it could not be written (Not a directory).")


def test_a_broken_recording_in_the_way_does_not_break_the_reply(recording, upstream, tmp_path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "broken.yaml").write_text("a: [")
    upstream.json(reply())
    assert recording.ask("Hello").json() == reply()
    assert "broken.yaml" in recording.relay.recorder.refused[0]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"content": "words"}, {}),
        ({"content": ["words"]}, {}),
        ({"usage": None}, {}),
        ({"stop_reason": 7}, {}),
        ({}, {"messages": "words"}),
        ({}, {"messages": [{"role": "user"}]}),
    ],
)
def test_what_another_server_says_in_another_shape_is_passed_on_and_not_saved(
    recording, upstream, tmp_path, changes, fields
):
    upstream.json(reply(**changes))
    assert recording.ask("Hello", **fields).json() == reply(**changes)
    assert saved(tmp_path) == []


def test_errors_the_tutor_and_counting_are_not_saved(recording, upstream, tmp_path):
    upstream.json({"type": "error", "error": {"type": "api_error", "message": "x"}}, status="500 No")
    recording.ask("Hello")
    upstream.json(reply())
    recording.client.post("/v1/messages", json={"model": HAIKU}, headers={"tutor-origin": "chat; lesson=demo"})
    upstream.json({"input_tokens": 3})
    recording.client.post("/v1/messages/count_tokens", json={"model": HAIKU})
    assert saved(tmp_path) == []


def test_live_mode_saves_nothing(make_house, upstream, tmp_path):
    house = make_house(tmp_path, mode="live", key=KEY, upstream=upstream.url)
    upstream.json(reply())
    house.ask("Hello")
    assert saved(tmp_path) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "two\nlines",
        " begins with a blank\nx",
        "ends with a blank \nx",
        "yes",
        "2026-11-20",
        "# no comment",
        "a: b\n- c",
        "tab\there\nx",
        "\u2028\nx",
        "ends\n\n",
        "😀\né",
    ],
)
def test_any_text_is_read_back_as_it_was_written(tmp_path, text):
    path = tmp_path / "one.yaml"
    path.write_text(recorder.write({"text": text, "list": [text, text]}), encoding="utf-8")
    assert recordings.read_yaml(path) == {"text": text, "list": [text, text]}


# --- looking after them ----------------------------------------------------------------------------


def test_check_finds_what_is_wrong(tmp_path):
    good = (
        "source: {kind: written, on: 2026-11-20}\n"
        "request: {model: claude-haiku-5-5, messages: [{role: user, content: Hi}]}\n"
        "replies: [{content: Hello}]\n"
    )
    files = {
        "a/good.yaml": good,
        "a/twin.yaml": good,
        "a/retired.yaml": good.replace("claude-haiku-5-5", "claude-2.1"),
        "a/broken.yaml": "a: [",
        "tutor/a.yaml": "entries: [{ask: [x]}]",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = "\n".join(review.problems(tmp_path))
    assert "a/twin: asks the same question as a/good" in found
    assert "a/retired: the API would refuse this request: model: claude-2.1" in found
    assert "broken" in found
    assert "tutor/a#1: expected an answer" in found
    assert len(found.splitlines()) >= 4


def test_unused_recordings_are_those_nobody_named(tmp_path, make_house):
    used = tmp_path / "used.txt"
    house = make_house(used=used)
    house.ask("Write a haiku about tides.")
    folder = house.relay.mock.folder
    names = [path.stem for path in review.unused(used, folder)]
    assert "tides" not in names
    assert "photosynthesis" in names
