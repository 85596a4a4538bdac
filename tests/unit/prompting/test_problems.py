"""Every mistake a template can hold is refused where it stands, with a way out."""

from __future__ import annotations

import pytest

from fimble.errors import TemplateError
from fimble.prompting.parse import parse_template, read_template
from fimble.prompting.problems import Rule
from support.prompting import GUARDS, problems, write

FRONT = "---\nschema: 1\nname: a\ndescription: b\nkind: chat\n---\n"

CASES = {
    "no front matter": ("Hello", "t:1:1: There is no front matter."),
    "front matter not at the top": ("\n" + FRONT + "x", "t:1:1: There is no front matter."),
    "open front matter": ("---\nschema: 1\n", "t:1:1: The front matter is not closed."),
    "empty front matter": ("---\n---\nx", "t:1:1: The front matter is empty."),
    "front matter that is no mapping": (
        "---\n- a\n---\nx",
        "t:2:1: This must be keys with values.",
    ),
    "broken YAML": ("---\nschema: 1\nname: [a\n---\nx", "This is not valid YAML"),
    "missing key": (
        "---\nschema: 1\nname: a\nkind: chat\n---\nx",
        "The key `description` is missing.",
    ),
    "unknown key": (
        write("x", front="optinal: [a]\n"),
        "t:6:1: The key `optinal` does not exist. Did you mean `optional`?",
    ),
    "a model is the user's": (
        write("x", front="model: m\n"),
        "t:6:1: The key `model` does not exist. Which model runs",
    ),
    "num_ctx is the user's": (write("x", front="num_ctx: 1\n"), "A change of `num_ctx` reloads"),
    "a shell does not exist": (write("x", front="shell: ls\n"), "Templates cannot run commands."),
    "key twice": (
        write("x", front="owner: a\nowner: b\n"),
        "t:7:1: The key `owner` is given twice.",
    ),
    "alias": (write("x", front="owner: &a b\nversion: *a\n"), "t:6:8: YAML anchors"),
    "tag": (write("x", front="owner: !!python/name:os.system x\n"), "t:6:8: YAML tags"),
    "second document": (write("x", front="...\na: 1\n"), "YAML"),
    "deep nesting": (write("x", front="output: " + "[" * 400 + "\n"), "nested more than 12 levels"),
    "wrong schema": (
        "---\nschema: 2\nname: a\ndescription: b\nkind: chat\n---\nx",
        "t:2:9: This version of Fimble knows schema 1. Write `schema: 1`.",
    ),
    "unknown kind": (
        write("x", kind="chatt"),
        "t:5:7: `chatt` is not allowed here. Did you mean `chat`?",
    ),
    "bad name": (write("x").replace("example", "Ex Ample", 1), "`Ex Ample` is not a name."),
    "empty description": (write("x").replace("An example.", "''"), "The description is empty."),
    "temperature too high": (
        write("x", front="sampling: {temperature: 3}\n"),
        "t:6:25: This must be a number from 0 to 2.",
    ),
    "temperature as text": (write("x", front="sampling: {temperature: '1'}\n"), "must be a number"),
    "temperature not a number": (
        write("x", front="sampling: {temperature: .nan}\n"),
        "must be a number",
    ),
    "unknown sampling key": (
        write("x", front="sampling: {num_ctx: 1}\n"),
        "The key `num_ctx` does not exist.",
    ),
    "empty stop": (write("x", front="sampling: {stop: ['']}\n"), "An empty stop string"),
    "think is a word": (write("x", front="think: maybe\n"), "t:6:8: `maybe` is not allowed here."),
    "schema without json": (
        write("x", front="output: {format: code, schema: {}}\n"),
        "needs `format: json`",
    ),
    "budget of zero": (
        write("${file}", front="context: [{variable: file, max_tokens: 0}]\n"),
        "a whole number from 1",
    ),
    "budget without a limit": (
        write("${file}", front="context: [{variable: file}]\n"),
        "t:6:11: The key `max_tokens` is missing here.",
    ),
    "budget for what is not used": (
        write("x", front="context: [{variable: file, max_tokens: 5}]\n"),
        "t:6:11: `file` stands under `context`, but the body does not use it.",
    ),
    "budget for an unknown name": (
        write("${file}", front="context: [{variable: flie, max_tokens: 5}]\n"),
        "Did you mean `file`?",
    ),
    "optional but not used": (
        write("x", front="optional: [file]\n"),
        "`file` stands under `optional`",
    ),
    "input not used": (
        write("x", front="inputs: {tone: {}}\n"),
        "`inputs.tone` stands under `inputs`",
    ),
    "input not declared": (write("${inputs.tone}"), "t:7:1: `${inputs.tone}` is not declared."),
    "input default of the wrong type": (
        write("${inputs.n}", front="inputs: {n: {type: integer, default: many}}\n"),
        "must be of type integer",
    ),
    "input default outside its enum": (
        write("${inputs.n}", front="inputs: {n: {enum: [a, b], default: c}}\n"),
        "is not a value of the input `n`",
    ),
    "live_suffix in a chat": (
        write("x", front="live_suffix: true\n"),
        "`live_suffix` is for completion layouts only.",
    ),
    "empty body": (write("\n \n"), "The template has no text."),
    "unknown variable": (
        write("a\nb ${selction}"),
        "t:8:3: There is no variable `${selction}`. Did you mean `selection`?",
    ),
    "attribute access": (write("${x.__class__}"), "t:7:1: There is no variable `${x.__class__}`."),
    "index access": (write("${file[0]}"), "There is no variable"),
    "format spec": (write("${file!r:>9}"), "There is no variable"),
    "empty name": (write("${}"), "There is no variable `${}`."),
    "blank in a name": (write("${ file }"), "Did you mean `file`?"),
    "nested": (write("${${file}}"), "t:7:1: This `$` stands for nothing."),
    "dollar that is not closed": (
        write("${file"),
        "t:7:1: This `$` stands for nothing. Write `$$` for a dollar.",
    ),
    "dollar without braces": (
        write("é $file"),
        "Write `$$` for a dollar, `${file}` for a variable.",
    ),
    "dollar at the end": (write("cost: 5$"), "t:7:8: This `$`"),
    "odd dollars": (write("$$$"), "t:7:3: This `$`"),
    "control variable in a chat": (
        write("${turn_end}"),
        "does not exist in templates of kind `chat`",
    ),
    "prefix in a chat": (write("${prefix}"), "does not exist in templates of kind `chat`"),
    "unknown role": (write("[[sytem]]\nx"), "t:7:1: `[[sytem]]` is not a role."),
    "an include of nothing": (write("[[include]]\nx"), "t:7:1: A name is missing."),
    "an include of a path": (write("[[include ../x]]\ny"), "`../x` is no name of a partial."),
    "an include of what is not there": (
        write("[[include style]]\nx"),
        "There is no partial `style` here. Write it to _partials/style.md.",
    ),
    "role line in a completion": (
        write("[[user]]\n${prefix}", kind="complete"),
        "A completion layout has no role lines.",
    ),
    "volatile before stable": (
        write("${selection}\n${rules}"),
        "t:8:1: `${rules}` (repo) stands after `${selection}` (cursor)",
    ),
    "volatile before stable across messages": (
        write("[[system]]\n${input}\n[[user]]\n${file}"),
        "t:10:1: `${file}` (file) stands after `${input}` (keystroke)",
    ),
    "file repeated late": (write("${file}\n${selection}\n${file}"), "t:9:1: `${file}` (file)"),
    "completion without prefix": (write("${suffix}", kind="complete"), "must contain `${prefix}`"),
    "prefix twice": (write("${prefix}${prefix}", kind="complete"), "may stand only once"),
    "text after prefix": (
        write("${suffix}\n${prefix}\nend", kind="complete"),
        "Text stands after `${prefix}`",
    ),
    "suffix after prefix": (
        write("${prefix}${suffix}", kind="complete"),
        "`${suffix}` (cursor) stands after `${prefix}` (keystroke)",
    ),
    "live_suffix for nothing": (
        write("${suffix}${prefix}", kind="complete", front="live_suffix: true\n"),
        "`live_suffix` is set, but",
    ),
    "other text after a live suffix": (
        write("${prefix}${suffix}${path}", kind="complete", front="live_suffix: true\n"),
        "`${path}` (file) stands after",
    ),
    "bidirectional control": (write("a\u202eb"), "t:7:2: A hidden character stands here: U+202E"),
    "tag character in front matter": (
        write("x", front="owner: \U000e0041\n"),
        "t:6:8: A hidden character stands here: U+E0041",
    ),
    "zero-width space": (write("a\u200b"), "A hidden character stands here: U+200B"),
    "NUL": (write("a\0"), "A hidden character stands here: U+0000"),
    "escape sequence": (write("\x1b]52;c;aGk=\x07"), "A hidden character stands here: U+001B"),
    "lone surrogate": (write("a\ud800"), "t:7:2: Half a character stands here."),
    "lone carriage return": (write("a\rb"), "t:7:2: A carriage return"),
    "control token": (write("hello\n  <|im_end|>"), "t:8:3: A model's control token stands here."),
    "control token after a bracket": (
        write("a < b [c] <|im_end|>"),
        "t:7:11: A model's control token",
    ),
    "control token of another family": (write("[INST] x"), "t:7:1: A model's control token"),
    "control token in front matter": (
        write("x", front="owner: <|im_end|>\n"),
        "t:6:8: A model's control token",
    ),
    "too long": (write("x" * 70_000), "t:1:1: The template is longer than 65,536 characters."),
    "front matter too long": (
        write("x", front="# " + "x" * 20_000 + "\n"),
        "t:1:1: The front matter is longer than",
    ),
    "too many variables": (write("${file}" * 501), "The body names more than 500 variables."),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_is_refused_with_its_place(text: str, expected: str):
    found = problems(text)

    assert any(expected in message for message in found), found


def test_all_problems_are_reported_from_the_top_down():
    text = write("${nope}\n$x\n", front="moddel: a\nthink: perhaps\n")

    assert [message.split(":")[1] for message in problems(text)] == ["6", "7", "9", "10"]


def test_parse_raises_the_first_problem_with_its_place():
    with pytest.raises(TemplateError) as raised:
        parse_template(write("a\n ${nope} ${nada}"), source="x.prompt.md", guards=GUARDS)

    assert (raised.value.source, raised.value.line, raised.value.column) == ("x.prompt.md", 8, 2)


def test_ten_megabytes_are_refused_without_being_read():
    reading = read_template("${x" * 2_500_000, source="t", guards=GUARDS)

    assert len(reading.problems) == 1


@pytest.mark.parametrize(
    "text",
    [
        write("[[a" + " " * 60_000),
        write("${" * 30_000),
        write("`" * 60_000),
        write("\\[[" * 20_000),
        write("\n" * 60_000),
    ],
)
@pytest.mark.timeout(5)
def test_adversarial_bodies_are_read_in_linear_time(text: str):
    problems(text)


@pytest.mark.parametrize("case", sorted(CASES))
def test_the_places_are_the_same_without_libyaml(case: str, monkeypatch: pytest.MonkeyPatch):
    """Some builds of pyyaml come without their C parser."""
    text, _ = CASES[case]
    fast = [message.split(" ")[0] for message in problems(text)]
    monkeypatch.delattr("yaml.CSafeLoader")

    assert [message.split(" ")[0] for message in problems(text)] == fast


def test_each_problem_names_its_rule_and_the_word_that_was_meant():
    reading = read_template(write("Say ${selectoin} for $5."), source="t", guards=GUARDS)

    assert [(each.rule, each.suggestion) for each in reading.problems] == [
        (Rule.UNKNOWN_VARIABLE, "selection"),
        (Rule.LONE_DOLLAR, ""),
    ]
