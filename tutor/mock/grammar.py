"""What a schema may say that replies are held to: the schemas of strict tools, and that of `output_config.format`.

The limits are those of platform.claude.com/docs/en/build-with-claude/structured-outputs, the words those of real error
bodies of 2026 in public code [I]. "Schema is too complex for compilation" has no published measure and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

_BOUNDS = ("exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf")
_REFUSED = {
    "object": ("maxProperties", "minProperties", "propertyNames"),
    "array": ("maxItems",),
    "string": ("maxLength", "minLength"),
    "integer": _BOUNDS,
    "number": _BOUNDS,
}
_STRICT_TOOLS, _OPTIONAL, _UNIONS = 20, 24, 16


def fault(schema: Schema) -> str | None:
    """What cannot be compiled in one schema, without its place, or None."""
    if circle := _circle(schema):
        return f"Circular reference detected in schema definitions: {' -> '.join(circle)}"
    return next((words for part in _parts(schema) if (words := _unsupported(part))), None)


def too_much(body: Mapping[str, Any]) -> str | None:
    """What all schemas of a request together have too much of, or None."""
    strict = [tool for tool in body.get("tools", ()) if tool.get("strict")]
    if len(strict) > _STRICT_TOOLS:
        return (
            f"Too many strict tools ({len(strict)}). The maximum number of strict tools supported is {_STRICT_TOOLS}. "
            "Try reducing the number of tools marked as strict."
        )
    schemas = [tool["input_schema"] for tool in strict]
    if form := (body.get("output_config") or {}).get("format"):
        schemas.append(form["schema"])
    fields = [field for schema in schemas for part in _parts(schema) for field in _fields(part)]
    optional = sum(not required for _, required in fields)
    if optional > _OPTIONAL:
        return (
            f"Schemas contains too many optional parameters ({optional}), which would make grammar compilation "
            f"inefficient. Reduce the number of optional parameters in your tool schemas (limit: {_OPTIONAL})."
        )
    unions = sum("anyOf" in field or isinstance(field.get("type"), list) for field, _ in fields)
    if unions > _UNIONS:
        return (
            f"Schemas contains too many parameters with union types ({unions} parameters with type arrays or anyOf). "
            "This causes exponential compilation cost. Reduce the number of nullable or union-typed parameters "
            f"(limit: {_UNIONS} parameters with unions)."
        )
    return None


def _unsupported(part: Schema) -> str | None:
    kind = part.get("type")
    if not isinstance(kind, str):
        return None
    words = f"For '{kind}' type, "
    open_to = part.get("additionalProperties")
    if kind == "object" and open_to is None:
        return f"{words}'additionalProperties' must be explicitly set to false"
    if kind == "object" and open_to is not False:
        given = "object" if isinstance(open_to, dict) else "true"
        return f"{words}'additionalProperties: {given}' is not supported. Please set 'additionalProperties' to false"
    least = part.get("minItems", 0)
    if kind == "array" and least not in (0, 1):
        return f"{words}'minItems' values other than 0 or 1 are not supported (got: [{least}])"
    found = [name for name in _REFUSED.get(kind, ()) if name in part]
    if len(found) > 1:
        return f"{words}properties {', '.join(found)} are not supported"
    return f"{words}property '{found[0]}' is not supported" if found else None


def _parts(schema: Any) -> Iterator[Schema]:
    """A schema and every schema within it."""
    if not isinstance(schema, dict):
        return
    yield schema
    inner = [schema.get("items")]
    for name in ("properties", "$defs", "definitions"):
        inner += _named(schema, name).values()
    for name in ("anyOf", "allOf", "oneOf"):
        inner += schema[name] if isinstance(schema.get(name), list) else []
    for one in inner:
        yield from _parts(one)


def _fields(part: Schema) -> Iterator[tuple[Schema, bool]]:
    """The properties of one object, and whether each is required."""
    required = part.get("required")
    for name, field in _named(part, "properties").items():
        if isinstance(field, dict):
            yield field, isinstance(required, list) and name in required


def _named(schema: Schema, name: str) -> Schema:
    value = schema.get(name)
    return value if isinstance(value, dict) else {}


def _circle(schema: Schema) -> list[str]:
    """The names of definitions that lead back to the first of them."""
    definitions = {**_named(schema, "definitions"), **_named(schema, "$defs")}
    points = {
        name: [str(part["$ref"]).rpartition("/")[2] for part in _parts(definition) if "$ref" in part]
        for name, definition in definitions.items()
    }
    for start in points:
        seen: set[str] = set()
        paths = [[start]]
        while paths:
            path = paths.pop()
            for name in points.get(path[-1], ()):
                if name == start:
                    return [*path, name]
                if name not in seen:
                    seen.add(name)
                    paths.append([*path, name])
    return []
