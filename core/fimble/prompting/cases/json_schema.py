"""The JSON Schema of a file of tests, for editors that complete and check YAML.

Made from the words that `case_file` and `answer_form` decide with. Whether a pattern can be
searched, a language has a grammar and a case names another one, `fimble prompts check` says.
"""

from __future__ import annotations

from fimble.prompting.cases.answer_form import (
    IN_FILE,
    MAX_SECONDS,
    OWN_SCHEMA,
    AnswerAssertionName,
)
from fimble.prompting.cases.case_file import AssertionName
from fimble.prompting.json_schema import NAME_PATTERN, SCHEMA_DIALECT, Schema, closed_object
from fimble.prompting.template import Role

_TEXT: Schema = {"type": "string", "minLength": 1}
_TOKENS: Schema = {"type": "integer", "minimum": 1, "maximum": 1_048_576}
_TEXTS: Schema = {"type": "object", "additionalProperties": {"type": ["string", "number"]}}


def case_file_schema() -> Schema:
    """Return the schema; a new value every time."""
    properties: dict[str, Schema] = {
        "schema": {"const": 1, "description": "Version of this form."},
        "prompt": {**_TEXT, "description": "The template as kind/name, as in chat/review."},
        "family": {
            **_TEXT,
            "description": "Of a completion layout: whose control strings, as in qwen3.5.",
        },
        "cases": {"type": "array", "maxItems": 200, "items": _case()},
    }
    return {
        "$schema": SCHEMA_DIALECT,
        "title": "Fimble prompt template: tests",
        **closed_object(properties, required=("prompt", "cases")),
    }


def _case() -> Schema:
    properties: dict[str, Schema] = {
        "name": {**_TEXT, "maxLength": 200},
        "fixture": {
            "type": "string",
            "pattern": NAME_PATTERN,
            "description": "A folder below fixtures/.",
        },
        "files": {
            **_TEXTS,
            "description": "Further files by path; one of all has the mark <|cursor|>.",
        },
        "inputs": {**_TEXTS, "description": "Inputs of the template."},
        "values": {**_TEXTS, "description": "Variables; they win over what the file says."},
        "assert": {
            "type": "array",
            "minItems": 1,
            "maxItems": 100,
            "description": "What must hold of the prompt.",
            "items": _one_of({name.value: _PROMPT[name] for name in AssertionName}),
        },
        "answer": {
            "type": "array",
            "minItems": 1,
            "maxItems": 50,
            "description": "What must hold of a model's answer, asked with `test --model`.",
            "items": _one_of({name.value: _ANSWER[name] for name in AnswerAssertionName}),
        },
    }
    either: list[Schema] = [{"required": ["assert"]}, {"required": ["answer"]}]
    return {**closed_object(properties, required=("name",)), "anyOf": either}


def _one_of(properties: dict[str, Schema]) -> Schema:
    """Return the schema of an assertion: one key with its value."""
    return {**closed_object(properties), "minProperties": 1, "maxProperties": 1}


_PROMPT: dict[AssertionName, Schema] = {
    AssertionName.CONTAINS: _TEXT,
    AssertionName.NOT_CONTAINS: _TEXT,
    AssertionName.REGEX: {
        "type": "string",
        "description": "Searched in linear time: no look-around and no back-references.",
    },
    AssertionName.EQUALS: {
        "anyOf": [
            {"type": "string"},
            closed_object({"file": {"type": "string"}}, required=("file",)),
        ]
    },
    AssertionName.TOKENS_MAX: _TOKENS,
    AssertionName.ROLES: {
        "type": "array",
        "maxItems": 50,
        "items": {"enum": [role.value for role in Role]},
    },
    AssertionName.DROPPED: {"type": "array", "maxItems": 50, "items": {"type": "string"}},
    AssertionName.STABLE_PREFIX_WITH: closed_object(
        {"case": _TEXT, "tokens-min": _TOKENS}, required=("case", "tokens-min")
    ),
    AssertionName.REFUSED: _TEXT,
}
_ANSWER: dict[AnswerAssertionName, Schema] = {
    AnswerAssertionName.PARSES: {
        **_TEXT,
        "description": f"A language, or `{IN_FILE}`: the answer's code in the case's file.",
    },
    AnswerAssertionName.JSON_SCHEMA: {
        "description": f"A JSON Schema, or `{OWN_SCHEMA}`: that of the template.",
        "anyOf": [{"const": OWN_SCHEMA}, {"type": "object"}],
    },
    AnswerAssertionName.CONTAINS: _TEXT,
    AnswerAssertionName.NOT_CONTAINS: _TEXT,
    AnswerAssertionName.LATENCY: {
        "type": "number",
        "minimum": 0.001,
        "maximum": MAX_SECONDS,
        "description": "Seconds for the whole answer.",
    },
}
