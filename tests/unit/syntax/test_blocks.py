"""Where a whole block is wanted and where only the rest of a line, for every language."""

import re
import time

import pytest

from fimble.syntax.blocks import expects_block
from fimble.syntax.languages import languages
from support.parsed_source import parsed_at_cursor

BLOCK: dict[str, list[str]] = {
    "python": [
        "def f(a):<|cursor|>\n",
        "def f(a):<|cursor|>  \n",
        "def f(a):\n    <|cursor|>\n",
        "def f(\n    a,\n) -> int:\n    <|cursor|>\n",
        "def f(a):  # why\n    <|cursor|>\n",
        "def f(a):\n    # First, sum up.\n    <|cursor|>\n",
        'def f(a):\n    """Doc."""\n    <|cursor|>\n',
        "def f(a):\n    x = 1\n    <|cursor|>\n    y = 2\n",
        "def f(a):\n    if x:\n        y = 1\n    <|cursor|>\n",
        "if x:\n    y = 1\nelse:<|cursor|>\n",
        "for x in y:\n    <|cursor|>\nz = 1\n",
        "class A:\n    def f(self): ...\n\n    <|cursor|>\n",
        "x = 1\n\n\n<|cursor|>\n",
        "<|cursor|>",
        "async with a as b:<|cursor|>",
        "match x:\n    case 1:<|cursor|>\n",
    ],
    "typescript": [
        "function f(a) {<|cursor|>",
        "function f(a) {<|cursor|>}",
        "function f(a) {\n  <|cursor|>\n}\n",
        "if (x) {\n<|cursor|>\n}\n",
        "class A {\n  f() { }\n\n  <|cursor|>\n}\n",
        "f(() => {\n  <|cursor|>\n});\n",
        "switch (a) {\n  case 1:<|cursor|>\n}\n",
        "const o = {\n  a: 1,\n  b: {<|cursor|>\n};\n",
        "a();\n<|cursor|>\nb();\n",
        "f() {\n  a();\n  <|cursor|>",
    ],
    "tsx": [
        "const A = () => {\n  <|cursor|>\n};\n",
        "const A = () => {\n  return (\n    <|cursor|>\n  );\n};\n",
        "const A = () => {\n  return (\n    <div>\n      <|cursor|>\n    </div>\n  );\n};\n",
        "const A = () => {\n  return (\n    <div>\n      <|cursor|>\n",
        "const A = () => (\n  <a b={() => c}>\n    <|cursor|>\n  </a>\n);\n",
        "const A = () => (\n  <>\n    <|cursor|>\n  </>\n);\n",
        "const A = () => (\n  <ul>\n    <li>a</li>\n    <|cursor|>\n  </ul>\n);\n",
        "x = (<ul>\n  {a.map((i) => (\n    <|cursor|>\n  ))}\n</ul>);\n",
        "const A = () => (\n  <div><|cursor|></div>\n);\n",
    ],
    "javascript": ["const f = async () => {<|cursor|>});\n"],
    "go": [
        "package a\nfunc f() {\n\t<|cursor|>\n}\n",
        "package a\nfunc f() {\n\tx := 1\n\t<|cursor|>\n\ty := 2\n}\n",
        "package a\nimport (<|cursor|>\n)\n",
        "package a\nfunc f() {\n\tswitch a {\n\tcase 1:<|cursor|>\n\t}\n}\n",
    ],
    "rust": [
        "fn f() -> i32 {<|cursor|>\n}\n",
        "fn f() {\n    match a {\n        1 => {<|cursor|>\n    }\n}\n",
        "impl A {\n    fn f() {}\n\n    <|cursor|>\n}\n",
    ],
    "java": ["class A {\n  void m() {\n    <|cursor|>\n  }\n}\n", "class A {<|cursor|>\n}\n"],
    "c": ["int f(void)\n{\n\t<|cursor|>\n}\n", "while (x) {<|cursor|>\n"],
    "cpp": ["class A {\npublic:<|cursor|>\n};\n", "namespace N {\n\n<|cursor|>\n\n}\n"],
    "csharp": ["class C\n{\n    <|cursor|>\n}\n"],
    "ruby": [
        "def f(a)<|cursor|>\n",
        "def f(a)\n  <|cursor|>\nend\n",
        "[1].each do |x|<|cursor|>\n",
        "if a\n  <|cursor|>\nend\n",
        "class A\n  def f; end\n\n  <|cursor|>\nend\n",
    ],
    "php": ["<?php\nfunction f() {\n  <|cursor|>\n}\n", "<?php\nif ($a):<|cursor|>\n"],
    "bash": [
        "f() {<|cursor|>\n}\n",
        "if a; then\n  <|cursor|>\nfi\n",
        "for i in x; do<|cursor|>\n",
        "case $a in\n  x)<|cursor|>\nesac\n",
    ],
    "lua": [
        "function f(a)<|cursor|>\n",
        "if a then\n  <|cursor|>\nend\n",
        "f(function(a, b)<|cursor|>",
    ],
    "kotlin": ["fun f() {\n    <|cursor|>\n}\n", "a.map { x -><|cursor|>\n}\n"],
    "scala": [
        "def f(a: Int): Int =<|cursor|>\n",
        "class A {\n  <|cursor|>\n}\n",
        "if a then<|cursor|>\n",
    ],
    "html": ["<div><|cursor|></div>\n", "<ul class='a'>\n  <|cursor|>\n</ul>\n"],
    "css": [".a {<|cursor|>}\n", ".a {\n  b: c;\n  <|cursor|>\n}\n"],
    "json": ["{<|cursor|>}\n", '{\n  "a": [\n    <|cursor|>\n  ]\n}\n'],
    "yaml": ["a:<|cursor|>\n", "a:\n  b: 1\n  <|cursor|>\n", "a:\n  <|cursor|>\n"],
    "toml": ["[t]<|cursor|>\n", "[t]\nk = 1\n<|cursor|>\n"],
    "markdown": ["```python<|cursor|>\n", "```python\n<|cursor|>\n```\n"],
}

LINE: dict[str, list[str]] = {
    "python": [
        "x = <|cursor|>\n",
        "def f(<|cursor|>):\n",
        "def f(a):<|cursor|> pass\n",
        "def f(a):\n<|cursor|>    pass\n",
        'x = {"a":<|cursor|>\n',
        "x = y[1:<|cursor|>]\n",
        "x: <|cursor|>int = 1\n",
        "# if x:<|cursor|>\n",
        '"""if x:<|cursor|>\n"""\n',
        "f(\n    a,\n    <|cursor|>\n)\n",
        "x = a +\\\n    <|cursor|>\n",
        "x = 1 and\n<|cursor|>\n",
        "def f(a):\n    x = 1\n  <|cursor|>\n",
        "def f(a):\n    x = 1\n<|cursor|>\n    y = 2\n",
        "f = lambda x:<|cursor|>\n",
    ],
    "typescript": [
        "const x = <|cursor|>;\n",
        "f(<|cursor|>)\n",
        "f(\n  a,\n  <|cursor|>\n);\n",
        "// {<|cursor|>\n",
        "`${a} {<|cursor|>`\n",
        "import {<|cursor|> a } from 'x';\n",
        "const x = a ||\n<|cursor|>\n",
        "f() {\n  a();\n<|cursor|>\n  b();\n}\n",
    ],
    "tsx": [
        "const A = () => <b c=<|cursor|>/>;\n",
        "const A = () => (\n  <br /><|cursor|>\n);\n",
        "const A = () => (\n  <div\n    <|cursor|>\n  >\n  </div>\n);\n",
        "const a: Array<string><|cursor|>\n",
        "f(\n  <T,>(x: T) =><|cursor|>\n",
    ],
    "javascript": ["x.<|cursor|>\n"],
    "go": [
        "package a\nx := <|cursor|>\n",
        "package a\nfunc f() {\n\tg(\n\t\ta,\n\t\t<|cursor|>\n\t)\n}\n",
    ],
    "rust": ["let x = vec![\n    1,\n    <|cursor|>\n];\n", 'let s = "{<|cursor|>'],
    "java": ["int x = <|cursor|>;\n"],
    "c": ['printf("{<|cursor|>");\n', "int a[] = { 1, 2 }<|cursor|>;\n"],
    "cpp": ["std::<|cursor|>\n"],
    "csharp": ["var x = <|cursor|>;\n"],
    "ruby": ["x = 1 <|cursor|>\n", "return if a<|cursor|>\n", "# if a<|cursor|>\n"],
    "php": ["<?php\n$x = <|cursor|>;\n"],
    "bash": ["x=$(cmd)<|cursor|>\n", "echo <|cursor|>\n"],
    "lua": ["local x = f(a)<|cursor|>\n", "x = a ..\n<|cursor|>\n"],
    "kotlin": ["val x = <|cursor|>\n"],
    "scala": ["val x =<|cursor|> 1\n"],
    "html": ["<p>text <|cursor|></p>\n", "<br><|cursor|>\n", "<a href=<|cursor|>>\n"],
    "css": [".a { b: <|cursor|>; }\n"],
    "json": ['{"a": <|cursor|>}\n'],
    "yaml": ["a: b<|cursor|>\n"],
    "toml": ["a = <|cursor|>\n"],
    "markdown": ["Some text\n\n<|cursor|>\n", "# Title<|cursor|>\n", "Some <|cursor|>\n"],
}


def cases(table: dict[str, list[str]]):
    return [
        pytest.param(language, source, id=f"{language}-{number}")
        for language, sources in table.items()
        for number, source in enumerate(sources)
    ]


def check(language: str, source: str, *, expected: bool):
    tree, cursor = parsed_at_cursor(language, source)

    assert expects_block(tree, cursor) is expected


@pytest.mark.parametrize(("language", "source"), cases(BLOCK))
def test_a_block_is_wanted(language: str, source: str):
    check(language, source, expected=True)


@pytest.mark.parametrize(("language", "source"), cases(LINE))
def test_the_rest_of_a_line_is_wanted(language: str, source: str):
    check(language, source, expected=False)


def test_every_language_has_cases_of_both():
    every = {row.name for row in languages()}

    assert every == BLOCK.keys()
    assert every == LINE.keys()


def test_tabs_and_carriage_returns_are_white_space():
    check("python", "def f():\r\n\tif x:\r\n\t\t<|cursor|>\r\n", expected=True)
    check("go", "package a\r\nfunc f() {\r\n\tx()\r\n\t<|cursor|>\r\n}\r\n", expected=True)


def test_a_generated_line_wants_no_block():
    check("javascript", f"{'a;' * 1_500}{{<|cursor|>", expected=False)


HOSTILE = (
    "=",
    "= if ",
    "(",
    "function f(",
    "{ x",
    "def ",
    "<a ",
    "case ",
    "[",
    ": |",
    "do |",
    "``` ",
)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in languages()])
def test_t17_no_header_pattern_takes_long_on_the_longest_line(row):
    pattern = re.compile(row.block_header)
    start = time.thread_time()
    for piece in HOSTILE:
        for end in ("", ":", "x", " end"):
            pattern.search((piece * 2_000)[:2_000] + end)

    assert (time.thread_time() - start) / (4 * len(HOSTILE)) < 0.05
