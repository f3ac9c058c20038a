"""The thread through the house: one `start`, and every client meets the same replies."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anthropic
import httpx
import pytest

from tutor import course, settings
from tutor.api import NotFoundError, text_of
from tutor.journal import Journal
from tutor.relay import Relay

KEY = "sk-ant-planted-for-this-test"

QUESTION = {
    "model": "claude-haiku-5-5",
    "max_tokens": 200,
    "messages": [{"role": "user", "content": "Explain photosynthesis in one sentence."}],
}
OPENING = "Photosynthesis is how plants"


@pytest.fixture
def lesson(lesson_house: None) -> course.Lesson:
    return course.start("requests")


def headers() -> dict[str, str]:
    return {"authorization": f"Bearer {os.environ['ANTHROPIC_API_KEY']}", "anthropic-version": "2026-10-21"}


def post(change: dict[str, Any], **changed: str) -> httpx.Response:
    body = {field: value for field, value in (QUESTION | change).items() if value is not None}
    return httpx.post(f"{os.environ['ANTHROPIC_BASE_URL']}/v1/messages", headers=headers() | changed, json=body)


def test_the_clients_create_answers(lesson: course.Lesson) -> None:
    assert text_of(lesson.client.messages.create(**QUESTION)).startswith(OPENING)


def test_the_clients_stream_brings_the_same_text_in_pieces(lesson: course.Lesson) -> None:
    with lesson.client.messages.stream(**QUESTION) as stream:
        pieces = list(stream.text_stream)
    assert len(pieces) > 3
    assert "".join(pieces).startswith(OPENING)
    assert text_of(stream.get_final_message()) == "".join(pieces)


def test_raw_httpx_answers(lesson: course.Lesson) -> None:
    reply = post({})
    assert reply.status_code == 200
    assert text_of(reply.json()).startswith(OPENING)
    assert reply.headers["tutor-recording"] == "requests/explain-photosynthesis"


def test_the_official_sdk_answers_and_streams(lesson: course.Lesson) -> None:
    with anthropic.Anthropic() as sdk:
        assert text_of(sdk.messages.create(**QUESTION)).startswith(OPENING)
        with sdk.messages.stream(**QUESTION) as stream:
            assert stream.get_final_text().startswith(OPENING)


def test_curl_answers(lesson: course.Lesson) -> None:
    body = httpx.Request("POST", "http://x", json=QUESTION).content.decode()
    headers = [f"x-api-key: {os.environ['ANTHROPIC_API_KEY']}", "anthropic-version: 2026-10-21"]
    command = ["curl", "-sS", f"{os.environ['ANTHROPIC_BASE_URL']}/v1/messages", "-d", body]
    command += [word for header in [*headers, "content-type: application/json"] for word in ("-H", header)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=30, check=True)
    assert OPENING in done.stdout


@pytest.mark.parametrize(
    ("change", "header", "status", "kind", "message"),
    [
        ({"max_tokens": None}, {}, 400, "invalid_request_error", "max_tokens: Field required"),
        ({}, {"anthropic-version": ""}, 400, "invalid_request_error", "anthropic-version: header is required"),
        ({}, {"authorization": "Bearer wrong"}, 401, "authentication_error", "Invalid bearer token"),
        ({}, {"authorization": "", "x-api-key": "wrong"}, 401, "authentication_error", "invalid x-api-key"),
        ({"model": "claude-nothing"}, {}, 404, "not_found_error", "model: claude-nothing"),
        ({"model": "claude-3-5-haiku-20241022"}, {}, 404, "not_found_error", "model: claude-3-5-haiku-20241022"),
    ],
)
def test_a_wrong_request_is_refused_as_the_api_does(
    lesson: course.Lesson, change: dict[str, Any], header: dict[str, str], status: int, kind: str, message: str
) -> None:
    reply = post(change, **header)
    body = reply.json()
    assert reply.status_code == status
    assert body["type"] == "error"
    assert body["error"] == {"type": kind, "message": message}
    assert body["request_id"] == reply.headers["request-id"]


def test_the_status_line_says_where_replies_come_from(lesson_house: None, capsys: Any) -> None:
    course.start("requests")
    assert capsys.readouterr().out == (
        "Requests · replies written in advance, no key needed · claude-haiku-5-5 · 0 of 3 exercises done\n"
    )


def test_the_status_line_is_one_line_also_without_styles(lesson: course.Lesson) -> None:
    html = course.Status("Requests", course.house().state(), "0 of 3")._repr_html_()
    assert not re.search("<(p|br|div|li)", html.partition("</style>")[2].partition(">")[2])


def test_an_unrecorded_prompt_is_answered_with_those_of_the_page(
    lesson_house: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUTOR_STRICT", "0")
    client = course.start("start_here").client
    asked = [{"role": "user", "content": "Who won the cup?"}]
    said = text_of(client.messages.create(model="claude-haiku-5-5", max_tokens=300, messages=asked))
    named = [line[2:] for line in said.splitlines() if line.startswith("- ")]
    page = course.lesson_text("start_here")
    assert len(named) == 5
    assert [prompt for prompt in named if f'"{prompt}"' not in page] == []


def test_starting_again_keeps_the_relay_the_log_and_the_conversation(lesson: course.Lesson) -> None:
    address = os.environ["ANTHROPIC_BASE_URL"]
    lesson.client.messages.create(**QUESTION)
    seen = course.LOG.mark()
    again = course.start("requests")
    assert os.environ["ANTHROPIC_BASE_URL"] == address
    assert course.LOG.mark() == seen
    assert again.chat is lesson.chat


def test_starting_again_repairs_an_environment_that_was_cleared(lesson: course.Lesson) -> None:
    for name in ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY", "NO_PROXY", "no_proxy"):
        del os.environ[name]
    client, _, _ = course.start("requests")
    assert text_of(client.messages.create(**QUESTION)).startswith(OPENING)


def test_a_proxy_of_the_machine_is_not_asked_for_the_stand_in(
    lesson_house: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nothing listens there
    client, _, _ = course.start("requests")
    assert text_of(client.messages.create(**QUESTION)).startswith(OPENING)
    assert post({}).status_code == 200


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("request", r"got 'request'. Did you mean 'requests'\?"),
        ("lesson one", r"The lessons are .*requests, start_here"),
        (1, "got a number."),
    ],
)
def test_a_name_that_is_no_lesson_is_refused_with_those_there_are(lesson_house: None, name: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        course.start(name)


def test_a_lesson_unpacks_into_three_and_shows_nothing_twice(lesson: course.Lesson, capsys: Any) -> None:
    capsys.readouterr()
    client, exercises, chat = lesson
    lesson._ipython_display_()
    assert capsys.readouterr().out == ""
    assert (client, exercises, chat) == (lesson.client, lesson.exercises, lesson.chat)


def test_the_tutor_is_told_the_cell_that_ran_its_error_and_its_heading(
    lesson: course.Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(course._watching, "chat", lesson.chat)
    info = SimpleNamespace(raw_cell="1 / 0", cell_id="by-hand")
    course._cell_ran(SimpleNamespace(info=info, error_before_exec=None, error_in_exec=ZeroDivisionError("by zero")))
    assert (lesson.chat.last_cell, "ZeroDivisionError" in lesson.chat.last_error) == ("1 / 0", True)
    assert lesson.chat._seen.section == "The same by hand"


@pytest.mark.parametrize("saved", [None, "", "{", "[]", '{"cells": [{"id": "x"}]}'])
def test_a_notebook_that_cannot_be_read_has_no_headings(
    saved: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course, "NOTEBOOKS", tmp_path)
    if saved is not None:
        (tmp_path / "01_requests.ipynb").write_text(saved, encoding="utf-8")
    assert course.section("requests", "x") == ""


def test_the_tutor_is_told_the_lesson_as_it_was_published_and_not_the_learners_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = course.lesson_text("requests")
    monkeypatch.setattr(course, "NOTEBOOKS", tmp_path)
    (tmp_path / "01_requests.ipynb").write_text('{"cells": [{"source": "my diary"}]}', encoding="utf-8")
    assert course.lesson_text("requests") == published
    assert "The same by hand" in published


PASTED = f"client = Client(api_key='{'sk-ant-' + 'api03-abcdefghijklmnop'}')"


def test_a_key_pasted_into_a_cell_is_told_at_once(
    lesson: course.Lesson, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setitem(course._watching, "chat", lesson.chat)
    for source, warned in ((PASTED, True), ("key = 'sk-ant-...'", False)):
        capsys.readouterr()
        info = SimpleNamespace(raw_cell=source, cell_id=None)
        course._cell_ran(SimpleNamespace(info=info, error_before_exec=None, error_in_exec=None))
        assert ("A key stands in this notebook." in capsys.readouterr().out) == warned


def test_a_key_in_the_saved_notebook_is_told_by_the_next_start(
    lesson_house: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(course, "NOTEBOOKS", tmp_path)
    course.stops.cache_clear()
    file = tmp_path / "01_requests.ipynb"
    for source, warned in ((PASTED, True), ("print(1)", False)):
        file.write_text(json.dumps({"cells": [{"cell_type": "code", "source": source}]}), encoding="utf-8")
        capsys.readouterr()
        course.start("requests")
        said = capsys.readouterr().out
        assert ("revoke it at platform.claude.com/settings/keys" in said) == warned
        assert "abcdefgh" not in said
    course.stops.cache_clear()


@pytest.mark.parametrize("mode", ["live", "record"])
def test_the_learners_key_stays_with_the_relay_however_often_the_lesson_is_started(
    lesson_house: None, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setenv("TUTOR_MODE", mode)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    course.start("requests")
    lesson = course.start("requests")
    assert course.house().state().mode == mode
    everything = repr(lesson) + repr(course.house().relay.__dict__) + repr(course.house().settings)
    assert "planted" not in str(dict(os.environ)) + everything
    assert os.environ["ANTHROPIC_API_KEY"].startswith("tutor-local-")


def test_the_public_names_are_there_and_no_others() -> None:
    import tutor

    assert tutor.__all__ == sorted(tutor.__all__)
    assert all(getattr(tutor, name) is not None for name in tutor.__all__)
    with pytest.raises(AttributeError, match="tutor has no 'begin'"):
        _ = tutor.begin


def test_nothing_is_left_behind_by_a_process_that_started_a_lesson(tmp_path: Path) -> None:
    code = "from tutor import start; client, _, _ = start('requests'); print(client.base_url)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True, cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(settings.ROOT)},
    )  # fmt: skip
    port = int(re.findall(r"http://127\.0\.0\.1:(\d+)", done.stdout)[-1])
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}", trust_env=False)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def upstream() -> Iterator[Relay]:
    """A stand-in for the live API on this computer: it knows one key, and keeps a log of its own."""
    standin = Relay(settings.Settings(pace=0), Journal())
    standin.token = standin.mock.token = KEY
    standin.start()
    yield standin
    standin.stop()


@pytest.fixture
def live(lesson_house: None, upstream: Relay, monkeypatch: pytest.MonkeyPatch) -> course.Lesson:
    monkeypatch.delenv("TUTOR_MODE")
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", upstream.url)
    return course.start("requests")


def test_the_status_line_of_a_live_lesson_says_what_it_may_cost(live: course.Lesson, capsys: Any) -> None:
    course.start("requests")
    assert capsys.readouterr().out == (
        "Requests · live, calls cost money · claude-haiku-5-5 · 0 of 3 exercises done · "
        "$0.00 of $1.00 in this notebook\n"
    )


def test_with_a_key_the_same_calls_are_forwarded(live: course.Lesson, upstream: Relay) -> None:
    assert text_of(live.client.messages.create(**QUESTION)).startswith(OPENING)
    assert text_of(post({}).json()).startswith(OPENING)
    with anthropic.Anthropic() as sdk, sdk.messages.stream(**QUESTION) as stream:
        assert stream.get_final_text().startswith(OPENING)
    assert [exchange.status for exchange in upstream.journal] == [200, 200, 200]
    assert {exchange.source for exchange in course.LOG.calls[-3:]} == {"live"}


def test_what_is_spent_live_is_counted(live: course.Lesson) -> None:
    before = course.house().relay.budget.spent
    live.client.messages.create(**QUESTION)
    assert course.house().relay.budget.spent > before


def test_a_key_put_into_dotenv_takes_effect_at_the_next_start(
    lesson: course.Lesson, upstream: Relay, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.delenv("TUTOR_MODE")
    found = settings.Settings(mode="live", key=KEY, upstream=upstream.url)
    monkeypatch.setattr(settings, "read", lambda environ: found)
    course.start("requests")
    assert "live, calls cost money" in capsys.readouterr().out


def test_a_key_corrected_in_dotenv_takes_effect_and_one_typed_in_the_tutor_stays(
    lesson: course.Lesson, upstream: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay = course.house().relay
    for key, used in (("sk-ant-mistyped", "sk-ant-mistyped"), (KEY, KEY)):
        found = settings.Settings(mode="live", key=key, upstream=upstream.url)
        monkeypatch.setattr(settings, "read", lambda environ, found=found: found)
        course.start("requests")
        assert relay.settings.key == used
    relay.go_live("sk-ant-typed-in-the-tutor")
    for after in (found, settings.Settings()):  # also once the other is taken out of .env
        monkeypatch.setattr(settings, "read", lambda environ, found=after: found)
        course.start("requests")
        assert relay.settings.key == "sk-ant-typed-in-the-tutor"


def test_a_key_taken_out_of_dotenv_is_used_no_more(
    lesson: course.Lesson, upstream: Relay, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    live = settings.Settings(mode="live", key=KEY, upstream=upstream.url)
    for found, mode in ((live, "live"), (settings.Settings(), "recorded")):
        monkeypatch.setattr(settings, "read", lambda environ, found=found: found)
        course.start("requests")
        assert course.house().relay.mode == mode
    assert course.house().relay.settings.key is None


@pytest.mark.parametrize(
    ("key", "url", "warned"),
    [("my-test-key-123", "", True), (KEY, "", False), ("my-test-key-123", "https://gateway.example", False)],
)
def test_a_key_that_the_api_will_not_take_is_doubted_and_one_for_a_gateway_is_not(
    lesson_house: None, monkeypatch: pytest.MonkeyPatch, capsys: Any, key: str, url: str, warned: bool
) -> None:
    monkeypatch.delenv("TUTOR_MODE")
    monkeypatch.setenv("ANTHROPIC_API_KEY", key)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
    course.start("requests")
    said = capsys.readouterr().out
    assert "live, calls cost money" in said
    assert ("check your key: keys of the API begin with sk-ant-" in said) == warned
    assert key not in said


def test_the_tutor_can_fall_back_on_its_written_answer_while_live(live: course.Lesson, upstream: Relay) -> None:
    asking = live.chat.begin("What is a token?", written=True)
    asking.run()
    assert "piece of text" in asking.turn.text
    assert asking.turn.source == "written"
    assert list(upstream.journal) == []


def test_a_refused_call_shows_the_learners_line_and_not_the_clients_inside(lesson: course.Lesson) -> None:
    with pytest.raises(NotFoundError) as refused:
        lesson.client.messages.create(model="claude-nothing", max_tokens=10, messages=QUESTION["messages"])
    files = [Path(str(entry.path)).name for entry in refused.traceback]
    assert files == ["test_course.py", "calls.py"]


@pytest.mark.slow
def test_in_a_notebook_a_setting_that_cannot_be_used_is_told_in_one_line(tmp_path: Path) -> None:
    code = "from tutor import start; start('requests')"
    command = [sys.executable, "-m", "IPython", "--colors=NoColor", "-c", code]
    env = {**os.environ, "TUTOR_MODE": "fast", "IPYTHONDIR": str(tmp_path)}
    done = subprocess.run(command, env=env, cwd=settings.ROOT, capture_output=True, text=True, check=False)
    told = "SettingsError: Expected TUTOR_MODE to be one of recorded, live, record, got 'fast'."
    assert (done.stdout + done.stderr).splitlines() == [told]


def test_a_second_credential_of_the_learner_is_not_sent_beside_the_key(
    lesson_house: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "sk-ant-another")
    course.start("requests")
    assert "ANTHROPIC_AUTH_TOKEN" not in os.environ


def test_the_house_itself_keeps_no_key(live: course.Lesson) -> None:
    assert KEY not in str(vars(course.house().settings))


def test_a_batch_is_not_sent_since_the_meter_could_not_stop_it(live: course.Lesson, upstream: Relay) -> None:
    url = f"{os.environ['ANTHROPIC_BASE_URL']}/v1/messages/batches"
    reply = httpx.post(url, headers=headers(), json={"requests": []})
    assert (reply.status_code, reply.json()["error"]["type"]) == (403, "permission_error")
    assert list(upstream.journal) == []


def test_a_word_that_is_no_key_does_not_go_live(lesson: course.Lesson) -> None:
    with pytest.raises(ValueError, match="begins with sk-ant-"):
        course.house().relay.go_live("hello")
    assert course.house().state().mode == "recorded"
