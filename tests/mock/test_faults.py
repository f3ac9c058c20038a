"""The weather: one fault for each attempt, in order, and limits that drain."""

from __future__ import annotations

import json

import pytest

from tutor.mock.faults import (
    cut,
    draining,
    edge,
    error_event,
    rate_limit,
    silent,
    slow,
    spend_limit,
    status,
)

TIDES = "Write a haiku about tides."
PLANTS = "Explain photosynthesis in one sentence."


def weather(api, *ordered):
    api.mock.weather.begin(*ordered)
    return api


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (402, "billing_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (409, "conflict_error"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (504, "timeout_error"),
        (529, "overloaded_error"),
    ],
)
def test_an_error_has_the_apis_shape(api, code, kind):
    answer = weather(api, code)(PLANTS)
    assert (answer.status, answer.json["error"]["type"]) == (code, kind)
    assert answer.json["request_id"] == answer.headers["request-id"]
    assert answer.headers["tutor-source"] == "fault"


def test_faults_come_one_for_each_attempt_in_their_order(api):
    weather(api, 529, rate_limit(retry_after=1), 500)
    assert [api(PLANTS).status for _ in range(5)] == [529, 429, 500, 200, 200]


@pytest.mark.parametrize("wrong", [-1, "1", None, True, float("nan"), float("inf"), [1]])
@pytest.mark.parametrize("order", [cut, error_event, slow, silent, status])
def test_what_cannot_be_ordered_is_refused_at_once(order, wrong):
    with pytest.raises(ValueError, match=r"Expected .*, got "):
        order(wrong)


@pytest.mark.parametrize("wrong", [-1, "1", 1.5])
@pytest.mark.parametrize("limit", ["requests", "input_tokens", "output_tokens"])
def test_a_limit_is_a_whole_number(limit, wrong):
    with pytest.raises(ValueError, match=f"Expected {limit} to be a whole number of 0 or more, got"):
        draining(**{limit: wrong})


@pytest.mark.parametrize(("seconds", "words"), [(0, "0"), (0.01, "0.01"), (30, "30"), (2_000_000, "2000000")])
def test_the_wait_is_written_as_a_plain_number(seconds, words):
    assert rate_limit(retry_after=seconds).headers == {"retry-after": words}
    with pytest.raises(ValueError, match="Expected retry_after to be a number of 0 or more"):
        rate_limit(retry_after=-1)


def test_the_tutors_own_questions_drain_nothing(api):
    weather(api, draining(output_tokens=5))
    body = {
        "model": "claude-haiku-5-5",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "What is a token?"}],
    }
    assert api.send(body, tutor_origin="chat; lesson=demo").json["usage"]["output_tokens"] > 5
    assert [api(PLANTS).status for _ in range(2)] == [200, 429]


def test_a_wrong_request_does_not_use_up_a_fault(api):
    weather(api, 529)
    assert api(PLANTS, model="gpt-4").status == 404
    assert api(PLANTS).status == 529


def test_a_rate_limit_may_say_how_long_to_wait_and_why(api):
    weather(api, rate_limit(retry_after=0.5), rate_limit(), rate_limit(error_code="enforced_spend_limit_reached"))
    first, second, third = (api(PLANTS) for _ in range(3))
    assert first.headers["retry-after"] == "0.5"
    assert "retry-after" not in second.headers
    assert second.error.startswith(
        "This request would exceed your organization's rate limit of 50 requests per minute. "
    )
    assert third.json["error"]["details"] == {"error_code": "enforced_spend_limit_reached"}
    assert third.error.startswith("You have reached your API usage limits: your organization has crossed its monthly")


def test_a_limit_of_ones_own_is_no_rate_limit(api):
    answer = weather(api, spend_limit())(PLANTS)
    assert (answer.status, answer.json["error"]["type"]) == (400, "invalid_request_error")
    assert answer.error.startswith("You have reached your specified API usage limits")


def test_an_unknown_reason_is_not_made_up():
    with pytest.raises(ValueError, match="enforced_spend_limit_reached"):
        rate_limit(error_code="bad_mood")


@pytest.mark.parametrize(("code", "kind"), [(403, "forbidden"), (413, "request_too_large")])
def test_from_the_edge_there_is_no_envelope(api, code, kind):
    answer = weather(api, edge(code))(PLANTS)
    assert set(answer.json) == {"error"}
    assert answer.json["error"]["type"] == kind
    assert "request-id" not in answer.headers


def test_a_stream_may_be_cut_at_any_byte(make_api):
    whole = make_api()(TIDES, stream=True).wire
    for count in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        answer = weather(make_api(), cut(after_bytes=count))(TIDES, stream=True)
        assert answer.wire == whole[:count]
        assert not answer.reply.drop
    assert weather(make_api(), cut(100, clean=False))(TIDES, stream=True).reply.drop


def test_an_unstreamed_reply_may_be_cut_as_well(api):
    assert len(weather(api, cut(50))(PLANTS).reply.body) == 50


def test_an_error_event_comes_after_the_200(api):
    answer = weather(api, error_event(3))(TIDES, stream=True)
    assert answer.status == 200
    assert [event["type"] for event in answer.events] == ["message_start", "content_block_start", "ping", "error"]
    assert answer.events[-1]["error"] == {"type": "overloaded_error", "message": "Overloaded"}


def test_a_slow_reply_waits_before_every_piece(api):
    weather(api, slow(0.5), slow(0.5))
    assert all(wait >= 0.5 for wait, _ in api(TIDES, stream=True).reply.events)
    assert api(PLANTS).reply.delay == 0.5


def test_silence_is_no_reply_at_all(api):
    reply = weather(api, silent(30))(PLANTS).reply
    assert (reply.status, reply.delay, reply.drop) == (0, 30, True)


def test_leftovers_drop_at_the_end_and_blocks_do_not_nest(api):
    weather(api, 529, 529)
    with pytest.raises(RuntimeError, match="one inside another"):
        api.mock.weather.begin(500)
    api.mock.weather.end()
    assert api(PLANTS).status == 200


def test_an_order_that_cannot_be_filled_leaves_the_weather_fair(api):
    with pytest.raises(ValueError, match="got 418"):
        weather(api, 529, 418)
    assert api(PLANTS).status == 200
    weather(api, 529)


def test_a_status_that_is_no_error_of_the_apis_is_refused():
    with pytest.raises(ValueError, match="got 200"):
        status(200)
    with pytest.raises(ValueError, match="got 500"):
        edge(500)


# --- limits ----------------------------------------------------------------------------------------


def left(answer, of="requests"):
    return answer.headers[f"anthropic-ratelimit-{of}-remaining"]


def test_in_fair_weather_the_numbers_are_those_of_the_first_tier_and_do_not_change(api):
    answers = [api(PLANTS) for _ in range(3)]
    assert [left(answer) for answer in answers] == ["999", "999", "999"]
    assert answers[0].headers["anthropic-ratelimit-input-tokens-limit"] == "2000000"
    assert answers[0].headers["anthropic-ratelimit-tokens-limit"] == "2400000"
    assert answers[0].headers["anthropic-ratelimit-requests-reset"].endswith("Z")


def test_requests_drain_until_a_429_says_how_long_to_wait(api):
    weather(api, draining(requests=3))
    answers = [api(PLANTS) for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert [left(answer) for answer in answers] == ["2", "1", "0", "0"]
    assert answers[3].headers["retry-after"] == "20"
    assert "3 requests per minute" in answers[3].error


def test_the_bucket_fills_again_with_time(make_api):
    now = [1_795_000_000.0]
    api = weather(make_api(clock=lambda: now[0]), draining(requests=2))
    assert [api(PLANTS).status for _ in range(3)] == [200, 200, 429]
    now[0] += 31
    assert [api(PLANTS).status for _ in range(2)] == [200, 429]


def test_output_tokens_drain_by_what_was_said(api):
    weather(api, draining(output_tokens=60))
    first, second, third = (api(TIDES) for _ in range(3))
    assert (left(first, "output-tokens"), first.status) == ("19", 200)
    assert (left(second, "output-tokens"), second.status) == ("0", 200)
    assert third.status == 429
    assert "output tokens per minute" in third.error


def test_max_tokens_is_free(api):
    weather(api, draining(output_tokens=60))
    assert left(api(TIDES, max_tokens=100_000), "output-tokens") == "19"


def test_a_fault_and_a_limit_may_be_ordered_together(api):
    weather(api, 529, draining(requests=5), draining(input_tokens=1000))
    assert [api(PLANTS).status, api(PLANTS).status] == [529, 200]
    assert api.mock.weather.limits.limits == {"requests": 5, "input-tokens": 1000, "output-tokens": 400_000}


def test_the_first_reply_after_the_block_is_as_before(api):
    weather(api, draining(requests=1))
    api(PLANTS)
    api.mock.weather.end()
    assert left(api(PLANTS)) == "999"
    assert json.loads(api(PLANTS).reply.body)["type"] == "message"


def test_each_model_shows_its_own_limits_and_counting_has_one_of_its_own(api):
    def limits(answer):
        return [answer.headers[f"anthropic-ratelimit-{of}-limit"] for of in ("requests", "input-tokens", "tokens")]

    assert limits(api(PLANTS)) == ["1000", "2000000", "2400000"]
    assert limits(api(PLANTS, model="claude-fable-5-2")) == ["1000", "500000", "600000"]
    body = {"model": "claude-haiku-5-5", "messages": [{"role": "user", "content": PLANTS}]}
    weather(api, draining(requests=1))
    count = [api.send(body, path="/v1/messages/count_tokens") for _ in range(3)]
    assert [answer.status for answer in count] == [200] * 3
    assert [api(PLANTS).status for _ in range(2)] == [200, 429]
    api.mock.weather.end()
    assert limits(api.send(body, path="/v1/messages/count_tokens"))[0] == "5000"
