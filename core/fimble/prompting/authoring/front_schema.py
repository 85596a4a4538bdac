"""What the published schema says of a place in the front matter: keys, words and their meaning."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import cast

from fimble.prompting.authoring.front_outline import KeyPath
from fimble.prompting.json_schema import Schema, front_matter_schema


@cache
def _root() -> Schema:
    return front_matter_schema()


def schema_at(path: KeyPath) -> Schema | None:
    """Return the schema of the value at `path`; None where the front matter has no such place."""
    schema: Schema | None = _root()
    for name in path:
        if schema is None:
            return None
        if name.startswith("["):
            schema = _schema(schema.get("items"))
        else:
            schema = keys_of(schema).get(name) or _schema(schema.get("additionalProperties"))
    return schema


def _schema(value: object) -> Schema | None:
    return cast("Schema", value) if isinstance(value, dict) else None


def keys_of(schema: Schema) -> Mapping[str, Schema]:
    """Return the keys that an object may have; none for anything else."""
    return cast("Mapping[str, Schema]", schema.get("properties", {}))


def required_in(schema: Schema) -> frozenset[str]:
    """Return the keys that an object must have."""
    return frozenset(cast("list[str]", schema.get("required", [])))


def words_of(schema: Schema) -> tuple[str, ...]:
    """Return the only words that a value may be, as YAML writes them; none where it is free."""
    if schema.get("type") == "boolean":
        return ("true", "false")
    if "const" in schema:
        return (str(schema["const"]),)
    return tuple(str(word) for word in cast("list[object]", schema.get("enum", [])))


def names_variable(schema: Schema) -> bool:
    """Whether the value is the name of a variable."""
    return "anyOf" in schema


def meaning_of(schema: Schema) -> str:
    """Return the sentence that documents a key; empty where the name says it all."""
    return str(schema.get("description", ""))


def form_of(schema: Schema) -> str:
    """Return in a few words what the value looks like."""
    words = words_of(schema)
    if words:
        return " | ".join(words)
    if names_variable(schema):
        return "the name of a variable"
    kinds = schema.get("type", "")
    form = " or ".join(cast("list[str]", kinds)) if isinstance(kinds, list) else str(kinds)
    if "minimum" in schema and "maximum" in schema:
        form += f" from {schema['minimum']} to {schema['maximum']}"
    elif "maxLength" in schema:
        form += f" of at most {schema['maxLength']} characters"
    return form
