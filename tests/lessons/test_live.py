"""Every exercise through the live path: the relay forwards to an upstream with a key, and each answer is judged alike.

The upstream is a second relay on this computer with the replies written in advance; it lets in the planted key alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lessons.conftest import ANSWERS, at, shown, source_of

from tutor import course
from tutor.journal import Journal
from tutor.practice import Exercise, found
from tutor.relay import Relay
from tutor.settings import Settings

pytestmark = pytest.mark.slow

KEY = "sk-ant-api03-planted-in-the-tests-0123456789"
EXERCISES = [
    pytest.param(path.stem, exercise, id=f"{path.stem}.{exercise.name}")
    for path in sorted((Path(course.__file__).parent / "lessons").glob("[a-z]*.py"))
    for exercise in found(course.lesson_module(path.stem)).values()
]


@pytest.fixture(scope="module")
def upstream() -> Iterator[Relay]:
    relay = Relay(Settings(pace=0.0), Journal())
    relay.token = relay.mock.token = KEY
    relay.start()
    yield relay
    relay.stop()


@pytest.fixture
def live(upstream: Relay, lesson_house: None, monkeypatch: pytest.MonkeyPatch) -> Relay:
    """The upstream, and the environment of someone who has a key for it."""
    upstream.reset()
    given = {"ANTHROPIC_BASE_URL": upstream.url, "ANTHROPIC_API_KEY": KEY, "TUTOR_MODE": "live", "TUTOR_BUDGET": "100"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return upstream


@pytest.mark.parametrize(("lesson", "exercise"), EXERCISES)
def test_every_answer_gets_the_same_verdict_live(live: Relay, lesson: str, exercise: Exercise) -> None:
    before, sent = course.LOG.mark(), live.journal.mark()
    with at(lesson, exercise.name) as names:
        got = {}
        for answer in ("starter", *sorted(path.stem for path in (ANSWERS / lesson / exercise.name).glob("*.py"))):
            verdict = shown(exercise.name, source_of(lesson, exercise.name, answer), dict(names))
            got[answer] = verdict.feedback or verdict.outcome
    assert got == {answer: answer for answer in got} | {"starter": "not attempted yet", "solution": "done"}
    calls = course.LOG.since(before)
    assert {call.source for call in calls} <= {"live", "fault", "relay"}  # nothing was answered by the stand-in
    assert sum(call.source == "live" for call in calls) <= len(live.journal.since(sent))
    assert {value for call in calls for value in call.request_headers.values() if KEY in value} == set()
