"""The history: whatever happened to earlier turns, the API accepts what is sent next."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.chat import sent
from tutor.chat.conversation import LETTERS_PER_TOKEN, MOST, Conversation, Turn
from tutor.chat.trouble import UNANSWERED, Trouble


def held(*turns: Turn) -> Conversation:
    conversation = Conversation()
    for turn in turns:
        conversation.add(turn)
    return conversation


def done(id: str, text: str = "Yes.", **more: Any) -> Turn:
    return Turn(id, f"Question {id}?", state="complete", text=text, **more)


def texts(messages: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    return [(message["role"], [block["text"] for block in message["content"]]) for message in messages]


def test_the_question_stands_last_behind_its_context() -> None:
    turn = Turn("1", "Why?", ("<last_cell>\nx\n</last_cell>",))
    assert texts(held(turn).messages()) == [("user", ["<last_cell>\nx\n</last_cell>", "Why?"])]


def test_turns_alternate() -> None:
    assert texts(held(done("1"), Turn("2", "And?")).messages()) == [
        ("user", ["Question 1?"]),
        ("assistant", ["Yes."]),
        ("user", ["And?"]),
    ]


def test_a_question_stopped_before_the_first_word_is_merged_with_the_next() -> None:
    stopped = Turn("1", "One?", state="stopped")
    assert texts(held(stopped, Turn("2", "Two?")).messages()) == [("user", ["One?", "Two?"])]


def test_a_failed_turn_is_left_out() -> None:
    failed = Turn("1", "One?", state="failed")
    assert texts(held(failed, Turn("2", "Two?")).messages()) == [("user", ["Two?"])]


def test_the_oldest_turns_go_first_when_the_budget_is_reached() -> None:
    letters = round(100 * LETTERS_PER_TOKEN)
    conversation = held(*(done(str(n), "a" * letters) for n in range(5)), Turn("5", "And?"))
    kept = texts(conversation.messages(budget=250))
    assert kept[0] == ("user", ["Question 3?"])
    assert len(kept) == 5
    assert texts(conversation.messages(budget=0)) == [("user", ["And?"])]


def test_asking_does_not_change_what_is_kept() -> None:
    conversation = held(Turn("1", "One?", state="stopped"), Turn("2", "Two?"))
    assert conversation.messages() == conversation.messages()


STATES = st.sampled_from(["complete", "stopped", "failed"])
TURNS = st.lists(st.tuples(STATES, st.sampled_from(["", "  \n", "Some text."])), max_size=12)


@given(TURNS, st.integers(min_value=0, max_value=60))
def test_any_history_is_one_that_the_api_accepts(turns: list[tuple[Any, str]], budget: int) -> None:
    conversation = held(*(Turn(str(n), f"Q{n}?", state=state, text=text) for n, (state, text) in enumerate(turns)))
    conversation.add(Turn("last", "And?"))
    messages = conversation.messages(budget)
    assert [message["role"] for message in messages] == (["user", "assistant"] * len(messages))[: len(messages)]
    assert messages[-1]["content"][-1]["text"] == "And?"
    assert all(block["text"].strip() for message in messages for block in message["content"])


def test_usage_is_a_running_total_and_the_last_number_counts() -> None:
    turn = Turn("1", "One?")
    turn.came(0.1, {"type": "message_start", "message": {"usage": {"input_tokens": 9, "output_tokens": 1}}})
    turn.came(0.2, {"type": "message_delta", "delta": {"stop_reason": None}, "usage": {"output_tokens": 5}})
    turn.came(0.3, {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}})
    turn.came(0.4, {"type": "something_new"})
    assert (turn.usage, turn.stop_reason) == ({"input_tokens": 9, "output_tokens": 9}, "end_turn")


def test_a_transcript_says_who_wrote_and_can_be_read_back() -> None:
    conversation = held(
        done("1", "It is --> <!-- tutor []", source="written"), Turn("2", "Two?\nlines", state="stopped")
    )
    text = conversation.transcript("Requests")
    assert text.startswith("# Conversation with the tutor: Requests\n\n**You**\n\n> Question 1?\n\n")
    assert "**Tutor, written in advance**" in text
    assert "> Two?\n> lines" in text
    other = Conversation()
    other.load(text)
    assert [replace(turn, id="") for turn in other] == [replace(turn, id="") for turn in conversation]


def test_a_question_without_a_reply_is_saved_too() -> None:
    broke = Trouble("No connection.", "The request did not reach the API.", "Stopped.")
    unfinished = Turn("3", "Three?", state="writing", text="Half a")
    conversation = held(Turn("1", "One?", state="failed", trouble=broke), Turn("2", "Two?"), unfinished)
    text = conversation.transcript("Requests")
    assert "> One?\n\n**Tutor, failed**\n\nNo connection. The request did not reach the API." in text
    assert "> Three?\n\n**Tutor, stopped**\n\nHalf a" in text
    other = Conversation()
    other.load(text)
    assert [(turn.question, turn.state, turn.trouble) for turn in other] == [
        ("One?", "failed", UNANSWERED),
        ("Two?", "failed", UNANSWERED),
        ("Three?", "stopped", None),
    ]


@pytest.mark.parametrize("header", ["", "{", "5", "[1, null]", "[" * 5000, '["\\ud83d"]'])
def test_choices_that_a_server_garbled_are_none(header: str) -> None:
    assert Turn("1", "One?", headers={"tutor-choices": header}).choices == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("text", 5), ("context", [5]), ("state", "writing"), ("source", "<b>"), ("request", []), ("usage", None)],
)
def test_a_transcript_that_somebody_changed_is_refused_or_harmless(name: str, value: Any) -> None:
    text = held(done("1", "Yes.", source="written")).transcript("Requests")
    head, mark, data = text.rpartition("<!-- tutor ")
    saved = json.loads(data.removesuffix("\n").removesuffix(" -->"))
    saved[0][name] = value
    with pytest.raises(ValueError, match="is missing or was changed"):
        Conversation().load(f"{head}{mark}{json.dumps(saved)} -->\n")


@pytest.mark.parametrize("harm", ["\\ud83d", "9" * 5000])
def test_a_transcript_with_what_no_request_can_carry_is_refused(harm: str) -> None:
    text = held(done("1", "Yes.", source="written")).transcript("Requests")
    with pytest.raises(ValueError, match="is missing or was changed"):
        Conversation().load(
            text.replace('"text": "Yes."', f'"text": {harm if harm.isdigit() else chr(34) + harm + chr(34)}')
        )


def test_a_transcript_of_a_retired_model_is_taken_up() -> None:
    turn = done("1", "Yes.", source="live", request={"model": "claude-3-opus-20240229", "messages": 7})
    turn.usage, turn.stop_reason = {"input_tokens": 10**12, "output_tokens": 5}, "end_turn"
    conversation = Conversation()
    conversation.load(held(turn).transcript("Requests"))
    (kept,) = conversation
    assert kept.usage == {"output_tokens": 5}
    assert "5 out</span>" in sent.summary(kept)
    assert "messages" in sent.unfolded(kept, "requests", [])


def test_a_transcript_too_long_to_be_drawn_is_refused() -> None:
    text = held(*(done(str(n)) for n in range(MOST + 1))).transcript("Requests")
    with pytest.raises(ValueError, match=f"at most {MOST} questions, got {MOST + 1:,}"):
        Conversation().load(text)


def test_a_transcript_cannot_choose_the_ids_of_its_turns() -> None:
    text = held(done("1", "Yes.", source="written")).transcript("Requests")
    conversation = Conversation()
    conversation.load(text.replace('[{"question"', '[{"id": "<img onerror=alert(1)>", "question"'))
    assert [turn.id.isprintable() and "<" not in turn.id for turn in conversation] == [True]


def test_a_file_that_is_no_transcript_is_refused() -> None:
    with pytest.raises(ValueError, match="Expected a conversation"):
        Conversation().load("# Notes\n")
