"""The values of a template's own inputs: given, or by default, and of the declared type."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fimble.errors import TemplateError
from fimble.prompting.problems import did_you_mean
from fimble.prompting.template import Input, InputType, Template
from fimble.prompting.values import Value
from fimble.prompting.variables import INPUT_PREFIX

_FORMS: dict[InputType, re.Pattern[str]] = {
    "integer": re.compile(r"[+-]?[0-9]{1,18}\Z"),
    "number": re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})\Z"),
    "boolean": re.compile(r"(?:true|false)\Z"),
}


def with_inputs(template: Template, values: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return `values` with the template's inputs checked and their defaults filled in.

    Raises:
        TemplateError: An input is missing, of the wrong type or not among its allowed values.
    """
    declared = template.front.inputs
    if not declared:
        return values
    checked = dict(values)
    for given in declared:
        key = INPUT_PREFIX + given.name
        value = values.get(key, given.default)
        if value is None:
            if key in template.front.optional:
                continue
            hint = given.hint or "The template needs it."
            raise TemplateError(
                f"The input `{given.name}` is missing.", source=template.source, hint=hint
            )
        sentence = problem_with(given, value)
        if sentence:
            hint = did_you_mean(str(value), given.enum) if given.enum else given.hint
            raise TemplateError(sentence, source=template.source, hint=hint)
        checked[key] = value
    return checked


def problem_with(given: Input, value: Value) -> str:
    """Say what is wrong with a value for an input; empty when nothing is."""
    if not isinstance(value, str):
        return f"The input `{given.name}` must be a text."
    if given.enum and value not in given.enum:
        return f"`{value[:80]}` is not a value of the input `{given.name}`."
    form = _FORMS.get(given.type)
    if form is not None and not form.match(value):
        return f"The input `{given.name}` must be of type {given.type}, not `{value[:80]}`."
    return ""
