"""Fields that only a request with the header of their beta may have."""

import pytest

from tutor.mock import betas

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}},
    "required": ["name"],
    "additionalProperties": False,
}
FORMAT = {"type": "json_schema", "schema": SCHEMA}


def with_beta(api, beta, **fields):
    body = {"model": "claude-sonnet-5-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]}
    return api.send({**body, **fields}, anthropic_beta=beta)


@pytest.mark.parametrize("beta", sorted(betas.FIELDS))
def test_each_of_these_betas_is_known(beta):
    assert beta in betas.KNOWN


def test_the_old_output_format_names_the_new_one(api):
    assert (
        api(output_format=FORMAT).error
        == "output_format: This field is deprecated. Use 'output_config.format' instead."
    )


def test_with_its_old_beta_output_format_is_still_what_it_was(api):
    api.teach(
        {
            "model": "claude-sonnet-5-5",
            "messages": [{"role": "user", "content": "Hello"}],
            "output_config": {"format": FORMAT},
        },
        like="demo/photosynthesis",
    )
    answer = with_beta(api, "structured-outputs-2025-11-13", output_format=FORMAT)
    assert answer.headers["tutor-recording"] == "demo/photosynthesis-again"


def test_what_output_format_says_is_checked(api):
    wrong = {"type": "json_schema", "schema": {"type": "object"}}
    error = with_beta(api, "structured-outputs-2025-11-13", output_format=wrong).error
    assert error.startswith("output_format.schema: For 'object' type, 'additionalProperties'")


def test_updates_of_thinking_want_their_beta(api):
    thinking = {"type": "adaptive", "display": "updates"}
    assert api(thinking=thinking).error == "thinking.adaptive.display: Input should be 'summarized' or 'omitted'"
    assert with_beta(api, "thinking-display-updates-2026-08-18", thinking=thinking).status == 200


def test_a_budget_for_a_task_wants_its_beta(api):
    config = {"task_budget": {"type": "tokens", "total": 50_000}}
    assert api(output_config=config).error == "output_config.task_budget: Extra inputs are not permitted"
    assert with_beta(api, "task-budgets-2026-03-13", output_config=config).status == 200
    wrong = {"task_budget": {"type": "tokens"}}
    error = with_beta(api, "task-budgets-2026-03-13", output_config=wrong).error
    assert error == "output_config.task_budget.total: Field required"


@pytest.mark.parametrize(
    ("field", "value", "beta"),
    [
        ("context_management", {"edits": []}, "context-management-2025-06-27"),
        ("mcp_servers", [], "mcp-client-2025-11-20"),
        ("fallbacks", "default", "server-side-fallback-2026-07-01"),
        ("fallback_credit_token", "token", "fallback-credit-2026-07-01"),
        ("thread", {"id": "new"}, "message-threads-2026-08-12"),
        ("compaction", {}, "compact-2026-09-04"),
        ("billing_policy", {"type": "billing_policy", "bill_to": "self"}, "user-profiles-billing-2026-10-01"),
    ],
)
def test_a_field_of_a_beta_is_an_extra_input_without_it(api, field, value, beta):
    assert api(**{field: value}).error == f"{field}: Extra inputs are not permitted"
    assert with_beta(api, beta, **{field: value}).status == 200
    assert with_beta(api, beta, **{field: 7}).status == 400


def test_counting_takes_those_that_change_the_prompt_and_no_others(api):
    body = {"model": "claude-sonnet-5-5", "messages": [{"role": "user", "content": "Hello"}]}
    given = {"path": "/v1/messages/count_tokens", "anthropic_beta": ", ".join(sorted(betas.FIELDS))}
    assert api.send({**body, "context_management": {}, "mcp_servers": []}, **given).status == 200
    assert api.send({**body, "fallbacks": "default"}, **given).error == "fallbacks: Extra inputs are not permitted"
