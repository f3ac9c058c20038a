"""Schemas that replies are held to: what cannot be compiled is a 400, in the words of real error bodies."""

from __future__ import annotations

import pytest

TEXT = {"type": "string"}


def closed(properties, **more):
    return {"type": "object", "properties": properties, "additionalProperties": False, **more}


REFUSED = [
    ({"type": "object"}, "For 'object' type, 'additionalProperties' must be explicitly set to false"),
    (
        {"type": "object", "additionalProperties": True},
        "For 'object' type, 'additionalProperties: true' is not supported. Please set 'additionalProperties' to false",
    ),
    (
        {"type": "object", "additionalProperties": TEXT},
        "For 'object' type, 'additionalProperties: object' is not supported. "
        "Please set 'additionalProperties' to false",
    ),
    (
        closed({"a": {"type": "array", "items": {"type": "object"}}}),
        "For 'object' type, 'additionalProperties' must be explicitly set to false",
    ),
    (
        closed({"a": {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 9}, {"type": "null"}]}}),
        "For 'integer' type, properties maximum, minimum are not supported",
    ),
    (closed({"a": {"type": "number", "multipleOf": 2}}), "For 'number' type, property 'multipleOf' is not supported"),
    (closed({"a": {**TEXT, "maxLength": 9}}), "For 'string' type, property 'maxLength' is not supported"),
    (closed({"a": {"type": "array", "maxItems": 9}}), "For 'array' type, property 'maxItems' is not supported"),
    (
        closed({"a": {"type": "array", "minItems": 2}}),
        "For 'array' type, 'minItems' values other than 0 or 1 are not supported (got: [2])",
    ),
    (
        closed({"a": {"$ref": "#/$defs/A"}}, **{"$defs": {"A": {"$ref": "#/$defs/B"}, "B": {"$ref": "#/$defs/A"}}}),
        "Circular reference detected in schema definitions: A -> B -> A",
    ),
]
TAKEN = [
    closed({"a": {"type": "array", "minItems": 1, "items": TEXT}, "b": {**TEXT, "enum": ["x"], "pattern": "x"}}),
    closed({"a": {"$ref": "#/$defs/A"}, "b": {"$ref": "#/$defs/A"}}, **{"$defs": {"A": closed({})}}),
    {"anyOf": [closed({}), TEXT]},
]


def in_a_format(api, schema):
    return api("Hello", output_config={"format": {"type": "json_schema", "schema": schema}})


def tool(schema, name="f", strict=True):
    return {"name": name, "input_schema": schema, "strict": strict}


@pytest.mark.parametrize(("schema", "words"), REFUSED)
def test_a_schema_that_cannot_be_compiled_is_refused_in_both_places(api, schema, words):
    assert in_a_format(api, schema).error == f"output_config.format.schema: {words}"
    if "type" in schema:
        assert api("Hello", tools=[tool(schema)]).error == f"tools.0.custom: {words}"


@pytest.mark.parametrize("schema", TAKEN)
def test_a_schema_that_can_be_compiled_is_taken(api, schema):
    assert in_a_format(api, schema).headers["tutor-source"] == "none"  # nobody wrote the reply, but it was no refusal


def test_a_tool_that_is_not_strict_may_say_what_it_likes(api):
    assert api("Hello", tools=[tool({"type": "object"}, strict=False)]).status == 200


def test_twenty_strict_tools_are_the_most(api):
    tools = [tool(closed({}), f"f{number}") for number in range(21)]
    assert api("Hello", tools=tools[:20]).status == 200
    assert api("Hello", tools=tools).error.startswith("Too many strict tools (21). The maximum number of strict tools")


def test_optional_parameters_and_unions_are_counted_over_the_whole_request(api):
    optional = closed({f"a{number}": TEXT for number in range(13)})
    pair = [tool(optional, "f"), tool(optional, "g")]
    assert api("Hello", tools=pair[:1]).status == 200
    assert api("Hello", tools=pair).error.startswith("Schemas contains too many optional parameters (26), which")
    names = [f"a{number}" for number in range(17)]
    unions = closed({name: {"type": ["string", "null"]} for name in names}, required=names)
    assert api("Hello", tools=[tool(unions)]).error.startswith(
        "Schemas contains too many parameters with union types (17 parameters with type arrays or anyOf)."
    )
