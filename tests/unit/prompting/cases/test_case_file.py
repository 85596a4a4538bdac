"""The form of a file of tests: what is read, and what is refused with its place."""

import pytest

from fimble.errors import TemplateError
from fimble.prompting.cases.case_file import AssertionName, read_case_file

GOOD = """\
prompt: chat/review
cases:
  - name: one
    fixture: shop
    files: {a.py: "x = <|cursor|>1"}
    inputs: {depth: "2"}
    values: {rules: Be kind.}
    assert:
      - contains: x
      - not-contains: y
      - regex: "^x+$"
      - equals: {file: one.txt}
      - tokens-max: 10
      - roles: [system, user]
      - dropped: []
      - stable-prefix-with: {case: two, tokens-min: 5}
  - name: two
    assert: [refused: over its limit]
"""


def test_everything_is_read():
    file = read_case_file(GOOD, source="t.test.yaml")

    one, two = file.cases
    assert [each.name for each in one.assertions] == list(AssertionName)[:-1]
    assert (one.fixture, one.files, one.inputs) == (
        "shop",
        {"a.py": "x = <|cursor|>1"},
        {"depth": "2"},
    )
    assert (one.assertions[3].file, one.assertions[7].number) == ("one.txt", 5)
    assert [each.name for each in two.assertions] == [AssertionName.REFUSED]
    assert (file.fixtures, file.expected_files) == ({"shop"}, {"one.txt"})
    assert one.assertions[0].place.line == 9


def case(assertion: str) -> str:
    return f"prompt: chat/x\ncases:\n  - name: a\n    assert:\n      - {assertion}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t:1:1: The key `prompt` is missing here."),
        ("prompt: [", "t:2:1: This is not valid YAML"),
        ("prompts: x", "t:1:1: The key `prompts` does not exist here. Did you mean `prompt`?"),
        (case("contain: x"), "t:5:9: `contain` is not allowed here. Did you mean `contains`?"),
        (case("contains: ''"), "t:5:19: An empty text is in every prompt."),
        (case("regex: '(?=x)'"), "t:5:16: Look-around"),
        (case("tokens-max: many"), "t:5:21: This must be a whole number"),
        (case("roles: [system, tool]"), "t:5:25: `tool` is not allowed here."),
        (case("equals: {files: x}"), "t:5:18: The key `files` does not exist here."),
        (
            case("stable-prefix-with: {case: b, tokens-min: 3}"),
            "t:5:9: `b` is no other case of this file.",
        ),
        (
            case("stable-prefix-with: {case: a, tokens-min: 3}"),
            "t:5:9: `a` is no other case of this file.",
        ),
        (case("x"), "t:5:9: Each assertion is one key"),
        (
            "prompt: chat/x\ncases:\n  - name: a\n    assert: []\n",
            "t:4:13: A case that asserts nothing cannot fail.",
        ),
        (
            (
                "prompt: chat/x\ncases:\n  - {name: a, assert: [contains: x]}\n"
                "  - {name: a, assert: [contains: x]}\n"
            ),
            "t:4:5: Two cases have this name.",
        ),
        ("a: &x 1\nb: *x\n", "t:1:4: YAML anchors"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(text, message):
    with pytest.raises(TemplateError) as raised:
        read_case_file(text, source="t")

    assert str(raised.value).startswith(message)
