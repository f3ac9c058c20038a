"""Every failure is a plain sentence, and a button that helps."""

from __future__ import annotations

import pytest
from fake_api import FakeApi, Reply

from tutor.api import APIStatusError, APITimeoutError, Client
from tutor.api.errors import Request
from tutor.chat import trouble


def failure(api: FakeApi, status: int, kind: str, words: str = "Words.", **headers: str) -> trouble.Trouble:
    """The trouble of a real error of the client."""
    api.replies = [Reply(status=status, error=(kind, words), headers=headers)]
    client = Client(api_key="sk-test", base_url=api.url, max_retries=0)
    with pytest.raises(APIStatusError) as caught:
        client.messages.create(model="claude-haiku-5-5", max_tokens=1, messages=[])
    return trouble.of_error(caught.value)


@pytest.mark.parametrize(
    ("status", "kind", "title", "first"),
    [
        (401, "authentication_error", "The key was not accepted.", trouble.KEY),
        (402, "billing_error", "The account cannot pay for this call.", trouble.AGAIN),
        (429, "rate_limit_error", "Too many requests for now.", trouble.AGAIN),
        (500, "api_error", "The API has a fault.", trouble.AGAIN),
        (529, "overloaded_error", "The API is busy.", trouble.AGAIN),
        (400, "invalid_request_error", "The API refused the request.", trouble.AGAIN),
    ],
)
def test_an_error_of_the_api(api: FakeApi, status: int, kind: str, title: str, first: str) -> None:
    found = failure(api, status, kind)
    assert found.title == title
    assert found.helps[0] == first
    assert f"The API answered {status} `{kind}`." in found.text
    assert "Your question is kept." in found.text


def test_a_429_says_how_long_to_wait(api: FakeApi) -> None:
    found = failure(api, 429, "rate_limit_error", **{"retry-after": "12"})
    assert found.wait == 12
    assert found.text.endswith("Wait 12 seconds first.")


def test_a_429_says_what_the_api_asked_for_however_long(api: FakeApi) -> None:
    found = failure(api, 429, "rate_limit_error", **{"retry-after": "86400"})
    assert (found.wait, found.text.endswith("Wait 86,400 seconds first.")) == (trouble.LONGEST_WAIT, True)


def test_long_words_of_the_api_are_shortened_and_missing_ones_are_not_made_up(api: FakeApi) -> None:
    assert len(failure(api, 400, "invalid_request_error", "x" * 3000).text) < 500
    assert "Its words" not in failure(api, 418, "teapot", "").text


def test_a_spent_budget_sent_nothing(api: FakeApi) -> None:
    found = failure(api, 403, "permission_error", "The budget of this notebook is spent.")
    assert found.title == "The budget of this notebook is spent."
    assert found.helps == (trouble.WRITTEN,)


def test_no_credit_is_told_from_a_wrong_request(api: FakeApi) -> None:
    found = failure(api, 400, "invalid_request_error", "Your credit balance is too low.")
    assert found.title == "The account cannot pay for this call."


def test_a_timeout_and_a_bug_of_ours_have_words_too() -> None:
    assert trouble.of_error(APITimeoutError(Request("POST", "/"))).title == "No answer in time."
    assert "`KeyError`" in trouble.of_error(KeyError("x")).text


@pytest.mark.parametrize(
    ("ended", "stop_reason", "text", "title", "helps"),
    [
        (False, None, "Half", "The reply was cut off.", (trouble.AGAIN, trouble.GO_ON)),
        (False, None, "", "The reply was cut off.", (trouble.AGAIN, trouble.WRITTEN)),
        (True, "refusal", "", "The model declined to answer.", (trouble.REWORD, trouble.OTHER, trouble.WRITTEN)),
        (True, "max_tokens", "Half", "The reply reached its ceiling.", (trouble.GO_ON,)),
        (True, "max_tokens", "", "The reply reached its ceiling.", (trouble.AGAIN,)),
        (True, "model_context_window_exceeded", "Half", "The reply ended early.", (trouble.GO_ON,)),
        (True, "pause_turn", "", "The reply ended early.", (trouble.AGAIN,)),
        (True, "end_turn", " ", "The reply was empty.", (trouble.AGAIN,)),
    ],
)
def test_a_reply_that_came_with_200(
    ended: bool, stop_reason: str | None, text: str, title: str, helps: tuple[str, ...]
) -> None:
    found = trouble.of_reply(ended, stop_reason, 600, text)
    assert found is not None
    assert (found.title, found.helps) == (title, helps)


def test_a_whole_reply_is_no_trouble() -> None:
    assert trouble.of_reply(True, "end_turn", 600, "Yes.") is None


@pytest.mark.parametrize(("asked", "seconds"), [("99999999", 60), ("inf", 0), ("nan", 0), ("-3", 0), ("soon", 0)])
def test_no_button_is_held_back_for_long(api: FakeApi, asked: str, seconds: int) -> None:
    assert failure(api, 429, "rate_limit_error", **{"retry-after": asked}).wait == seconds


@pytest.mark.parametrize(
    ("status", "words", "title"),
    [
        (502, "api.anthropic.com could not be reached (ConnectError). Check HTTPS_PROXY.", "No connection."),
        (502, "api.anthropic.com showed a certificate that is not trusted here.", "No connection."),
        (504, "api.anthropic.com did not answer in time.", "No answer in time."),
    ],
)
def test_the_relay_s_words_for_getting_no_answer_are_told(api: FakeApi, status: int, words: str, title: str) -> None:
    found = failure(api, status, "api_error", words, **{"tutor-source": "relay"})
    assert (found.title, found.text) == (title, f"{words} Your question is kept.")
    assert failure(api, status, "api_error", words).title == "The API has a fault."
