"""Whether one assertion holds of one answer of a model, and what to tell when it does not.

The answer is untrusted text: it is parsed, compared and shown, never run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fimble.chat.fences import fences
from fimble.prompting.cases.answer_form import IN_FILE, AnswerAssertion, AnswerAssertionName
from fimble.prompting.cases.quoting import quoted
from fimble.prompting.cases.schema_check import schema_violation
from fimble.prompting.template import JsonValue
from fimble.syntax.languages import language_for
from fimble.syntax.one_shot import parse
from fimble.text.snapshot import Snapshot

_PARSE_MS = 10_000.0
"""Tests must not depend on how busy the machine is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer:
    """What a model wrote for one case."""

    text: str
    """Without its thoughts."""
    seconds: float
    """From the request to the end of the answer."""
    first_text_s: float
    """From the request to the first text of the answer, thinking included."""
    tokens: int
    """As the server counts them, thoughts included."""
    complete: bool
    """Whether the model came to an end by itself; else `budget.answer` cut it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerContext:
    """What the answer was asked for."""

    values: Mapping[str, str]
    """Of the case: its file, selection and language among them."""
    own_schema: JsonValue = None
    """Under `output` in the template's front matter."""


def check_answer(assertion: AnswerAssertion, answer: ModelAnswer, context: AnswerContext) -> str:
    """Return what does not hold as a sentence; empty when all is well."""
    return _CHECKS[assertion.name](assertion, answer, context)


def _contains(assertion: AnswerAssertion, answer: ModelAnswer, _: AnswerContext) -> str:
    if assertion.text in answer.text:
        return ""
    return f"The answer does not contain {quoted(assertion.text)}."


def _not_contains(assertion: AnswerAssertion, answer: ModelAnswer, _: AnswerContext) -> str:
    if assertion.text not in answer.text:
        return ""
    line = answer.text[: answer.text.index(assertion.text)].count("\n") + 1
    return f"The answer contains {quoted(assertion.text)} on its line {line}."


def _latency(assertion: AnswerAssertion, answer: ModelAnswer, _: AnswerContext) -> str:
    if answer.seconds <= assertion.seconds:
        return ""
    return (
        f"The answer took {answer.seconds:.1f} s, over the {assertion.seconds:g} s allowed; its "
        f"first text came after {answer.first_text_s:.1f} s."
    )


def _parses(assertion: AnswerAssertion, answer: ModelAnswer, context: AnswerContext) -> str:
    blocks = [fence.text for fence in fences(answer.text)] or [answer.text]
    if assertion.text == IN_FILE:
        return _parses_in_file(blocks, context.values)
    for number, block in enumerate(blocks, 1):
        where = f"Block {number} of the answer" if len(blocks) > 1 else "The code of the answer"
        errors = _errors(block, assertion.text)
        if not block.strip():
            return f"{where} is empty."
        if errors:
            return f"{where} is no {assertion.text}: it has {_counted(errors)}."
    return ""


def _parses_in_file(blocks: list[str], values: Mapping[str, str]) -> str:
    file, selection = values.get("file", ""), values.get("selection", "")
    language = values.get("language", "")
    if not language or not selection or selection not in file:
        return "The case has no file with a selection that the answer could replace."
    if len(blocks) > 1:
        return f"The answer has {len(blocks)} blocks of code, not one to replace the selection."
    before = _errors(file, language)
    after = _errors(file.replace(selection, blocks[0].rstrip("\n"), 1), language)
    if after <= before:
        return ""
    return f"In the place of the selection the answer is no {language}: {_counted(after - before)}."


def _errors(code: str, language: str) -> int:
    known = language_for(language, "")
    tree = parse(
        Snapshot.from_text(code, uri="file:///answer"), language=known, deadline_ms=_PARSE_MS
    )
    return 0 if tree is None else tree.error_count()


def _json_schema(assertion: AnswerAssertion, answer: ModelAnswer, context: AnswerContext) -> str:
    schema = context.own_schema if assertion.schema is None else assertion.schema
    if schema is None:
        return "The template has no `schema` under `output`."
    blocks = [fence.text for fence in fences(answer.text)]
    text = blocks[0] if len(blocks) == 1 else answer.text
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        place = f" on line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        return f"The answer is no JSON{place}."
    return schema_violation(value, schema)


def _counted(errors: int) -> str:
    return "1 syntax error" if errors == 1 else f"{errors} syntax errors"


_CHECKS: Mapping[
    AnswerAssertionName, Callable[[AnswerAssertion, ModelAnswer, AnswerContext], str]
] = {
    AnswerAssertionName.PARSES: _parses,
    AnswerAssertionName.JSON_SCHEMA: _json_schema,
    AnswerAssertionName.CONTAINS: _contains,
    AnswerAssertionName.NOT_CONTAINS: _not_contains,
    AnswerAssertionName.LATENCY: _latency,
}
