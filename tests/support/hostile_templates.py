"""Templates that must be refused, each with the place of what is wrong in it (threat T14)."""

from __future__ import annotations

from dataclasses import dataclass

from support.prompting import write

_HEAD = "schema: 1\nname: example\ndescription: An example.\nkind: chat\n"
_BODY_LINE = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class HostileTemplate:
    """One row of the table."""

    name: str
    text: str
    line: int
    column: int
    says: str
    """Part of the sentence."""


def _in_body(name: str, body: str, column: int, says: str) -> HostileTemplate:
    """A row whose body is wrong on its first line."""
    return HostileTemplate(name=name, text=write(body), line=_BODY_LINE, column=column, says=says)


def _in_front(name: str, more: str, line: int, column: int, says: str) -> HostileTemplate:
    """A row whose front matter has `more` after its four required keys."""
    text = f"---\n{_HEAD}{more}---\nText.\n"
    return HostileTemplate(name=name, text=text, line=line, column=column, says=says)


_LAUGHS = "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)

EXPRESSIONS = (
    _in_body("attribute", "Hi ${input.__class__}.\n", 4, "no variable `${input.__class__}`"),
    _in_body("attribute of nothing", "${x.__class__.__mro__[1]}\n", 1, "no variable"),
    _in_body("globals", "${input.__init__.__globals__}\n", 1, "no variable"),
    _in_body("index", "${input[0]}\n", 1, "no variable `${input[0]}`"),
    _in_body("call", "a ${input()}\n", 3, "no variable `${input()}`"),
    _in_body("filter", "${input|safe}\n", 1, "no variable `${input|safe}`"),
    _in_body("conversion", "${input!r:>9999999999}\n", 1, "no variable"),
    _in_body("arithmetic", "${7*7}\n", 1, "no variable `${7*7}`"),
    _in_body("nested", "${${input}}\n", 1, "stands for nothing"),
    _in_body("dollar name", "$input\n", 1, "stands for nothing"),
    _in_body("three dollars", "$$$input\n", 3, "stands for nothing"),
    _in_body("shell", "run $(id)\n", 5, "stands for nothing"),
    _in_body("empty name", "${}\n", 1, "no variable `${}`"),
    _in_body("unclosed", "${input\n", 1, "stands for nothing"),
    _in_body("closed on the next line", "${input\n}\n", 1, "stands for nothing"),
    _in_body("spaces", "${ input }\n", 1, "no variable"),
    _in_body("look-alike", "${\u0456nput}\n", 1, "no variable"),
    _in_body("environment", "${env:HOME}\n", 1, "no variable"),
    _in_body("another kind's", "${turn_end}\n", 1, "does not exist in templates of kind `chat`"),
    _in_body("undeclared input", "${inputs.x}\n", 1, "is not declared"),
    _in_body("600 values", "${input}" * 600 + "\n", 4001, "more than 500 variables"),
)

CONTROL_STRINGS = (
    _in_body("end of turn", "ab <|im_end|>\n", 4, "control token"),
    _in_body("FIM", "<|fim_middle|>\n", 1, "control token"),
    _in_body("full width", "<｜fim▁hole｜>\n", 1, "control token"),
    _in_body("square", "x [INST] y\n", 3, "control token"),
    _in_body("thinking", "<think>\n", 1, "control token"),
    _in_body("around a variable", "<|${input}<|im_end|>\n", 11, "control token"),
    _in_front("in the front matter", "owner: <|im_start|>\n", 6, 8, "control token"),
)

INCLUDES = (
    _in_body("upwards", "[[include ../../../etc/passwd]]\n", 1, "no name of a partial"),
    _in_body("absolute", "[[include /etc/passwd]]\n", 1, "no name of a partial"),
    _in_body("folder", "[[include a/b]]\n", 1, "no name of a partial"),
    _in_body("backslash", "[[include ..\\secret]]\n", 1, "no name of a partial"),
    _in_body("device", "[[include con:]]\n", 1, "no name of a partial"),
    _in_body("value", "[[include ${input}]]\n", 1, "no name of a partial"),
    _in_body("unknown", "[[include nothing]]\n", 1, "There is no partial"),
    _in_body("unnamed", "[[include]]\n", 1, "name is missing"),
    _in_body("tool role", "[[tool]]\nx\n", 1, "is not a role"),
)

FRONT_MATTER = (
    _in_front("alias", "owner: *x\n", 6, 8, "aliases"),
    _in_front("anchor", "owner: &x me\n", 6, 8, "anchors"),
    _in_front("billion laughs", "a: &a [lol]\n" + _LAUGHS, 6, 4, "anchors"),
    _in_front("merge key", "<<: {owner: me}\n", 6, 1, "`<<` does not exist"),
    _in_front("key twice", "name: other\n", 6, 1, "given twice"),
    _in_front("number as a key", "1: x\n", 6, 1, "`1` does not exist"),
    _in_front("null as a key", "~: x\n", 6, 1, "`~` does not exist"),
    _in_front("list as a key", "? [a]\n: x\n", 6, 3, "must be one word"),
    _in_front("mapping as a key", "? {a: b}\n: x\n", 6, 3, "must be one word"),
    _in_front("object", "owner: !!python/object/apply:os.system [id]\n", 6, 8, "tags"),
    _in_front("own tag", "owner: !env HOME\n", 6, 8, "tags"),
    _in_front("another document", "...\nname: x\n", 7, 1, "not valid YAML"),
    _in_front("200 lists deep", f"inputs: {'[' * 200}{']' * 200}\n", 6, 20, "levels deep"),
    _in_front("200 mappings deep", f"inputs: {'{a: ' * 200}{'}' * 200}\n", 6, 50, "levels deep"),
    _in_front("3,000 values", f"optional: [{','.join(['a'] * 3000)}]\n", 6, 3990, "2000 values"),
    _in_front("20 kB", f"owner: {'x' * 20_000}\n", 1, 1, "longer than 16,384"),
    _in_front("model", "model: gpt\n", 6, 1, "`model` does not exist"),
    _in_front("host", "host: evil.example\n", 6, 1, "`host` does not exist"),
    _in_front("window", "num_ctx: 1\n", 6, 1, "`num_ctx` does not exist"),
    _in_front("tools", "tools: [shell]\n", 6, 1, "`tools` does not exist"),
    _in_front("no number", "sampling: {temperature: .nan}\n", 6, 25, "number from 0 to 2"),
    _in_front("endless number", "sampling: {temperature: .inf}\n", 6, 25, "number from 0 to 2"),
    _in_front("negative budget", "budget: {prompt: -1}\n", 6, 18, "whole number"),
    _in_front("huge budget", f"budget: {{prompt: {'9' * 400}}}\n", 6, 18, "whole number"),
    _in_front("input of the language", "inputs: {__class__: {}}\n", 6, 10, "is not a name"),
    _in_front("input with a path", "inputs: {../x: {}}\n", 6, 10, "is not a name"),
    HostileTemplate(name="no front matter", text="Text.\n", line=1, column=1, says="no front"),
    HostileTemplate(name="open", text="---\nname: x\n", line=1, column=1, says="not closed"),
    HostileTemplate(name="empty file", text="", line=1, column=1, says="no front matter"),
    HostileTemplate(
        name="a list", text="---\n- a\n---\nx\n", line=2, column=1, says="keys with values"
    ),
    HostileTemplate(
        name="name with a path",
        text=write("x\n").replace("name: example", "name: ../x"),
        line=3,
        column=7,
        says="is not a name",
    ),
    HostileTemplate(
        name="schema to come",
        text=write("x\n").replace("schema: 1", "schema: 2"),
        line=2,
        column=9,
        says="knows schema 1",
    ),
)

CHARACTERS = (
    _in_body("NUL", "a\x00b\n", 2, "U+0000"),
    _in_body("carriage return", "one\rtwo\n", 4, "carriage return"),
    HostileTemplate(
        name="carriage returns only",
        text=write("text\n").replace("\n", "\r"),
        line=1,
        column=4,
        says="carriage return",
    ),
    HostileTemplate(
        name="10 MB", text=write("x" * 10_000_000), line=1, column=1, says="is larger than"
    ),
)

ALL = (*EXPRESSIONS, *CONTROL_STRINGS, *INCLUDES, *FRONT_MATTER, *CHARACTERS)
