"""Which requests ask the same question, and what a recording must hold."""

from __future__ import annotations

import pytest

from tutor.mock import recordings
from tutor.mock.recordings import Library, Recording, RecordingError

GOOD = """\
source: {kind: written, on: 2026-11-20}
request: {model: m, messages: [{role: user, content: Is yes a word?}]}
replies:
- content: 'yes'
"""


def asked(content="Hello", **fields):
    return {"model": "m", "messages": [{"role": "user", "content": content}], **fields}


SAME = [
    asked(
        stream=True, max_tokens=5, stop_sequences=["x"], metadata={"user_id": "u"}, service_tier="auto", temperature=1
    ),
    asked(diagnostics={"previous_message_id": None}, speed="fast", inference_geo="us"),
    asked([{"type": "text", "text": "Hello"}]),
    asked([{"type": "text", "text": "Hello", "cache_control": {"type": "ephemeral"}, "citations": None}]),
    {"messages": [{"content": "Hello", "role": "user"}], "model": "m"},
]
DIFFERENT = [
    asked("Hello!"),
    asked(system="Be brief."),
    asked(thinking={"type": "disabled"}),
    asked(output_config={"effort": "low"}),
    asked(tools=[{"name": "f", "input_schema": {"type": "object"}}]),
    {"model": "m", "messages": [{"role": "user", "content": "Hi"}, {"role": "user", "content": "Hello"}]},
]


def name_of(body):
    return recordings.fingerprint(recordings.question(body))


@pytest.mark.parametrize("body", SAME)
def test_these_ask_the_same_question(body):
    assert name_of(body) == name_of(asked())


@pytest.mark.parametrize("body", DIFFERENT)
def test_these_ask_another_one(body):
    assert name_of(body) != name_of(asked())


def test_a_system_string_is_its_one_text_block():
    assert name_of(asked(system="Be brief.")) == name_of(asked(system=[{"type": "text", "text": "Be brief."}]))


def test_turns_of_one_role_in_a_row_are_one_turn():
    two = {"model": "m", "messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]}
    assert name_of(two) == name_of(asked([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]))


def test_thinking_that_is_sent_back_does_not_change_the_question():
    def told(*before):
        reply = [*before, {"type": "text", "text": "ok"}]
        return {
            "model": "m",
            "messages": [*asked()["messages"], {"role": "assistant", "content": reply}, *asked()["messages"]],
        }

    assert name_of(told()) == name_of(told({"type": "thinking", "thinking": "", "signature": "x"}))


def library(*bodies):
    return Library([Recording(f"demo/{n}", body, ({},), "written", body["model"]) for n, body in enumerate(bodies)])


def test_another_model_serves_where_this_one_has_no_recording():
    shelf = library(asked(), {**asked(), "model": "other"})
    assert shelf.find(asked()).name == "demo/0"
    assert shelf.find({**asked(), "model": "other"}).name == "demo/1"
    assert shelf.find({**asked(), "model": "third"}).name == "demo/0"
    assert shelf.find(asked("Bye")) is None


def test_the_closest_recording_shares_most_words_with_the_last_turn():
    shelf = library(asked("Write a haiku about tides."), asked("Explain the tides."), asked("What is a token?"))
    closest = shelf.closest(asked("Write me a haiku about the sea"))
    assert [recording.name for recording in closest] == ["demo/0", "demo/1", "demo/2"]


def write(folder, text, name="demo/one.yaml"):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_words_that_yaml_likes_to_guess_at_stay_words(tmp_path):
    recording = recordings.recording(write(tmp_path, GOOD.replace("'yes'", "yes")), tmp_path)
    assert recording.replies[0]["content"] == [{"type": "text", "text": "yes"}]
    assert (recording.name, recording.kind) == ("demo/one", "written")


BAD = [
    (GOOD.replace("source:", "sauce:"), "expected source, request, replies"),
    (GOOD.replace("written", "guessed"), "expected a source.kind"),
    (GOOD.replace(", on: 2026-11-20", ""), "expected source.on"),
    (GOOD.replace("model: m, ", ""), "expected request.model"),
    (GOOD.replace("role: user, ", ""), "expected role and content"),
    (GOOD.replace("- content: 'yes'", "  []"), "expected replies, a list"),
    (GOOD.replace("content: 'yes'", "text: 'yes'"), "expected content in each reply"),
    (GOOD.replace("content: 'yes'", "content: [{text: x}]"), "a type in each block"),
    (GOOD.replace("Is yes a word?", "7"), "expected words or blocks"),
    (GOOD.replace("'yes'", "{type: text, text: x}"), "expected words or blocks, a type"),
    (GOOD.replace("'yes'", "[{type: text}]"), "expected text in a text block"),
    (GOOD.replace("'yes'", "[{type: tool_use, name: f}]"), "input in a tool_use block"),
    (GOOD + "  usage: 7\n", "expected usage"),
    (GOOD + "  pace: [[1, 2], [3]]\n", "expected pace"),
    ("a: [", "expected"),
    ("[]", "expected source, request, replies"),
    (GOOD.replace("'yes'", "sk-ant-api03-abc"), "looks like an API key"),
]


@pytest.mark.parametrize(("text", "words"), BAD, ids=[words for _, words in BAD])
def test_a_recording_that_cannot_be_used_says_what_to_change(tmp_path, text, words):
    with pytest.raises(RecordingError, match=words) as caught:
        recordings.recording(write(tmp_path, text), tmp_path)
    assert "one" in str(caught.value)
    assert "api03" not in str(caught.value)


def test_a_file_that_is_no_text_says_so(tmp_path):
    path = write(tmp_path, GOOD)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(RecordingError, match="expected text in UTF-8"):
        recordings.recording(path, tmp_path)
    with pytest.raises(RecordingError, match="expected a file to read"):
        recordings.read_yaml(tmp_path)


def test_a_changed_file_is_read_again_the_others_are_not(tmp_path):
    write(tmp_path, GOOD)
    first = recordings.load(tmp_path)
    assert recordings.load(tmp_path) is first
    write(tmp_path, GOOD.replace("Is yes a word?", "Is no a word?"), "demo/two.yaml")
    assert len(recordings.load(tmp_path).recordings) == 2


def test_a_file_that_cannot_be_used_is_left_out_and_named(tmp_path):
    write(tmp_path, GOOD)
    write(tmp_path, GOOD[:70], "demo/cut.yaml")
    library = recordings.load(tmp_path)
    assert [one.name for one in library.recordings] == ["demo/one"]
    assert [words.partition(":")[0] for words in library.broken] == ["cut.yaml"]


def test_the_tutors_bank_is_not_among_the_recordings(tmp_path):
    write(tmp_path, "entries: []", "tutor/demo.yaml")
    assert recordings.load(tmp_path).recordings == []


def test_every_recording_of_the_course_can_be_used():
    assert recordings.load().broken == ()
