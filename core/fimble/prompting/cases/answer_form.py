"""The form of a case's `answer`: what must hold of what a model writes, asked with `--model`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fimble.prompting import front_fields as fields
from fimble.prompting.template import JsonValue, Place
from fimble.prompting.yaml_nodes import Mapping, Node, Scalar

IN_FILE = "file"
"""`parses: file`: the case's file, with the answer's code in the place of its selection."""

OWN_SCHEMA = "output"
"""`json-schema: output`: the schema under `output` in the template's front matter."""

_MAX_ASSERTIONS = 50
_MAX_TEXT = 20_000
MAX_SECONDS = 3_600


class AnswerAssertionName(StrEnum):
    """What can be said of an answer."""

    PARSES = "parses"
    JSON_SCHEMA = "json-schema"
    CONTAINS = "contains"
    NOT_CONTAINS = "not-contains"
    LATENCY = "latency"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerAssertion:
    """One thing that must hold of the answer."""

    name: AnswerAssertionName
    place: Place
    text: str = ""
    """What to look for; the language, or `file`, of `parses`."""
    schema: JsonValue = None
    """Of `json-schema`; None takes the template's own."""
    seconds: float = 0.0
    """What the whole answer may take, from the request to its end; loading does not count."""


def answer_assertions(node: Node) -> tuple[AnswerAssertion, ...]:
    """Decode the list under `answer`; raises `FrontMatterRefusedError` for anything else."""
    found = tuple(_assertion(item) for item in fields.items(node, limit=_MAX_ASSERTIONS))
    if not found:
        raise fields.refused(node, "A list that asserts nothing cannot fail.", "Remove the key.")
    return found


def _assertion(node: Node) -> AnswerAssertion:
    if not isinstance(node, Mapping) or len(node.entries) != 1:
        raise fields.refused(node, "Each assertion is one key with its value.", "`parses: python`")
    key, value = node.entries[0]
    name = AnswerAssertionName(fields.one_of(key, [name.value for name in AnswerAssertionName]))
    return AnswerAssertion(name=name, place=key.place, **_DECODERS[name](value))


def _phrase(node: Node) -> dict[str, Any]:
    text = fields.text(node, limit=_MAX_TEXT)
    if not text:
        raise fields.refused(node, "An empty text is in every answer.")
    return {"text": text}


def _language(node: Node) -> dict[str, Any]:
    # Grammars are looked up without loading one.
    from fimble.syntax.languages import language_for  # noqa: PLC0415

    text = fields.text(node, limit=60)
    if text != IN_FILE and language_for(text, "") is None:
        hint = "Write a language's name, or `file` for the answer's code in the case's file."
        raise fields.refused(node, f"There is no grammar for `{text}`.", hint)
    return {"text": text}


def _schema(node: Node) -> dict[str, Any]:
    if isinstance(node, Scalar) and node.value == OWN_SCHEMA:
        return {"schema": None}
    if not isinstance(node, Mapping):
        raise fields.refused(node, "This must be a JSON Schema, or `output`.")
    return {"schema": fields.json_value(node)}


def _seconds(node: Node) -> dict[str, Any]:
    return {"seconds": fields.number(node, low=0.001, high=MAX_SECONDS)}


_DECODERS: dict[AnswerAssertionName, Callable[[Node], dict[str, Any]]] = {
    AnswerAssertionName.PARSES: _language,
    AnswerAssertionName.JSON_SCHEMA: _schema,
    AnswerAssertionName.CONTAINS: _phrase,
    AnswerAssertionName.NOT_CONTAINS: _phrase,
    AnswerAssertionName.LATENCY: _seconds,
}
