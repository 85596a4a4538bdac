"""What is said of a model's answer: the form of it in a file of tests, and the verdicts."""

import pytest

from fimble.errors import TemplateError
from fimble.prompting.cases.answer_checks import AnswerContext, ModelAnswer, check_answer
from fimble.prompting.cases.answer_form import AnswerAssertion
from fimble.prompting.cases.case_file import read_case_file
from fimble.prompting.template import JsonValue

FILE = """\
prompt: chat/a
cases:
  - name: one
    answer:
      - ASSERTION
"""
CART = "class Cart {\n  total() {\n    return 0;\n  }\n}\n"
IN_CART = {"file": CART, "selection": "  total() {\n    return 0;\n  }", "language": "typescript"}


def decode(assertion: str) -> AnswerAssertion:
    (case,) = read_case_file(FILE.replace("ASSERTION", assertion), source="t").cases
    (found,) = case.answer
    return found


def verdict(
    assertion: str,
    text: str,
    values: dict[str, str] | None = None,
    own: JsonValue = None,
    seconds: float = 1.0,
) -> str:
    answer = ModelAnswer(text=text, seconds=seconds, first_text_s=0.5, tokens=9, complete=True)
    context = AnswerContext(values=values or {}, own_schema=own)
    return check_answer(decode(assertion), answer, context)


@pytest.mark.parametrize(
    ("assertion", "message"),
    [
        ("parses: klingon", "There is no grammar for `klingon`."),
        ("parse: python", "`parse` is not allowed here. Did you mean `parses`?"),
        ("latency: 0", "This must be a number from 0.001 to 3600."),
        ("latency: fast", "This must be a number"),
        ("json-schema: mine", "This must be a JSON Schema, or `output`."),
        ("contains: ''", "An empty text is in every answer."),
        ("{contains: a, latency: 1}", "Each assertion is one key with its value."),
        ("regex: x", "`regex` is not allowed here."),
    ],
)
def test_a_wrong_form_is_refused_with_its_place(assertion, message):
    with pytest.raises(TemplateError) as raised:
        decode(assertion)

    assert message in str(raised.value)
    assert str(raised.value).startswith("t:5:")


@pytest.mark.parametrize("keys", ["fixture: shop", "fixture: shop\n    answer: []"])
def test_a_case_that_asserts_nothing_is_refused(keys):
    with pytest.raises(TemplateError, match="cannot fail"):
        read_case_file(f"prompt: chat/a\ncases:\n  - name: one\n    {keys}\n", source="t")


HOLDS = {
    "contains": ("contains: b", "abc", {}),
    "not-contains": ("not-contains: x", "abc", {}),
    "latency": ("latency: 1", "", {}),
    "a block in its language": ("parses: python", "So:\n```python\nx = 1\n```\n", {}),
    "all blocks": ("parses: python", "```\nx = 1\n```\nand\n~~~\ny = 2\n~~~", {}),
    "a bare answer": ("parses: json", '{"a": [1]}', {}),
    "a method in its class": (
        "parses: file",
        "```typescript\n  total(): number {\n    return 1;\n  }\n```",
        IN_CART,
    ),
    "no worse than it was": (
        "parses: file",
        "```\nx = )\n```",
        {"file": "y = (\nx = )\n", "selection": "x = )", "language": "python"},
    ),
    "own schema": ("json-schema: output", "[1, 2]", {}),
    "a schema of the test": ("json-schema: {type: array, items: {type: integer}}", "[1, 2]", {}),
    "JSON in a fence": ("json-schema: {type: array}", "Here:\n```json\n[1]\n```", {}),
    "a pattern": ("json-schema: {type: string, pattern: '^a+$'}", '"aaa"', {}),
    "a reference inside": (
        "json-schema: {$ref: '#/$defs/n', $defs: {n: {type: integer}}}", "3", {}
    ),
}  # fmt: skip


@pytest.mark.parametrize(("assertion", "text", "values"), HOLDS.values(), ids=HOLDS)
def test_what_holds(assertion, text, values):
    assert verdict(assertion, text, values, own={"type": "array"}) == ""


FAILS = {
    "contains": ("contains: x", "abc", {}, "The answer does not contain `x`."),
    "not-contains": ("not-contains: c", "a\nbc", {}, "The answer contains `c` on its line 2."),
    "latency": (
        "latency: 0.9", "", {},
        "The answer took 1.0 s, over the 0.9 s allowed; its first text came after 0.5 s.",
    ),
    "broken code": (
        "parses: python", "```\ndef f(:\n```", {}, "The code of the answer is no python: it has 1"
    ),
    "the second block": (
        "parses: python", "```\nx = 1\n```\n```\ndef f(:\n```", {}, "Block 2 of the answer is no"
    ),
    "prose": ("parses: json", "Sure, here it is!", {}, "is no json"),
    "nothing": ("parses: python", "```python\n```", {}, "is empty"),
    "half a method": (
        "parses: file", "```\n  total() {\n```", IN_CART, "In the place of the selection"
    ),
    "two blocks for one place": ("parses: file", "```\na\n```\n```\nb\n```", IN_CART, "2 blocks"),
    "no place": ("parses: file", "x", {}, "The case has no file with a selection"),
    "no JSON": ("json-schema: {}", '{"a":\n}', {}, "The answer is no JSON on line 2."),
    "deep JSON": ("json-schema: {}", "[" * 100_000, {}, "The answer is no JSON"),
    "another type": (
        "json-schema: {properties: {a: {type: string}}}", '{"a": 1}', {}, "At $.a: 1 is not of type"
    ),
    "a wrong schema": ("json-schema: {type: 7}", "1", {}, "The schema itself is wrong at $.type"),
    "a remote reference": (
        "json-schema: {$ref: 'http://127.0.0.1:9/x'}", "1", {}, "something outside of itself"
    ),
    "an endless reference": ("json-schema: {$ref: '#'}", "1", {}, "refers to itself without end"),
    "a look-ahead": ("json-schema: {pattern: '(?=a)'}", '"a"', {}, "A pattern of the schema"),
    "pattern properties": (
        "json-schema: {patternProperties: {'^a': {}}}", '{"a": 1}', {}, "is not supported here"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("assertion", "text", "values", "message"), FAILS.values(), ids=FAILS)
def test_what_does_not_hold_says_why(assertion, text, values, message):
    assert message in verdict(assertion, text, values)


def test_a_template_without_a_schema_has_none_to_hold():
    assert verdict("json-schema: output", "1") == "The template has no `schema` under `output`."


def test_t17_a_pattern_of_a_schema_takes_linear_time():
    found = verdict("json-schema: {pattern: '^(a+)+$'}", '"' + "a" * 5_000 + 'b"')

    assert "does not match" in found
