"""Lesson 03: what its demos promise, its toy without a model, and the folded cell with the official SDK."""

from __future__ import annotations

import contextlib
import io
import json
import re
from itertools import product
from typing import Any

import anthropic
import httpx
import nbformat
import pytest

from tutor import course, models
from tutor.api import NotFoundError, text_of
from tutor.lessons import _parameters_cases as cases
from tutor.lessons import parameters

CELLS = {cell.id: cell.source for cell in nbformat.read(course.NOTEBOOKS / "03_parameters.ipynb", as_version=4).cells}
DEMOS = (
    "setup", "ask", "prompts", "haiku", "opus", "steps", "ceilings", "puzzles", "thinking", "predict", "diary", "stop",
    "countries", "brace", "functions", "fence", "effort", "send", "sampling",
)  # fmt: skip
FOUR = ("claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5", "claude-fable-5-2")
LEVELS = ("low", "medium", "high", "xhigh", "max")


@pytest.fixture
def ran(lesson_house: None) -> dict[str, Any]:
    """The names that the lesson's demos leave behind."""
    names: dict[str, Any] = {"before": course.LOG.mark()}
    for name in DEMOS:
        exec(CELLS[name], names)
    return names


@pytest.fixture
def ask(lesson_house: None) -> Any:
    """The lesson's own function `ask`."""
    names: dict[str, Any] = {}
    exec(CELLS["setup"], names)
    exec(CELLS["ask"], names)
    return names["ask"]


def listed(name: str) -> list[str]:
    """The list of prompts that the cell of that name offers."""
    names: dict[str, list[str]] = {}
    exec(CELLS[name], names)
    return names[name]


def shown(cell: str, names: dict[str, Any]) -> str:
    """What a cell prints."""
    with contextlib.redirect_stdout(io.StringIO()) as screen:
        exec(CELLS[cell], names)
    return screen.getvalue()


def folded(cell: str) -> str:
    """The program in a folded part of the lesson."""
    match = re.search(r"(?s)```python\n(.*?)```", CELLS[cell])
    assert match
    return match[1]


# --- replies ---------------------------------------------------------------------------------------


def test_every_demo_has_a_written_reply(ran: dict[str, Any]) -> None:
    answered = [call for call in course.LOG.since(ran["before"]) if call.status == 200]
    assert len(answered) == 15
    assert {call.source for call in answered} == {"written"}


@pytest.mark.parametrize("name", ["steps", "puzzles", "countries", "functions"])
def test_every_prompt_a_demo_offers_has_a_written_reply(ask: Any, name: str) -> None:
    for prompt in listed(name):
        ask(prompt, max_tokens=4000)
        assert course.LOG[-1].source == "written", prompt


def test_every_model_that_is_offered_has_its_own_reply_to_every_prompt(ask: Any) -> None:
    for prompt, model in product(listed("prompts"), FOUR):
        ask(prompt, model=model)
        assert course.LOG[-1].source == "written"
        assert "tutor-model" not in course.LOG[-1].reply_headers


def test_every_level_of_effort_has_a_reply_and_a_higher_one_thinks_longer(ask: Any) -> None:
    for puzzle in listed("puzzles"):
        replies = [ask(puzzle, max_tokens=4000, output_config={"effort": level}) for level in LEVELS]
        spent = [reply.usage.output_tokens_details.thinking_tokens for reply in replies]
        assert spent == sorted(set(spent))
        assert ask(puzzle, max_tokens=4000).usage == replies[1].usage  # medium is the default


@pytest.mark.parametrize("day", [1, 20, 40])
def test_the_diary_answers_for_the_three_days_and_counts_right(ran: dict[str, Any], day: int) -> None:
    reply = ran["ask"](f"{ran['diary']}\n\nHow many letters came on day {day}?")
    words = {5: "Five", 7: "Seven", 8: "Eight"}
    assert text_of(reply) == f"{words[day * 7 % 11]} letters came on day {day}."


# --- what the demos promise ------------------------------------------------------------------------


def test_a_low_ceiling_cuts_and_a_high_one_makes_nothing_longer(ran: dict[str, Any]) -> None:
    ends = {ceiling: (reply.stop_reason, reply.usage.output_tokens) for ceiling, reply in ran["replies"].items()}
    assert [ends[ceiling] for ceiling in (16, 48, 96)] == [("max_tokens", 16), ("max_tokens", 48), ("max_tokens", 96)]
    assert ends[192] == ends[384] == ("end_turn", 151)


def test_thinking_can_leave_no_room_for_the_answer(ran: dict[str, Any]) -> None:
    assert text_of(ran["hidden"]) == ""
    assert ran["hidden"].stop_reason == "max_tokens"
    assert [block.type for block in ran["hidden"].content] == ["thinking"]


def test_what_is_sent_is_never_shortened(ran: dict[str, Any]) -> None:
    assert ran["days"] == 40
    assert ran["last"].usage.input_tokens > 20 >= ran["last"].usage.output_tokens


def test_more_than_the_window_is_refused(ask: Any) -> None:
    with pytest.raises(Exception, match=r"400 .*prompt is too long: \d+ tokens > 200000 maximum"):
        ask("letter " * 210_000, model="claude-haiku-4-5")


def test_the_windows_are_those_of_the_table(ran: dict[str, Any]) -> None:
    lines = shown("window", ran).splitlines()
    assert ["1,000,000" in line for line in lines] == [True, True, False]
    assert "200,000" in lines[2]


def test_the_stop_string_is_not_in_the_text(ran: dict[str, Any]) -> None:
    stopped = ran["stopped"]
    assert (stopped.stop_reason, stopped.stop_sequence) == ("stop_sequence", "4.")
    assert "4." not in text_of(stopped)
    assert text_of(stopped).endswith("cloud.\n")


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_brace_as_stop_string_never_gives_json(ask: Any, place: int) -> None:
    text = text_of(ask(listed("countries")[place], stop_sequences=["}"]))
    for attempt in (text, text + "}"):
        with pytest.raises(json.JSONDecodeError):
            json.loads(attempt)
    assert json.loads(text_of(ask(listed("countries")[place])))["capital"]["founded"]


def test_three_backticks_leave_nothing(ran: dict[str, Any]) -> None:
    assert (ran["fenced"].content, ran["fenced"].stop_sequence) == ([], "```")


def test_temperature_meets_400_200_400(ran: dict[str, Any]) -> None:
    lines = shown("sampling", ran).splitlines()
    assert [re.findall(r" (\d{3}) ", line) for line in lines] == [["400"], ["200"], ["400"]]
    assert "Extra inputs are not permitted" in lines[0]


@pytest.mark.parametrize("field", [{"temperature": 1}, {"top_p": 0.99}, {"top_k": 40}])
def test_sampling_is_refused_today_even_with_its_old_default(ran: dict[str, Any], field: dict[str, float]) -> None:
    assert ran["send"]("2026-10-21", "claude-haiku-5-5", **field).status_code == 400
    assert ran["send"]("2023-06-01", "claude-sonnet-4-6", **field).status_code == 200


def test_both_clients_raise_before_they_send_a_temperature(ran: dict[str, Any]) -> None:
    before = course.LOG.mark()
    assert "unexpected keyword argument 'temperature'" in shown("temperature", ran)
    with anthropic.Anthropic() as sdk, pytest.raises(TypeError, match="temperature"):
        sdk.messages.create(  # type: ignore[call-overload]
            model="claude-haiku-5-5", max_tokens=10, messages=[{"role": "user", "content": "Hello"}], temperature=0
        )
    assert course.LOG.since(before) == []


def test_both_ids_of_the_note_are_answered_with_404(ask: Any) -> None:
    for name in re.findall(r"claude-3-5[\w-]+|claude-haiku-3-5", CELLS["ids"]):
        with pytest.raises(NotFoundError):
            ask("Hello", model=name)


# --- numbers that stand in the prose ---------------------------------------------------------------


def test_the_prices_in_the_prose_are_those_of_the_table() -> None:
    found = [model for name in FOUR if (model := models.find(name))]
    haiku, sonnet, opus, fable = found
    for part in ("input", "output"):
        assert getattr(opus.price, part) == pytest.approx(2 * getattr(sonnet.price, part))
        assert getattr(opus.price, part) == pytest.approx(40 * getattr(haiku.price, part))
        assert getattr(fable.price, part) == pytest.approx(2 * getattr(opus.price, part))
    assert haiku.long_above == 100_000
    assert haiku.long_price
    assert haiku.long_price.output == pytest.approx(5 * haiku.price.output)
    assert haiku.effort_default == "medium"


def test_numbers_of_the_first_two_replies_are_repeated_right(ran: dict[str, Any]) -> None:
    for model, said in (("claude-haiku-5-5", "0.00002"), ("claude-opus-5-5", "0.003")):
        assert repr(ran["ask"](ran["prompts"][0], model=model)).endswith(f"≈ ${said}")
        assert f"≈ {said}" in CELLS["opus-remark"]


def test_each_claim_met_elsewhere_names_its_source() -> None:
    claims = [text for text in CELLS.values() if "You may read" in text]
    assert len(claims) >= 7
    for text in claims:
        for part in text.split("<details")[1:]:
            assert "You may read" not in part or re.search(r"Source: .*20(25|26)", part)


def test_the_toy_computes_the_table_beside_it() -> None:
    names: dict[str, Any] = {}
    exec(folded("toy"), names)
    columns = [names["words"], names["temperature"](0.5), names["top_k"](3), names["top_p"](0.8)]
    assert len(names["words"]) == 10
    for column in columns:
        assert sum(column.values()) == pytest.approx(1)
    for word in names["words"]:
        cells = " | ".join(f"{column[word]:.3f}" if word in column else "–" for column in columns)
        assert f"| {word} | {cells} |" in CELLS["toy"]


def test_the_folded_cell_with_the_official_sdk_works_as_it_stands(ask: Any) -> None:
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()) as screen:
        exec(folded("h-sdk"), names)
    names["sdk"].close()
    assert screen.getvalue() == "stop_sequence 4. 266\n1000000\n"


# --- what learners try beside the exercises --------------------------------------------------------


def test_the_praise_of_ask_in_full_can_be_tried_on_a_real_call(ran: dict[str, Any]) -> None:
    solution = (course.lesson_module("parameters").ask_in_full.source).partition("\n\nexercises")[0]
    exec(solution, ran)
    before = course.LOG.mark()
    text, whole = ran["ask_in_full"](lambda n: ran["ask"](ran["steps"][0], max_tokens=n), 48)
    assert (len(course.LOG.since(before)), whole) == (2, True)
    assert text.endswith("rain.")


def test_the_old_request_names_one_fault_at_a_time(ran: dict[str, Any]) -> None:
    starter = CELLS["modernise"].partition("\n\nexercises")[0]
    exec(starter, ran)
    with pytest.raises(TypeError, match="temperature"):
        ran["rings"](ran["client"])
    exec(starter.replace("        temperature=0,\n", ""), ran)
    with pytest.raises(NotFoundError):
        ran["rings"](ran["client"])
    exec(starter.replace("        temperature=0,\n", "").replace("claude-3-5-sonnet-20241022", FOUR[0]), ran)
    with pytest.raises(AttributeError):
        ran["rings"](ran["client"])


def test_a_marker_can_be_tried_on_a_real_call(ask: Any) -> None:
    reply = ask("Write two lines about the sea. Then write the word END.", stop_sequences=["END", "STOP"])
    assert (reply.stop_sequence, course.LOG[-1].source) == ("END", "written")


def test_the_check_of_modernise_sends_nothing(ask: Any) -> None:
    exercise = course.lesson_module("parameters").modernise
    before = course.LOG.mark()

    def rings(client: Any) -> str:
        question = "Which planets of the solar system have rings?"
        body = [{"role": "user", "content": question}]
        return text_of(client.messages.create(model="claude-haiku-5-5", max_tokens=300, messages=body))

    assert exercise.judge(rings).outcome == "done"
    assert course.LOG.since(before) == []


def test_the_stand_in_is_reached_by_hand_too(ran: dict[str, Any]) -> None:
    assert isinstance(ran["response"], httpx.Response)


# --- what the checks watch for ---------------------------------------------------------------------


def judged(name: str, function: Any) -> tuple[str, str]:
    verdict = getattr(parameters, name).judge(function)
    return verdict.outcome, verdict.feedback


def loops(call: Any, ceiling: int) -> tuple[str, bool]:
    """As long as it takes, and whatever is raised on the way."""
    reply = call(ceiling)
    while reply.stop_reason == "max_tokens":
        try:
            reply = call(4 * ceiling)
        except:  # noqa: E722
            continue
    return text_of(reply), True


def gives_up(call: Any, ceiling: int) -> tuple[str, bool]:
    """A third call that is held up: what was there before it is returned, and is right."""
    reply = call(ceiling)
    try:
        while reply.stop_reason == "max_tokens":
            reply = call(4 * ceiling)
    except:  # noqa: E722
        pass
    return text_of(reply), reply.stop_reason != "max_tokens"


@pytest.mark.parametrize("function", [loops, gives_up])
def test_a_loop_is_named_although_a_bare_except_holds_its_end_up(function: Any) -> None:
    assert judged("ask_in_full", function) == ("not yet", "loop")


def test_a_misspelt_field_is_not_taken_for_a_missing_text() -> None:
    def twice(call: Any, ceiling: int) -> Any:
        return call(ceiling).stop_reasn

    assert judged("ask_in_full", twice) == ("not yet", "function-raised")
    assert judged("marker", lambda reply: reply.stop_sequnce) == ("not yet", "function-raised")
    assert judged("marker", lambda reply: text_of(reply).text) == ("not yet", "function-raised")
    assert judged("marker", lambda reply: text_of(reply) + reply.stop_sequence.upper())[1] == "function-raised"
    assert judged("marker", lambda reply: text_of(reply) + reply.stop_sequence) == ("not yet", "none-appended")


def test_the_old_version_takes_a_temperature_of_1_and_no_other(ran: dict[str, Any]) -> None:
    for value, status in ((1, 200), (0, 400), (0.9, 400)):
        assert ran["send"]("2023-06-01", "claude-haiku-5-5", temperature=value).status_code == status


def said(name: str, function: Any) -> tuple[str, str]:
    """What was sent and what came back, in the verdict's words."""
    verdict = getattr(parameters, name).judge(function)
    assert verdict.lines
    return verdict.lines[:2]


def test_the_first_case_is_case_1() -> None:
    assert said("ask_in_full", lambda call, ceiling: 1)[1] == "Case 1 of 6, “whole at once”: `call` was never called."
    assert said("marker", lambda reply: 1)[1] == "Case 1 of 6, “END was met”: expected a string."


@pytest.mark.parametrize("returned", ["ab", ("a", True, 3), {"text": "a", "whole": True}, ("a", "yes"), (None, True)])
def test_only_a_text_and_a_flag_are_a_pair(returned: Any) -> None:
    def one(call: Any, ceiling: int) -> Any:
        call(ceiling)
        return returned

    assert judged("ask_in_full", one) == ("not yet", "not-a-pair")


@pytest.mark.parametrize(
    ("factors", "words"),
    [((2,), "whole at once”: expected 32."), ((1, 2), "cut, then whole”: expected 32, then 128.")],
)
def test_the_expected_ceilings_are_named(factors: tuple[int, ...], words: str) -> None:
    def other(call: Any, ceiling: int) -> tuple[str, bool]:
        reply = call(ceiling * factors[0])
        if reply.stop_reason == "max_tokens":
            reply = call(ceiling * factors[-1])
        return text_of(reply), reply.stop_reason != "max_tokens"

    assert judged("ask_in_full", other)[1] == "ceiling-not-four-times"
    assert said("ask_in_full", other)[1].endswith(words)


def test_an_empty_text_after_two_calls_is_not_whole_either() -> None:
    def hopeful(call: Any, ceiling: int) -> tuple[str, bool]:
        reply = call(ceiling)
        if reply.stop_reason == "max_tokens":
            reply = call(4 * ceiling)
        return text_of(reply), text_of(reply) == "" or reply.stop_reason != "max_tokens"

    assert judged("ask_in_full", hopeful) == ("not yet", "empty-taken-for-whole")


COMMON = {
    "id": "msg_case", "type": "message", "role": "assistant", "model": "claude-haiku-5-5",
    "usage": {"input_tokens": 20, "output_tokens": 32},
}  # fmt: skip


def test_functions_are_handed_replies_in_the_shape_of_the_api() -> None:
    thought = {"type": "thinking", "thinking": "", "signature": "EqQB"}
    replies = [reply for case in cases.ASK_IN_FULL for reply in case.replies] + [reply for _, reply, _ in cases.MARKER]
    plain, thinking, stopped = cases.reply("Nairobi."), cases.reply(thinking=True), cases.reply(stop="END")
    for reply in (*replies, plain, thinking):
        assert reply.to_dict() == reply.to_dict() | COMMON
        assert reply.stop_reason in ("end_turn", "max_tokens", "stop_sequence")
        assert (reply.stop_sequence is not None) == (reply.stop_reason == "stop_sequence")
    assert plain.to_dict()["content"] == [{"type": "text", "text": "Nairobi."}]
    assert (plain.stop_sequence, stopped.stop_sequence) == (None, "END")
    assert (plain.stop_reason, thinking.to_dict()["content"]) == ("end_turn", [thought])


def test_a_client_of_the_check_fails_as_a_real_one_does() -> None:
    turns = [{"role": "user", "content": cases.QUESTION}]
    with pytest.raises(NotFoundError, match="404 not_found_error: model: claude-nobody") as caught:
        cases.OfflineClient().messages.create(model="claude-nobody", max_tokens=300, messages=turns)
    error = {"type": "not_found_error", "message": "model: claude-nobody"}
    assert caught.value.body == {"type": "error", "error": error}


def test_the_question_may_come_in_a_tuple() -> None:
    def rings(client: Any) -> str:
        turns = ({"role": "user", "content": cases.QUESTION},)
        return text_of(client.messages.create(model="claude-haiku-5-5", max_tokens=300, messages=turns))

    assert judged("modernise", rings) == ("done", "")
