"""The retry policy equals the SDK's, as arithmetic: nothing is sent and nobody waits."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import Any

import anthropic
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.api import retry

NOW = 1_800_000_000.0
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "retry-after-ms": st.sampled_from(["250", "0", "-1", "1.5", "soon", "nan", ""]),
        "retry-after": st.sampled_from(
            [
                "1",
                "0",
                "2.5",
                "-3",
                "99999999999",
                "inf",
                "nan",
                "soon",
                "",
                formatdate(NOW + 12, usegmt=True),
                formatdate(NOW - 12),
            ]
        ),
        "x-should-retry": st.sampled_from(["true", "false", "perhaps"]),
    },
)


@pytest.fixture(scope="module")
def sdk() -> Any:
    with anthropic.Anthropic(api_key="sk-ant-test", max_retries=5) as client:
        yield client


@given(
    status=st.sampled_from([200, 301, 400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 503, 529, 599]), headers=HEADERS
)
def test_the_same_replies_are_tried_again(sdk: Any, status: int, headers: dict[str, str]) -> None:
    assert retry.should_retry(status, headers) == sdk._should_retry(httpx2.Response(status, headers=headers))


@given(taken=st.integers(0, 5), headers=HEADERS, chance=st.floats(0, 1, exclude_max=True))
def test_the_same_waits(sdk: Any, taken: int, headers: dict[str, str], chance: float) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("anthropic._base_client.random", lambda: chance)
        patch.setattr(time, "time", lambda: NOW)
        theirs = sdk._calculate_retry_timeout(
            5 - taken, anthropic._models.FinalRequestOptions(method="get", url="/"), httpx2.Headers(headers)
        )
    assert retry.wait_before(taken + 1, headers, now=NOW, chance=chance) == pytest.approx(theirs)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "12"}, 12.0),
        ({"retry-after-ms": "250", "retry-after": "12"}, 0.25),
        ({"retry-after": formatdate(NOW + 12, usegmt=True)}, 12.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Mon, 32 Jan 99999 25:61:61 GMT"}, None),
        ({"retry-after": "Mon, 1 Jan 999999999999999999999 00:00:00 GMT"}, None),
        ({}, None),
    ],
)
def test_what_the_server_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert retry.asked_wait(headers, now=NOW) == seconds


def test_waits_double_up_to_eight_seconds_and_jitter_only_shortens() -> None:
    longest = [retry.wait_before(again, {}, now=NOW, chance=0.0) for again in range(1, 8)]
    assert longest == [0.5, 1, 2, 4, 8, 8, 8]
    shortest = [retry.wait_before(again, {}, now=NOW, chance=1.0) for again in range(1, 8)]
    assert shortest == [0.75 * wait for wait in longest]


def test_a_request_without_any_answer_is_sent_again() -> None:
    assert retry.should_retry(None, {})


def test_two_retries_are_three_sendings() -> None:
    waits = [retry.next_wait(sent, 2, 529, {}, now=NOW, chance=0.0) for sent in (1, 2, 3)]
    assert waits == [0.5, 1.0, None]
    assert retry.next_wait(1, 2, 400, {}, now=NOW, chance=0.0) is None
