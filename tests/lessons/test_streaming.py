"""Lesson 04: what its demos promise, the program it shows, and what its checks watch for."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anthropic
import nbformat
import pytest

from tutor import course, cut, error_event, faults
from tutor.journal import Exchange
from tutor.lessons import _streaming_cases as cases
from tutor.lessons import streaming

CELLS = {cell.id: cell.source for cell in nbformat.read(course.NOTEBOOKS / "04_streaming.ipynb", as_version=4).cells}
DEMOS = (
    "setup", "typewriter-demo", "still", "raw-request", "raw-lines", "events", "thinking", "usage", "predict", "deltas",
    "streamed", "whole", "arrivals", "long", "long-streamed", "failed", "cut",
)  # fmt: skip


@pytest.fixture
def ran(lesson_house: None) -> Iterator[dict[str, Any]]:
    """The names that the lesson's demos leave behind, run in order."""
    names: dict[str, Any] = {}
    for name in DEMOS:
        exec(CELLS[name], names)
    yield names
    names["sdk"].close()


@pytest.fixture
def sdk(lesson_house: None) -> Iterator[anthropic.Anthropic]:
    course.start("streaming")
    with anthropic.Anthropic(max_retries=0) as client:
        yield client


def types(exchange: Exchange) -> list[str]:
    return [event["type"] for _, event in exchange.events]


# --- what the demos promise ---------------------------------------------------------------------------


def test_every_demo_has_a_written_reply(ran: dict[str, Any]) -> None:
    sources = [exchange.source for exchange in course.LOG.calls[-11:]]
    assert sources == ["written"] * 9 + ["fault"] * 2


@pytest.mark.parametrize("listed", ["stories", "greetings", "puzzles", "questions"])
def test_every_prompt_a_demo_offers_has_a_written_reply(ran: dict[str, Any], listed: str) -> None:
    for prompt in ran[listed]:
        with ran["client"].messages.stream(
            model="claude-haiku-5-5", max_tokens=2000, messages=[{"role": "user", "content": prompt}]
        ) as stream:
            assert stream.get_final_message().stop_reason == "end_turn"
        assert course.LOG[-1].source == "written", prompt


@pytest.mark.parametrize("listed", ["questions"])
def test_every_long_answer_brings_a_pace_that_fits_its_text(ran: dict[str, Any], listed: str) -> None:
    for prompt in ran[listed]:
        asked = ran["question"] | {"messages": [{"role": "user", "content": prompt}]}
        ran["lines_of"](prompt)
        ran["client"].messages.create(**asked)
        line, landed, note = streaming.time_line(course.LOG[-2], course.LOG[-1])
        assert note == "pace written by us"
        assert line[0][0] < 1 < landed == line[-1][0]
        assert line[-1][1] == len(course.LOG[-1].reply["content"][0]["text"])


def test_the_final_message_of_a_stream_is_the_one_that_create_returns(ran: dict[str, Any]) -> None:
    whole = ran["client"].messages.create(**ran["question"])
    with ran["client"].messages.stream(**ran["question"]) as stream:
        streamed = stream.get_final_message()
    assert streamed.content == whole.content
    assert (streamed.stop_reason, streamed.usage) == (whole.stop_reason, whole.usage)


def test_the_raw_stream_needs_the_same_address_and_one_more_field(ran: dict[str, Any]) -> None:
    ran["lines_of"](ran["greetings"][0])
    streamed = course.LOG[-1]
    ran["client"].messages.create(**{key: streamed.request[key] for key in ("model", "max_tokens", "messages")})
    assert streamed.path == course.LOG[-1].path == "/v1/messages"
    assert set(streamed.request) - set(course.LOG[-1].request) == {"stream"}


def test_three_of_the_nine_events_of_a_greeting_carry_text(ran: dict[str, Any]) -> None:
    events = ran["events_in"](ran["lines"])
    assert [len(events), sum(event["type"] == "content_block_delta" for event in events)] == [9, 3]


def test_the_events_come_in_the_order_that_the_table_shows(ran: dict[str, Any]) -> None:
    kinds = [event["type"] for event in ran["events_in"](ran["lines"]) if event["type"] != "ping"]
    assert kinds[:2] == ["message_start", "content_block_start"]
    assert set(kinds[2:-3]) == {"content_block_delta"}
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]


def test_a_puzzle_thinks_in_block_0_without_words_and_answers_in_block_1(ran: dict[str, Any]) -> None:
    deltas = [(event["index"], event["delta"]) for event in ran["puzzle"] if event["type"] == "content_block_delta"]
    assert [(index, delta["type"]) for index, delta in deltas][:2] == [(0, "thinking_delta"), (0, "signature_delta")]
    assert deltas[0][1]["thinking"] == ""
    assert {(index, delta["type"]) for index, delta in deltas[2:]} == {(1, "text_delta")}


def test_the_count_of_message_delta_is_the_total_and_the_first_one_is_not(ran: dict[str, Any]) -> None:
    first, last = ran["puzzle"][0]["message"]["usage"], ran["puzzle"][-2]["usage"]
    assert first["output_tokens"] < 9 < last["output_tokens"] == 56


def test_a_delta_is_not_a_token_and_their_number_is_no_promise(ran: dict[str, Any]) -> None:
    tokens = ran["message"].usage.output_tokens
    assert len(ran["counts"]) == 3
    assert len(set(ran["counts"])) > 1
    assert all(count < tokens / 2 for count in ran["counts"])


def test_a_large_ceiling_raises_before_sending_in_both_clients(ran: dict[str, Any]) -> None:
    before = course.LOG.mark()
    for client in (ran["client"], ran["sdk"]):
        with pytest.raises(ValueError, match="Streaming is required"):
            client.messages.create(**ran["question"] | {"max_tokens": 21_334})
    assert course.LOG.since(before) == []
    for client in (ran["client"], ran["sdk"]):
        client.messages.create(**ran["question"] | {"max_tokens": 21_333})


def test_the_failed_stream_keeps_its_text_and_began_with_200(ran: dict[str, Any]) -> None:
    failed = course.LOG.calls[-2]
    assert (failed.status, types(failed)[-1]) == (200, "error")
    whole = ran["message"].text
    assert whole.startswith(ran["text"])
    assert 0 < len(ran["text"]) < len(whole)


def test_an_error_event_is_a_plain_status_error_with_200_and_no_second_try(sdk: anthropic.Anthropic) -> None:
    question = [{"role": "user", "content": "Write a haiku about the tide."}]
    before = course.LOG.mark()
    with (
        faults(error_event()),
        pytest.raises(anthropic.APIStatusError) as caught,
        sdk.with_options(max_retries=2).messages.stream(
            model="claude-haiku-5-5",
            max_tokens=300,
            messages=question,  # type: ignore[arg-type]
        ) as stream,
    ):
        stream.until_done()
    assert (type(caught.value), caught.value.status_code) == (anthropic.APIStatusError, 200)
    assert caught.value.type == "overloaded_error"
    assert len(course.LOG.since(before)) == 1


def test_the_cut_stream_has_no_stop_reason_and_the_sdk_says_nothing(ran: dict[str, Any]) -> None:
    assert ran["half"].stop_reason is None
    assert "message_stop" not in types(course.LOG.calls[-1])


def test_the_clients_of_the_lesson_differ_on_a_cut_as_the_fold_says(ran: dict[str, Any]) -> None:
    from tutor.api import IncompleteStreamError

    with (
        faults(cut(after_bytes=1500)),
        pytest.raises(IncompleteStreamError),
        ran["client"].messages.stream(**ran["question"]) as stream,
    ):
        stream.get_final_message()
    with (
        faults(cut(after_bytes=1500, clean=False)),
        pytest.raises(Exception, match="peer closed connection") as caught,
        ran["sdk"].messages.stream(**ran["question"]) as stream,
    ):
        stream.get_final_message()
    assert type(caught.value).__name__ == "RemoteProtocolError"
    assert not isinstance(caught.value, anthropic.APIError)


def test_the_program_of_the_fold_runs_without_the_course(ran: dict[str, Any], tmp_path: Path) -> None:
    match = re.search(r"(?s)```python\n(.*?)```", CELLS["h-sdk"])
    assert match
    assert "tutor" not in match[1]
    (tmp_path / "story.py").write_text(match[1], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "story.py"],
        cwd=tmp_path,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    story, last = done.stdout.splitlines()
    assert (story, last) == (ran["message"].text, "whole 88")


# --- the line of time ---------------------------------------------------------------------------------


def exchange(source: str, recording: str = "", *pieces: tuple[float, str], ended: float = 3.0) -> Exchange:
    events = [(at, cases.text_block(0, text)[1]) for at, text in pieces]
    headers = {"tutor-recording": recording}
    return Exchange(
        "POST", "/v1/messages", events=[(0.0, cases.start()), *events], source=source, reply_headers=headers,
        started=0.0, ended=ended,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("source", "recording", "note"),
    [("live", "", "live, measured"), ("written", "streaming/haiku-about-the-tide", "written, measured")],
)
def test_without_a_written_pace_the_clock_counts(source: str, recording: str, note: str) -> None:
    streamed = exchange(source, recording, (0.5, "One "), (1.5, "two"))
    assert streaming.time_line(streamed, exchange(source)) == ([(0.5, 4), (1.5, 7)], 3.0, note)


def test_a_slowed_reply_is_measured_too() -> None:
    streamed = exchange("fault", "streaming/how-bread-rises", (0.5, "One "))
    assert streaming.time_line(streamed, exchange("written"))[1:] == (3.0, "fault, measured")


# --- what the checks watch for ------------------------------------------------------------------------


def judged(name: str, function: Callable[..., Any]) -> tuple[str, str]:
    verdict = vars(streaming)[name].judge(function)
    return verdict.outcome, verdict.feedback


def test_a_typewriter_may_end_with_a_line_of_its_own_and_write_to_the_screen_itself() -> None:
    def last_line(pieces: Iterator[str]) -> str:
        text = ""
        for piece in pieces:
            sys.stdout.write(piece)
            sys.stdout.flush()
            text += piece
        print()
        return text

    assert judged("typewriter", last_line) == ("done", "")


def test_a_misspelt_method_is_not_taken_for_a_field_of_an_event() -> None:
    def misspelt(events: list[dict[str, Any]]) -> Any:
        return "".join(["Habari"]).stripp()  # type: ignore[attr-defined]

    assert judged("assemble", misspelt) == ("not yet", "function-raised")


def test_a_typewriter_that_never_prints_is_late() -> None:
    assert judged("typewriter", lambda pieces: "".join(pieces)) == ("not yet", "shown-late")


def test_assemble_may_return_a_list_and_fold_with_the_clients_own_function() -> None:
    from functools import reduce

    from tutor.api.assembly import fold

    def folded(events: list[dict[str, Any]]) -> list[Any]:
        message: Any = reduce(fold, events, None)
        text = "".join(block.get("text", "") for block in message["content"])
        return [text, message["stop_reason"], message["usage"]["output_tokens"]]

    assert judged("assemble", folded) == ("done", "")


def test_every_stream_of_assemble_is_what_a_stream_may_look_like() -> None:
    for case in cases.CASES:
        assert case.events[0]["type"] == "message_start"
        assert case.events[-1]["type"] == "message_stop"
        assert case.joined() == case.text
        assert case.counts[-1] == case.output_tokens


def test_survive_may_read_raw_events_and_look_for_message_stop() -> None:
    def raw(call: Callable[[], Any]) -> tuple[str, bool]:
        text, complete = "", False
        try:
            with call() as stream:
                for event in stream:
                    if event.type == "text":
                        text += event.text
                    complete = complete or event.type == "message_stop"
        except Exception:
            return text, False
        return text, complete

    assert judged("survive", raw) == ("done", "")


def test_a_function_that_tries_for_ever_is_ended() -> None:
    def stubborn(call: Callable[[], Any]) -> tuple[str, bool]:
        while True:
            try:
                with call() as stream:
                    text = stream.get_final_text()
                    if stream.get_final_message().stop_reason:
                        return text, True
            except Exception:
                continue

    assert judged("survive", stubborn) == ("not yet", "retried-and-doubled")


def test_the_check_of_survive_sends_nothing(sdk: anthropic.Anthropic) -> None:
    before = course.LOG.mark()
    cases.survived(lambda call: call())
    assert course.LOG.since(before) == []


def one_short(pieces: Iterator[str], *, shown: int | None = None, kept: int | None = None) -> str:
    """A typewriter that leaves the last pieces off the screen, or out of the text."""
    came = []
    for piece in pieces:
        came.append(piece)
        print("".join(came[:shown][-1:]) if len(came) <= (shown or 9) else "", end="", flush=True)
    return "".join(came[:kept])


@pytest.mark.parametrize("short", [{"shown": 3}, {"kept": -1}])
def test_a_last_piece_may_be_lost_on_the_screen_or_in_the_text(short: dict[str, int]) -> None:
    assert judged("typewriter", lambda pieces: one_short(pieces, **short)) == ("not yet", "last-piece-lost")


def test_two_values_are_not_three_and_three_are_not_a_pair() -> None:
    assert judged("assemble", lambda events: ("Habari za asubuhi!", "end_turn")) == ("not yet", "not-three-values")
    assert judged("survive", lambda call: ("", True, None)) == ("not yet", "not-a-pair")


def opened(call: Callable[[], Any]) -> tuple[str, bool]:
    text = ""
    try:
        with call() as stream:
            for piece in stream.text_stream:
                text += piece
            return text, stream.get_final_message().stop_reason is not None
    except anthropic.APIError:
        return text, False


def test_one_second_try_is_one_too_many() -> None:
    def twice(call: Callable[[], Any]) -> tuple[str, bool]:
        text, complete = opened(call)
        return (text, complete) if complete else opened(call)

    assert judged("survive", twice) == ("not yet", "retried-and-doubled")


def test_no_text_at_all_is_a_lost_one() -> None:
    def careless(call: Callable[[], Any]) -> tuple[str | None, bool]:
        text, complete = opened(call)
        return (text if complete else None), complete

    assert judged("survive", careless) == ("not yet", "text-lost")


def said(name: str, function: Callable[..., Any]) -> tuple[str, str]:
    """What was sent and what came back, in the verdict's words."""
    verdict = vars(streaming)[name].judge(function)
    assert verdict.lines
    return verdict.lines[:2]


def test_the_first_case_is_case_1() -> None:
    assert said("typewriter", lambda pieces: 1 / 0)[1].startswith("Case 1 of 3, “a sentence in four pieces”: ")
    assert said("assemble", lambda events: 1)[1].startswith("Case 1 of 6, “plain”: ")


def test_a_lost_stop_reason_is_quoted() -> None:
    verdict = said("assemble", lambda events: ("Habari za asubuhi!", None, 9))
    assert verdict[1] == "Case 1 of 6, “plain”: expected `'end_turn'`, got `None`."


@pytest.mark.parametrize(
    ("made", "words"), [(list, "A function that returns a list."), ("-".join, "A function with another text.")]
)
def test_another_text_is_told_from_no_text(made: Any, words: str) -> None:
    def typewriter(pieces: Iterator[str]) -> Any:
        came = []
        for piece in pieces:
            print(piece, end="", flush=True)
            came.append(piece)
        return made(came)

    assert judged("typewriter", typewriter) == ("not yet", "other-returned")
    assert said("typewriter", typewriter)[0] == words


def printing(end: Callable[[str], str], after: str = "", form: Callable[[str], str] = str) -> Callable[..., str]:
    """A typewriter with its own ideas about what else belongs on the screen."""

    def typewriter(pieces: Iterator[str]) -> str:
        text = ""
        for piece in pieces:
            print(form(piece), end=end(piece), flush=True)
            text += piece
        print(end=after)
        return text

    return typewriter


@pytest.mark.parametrize(
    ("function", "feedback"),
    [
        (printing(lambda piece: ""), ""),
        (printing(lambda piece: "" if piece else "\n"), "newline-after-each"),
        (printing(lambda piece: "", after="X"), "other-printed"),
        (printing(lambda piece: "", after="\n"), ""),
        (printing(lambda piece: " ", form=" ".join), "other-printed"),
    ],
)
def test_what_else_is_on_the_screen_is_noticed(function: Callable[..., str], feedback: str) -> None:
    assert judged("typewriter", function)[1] == feedback


def test_survive_is_handed_streams_like_those_of_the_sdk() -> None:
    def particular(call: Callable[[], Any]) -> tuple[str, bool]:
        with call() as stream:
            answered = stream.response
            assert (answered.status_code, answered.headers["content-type"]) == (200, "text/event-stream")
            assert stream.request_id == "req_in_memory"
            question = {"role": "user", "content": "Where does rain go?"}
            assert json.loads(answered.request.content) == {
                "model": "claude-haiku-5-5", "max_tokens": 100, "messages": [question], "stream": True,
            }  # fmt: skip
            assert answered.request.headers["authorization"] == "Bearer in-memory"
        return opened(call)

    assert judged("survive", particular) == ("not yet", "retried-and-doubled")
