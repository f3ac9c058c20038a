"""Lesson 05: what its demos promise, the program it leaves behind, and what its checks watch for."""

from __future__ import annotations

import contextlib
import io
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

from tutor import course, faults, plots, rate_limit
from tutor.api import retry as client_retry
from tutor.journal import Exchange
from tutor.lessons import _errors_cases as cases
from tutor.lessons import errors
from tutor.mock.faults import status as order

CELLS = {cell.id: cell.source for cell in nbformat.read(course.NOTEBOOKS / "05_errors.ipynb", as_version=4).cells}
DEMOS = (
    "setup", "question", "gallery", "order", "connection", "never", "constants", "rescued", "waits", "predict", "nine",
    "draining", "crowd", "refused", "declined", "request-id",
)  # fmt: skip


@pytest.fixture
def screen() -> io.StringIO:
    """What the demos print."""
    return io.StringIO()


@pytest.fixture
def ran(lesson_house: None, screen: io.StringIO) -> Iterator[dict[str, Any]]:
    """The names that the lesson's demos leave behind, run in order."""
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(screen):
        for name in DEMOS:
            exec(CELLS[name], names)
    yield names
    names["sdk"].close()


def shown(cell: str, names: dict[str, Any]) -> list[str]:
    """The lines that a cell prints."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(CELLS[cell], names)
    return printed.getvalue().splitlines()


def answered(since: int = 0) -> list[Exchange]:
    """The calls with a reply since a place in the log. A silent one enters it later, when its silence ends."""
    return [call for call in course.LOG.since(since) if call.status is not None]


# --- what the demos promise ---------------------------------------------------------------------------


def test_the_gallery_shows_eight_errors_and_one_retry_after(ran: dict[str, Any]) -> None:
    rows = [line.split() for line in shown("gallery", ran)]
    assert [row[0] for row in rows] == ["400", "401", "403", "404", "429", "429", "500", "529"]
    assert [row[3] for row in rows] == ["-", "-", "-", "-", "12", "-", "-", "-"]
    assert [row[1] for row in rows][-2:] == ["InternalServerError", "OverloadedError"]


@pytest.mark.parametrize("code", [402, 413, 503, 504])
def test_the_folded_errors_can_be_ordered_too(ran: dict[str, Any], code: int) -> None:
    with pytest.raises(anthropic.APIStatusError) as caught, faults(code):
        ran["sdk"].messages.create(**ran["question"])
    assert caught.value.status_code == code


def test_each_class_of_the_table_has_the_status_beside_it() -> None:
    rows = re.findall(r"(?m)^\| ([\d, ]+) \| ([^|]+) \| [^|]+ \| `(\w+)` \|", CELLS["h-whose"])
    assert len(rows) == 6
    named = {failure.name.partition(",")[0]: failure for failure in cases.FAILURES}
    for codes, classes, name in rows:
        for code, kind in zip(codes.split(", "), re.findall(r"`(\w+)`", classes), strict=True):
            assert named[kind].status == int(code)
            assert named[kind].wanted == getattr(cases, name)
            assert type(cases.error_for(named[kind])) is getattr(anthropic, kind)


def test_the_six_names_are_those_that_the_check_knows(ran: dict[str, Any]) -> None:
    for name in ("FIX", "KEY", "ASK", "WAIT", "WAIT_OR_OTHER_MODEL", "NETWORK"):
        assert ran[name] == getattr(cases, name)


def test_the_parents_of_an_overloaded_error_are_printed_in_order(ran: dict[str, Any]) -> None:
    assert shown("order", ran) == ["OverloadedError", "InternalServerError", "APIStatusError", "APIError"]


def test_no_reply_means_no_status(ran: dict[str, Any]) -> None:
    assert shown("connection", ran) == ["APIConnectionError False"]


def test_a_timeout_and_a_missing_key_come_without_a_reply(ran: dict[str, Any]) -> None:
    before = course.LOG.mark()
    lines = shown("never", ran)
    assert lines[0] == "APITimeoutError"
    assert lines[1].startswith("There is no API key, and nothing was sent.")
    assert answered(before) == []


def test_one_429_is_rescued_unseen(ran: dict[str, Any]) -> None:
    exec(CELLS["rescued"], ran)
    assert [call.status for call in answered()[-2:]] == [429, 200]
    assert (ran["raw"].status_code, ran["raw"].retries_taken) == (200, 1)
    assert ran["raw"].parse().stop_reason == "end_turn"


def test_the_table_of_waits_is_the_policy_of_the_client(ran: dict[str, Any]) -> None:
    for number, line in enumerate(shown("waits", ran), 1):
        low, high = (float(text) for text in re.findall(r"\d+\.\d+", line))
        assert low == client_retry.wait_before(number, {}, now=0, chance=1)
        assert high == client_retry.wait_before(number, {}, now=0, chance=0)


def test_three_tries_around_two_retries_are_nine_requests(ran: dict[str, Any], screen: io.StringIO) -> None:
    before = course.LOG.mark()
    with contextlib.redirect_stdout(io.StringIO()):
        exec(CELLS["nine"], ran)
    assert [call.status for call in answered(before)] == [429] * 9
    assert "9" in screen.getvalue()


def test_the_sdk_sends_a_400_once_and_a_503_three_times(ran: dict[str, Any]) -> None:
    patient = ran["sdk"].with_options(max_retries=2)
    for code, times in ((400, 1), (404, 1), (409, 3), (503, 3)):
        before = course.LOG.mark()
        fault = order(code)
        fault.headers["retry-after"] = "0.01"
        with pytest.raises(anthropic.APIStatusError), faults(*[fault] * 5):
            patient.messages.create(**ran["question"])
        assert len(answered(before)) == times


def test_the_limit_drains_to_nothing_and_then_refuses(ran: dict[str, Any]) -> None:
    assert shown("draining", ran) == ["200 4", "200 3", "200 2", "200 1", "200 0", "429 True"]


def test_a_refusal_has_a_reason_and_no_content(ran: dict[str, Any]) -> None:
    refused = ran["refused"]
    assert (refused.stop_reason, refused.content, refused.stop_details.category) == ("refusal", [], "general_harms")


def test_a_no_in_prose_ends_like_an_answer_and_says_no_sorry(ran: dict[str, Any]) -> None:
    assert ran["declined"].stop_reason == "end_turn"
    assert "sorry" not in ran["text_of"](ran["declined"]).lower()


@pytest.mark.parametrize("listed", ["questions", "delicate"])
def test_every_prompt_a_demo_offers_has_a_written_reply(ran: dict[str, Any], listed: str) -> None:
    for prompt in ran[listed]:
        reply = ran["sdk"].messages.create(**ran["question"] | {"messages": [{"role": "user", "content": prompt}]})
        assert (answered()[-1].source, reply.stop_reason) == ("written", "end_turn")


def test_the_request_id_is_in_the_error_and_in_its_header(ran: dict[str, Any]) -> None:
    assert shown("request-id", ran) == ["req_ True"]


def test_each_claim_met_elsewhere_names_its_source() -> None:
    claims = [part for text in CELLS.values() for part in text.split("<details")[1:] if "You may read" in part]
    assert len(claims) >= 6
    for part in claims:
        assert re.search(r"Source: .*2026", part)


def test_the_sdk_raises_a_plain_type_error_without_a_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("ANTHROPIC_")]:
        monkeypatch.delenv(name)
    for name in ("HOME", "USERPROFILE", "APPDATA", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    with anthropic.Anthropic(base_url="http://127.0.0.1:9") as sdk, pytest.raises(TypeError) as caught:
        sdk.messages.create(model="claude-haiku-5-5", max_tokens=9, messages=[{"role": "user", "content": "Hello"}])
    assert not isinstance(caught.value, anthropic.AnthropicError)


# --- the plot -----------------------------------------------------------------------------------------


def test_a_random_part_turns_spikes_into_a_smear(ran: dict[str, Any]) -> None:
    together, apart = errors.crowd(ran["same_wait"]), errors.crowd(ran["random_part"])
    assert len(together) == len(apart) == 600
    picture = plots.crowd({"same wait": together, "random part": apart})
    peaks = {row[0]: row[2] for row in picture.rows}
    assert peaks["same wait"] > 4 * peaks["random part"]


def test_the_plot_takes_the_learners_own_function_too(ran: dict[str, Any]) -> None:
    solution = (Path(course.__file__).parent / "answers/errors/with_retries/solution.py").read_text(encoding="utf-8")
    exec(solution.partition("\n\nexercises")[0], ran)
    own = errors.crowd(ran["with_retries"])
    assert len(own) == 600
    rows = plots.crowd({"same wait": errors.crowd(ran["same_wait"]), "own": own}).rows
    assert rows[1][2] < rows[0][2]


def test_an_unfinished_function_is_drawn_without_a_request() -> None:
    assert errors.crowd(lambda call, sleep, rand: None) == []


# --- the program left behind ----------------------------------------------------------------------------


@pytest.fixture
def assistant(ran: dict[str, Any], tmp_path: Path) -> Callable[..., str]:
    """Runs the program in a folder of its own, without the course on its path."""
    program = "".join(CELLS[name].partition("\n")[2] + "\n" for name in ("write-one", "write-two", "write-three"))
    assert "tutor" not in program
    assert len(program.splitlines()) <= 44
    (tmp_path / "my_assistant.py").write_text(program, encoding="utf-8")
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"PYTHONUTF8": "1"}

    def run(*questions: str, typed: str = "") -> str:
        return subprocess.run(
            [sys.executable, "my_assistant.py", *questions],
            cwd=tmp_path,
            env=env,
            input=typed,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=True,
        ).stdout

    return run


def test_the_program_leaves_the_names_of_the_notebook_alone() -> None:
    program = "\n".join(CELLS[name] for name in ("write-one", "write-two", "write-three"))
    made = set(re.findall(r"(?m)^(?:def )?(\w+)(?: =|\()", program))
    assert made == {"claude", "ask", "advice", "note", "main"}


def test_the_assistant_keeps_its_history_for_each_question_offered(ran: dict[str, Any], assistant: Any) -> None:
    for question in ran["questions"]:
        lines = assistant(question, "Say that in ten words or so.").splitlines()
        assert len([line for line in lines if re.fullmatch(r"\[\d+ tokens in, \d+ out\]", line)]) == 2
        assert [call.source for call in answered()[-2:]] == ["written", "written"]
        assert [len(call.request["messages"]) for call in answered()[-2:]] == [1, 3]


def test_the_assistant_reads_from_the_keyboard_and_ends_at_an_empty_line(assistant: Any) -> None:
    assert assistant(typed="What can you help me with?\n\n").startswith("> With texts, code")


def test_the_assistant_survives_an_error_and_forgets_the_question(ran: dict[str, Any], assistant: Any) -> None:
    with faults(404, rate_limit(retry_after=0.01)):
        text = assistant(*ran["questions"][:2])
    assert re.search(r"\[404 not_found_error, request id req_\w+\]", text)
    assert "melts ice on winter roads" in text
    assert len(answered()[-1].request["messages"]) == 1


def test_the_assistant_says_that_a_question_was_refused_and_goes_on(ran: dict[str, Any], assistant: Any) -> None:
    text = assistant("A question that a safety classifier stops.", ran["questions"][0])
    assert ", refused]" in text
    assert "scaffolding" in text


# --- what the checks watch for ----------------------------------------------------------------------------


@pytest.fixture
def solved() -> Callable[[str], Any]:
    """The shipped solution of an exercise, as a function."""
    names: dict[str, Any] = {"anthropic": anthropic, **vars(cases)}

    def load(name: str) -> Any:
        path = Path(course.__file__).parent / "answers" / "errors" / name / "solution.py"
        exec(path.read_text(encoding="utf-8").partition("\n\nexercises")[0], names)
        return names[name]

    return load


def test_the_client_of_the_course_would_pass_the_table_of_retries() -> None:
    for failure in cases.FAILURES:
        hopeful = failure.wanted in (cases.WAIT, cases.WAIT_OR_OTHER_MODEL, cases.NETWORK)
        assert client_retry.should_retry(failure.status, {}) == hopeful


def test_a_wait_that_doubles_retry_after_is_the_longest_allowed() -> None:
    judge = errors.with_retries.judge
    for factor, feedback in ((1, ""), (2, ""), (0.9, "retry-after-ignored"), (2.1, "retry-after-ignored")):

        def own(call: Any, sleep: Any, rand: Any, factor: float = factor) -> Any:
            for retry in range(3):
                try:
                    return call()
                except (anthropic.RateLimitError, anthropic.InternalServerError) as error:
                    asked = error.response.headers.get("retry-after")
                    sleep(float(asked) * factor if asked else 2**retry * (1 - 0.25 * rand()))
                except anthropic.APIConnectionError:
                    sleep(2**retry * (1 - 0.25 * rand()))
            return call()

        assert judge(own).feedback == feedback


def test_a_function_that_never_ends_is_stopped() -> None:
    def endless(call: Any, sleep: Any, rand: Any) -> Any:
        while True:
            try:
                return call()
            except (anthropic.RateLimitError, anthropic.InternalServerError, anthropic.APIConnectionError):
                sleep(rand())

    verdict = errors.with_retries.judge(endless)
    assert verdict.feedback == "not-four-tries"
    assert "no end" in verdict.lines[1]


@pytest.mark.parametrize("failure", cases.FAILURES, ids=lambda failure: failure.name)
def test_each_failure_with_a_wrong_constant_is_not_yet(solved: Any, failure: Any) -> None:
    right = solved("friendly")

    def wrong(call: Any) -> Any:
        seen = None
        try:
            seen = call()
        except Exception as error:
            if str(error) == str(cases.error_for(failure)) and type(error) is type(cases.error_for(failure)):
                return cases.NETWORK if failure.wanted == cases.FIX else cases.FIX
            return right(call)
        return seen

    assert errors.friendly.judge(wrong).outcome == "not yet"
    assert errors.friendly.judge(right).outcome == "done"


@pytest.mark.parametrize("reason", list(cases.ENDINGS))
def test_each_stop_reason_with_a_wrong_word_is_not_yet(solved: Any, reason: str | None) -> None:
    right = solved("outcome")

    def wrong(reply: Any) -> str:
        return "hm" if reply.stop_reason == reason else str(right(reply))

    assert errors.outcome.judge(wrong).outcome == "not yet"


@pytest.mark.parametrize("name", ["friendly", "with_retries", "outcome"])
def test_what_is_no_function_is_said_to_be_none(name: str) -> None:
    for answer in (None, "wait", {"end_turn": "answer"}, 7):
        assert getattr(errors, name).judge(answer).feedback == "not-a-function"


def test_a_loop_without_end_that_holds_everything_up_is_stopped_too() -> None:
    def endless(call: Any, sleep: Any, rand: Any) -> Any:
        while True:
            try:
                return call()
            except anthropic.BadRequestError:
                raise
            except:  # noqa: E722
                sleep(rand())

    assert errors.with_retries.judge(endless).outcome == "not yet"


def test_an_error_of_the_function_itself_is_told_apart_from_the_api() -> None:
    def misspelt(call: Any, sleep: Any = None, rand: Any = None) -> Any:
        try:
            return call()
        except anthropic.BadRequestError as error:
            return error.mesage  # type: ignore[attr-defined]

    assert errors.friendly.judge(misspelt).feedback == "function-raised"
    assert errors.with_retries.judge(misspelt).feedback == "function-raised"


@pytest.mark.parametrize("failure", cases.FAILURES, ids=lambda failure: failure.name)
def test_each_failure_is_what_the_sdk_raises(failure: Any) -> None:
    error = cases.error_for(failure, {"retry-after": "7"})
    assert type(error).__name__ == re.split(r"[, ]", failure.name)[0]
    assert isinstance(error, anthropic.APIError)
    assert (error.request.method, error.request.url.path) == ("POST", "/v1/messages")
    if isinstance(error, anthropic.APIStatusError):
        inner = {"type": failure.type, "message": failure.words}
        body = {"type": "error", "error": inner, "request_id": "req_in_memory"}
        assert (error.status_code, error.type, error.request_id) == (failure.status, failure.type, "req_in_memory")
        assert error.response.json() == error.body == body
        assert error.response.headers["retry-after"] == "7"


def said(name: str, function: Callable[..., Any]) -> tuple[str, str]:
    """What was sent and what came back, in the verdict's words."""
    verdict = getattr(errors, name).judge(function)
    assert verdict.lines
    return verdict.lines[:2]


Wait = Callable[[int, Any, Callable[[], float]], Any]


def retrying(
    *hopeful: type[Exception], tries: int = 4, wait: Wait = lambda retry, error, rand: 2**retry * (1 - 0.25 * rand())
) -> Any:
    """A function that tries again after these errors; `wait` gives the seconds, or None for no sleep."""

    def with_retries(call: Any, sleep: Any, rand: Any) -> Any:
        for retry in range(tries):
            try:
                return call()
            except hopeful as error:
                if retry == tries - 1:
                    raise
                seconds = wait(retry, error, rand)
                if seconds is not None:
                    sleep(seconds)
        return None

    return with_retries


HOPEFUL = (anthropic.RateLimitError, anthropic.InternalServerError, anthropic.APIConnectionError)


def patient(retry: int, error: Any, rand: Callable[[], float]) -> float:
    asked = error.response.headers.get("retry-after") if isinstance(error, anthropic.APIStatusError) else None
    return float(asked or 0) + 2**retry * (1 - 0.25 * rand())


def lingering(call: Any, sleep: Any, rand: Any) -> Any:
    """Waits after every failure, the last one too."""
    for retry in range(4):
        try:
            return call()
        except HOPEFUL as error:
            sleep(2**retry)
            last = error
    raise last


@pytest.mark.parametrize(
    ("function", "feedback", "back"),
    [
        (retrying(*HOPEFUL, wait=patient), "", ""),
        (retrying(*HOPEFUL), "retry-after-ignored", "With `retry-after: 7` the waits were 0.875 s."),
        (retrying(*HOPEFUL, anthropic.PermissionDeniedError), "retried-in-vain", "With status 403: sent 4 times."),
        (retrying(*HOPEFUL, anthropic.NotFoundError), "retried-in-vain", "With status 404: sent 4 times."),
        (retrying(*HOPEFUL[:2]), "not-retried", "With a lost connection: sent once, then APIConnectionError: "),
        (retrying(*HOPEFUL[1:]), "not-retried", "With status 429: sent once, then RateLimitError: "),
        (retrying(*HOPEFUL, tries=2), "not-four-tries", "With status 529: sent 2 times, expected 4."),
        (retrying(*HOPEFUL, tries=3), "not-four-tries", "With status 529: sent 3 times, expected 4."),
        (
            retrying(*HOPEFUL, wait=lambda retry, error, rand: 2**retry),
            "no-random-part",
            "With `rand()` at 0.1 and at 0.9, the waits were 1, 2, 4 s and 1, 2, 4 s.",
        ),
        (
            retrying(*HOPEFUL, wait=lambda retry, error, rand: 3 - retry),
            "same-wait",
            "With `rand()` always 0.5, the waits were 3, 2, 1 s.",
        ),
        (
            retrying(*HOPEFUL, wait=lambda *given: None if patient(*given) >= 7 else patient(*given)),
            "retry-after-ignored",
            "With `retry-after: 7` the waits were none.",
        ),
        (lambda call, *_: print(call()), "reply-lost", "A call that works: expected `'a reply'`, got `None`."),
        (
            retrying(*HOPEFUL, tries=5, wait=lambda retry, error, rand: 2**retry),
            "not-four-tries",
            "With status 529: sent 5 times, expected 4.",
        ),
        (lingering, "slept-after-last", "With status 529: after the fourth try came a wait of 8 s."),
    ],
)
def test_a_verdict_on_retries_says_what_was_seen(function: Any, feedback: str, back: str) -> None:
    assert errors.with_retries.judge(function).feedback == feedback
    assert not feedback or said("with_retries", function)[1].startswith(back)


def test_a_wait_only_when_chance_is_high_is_no_fault_of_the_check() -> None:
    def moody(retry: int, error: Any, rand: Callable[[], float]) -> float | None:
        return patient(retry, error, rand) if rand() >= 0.5 else None

    assert errors.with_retries.judge(retrying(*HOPEFUL, wait=moody)).outcome == "done"


def test_chance_is_handed_in_between_0_and_1() -> None:
    seen = set()

    def curious(retry: int, error: Any, rand: Callable[[], float]) -> float:
        seen.add(rand())
        return patient(retry, error, rand)

    assert errors.with_retries.judge(retrying(*HOPEFUL, wait=curious)).outcome == "done"
    assert len(seen) == 3
    assert all(0 <= chance < 1 for chance in seen)


@pytest.mark.parametrize("reason", list(cases.ENDINGS))
def test_outcome_is_handed_replies_like_those_of_the_sdk(reason: str | None) -> None:
    reply = cases.reply_ending(reason)
    assert (reply.id, reply.type, reply.role, reply.stop_reason) == ("msg_in_memory", "message", "assistant", reason)
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (12, 9)
    said = [block.text for block in reply.content if block.type == "text"]
    assert said == ([] if reason == "refusal" else ["The tide comes in twice a day."])
