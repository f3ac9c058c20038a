"""What `usage` says of the prompt cache: written once, read again, too short, expired, changed."""

from __future__ import annotations

from typing import Any

import pytest

from tutor.mock.faults import draining

LONG = "The heron stands still in the shallow water. " * 60  # some 800 tokens
MARK: dict[str, Any] = {"cache_control": {"type": "ephemeral"}}
HOUR: dict[str, Any] = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}


def text(words, **more):
    return {"type": "text", "text": words, **more}


class Clock:
    now = 1_795_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def counts(make_api, clock):
    """Ask; (read, written, the rest) of the input."""
    api = make_api(clock=clock)

    def ask(content="Hello", **fields):
        usage = api(content, **fields).json["usage"]
        kinds = usage["cache_creation"]
        assert sum(kinds.values()) == usage["cache_creation_input_tokens"]
        return usage["cache_read_input_tokens"], usage["cache_creation_input_tokens"], usage["input_tokens"]

    return ask


def test_the_first_request_writes_and_the_second_reads(counts):
    system = [text(LONG, **MARK)]
    read, written, rest = counts(system=system)
    assert (read, written > 700, 0 < rest < 50) == (0, True, True)
    assert counts(system=system) == (written, 0, rest)
    assert counts("Another question", system=system)[:2] == (written, 0)


def test_without_a_breakpoint_nothing_is_cached(counts):
    for _ in range(2):
        assert counts(system=LONG)[:2] == (0, 0)


def test_what_is_too_short_for_the_model_is_not_cached_and_nobody_says_so(counts):
    assert counts(system=[text("Be brief.", **MARK)])[:2] == (0, 0)
    assert counts(system=[text(LONG, **MARK)], model="claude-haiku-4-5")[:2] == (0, 0)  # wants 4,096


def test_the_field_of_the_request_marks_the_last_block(counts):
    first = [{"role": "user", "content": LONG}]
    more = [*first, {"role": "assistant", "content": "Yes."}, {"role": "user", "content": "And then?"}]
    _, written, _ = counts(messages=first, **MARK)
    read, grown, rest = counts(messages=more, **MARK)
    assert (read, rest) == (written, 0)
    assert 0 < grown < 40


def test_five_minutes_begin_anew_with_each_use_and_an_hour_is_an_hour(counts, clock):
    for mark, minutes in ((MARK, 4), (HOUR, 59)):
        system = [text(LONG + str(minutes), **mark)]
        written = counts(system=system)[1]
        for _ in range(2):
            clock.now += minutes * 60
            assert counts(system=system)[0] == written
        clock.now += (minutes + 2) * 60
        assert counts(system=system)[:2] == (0, written)


def test_a_write_for_an_hour_is_named_apart(make_api):
    usage = make_api()("Hello", system=[text(LONG, **HOUR), text(LONG, **MARK)]).json["usage"]["cache_creation"]
    assert abs(usage["ephemeral_5m_input_tokens"] - usage["ephemeral_1h_input_tokens"]) < 10


@pytest.mark.parametrize(
    "changed",
    [
        {"system": [text("x" + LONG, **MARK)]},
        {"tools": [{"name": "f", "input_schema": {"type": "object"}}]},
        {"model": "claude-opus-5-5"},
        {"output_config": {"effort": "low"}},
        {"thinking": {"type": "disabled"}},
    ],
)
def test_what_changes_the_prefix_starts_anew(counts, changed):
    counts(system=[text(LONG, **MARK)])
    assert counts(**{"system": [text(LONG, **MARK)], **changed})[0] == 0


def test_fast_and_standard_have_a_cache_each(counts):
    fields = {"model": "claude-opus-5-5", "system": [text(LONG, **MARK)]}
    _, written, _ = counts(**fields)
    assert counts(**fields, speed="standard")[:2] == (written, 0)
    assert counts(**fields, speed="fast")[:2] == (0, written)


def test_the_choice_of_tools_leaves_tools_and_system_in_the_cache(counts):
    tools = [{"name": "f", "input_schema": {"type": "object"}}]
    fields = {"tools": tools, "system": [text(LONG, **MARK)]}
    content = [text(LONG, **MARK)]
    _, both, _ = counts(content, **fields)
    read, again, _ = counts(content, **fields, tool_choice={"type": "none"})
    assert 0 < read < both
    assert read + again == both


def test_a_breakpoint_looks_back_twenty_places(counts):
    def talk(length):
        return [text(LONG if at == 0 else f"Remark {at}", **(MARK if at == length - 1 else {})) for at in range(length)]

    counts(talk(1))
    assert counts(talk(21))[0] == 0
    assert counts(talk(20))[0] > 700
    assert counts(talk(40))[0] > 700  # the entry at place 21


def test_many_tool_results_in_a_row_are_one_place(counts):
    ids = [f"toolu_{number}" for number in range(25)]
    uses = [{"type": "tool_use", "id": id, "name": "f", "input": {}} for id in ids]
    results = [{"type": "tool_result", "tool_use_id": id, "content": "x"} for id in ids]
    first = {"role": "user", "content": [text(LONG, **MARK)]}
    counts(messages=[first])
    rest = [{"role": "assistant", "content": uses}, {"role": "user", "content": results}]
    plain = {"role": "user", "content": [text(LONG)]}
    assert counts(messages=[plain, *rest], **MARK)[0] > 700


def test_counting_neither_reads_nor_writes_and_a_new_start_empties(make_api):
    api = make_api()
    body = {
        "model": "claude-haiku-5-5",
        "system": [text(LONG, **MARK)],
        "messages": [{"role": "user", "content": "Hello"}],
    }
    api.send(body, path="/v1/messages/count_tokens")
    for _ in range(2):
        usage = api.send({**body, "max_tokens": 0}).json["usage"]  # fills the cache, generates nothing
        assert (usage["cache_creation_input_tokens"] > 0, usage["cache_read_input_tokens"]) == (True, 0)
        assert api.send({**body, "max_tokens": 9}).json["usage"]["cache_read_input_tokens"] > 0
        api.mock.reset()


def test_what_was_read_does_not_count_against_the_limit(make_api):
    api = make_api()
    api.mock.weather.begin(draining(input_tokens=9000))
    name = "anthropic-ratelimit-input-tokens-remaining"
    first, second = (int(api("Hello", system=[text(LONG, **MARK)]).headers[name]) for _ in range(2))
    assert 9000 - first > 700
    assert first - second < 50


def test_the_numbers_of_a_recording_are_kept(api):
    usage = {"input_tokens": 3, "cache_read_input_tokens": 5000, "output_tokens": 9}
    request = {"model": "claude-haiku-5-5", "messages": [{"role": "user", "content": LONG}]}
    api.teach(request, like="demo/tides", usage=usage)
    assert api(LONG, **MARK).json["usage"]["cache_read_input_tokens"] == 5000
