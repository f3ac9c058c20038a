"""The tutor as a notebook holds it: what it sends, what it keeps, and that it can be stopped."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_api import FakeApi, Reply

from tutor.api import Client
from tutor.chat import Chat
from tutor.chat.asking import Asking
from tutor.chat.session import Busy
from tutor.chat.trouble import STOPPED
from tutor.journal import Exchange, Journal
from tutor.relay import Relay
from tutor.settings import Settings

Make = Callable[..., Chat]


def asked(chat: Chat, question: str, **how: Any) -> Asking:
    """A question, answered to the end in this thread."""
    asking = chat.begin(question, **how)
    asking.run()
    return asking


def wait_for(asking: Asking, events: int) -> None:
    """Wait until so many events have come."""
    while len(asking.turn.events) < events:
        assert asking.changed.wait(5), f"only {asking.turn.events} came"
        asking.changed.clear()


def test_an_answer_is_streamed_and_says_who_wrote_it(api: FakeApi, make_chat: Make) -> None:
    api.replies = [Reply(pieces=["A token ", "is a piece."])]
    turn = asked(make_chat(), "What is a token?").turn
    assert (turn.text, turn.state, turn.source, turn.estimated) == ("A token is a piece.", "complete", "written", True)
    assert turn.usage == {"input_tokens": 412, "output_tokens": 96}
    assert [event["type"] for _, event in turn.events][:2] == ["message_start", "content_block_start"]


def test_without_a_key_only_the_question_and_the_policy_are_sent(api: FakeApi, make_chat: Make) -> None:
    chat = make_chat()
    chat.saw_cell("secret = 1")
    asked(chat, "  What is a token?\n")
    (body,) = api.requests
    assert body["messages"] == [{"role": "user", "content": [{"type": "text", "text": "What is a token?"}]}]
    assert len(body["system"]) == 1
    assert body["model"] == "claude-haiku-5-5"
    assert body["stream"] is True
    assert api.headers[0]["tutor-origin"] == "chat; lesson=requests"


def test_live_the_lesson_goes_along_as_a_block_that_can_be_cached(api: FakeApi, make_chat: Make) -> None:
    asked(make_chat("live"), "What is a token?")
    policy, lesson = api.requests[0]["system"]
    assert "cache_control" not in policy
    assert lesson["cache_control"] == {"type": "ephemeral"}
    assert "A request has three fields." in lesson["text"]


def test_the_last_verdict_stands_before_the_question(api: FakeApi, make_chat: Make) -> None:
    chat = make_chat()
    chat.saw_verdict("first_request", "not yet", "key-in-body", "Sent: x-api-key in the body.", "body = {}")
    asked(chat, "Why was my last answer not accepted?")
    context, question = api.requests[0]["messages"][0]["content"]
    assert context["text"].startswith('<last_verdict exercise="first_request" feedback="key-in-body">\n')
    assert "body = {}" in context["text"]
    assert question["text"] == "Why was my last answer not accepted?"


def test_what_is_switched_off_is_not_sent(api: FakeApi, make_chat: Make) -> None:
    chat = make_chat("live")
    chat.saw_cell("1 / 0", ZeroDivisionError("division by zero"))
    chat.saw_verdict("remember", "not yet", "question-alone", "", "")
    assert [part.name for part in chat.parts()] == ["cell", "error", "verdict"]
    asked(chat, "Why?", parts=["error"])
    texts = [block["text"] for block in api.requests[0]["messages"][0]["content"]]
    assert texts == ["<last_error>\nZeroDivisionError: division by zero\n</last_error>", "Why?"]
    asked(chat, "And now?", parts=[])
    assert api.requests[1]["messages"][-1]["content"] == [{"type": "text", "text": "And now?"}]
    assert "division by zero" not in str(api.requests[1]), "what went along before is not sent again"


def test_a_key_in_a_cell_or_in_an_attempt_is_neither_sent_nor_saved(
    api: FakeApi, make_chat: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    key = "sk-ant-" + "api03-planted-in-a-cell-0123456789"
    api.replies = [Reply(pieces=[f"Your key {key} stands there."])]
    chat = make_chat("live")
    chat.saw_cell(f"Client('{key}')", ValueError(key), section=f"My key {key}")
    chat.saw_verdict("remember", "not yet", "question-alone", key, f"key = '{key}'")
    asked(chat, "Why?")
    assert "[a key, left out]" in str(api.requests[0])
    assert "planted" not in str(api.requests[0])
    assert "planted" not in chat.save().read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "written",
    [
        "sk-ant-api03-abcdefghijklmnop",
        "SK-ANT-API03-ABCDEFGHIJKLMNOP",
        "sk-ant-\napi03-abcdefghijklmnop",
        "sk\u2011ant\u2011api03\u2011abcdefghijklmnop",
        "sk-ant-api03-abcdefgh\u200bijklmnopqrst",
    ],
)
def test_a_key_is_known_however_it_is_written(make_chat: Make, written: str) -> None:
    with pytest.raises(ValueError, match="looks like an API key"):
        make_chat().begin(f"Is {written} right?")


def test_words_about_keys_may_be_asked(api: FakeApi, make_chat: Make) -> None:
    assert asked(make_chat(), "Why does a key begin with sk-ant- and not with tutor-local-?").turn.state == "complete"


def test_half_a_letter_does_not_jam_the_tutor(api: FakeApi, make_chat: Make) -> None:
    chat = make_chat("live")
    chat.saw_cell("print('\ud83d')", ValueError("\ud83d"), section="\ud83d")
    assert asked(chat, "lone \ud83d").turn.question == "lone ?"
    assert asked(chat, "And now?").turn.state == "complete"


def test_what_was_cleared_can_be_had_back_until_a_question_is_asked(api: FakeApi, make_chat: Make) -> None:
    chat = make_chat()
    assert not chat.can_undo
    asked(chat, "One?")
    chat.clear()
    chat.clear()
    assert (len(chat.conversation), chat.can_undo) == (0, True)
    chat.undo()
    assert ([turn.question for turn in chat.conversation], chat.can_undo) == (["One?"], False)
    chat.clear()
    asked(chat, "Two?")
    chat.undo()
    assert [turn.question for turn in chat.conversation] == ["Two?"]


def test_nothing_is_loaded_while_a_reply_is_written(api: FakeApi, make_chat: Make) -> None:
    api.replies = [Reply(pieces=["Half"], then="silent")]
    chat = make_chat()
    chat.begin("One?").start()
    with pytest.raises(Busy):
        chat.load("anything.md")
    chat.stop()


def test_the_second_question_carries_the_first_answer(api: FakeApi, make_chat: Make) -> None:
    chat = make_chat()
    asked(chat, "One?")
    asked(chat, "Two?")
    assert [message["role"] for message in api.requests[1]["messages"]] == ["user", "assistant", "user"]
    assert api.requests[1]["messages"][1]["content"] == [{"type": "text", "text": "Hello."}]


def test_one_question_at_a_time(api: FakeApi, make_chat: Make) -> None:
    api.replies = [Reply(then="silent")]
    chat = make_chat()
    asking = chat.begin("One?")
    asking.start()
    with pytest.raises(Busy):
        chat.begin("Two?")
    chat.stop()
    assert asking.over.is_set()


@pytest.mark.parametrize("pieces", [[], ["Half a "]], ids=["before the first word", "in the middle"])
def test_stop_ends_a_silent_stream_at_once_and_closes_the_connection(
    api: FakeApi, make_chat: Make, pieces: list[str]
) -> None:
    api.replies = [Reply(pieces=pieces, then="silent")]
    chat = make_chat()
    asking = chat.begin("What is a token?")
    asking.start()
    wait_for(asking, events=2 + len(pieces))
    began = time.perf_counter()
    chat.stop()
    took = time.perf_counter() - began
    assert asking.over.is_set()
    assert took < 2  # the stream itself would be silent until the test has ended
    assert asking.turn.state == "stopped"
    assert api.closed.wait(5), "the connection stayed open"
    assert (asking.turn.trouble is None) == bool(pieces)


def test_stop_before_the_headers_leaves_the_turn_alone(make_chat: Make) -> None:
    entered, released = threading.Event(), threading.Event()

    class Slow:
        messages = property(lambda self: self)

        def with_options(self, **_: Any) -> Any:
            return self

        def create(self, **_: Any) -> Any:
            entered.set()
            released.wait(5)
            raise OSError("too late")

    chat = make_chat(client=Slow)
    asking = chat.begin("What is a token?")
    asking.start()
    assert entered.wait(5)
    chat.stop()
    released.set()
    assert (asking.turn.state, asking.turn.trouble) == ("stopped", STOPPED)


def test_a_stopped_turn_keeps_what_had_arrived_and_the_history_goes_on(api: FakeApi, make_chat: Make) -> None:
    api.replies = [Reply(pieces=["Half a "], then="silent"), Reply()]
    chat = make_chat()
    asking = chat.begin("One?")
    asking.start()
    wait_for(asking, events=3)
    chat.stop()
    asked(chat, "Two?")
    assert [message["role"] for message in api.requests[1]["messages"]] == ["user", "assistant", "user"]
    assert api.requests[1]["messages"][1]["content"][0]["text"] == "Half a "


def test_asked_again_a_failed_turn_is_replaced_and_takes_along_what_is_chosen_now(
    api: FakeApi, make_chat: Make
) -> None:
    api.replies = [Reply(status=529, error=("overloaded_error", "Overloaded")), Reply()]
    chat = make_chat()
    chat.saw_verdict("remember", "not yet", "question-alone", "", "")
    first = asked(chat, "Why?")
    assert first.turn.trouble is not None
    chat.saw_verdict("remember", "done", "", "", "")
    asked(chat, "Why?", instead=first.turn.id)
    assert len(chat.conversation) == 1
    (message,) = api.requests[1]["messages"]
    assert [text["text"] for text in message["content"]] == [chat.parts()[0].text, "Why?"]
    assert "done" in chat.parts()[0].text


def test_what_went_wrong_is_told_at_once_and_not_tried_again_in_silence(api: FakeApi, make_chat: Make) -> None:
    api.replies = [Reply(status=529, error=("overloaded_error", "Overloaded")), Reply()]
    client = Client(api_key="sk-test", base_url=api.url, max_retries=2, sleep=lambda seconds: None)
    turn = asked(make_chat(client=lambda: client), "What is a token?").turn
    assert (turn.state, len(api.requests)) == ("failed", 1)


def test_no_network_is_a_sentence_and_not_an_exception(make_chat: Make) -> None:
    client = Client(api_key="sk-test", base_url="http://127.0.0.1:9", max_retries=0)
    turn = asked(make_chat(client=lambda: client), "What is a token?").turn
    assert turn.trouble is not None
    assert turn.trouble.title == "No connection."


def test_a_cut_stream_keeps_the_text_and_offers_to_go_on(api: FakeApi, make_chat: Make) -> None:
    api.replies = [Reply(pieces=["Half a "], then="cut")]
    turn = asked(make_chat(), "What is a token?").turn
    assert turn.text == "Half a "
    assert turn.state == "stopped"
    assert turn.trouble is not None
    assert turn.trouble.title == "The reply was cut off."
    assert turn.trouble.helps == ("again", "go-on")


def test_an_error_in_the_stream_is_named(api: FakeApi, make_chat: Make) -> None:
    api.replies = [Reply(pieces=["Half a "], then="error", error=("overloaded_error", "Overloaded"))]
    turn = asked(make_chat("live"), "What is a token?").turn
    assert turn.trouble is not None
    assert turn.trouble.title == "The reply broke off."
    assert "overloaded_error" in turn.trouble.text
    assert turn.text == "Half a "


def test_a_refusal_is_left_out_of_the_next_request(api: FakeApi, make_chat: Make) -> None:
    api.replies = [Reply(pieces=[], stop_reason="refusal"), Reply()]
    chat = make_chat()
    assert asked(chat, "One?").turn.state == "failed"
    asked(chat, "Two?")
    assert [message["content"][-1]["text"] for message in api.requests[1]["messages"]] == ["Two?"]


def test_the_first_suggestion_follows_the_last_verdict(make_chat: Make) -> None:
    chat = make_chat()
    assert len(chat.offers()) == 4
    chat.saw_verdict("remember", "not yet", "question-alone", "", "")
    assert chat.offers()[0] == ("Why was my last answer not accepted?", "half")
    assert len(chat.offers()) == 4
    asked(chat, "Why was my last answer not accepted?")
    assert chat.offers()[0] == ("What is a token?", "")
    chat.saw_verdict("remember", "not yet", "fact-in-system", "", "")
    assert chat.offers()[0] == ("Why was my last answer not accepted?", "half")
    chat.saw_verdict("remember", "done", "", "", "")
    assert chat.offers()[0] == ("What is a token?", "")


def test_the_events_come_from_the_wire_where_a_journal_knows_them(make_chat: Make) -> None:
    exchange = Exchange("POST", "/v1/messages", events=[(0.1, {"type": "ping"})])
    chat = make_chat(exchange=lambda request_id: exchange if request_id == "req_test" else None)
    assert chat.events(asked(chat, "What is a token?").turn) == [(0.1, {"type": "ping"})]
    assert len(make_chat().events(asked(make_chat(), "What is a token?").turn)) == 6


def test_a_tutor_shows_a_fixed_line_where_there_is_no_page(make_chat: Make) -> None:
    chat = make_chat()
    line = "Tutor: run this cell to talk to it. If only this line shows, write chat.ask('What is a token?') instead."
    assert repr(chat) == line
    assert chat._repr_mimebundle_() == {"text/plain": line}


def test_making_a_tutor_opens_nothing(api: FakeApi, make_chat: Make) -> None:
    before = set(threading.enumerate())  # of which those of earlier tests may end meanwhile
    make_chat(client=lambda: pytest.fail("a client was made"), lesson_text=lambda: pytest.fail("the lesson was read"))
    assert set(threading.enumerate()) <= before
    assert api.requests == []


def test_live_the_answer_written_in_advance_is_one_button_away(make_chat: Make) -> None:
    relay = Relay(Settings(mode="live", key="sk-ant-none", upstream="http://127.0.0.1:9", pace=0), Journal())
    relay.start()
    try:
        client = Client(api_key=relay.token, base_url=relay.url, max_retries=0)
        chat = make_chat("live", client=lambda: client)
        failed = asked(chat, "What is a token?").turn
        assert failed.trouble is not None
        assert "written" in failed.trouble.helps
        turn = asked(chat, "What is a token?", instead=failed.id, written=True).turn
        assert (turn.state, turn.source) == ("complete", "written")
    finally:
        relay.stop()


def test_the_model_is_any_of_the_table_and_no_other(api: FakeApi, make_chat: Make) -> None:
    chat = make_chat("live")
    assert chat.model == "claude-haiku-5-5"
    chat.model = "claude-opus-5-5"
    chat.begin("What is a token?").run()
    assert api.requests[0]["model"] == "claude-opus-5-5"
    with pytest.raises(ValueError, match=r"Expected one of claude-fable-5-2, .*, got 'gpt'\."):
        chat.model = "gpt"
    assert chat.model == "claude-opus-5-5"


def test_a_conversation_is_not_lost_to_a_file_that_cannot_be_loaded(
    api: FakeApi, make_chat: Make, tmp_path: Path
) -> None:
    chat = make_chat()
    chat.begin("What is a token?").run()
    (tmp_path / "notes.md").write_text("# Notes", encoding="utf-8")
    for path, error in ((tmp_path / "missing.md", OSError), (tmp_path / "notes.md", ValueError)):
        with pytest.raises(error):
            chat.load(path)
    assert len(chat.conversation) == 1


def test_a_new_conversation_never_overwrites_an_old_one(
    api: FakeApi, make_chat: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first = make_chat()
    assert first.saved is None
    first.begin("What is a token?").run()
    assert first.save() == first.save() == tmp_path / "requests-conversation.md"
    second = make_chat()
    second.begin("What is a header?").run()
    assert second.save() == tmp_path / "requests-conversation-2.md"
    os.utime("requests-conversation.md", (2_000_000_000, 2_000_000_000))
    second.load()
    assert [turn.question for turn in second.conversation] == ["What is a token?"]
    assert second.save() == tmp_path / "requests-conversation.md"
    second.clear()
    second.begin("What is a header?").run()
    assert second.save() == tmp_path / "requests-conversation-3.md"
