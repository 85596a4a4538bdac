"""The JSON Schema of a template's front matter, for editors that complete and check YAML.

Made from the same limits and words that `fimble.prompting.front_matter` decides with. It says what
can be said of the front matter alone; whether variables exist and stand in a good order depends on
the body, and `fimble prompts check` says it.
"""

from __future__ import annotations

from typing import get_args

from fimble.prompting.front_matter import (
    MAX_DESCRIPTION,
    MAX_LIST,
    MAX_STOP,
    MAX_STOPS,
    MAX_TOKENS,
    REQUIRED,
)
from fimble.prompting.template import InputType, OnOverflow, OutputFormat, Think
from fimble.prompting.variables import VARIABLES, Kind, Nature

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
NAME_PATTERN = "^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$"
_INPUT_NAME = r"^inputs\.[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$"
Schema = dict[str, object]
"""A part of a JSON Schema."""


def front_matter_schema() -> Schema:
    """Return the schema; a new value every time."""
    return {
        "$schema": SCHEMA_DIALECT,
        "title": "Fimble prompt template: front matter",
        **closed_object(_identity() | _prompt() | _answer(), required=REQUIRED),
    }


def _identity() -> dict[str, Schema]:
    return {
        "schema": {"const": 1, "description": "Version of this form."},
        "name": {
            "type": "string",
            "pattern": NAME_PATTERN,
            "maxLength": 60,
            "description": "What people type; the file's name without .prompt.md.",
        },
        "description": {
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_DESCRIPTION,
            "description": "One sentence for lists and pickers.",
        },
        "kind": {
            "enum": [kind.value for kind in Kind],
            "description": "What the template is for; the folder that it lies in.",
        },
        "languages": {
            "type": "array",
            "maxItems": MAX_LIST,
            "items": {"type": "string", "maxLength": 60},
            "description": "Language ids that the template is for; empty is all.",
        },
        "owner": {
            "type": "string",
            "maxLength": 200,
            "description": "Whom to ask about the template.",
        },
        "version": {"type": ["string", "number"], "description": "Read as text."},
    }


def _prompt() -> dict[str, Schema]:
    return {
        "inputs": {
            "type": "object",
            "description": "What the user is asked for; used as ${inputs.NAME}.",
            "propertyNames": {"pattern": NAME_PATTERN, "maxLength": 60},
            "additionalProperties": closed_object(_input_properties()),
        },
        "context": {
            "type": "array",
            "maxItems": MAX_LIST,
            "description": "Budgets of single variables.",
            "items": closed_object(_context_properties(), required=("variable", "max_tokens")),
        },
        "optional": {
            "type": "array",
            "maxItems": MAX_LIST,
            "items": _variable(),
            "description": "Variables whose paragraph vanishes when they are empty.",
        },
        "budget": {
            "description": "Tokens of the whole prompt and of the answer.",
            **closed_object(
                {
                    "prompt": _tokens("The whole prompt; one that is longer is refused."),
                    "answer": _tokens("How many tokens the model may answer with."),
                }
            ),
        },
        "live_suffix": {
            "type": "boolean",
            "description": "Completion layouts only: ${suffix} stands after ${prefix}.",
        },
    }


def _answer() -> dict[str, Schema]:
    return {
        "sampling": {
            "description": "Left out, the model's own profile decides.",
            **closed_object(_sampling_properties()),
        },
        "think": {
            "enum": list(get_args(Think)),
            "description": "Whether a model that can think before it answers does.",
        },
        "output": {
            "description": "What the answer is; a schema needs the format json.",
            **closed_object(
                {
                    "format": {
                        "enum": list(get_args(OutputFormat)),
                        "description": "What the answer is read as.",
                    },
                    "schema": {
                        "type": "object",
                        "description": "A JSON Schema of the answer, for the format json.",
                    },
                }
            ),
        },
    }


def _input_properties() -> dict[str, Schema]:
    return {
        "type": {
            "enum": list(get_args(InputType)),
            "description": "What a value must look like; without it any text.",
        },
        "default": {
            "type": ["string", "number", "boolean"],
            "description": "Taken when nothing is given; without it the input is required.",
        },
        "enum": {
            "type": "array",
            "maxItems": MAX_LIST,
            "items": {"type": ["string", "number", "boolean"]},
            "description": "The only values that are allowed.",
        },
        "hint": {"type": "string", "description": "Shown where the input is asked for."},
    }


def _context_properties() -> dict[str, Schema]:
    return {
        "variable": _variable(),
        "max_tokens": _tokens("What the variable may cost."),
        "on_overflow": {
            "enum": list(get_args(OnOverflow)),
            "default": "error",
            "description": "Leave it out, keep its head or its tail, or refuse the prompt.",
        },
    }


def _sampling_properties() -> dict[str, Schema]:
    return {
        "temperature": {
            "type": "number",
            "minimum": 0,
            "maximum": 2,
            "description": "0 takes the likeliest word each time.",
        },
        "top_p": {
            "type": "number",
            "minimum": 0,
            "maximum": 1,
            "description": "Only the likeliest words that together are so probable.",
        },
        "stop": {
            "type": "array",
            "maxItems": MAX_STOPS,
            "items": {"type": "string", "minLength": 1, "maxLength": MAX_STOP},
            "description": "Texts that end the answer.",
        },
    }


def _tokens(description: str) -> Schema:
    return {
        "type": "integer",
        "minimum": 1,
        "maximum": MAX_TOKENS,
        "description": description,
    }


def _variable() -> Schema:
    texts = sorted(VARIABLES)
    described = {
        name: VARIABLES[name].summary
        for name in texts
        if VARIABLES[name].nature is not Nature.CONTROL
    }
    return {
        "anyOf": [{"enum": texts}, {"type": "string", "pattern": _INPUT_NAME}],
        "description": "; ".join(f"{name}: {summary}" for name, summary in described.items()),
    }


def closed_object(properties: dict[str, Schema], *, required: tuple[str, ...] = ()) -> Schema:
    """Return the schema of an object that has these keys and no others."""
    made: Schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }
    return {**made, "required": list(required)} if required else made
