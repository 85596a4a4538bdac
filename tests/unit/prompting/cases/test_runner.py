"""Every assertion fails when what it says does not hold, and says why."""

import json

import pytest

from fimble.prompting.cases.case_file import read_case_file
from fimble.prompting.cases.runner import CaseResult, CaseRunner, CaseTrees
from support.prompting import RENDERER, parse

RUNNER = CaseRunner(renderer=RENDERER)
FRONT = """\
context:
  - {variable: selection, max_tokens: 8, on_overflow: error}
  - {variable: diff, max_tokens: 2, on_overflow: drop}
optional: [rules, diff]
inputs:
  tone: {default: gent}
"""
BODY = """\
[[system]]
Be kind.

Rules: ${rules}
[[user]]
The file is ${path}.

${diff}

${selection}

Say it ${inputs.tone}ly.
"""
TEMPLATE = parse(BODY, front=FRONT)
PROMPT = (
    "[[system]]\nBe kind.\n\n[[user]]\nThe file is src/a.py.\n\n"
    "def f():\n    return 1\n\nSay it gently."
)
FILES = 'files: {src/a.py: "def f():\\n    retu<|cursor|>rn 1\\n"}'


def run(given: str, assertion: str, trees: CaseTrees | None = None, more: str = "") -> CaseResult:
    head = f"prompt: chat/example\ncases:\n  - name: one\n    {given}\n"
    text = f"{head}    assert:\n      - {assertion}\n{more}"
    return RUNNER.run(TEMPLATE, read_case_file(text, source="t"), trees or CaseTrees())[0]


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        ("contains: 'def f():'", "contains: class", "does not contain `class`"),
        ("not-contains: class", "not-contains: return", "contains `return` on its line 8"),
        ("regex: '^def \\w+'", "regex: '^return'", "Nothing in the prompt matches"),
        ("tokens-max: 12", "tokens-max: 11", "is 12 tokens long, over the 11 allowed"),
        ("roles: [system, user]", "roles: [user]", "The roles are system, user, not user."),
        ("dropped: [rules, diff]", "dropped: [rules]", "`diff` was dropped"),
        ("dropped: [diff, rules]", "dropped: [path, diff, rules]", "`path` is in the prompt"),
        ("dropped: [diff, rules]", "dropped: [terminal]", "does not use `terminal`"),
        (
            f"equals: {json.dumps(PROMPT)}",
            "equals: no",
            "The prompt differs:\n@@ -1 +1,10 @@\n-no\n+[[system]]",
        ),
        ("equals: {file: a.txt}", "equals: {file: b.txt}", "There is no file `b.txt`"),
    ],
)
def test_an_assertion_holds_or_fails_with_its_reason_and_line(good, bad, message):
    trees = CaseTrees(expected={"a.txt": f"{PROMPT}\n"})

    assert run(FILES, good, trees).failures == ()
    (failure,) = run(FILES, bad, trees).failures
    assert message in failure.sentence
    assert failure.line == 6


def test_a_refused_prompt_is_a_failure_unless_it_is_what_the_case_asks_for():
    given = "values: {selection: a b c d e f g h i, path: x}"

    (failure,) = run(given, "contains: nothing of this is looked at").failures
    assert "over its limit of 8" in failure.sentence
    assert run(given, "refused: over its limit of 8").failures == ()
    assert "another reason" in run(given, "refused: xyz").failures[0].sentence
    assert "should have been refused" in run(FILES, "refused: limit").failures[0].sentence


def test_a_value_over_its_budget_counts_as_dropped():
    given = "values: {selection: s, path: p, rules: r, diff: a b c}"

    assert run(given, "dropped: [diff]").failures == ()


def test_shared_beginnings_are_measured_in_tokens():
    given = "values: {selection: other, path: src/a.py}"
    more = f"  - name: two\n    {given}\n    assert: [contains: other]\n"

    assert run(FILES, "stable-prefix-with: {case: two, tokens-min: 6}", more=more).failures == ()
    (failure,) = run(FILES, "stable-prefix-with: {case: two, tokens-min: 9}", more=more).failures
    assert (
        "Only 8 tokens are shared with `two`, not 9: the prompts part on line 7."
        in failure.sentence
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("fixture: nowhere", "There is no folder fixtures/nowhere."),
        ("values: {selectoin: x}", "There is no variable `selectoin`"),
        ('files: {a: "<|cursor|>", b: "<|cursor|>"}', "More than one <|cursor|>"),
        ('files: {a: "<|cursor|> <|cursor|>"}', "More than one <|cursor|>"),
        ("inputs: {}", "There is no value for `${path}` here."),
    ],
)
def test_a_case_that_cannot_be_set_up_fails_with_a_sentence(given, message):
    (failure,) = run(given, "contains: x").failures

    assert message in failure.sentence


def test_fixtures_give_the_document_and_a_case_may_replace_a_file():
    trees = CaseTrees(fixtures={"shop": {"src/a.py": "x = <|cursor|>1\n"}})

    assert run("fixture: shop", "contains: x = 1", trees).failures == ()
    replaced = 'fixture: shop\n    files: {src/a.py: "y = <|cursor|>2"}'
    assert run(replaced, "contains: y = 2", trees).failures == ()


def test_control_strings_of_a_completion_layout_stand_by_their_names():
    layout = parse("${fim_suffix}${suffix}${fim_prefix}${prefix}${fim_middle}", kind="complete")
    text = f"prompt: complete/example\ncases:\n  - name: one\n    {FILES}\n    assert:\n"
    wanted = "⟨fim_suffix⟩rn 1\n⟨fim_prefix⟩def f():\n    retu⟨fim_middle⟩"
    file = read_case_file(f"{text}      - equals: {json.dumps(wanted)}\n", source="t")

    assert RUNNER.run(layout, file, CaseTrees())[0].failures == ()


def test_a_layout_is_rendered_with_the_strings_of_the_family_that_its_tests_name():
    layout = parse("${fim_suffix}${suffix}${fim_prefix}${prefix}${fim_middle}", kind="complete")
    strings = {"fim_prefix": "<P>", "fim_suffix": "<S>", "fim_middle": "<M>"}
    runner = CaseRunner(
        renderer=RENDERER, control=lambda _, family: strings if family == "f" else {}
    )
    text = f"prompt: complete/example\nfamily: f\ncases:\n  - name: one\n    {FILES}\n    assert:\n"
    wanted = "<S>rn 1\n<P>def f():\n    retu<M>"
    file = read_case_file(f"{text}      - equals: {json.dumps(wanted)}\n", source="t")

    assert runner.run(layout, file, CaseTrees())[0].failures == ()
