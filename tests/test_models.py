"""The model table: every row is whole, prices add up, retired ids are known."""

from datetime import date, timedelta

import pytest

from tutor import models


def test_an_alias_finds_the_dated_model():
    assert models.find("claude-haiku-4-5").id == "claude-haiku-4-5-20251001"


def test_an_id_nobody_gave_finds_nothing():
    assert models.find("claude-haiku-3-5") is None


@pytest.mark.parametrize("model", models.all(), ids=lambda model: model.id)
def test_every_row_is_whole(model):
    assert model.thinking_default in ("always", "on", "off")
    assert model.sampling in ("full", "default", "narrow")
    assert set(model.thinking) <= {"adaptive", "between_tools", "disabled", "enabled"}
    assert set(model.up_to_high) <= set(model.thinking)
    assert (model.tokenizer in ("new", "old"), model.fast in ("", "beta", "yes")) == (True, True)
    assert not model.effort or model.effort_default in model.effort
    assert all(0 < number < 100 for number in model.price)
    assert model.line in ("haiku", "sonnet", "opus", "fable")


def test_output_costs_five_times_input_on_every_model():
    assert all(model.price.output == pytest.approx(5 * model.price.input) for model in models.all())


def test_a_thousand_small_calls_to_the_default_model_cost_cents():
    one = models.cost({"input_tokens": 500, "output_tokens": 200}, models.DEFAULT)
    assert 1000 * one == pytest.approx(0.15)


def test_above_the_step_every_token_takes_the_higher_price():
    usage = {"input_tokens": 50_001, "cache_read_input_tokens": 50_000, "output_tokens": 1000}
    assert models.cost(usage, "claude-haiku-5-5") == pytest.approx((50_001 * 0.5 + 50_000 * 0.05 + 1000 * 2.5) / 1e6)


def test_at_the_step_the_lower_price_still_holds():
    assert models.cost({"input_tokens": 100_000}, "claude-haiku-5-5") == pytest.approx(0.01)


def test_an_hour_in_the_cache_costs_more_than_five_minutes():
    kinds = {"ephemeral_5m_input_tokens": 1000, "ephemeral_1h_input_tokens": 2000}
    usage = {"input_tokens": 0, "cache_creation_input_tokens": 3000, "cache_creation": kinds, "output_tokens": 0}
    assert models.cost(usage, "claude-opus-5-5") == pytest.approx((1000 * 5 + 2000 * 8) / 1e6)


def test_a_batch_costs_half():
    usage = {"input_tokens": 1_000_000, "output_tokens": 0}
    assert models.cost({**usage, "service_tier": "batch"}, "claude-sonnet-5-5") == pytest.approx(1.0)


def test_fast_costs_twice_as_much_cache_and_all():
    usage = {"input_tokens": 1000, "cache_read_input_tokens": 500, "output_tokens": 100}
    normal = models.cost(usage, "claude-opus-5-5")
    assert models.cost({**usage, "speed": "fast"}, "claude-opus-5-5") == pytest.approx(2 * normal)
    assert models.cost({**usage, "speed": "standard"}, "claude-opus-5-5") == normal


def test_a_web_search_costs_a_cent_besides():
    usage = {"input_tokens": 0, "output_tokens": 0, "server_tool_use": {"web_search_requests": 3}}
    assert models.cost(usage, "claude-haiku-5-5") == pytest.approx(0.03)


def test_numbers_that_another_server_left_out_count_as_none():
    usage = {"input_tokens": None, "cache_creation": "none", "server_tool_use": None, "output_tokens": 1_000_000}
    assert models.cost(usage, "claude-haiku-5-5") == pytest.approx(0.5)


USAGE = {"input_tokens": 1_000_000, "output_tokens": 1}


def refusal(category, content=()):
    details = {"type": "refusal", "category": category, "explanation": None}
    return {"stop_reason": "refusal", "stop_details": details, "content": list(content), "usage": USAGE}


@pytest.mark.parametrize("category", ["cyber", "general_harms", None])
def test_a_refusal_before_any_output_is_free(category):
    assert models.bill(refusal(category), models.DEFAULT) == 0


@pytest.mark.parametrize("category", ["bio", "frontier_llm", "reasoning_extraction"])
def test_some_refusals_are_billed(category):
    assert models.bill(refusal(category), models.DEFAULT) == models.cost(USAGE, models.DEFAULT) > 0


def test_a_refusal_in_the_middle_is_billed():
    begun = refusal("cyber", [{"type": "text", "text": "To begin"}])
    assert models.bill(begun, models.DEFAULT) == models.cost(USAGE, models.DEFAULT)


def test_an_empty_reply_that_is_no_refusal_is_billed():
    empty = {"stop_reason": "end_turn", "stop_details": None, "content": [], "usage": USAGE}
    assert models.bill(empty, models.DEFAULT) == models.cost(USAGE, models.DEFAULT)


def test_the_price_of_an_unknown_model_is_not_guessed():
    with pytest.raises(models.UnknownModel, match="claude-does-not-exist"):
        models.cost({"input_tokens": 1}, "claude-does-not-exist")


def test_retired_ids_have_their_last_day_and_no_row():
    gone = models.retired()
    assert gone["claude-3-5-haiku-20241022"] == date(2026, 2, 19)
    assert all(models.find(id) is None for id in gone)
    assert max(gone.values()) - models.as_of() < timedelta(days=14), "an id moves here only when its last day is near"
