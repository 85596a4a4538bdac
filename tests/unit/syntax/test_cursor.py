"""Code, comment or string: for every language, also while a literal is still open."""

import pytest

from fimble.syntax.cursor import Region, cursor_region
from fimble.syntax.languages import languages
from fimble.text.position import Position
from support.parsed_source import parsed, parsed_at_cursor

CASES: dict[str, dict[Region, list[str]]] = {
    "python": {
        Region.CODE: [
            "<|cursor|>",
            "x = <|cursor|>1",
            '<|cursor|>"a"',
            '"a"<|cursor|>',
            'f"a{b<|cursor|>}"',
            "x = 1  <|cursor|># why",
            "# why\n<|cursor|>x = 1",
            'x = {"a": 1, <|cursor|>',
        ],
        Region.COMMENT: ["x = 1 # why<|cursor|>", "#<|cursor|>", "# why<|cursor|>\nx = 1"],
        Region.STRING: [
            'x = "abc<|cursor|>\ny = 1\n',
            'x = "<|cursor|>',
            'x = "a\\"b<|cursor|>',
            '"""doc<|cursor|>\nmore\n"""',
            '"""open\nstill<|cursor|>\n',
            'f"{a}<|cursor|>b"',
            "print('it<|cursor|>)",
        ],
    },
    "typescript": {
        Region.CODE: ["`a${b<|cursor|>}`", "/* why */<|cursor|>", "let s: <|cursor|>string"],
        Region.COMMENT: ["// why<|cursor|>\nx", "/* why<|cursor|>", "/** a\n * b<|cursor|>\n */"],
        Region.STRING: [
            'const x = "abc<|cursor|>\nfoo()',
            "`a<|cursor|>",
            "`a\nb<|cursor|>",
            "`a${b}<|cursor|>`",
            'foo("a<|cursor|>)\nbar()',
            "x = /re<|cursor|>/",
        ],
    },
    "tsx": {
        Region.CODE: ["const a = <b c={d<|cursor|>}/>;", "const a = <b>te<|cursor|>xt</b>;"],
        Region.COMMENT: ["const a = <b>{/* why<|cursor|> */}</b>;"],
        Region.STRING: ['const a = <b c="x<|cursor|>">y</b>;'],
    },
    "javascript": {
        Region.CODE: ["f(<|cursor|>'a')"],
        Region.COMMENT: ["f() // why<|cursor|>"],
        Region.STRING: ["f('a<|cursor|>')", 'x = "abc<|cursor|>'],
    },
    "go": {
        Region.CODE: ["package a\nvar x = <|cursor|>`raw`\n"],
        Region.COMMENT: ["// why<|cursor|>", "package a\n/* why<|cursor|>"],
        Region.STRING: [
            'package a\nvar x = "abc<|cursor|>\nfunc f() {}\n',
            "package a\nvar x = `raw<|cursor|>\n",
            "package a\nvar x = 'a<|cursor|>'\n",
        ],
    },
    "rust": {
        Region.CODE: ["/// doc\n<|cursor|>fn f() {}", "fn f<'a>(x: &'a <|cursor|>str) {}"],
        Region.COMMENT: ["/// doc<|cursor|>\nfn f() {}", "/* why<|cursor|>"],
        Region.STRING: [
            'fn f() { let x = "abc<|cursor|>; }\nfn g() {}',
            'const S: &str = r#"ra<|cursor|>w"#;',
        ],
    },
    "java": {
        Region.CODE: ['class A { String s = "a"<|cursor|>; }'],
        Region.COMMENT: ["/** why<|cursor|>", "// why<|cursor|>\n"],
        Region.STRING: [
            'class A { String s = "abc<|cursor|>;\n}',
            'class A { String s = """\n  te<|cursor|>xt"""; }',
        ],
    },
    "c": {
        Region.CODE: ["int x = <|cursor|>'a';", '#define X "a"<|cursor|>'],
        Region.COMMENT: ["// why<|cursor|>\n", "int x; /* why<|cursor|> */"],
        Region.STRING: [
            'char *x = "abc<|cursor|>\nint y;',
            '#include "a<|cursor|>.h"\n',
            '#define X "a<|cursor|>"\n',
        ],
    },
    "cpp": {
        Region.CODE: ["auto x = <|cursor|>1;"],
        Region.COMMENT: ["/// why<|cursor|>\nvoid f();"],
        Region.STRING: ['auto x = R"(ab<|cursor|>c)";', 'auto x = "abc<|cursor|>;\n'],
    },
    "csharp": {
        Region.CODE: ['var x = $"a{b<|cursor|>}";'],
        Region.COMMENT: ["/// <summary>why<|cursor|>"],
        Region.STRING: [
            'var x = $"a<|cursor|>{b}";',
            'var x = @"v<|cursor|>";',
            'var x = "a<|cursor|>',
        ],
    },
    "ruby": {
        Region.CODE: ['x = "a#{b<|cursor|>}"'],
        Region.COMMENT: ["# why<|cursor|>", "=begin\nwhy<|cursor|>\n=end\n"],
        Region.STRING: [
            'x = "abc<|cursor|>\ny = 1',
            "x = <<~H\n  a<|cursor|>b\nH\n",
            "x = %w[a<|cursor|> b]",
        ],
    },
    "php": {
        Region.CODE: ["<p>a<|cursor|></p>", "<?php $x<|cursor|> = 1;"],
        Region.COMMENT: [
            "<?php // why<|cursor|>\n",
            "<?php\n# why<|cursor|>\n",
            "<?php /* why<|cursor|>",
        ],
        Region.STRING: [
            '<?php\n$x = "abc<|cursor|>\n',
            "<?php\n$x = 'a<|cursor|>';",
            "<?php\n$x = <<<E\nab<|cursor|>c\nE;\n",
        ],
    },
    "bash": {
        Region.CODE: ['x="a $(b<|cursor|>) c"', "echo ${a#b}<|cursor|>", "echo $#<|cursor|>"],
        Region.COMMENT: ["# why<|cursor|>", 'echo "a" #why<|cursor|>'],
        Region.STRING: ['x="abc<|cursor|>\ny', "echo 'a<|cursor|>'", "cat <<E\na<|cursor|>b\nE\n"],
    },
    "lua": {
        Region.CODE: ["x = <|cursor|>1"],
        Region.COMMENT: ["-- why<|cursor|>", "--[[ why<|cursor|>"],
        Region.STRING: ['x = "abc<|cursor|>\ny = 1', "x = [[ab<|cursor|>c]]"],
    },
    "kotlin": {
        Region.CODE: ['val x = "a${b<|cursor|>}"'],
        Region.COMMENT: ["// why<|cursor|>", "/* why<|cursor|>"],
        Region.STRING: ['val x = "abc<|cursor|>\nval y = 1', 'val x = """a<|cursor|>b"""'],
    },
    "scala": {
        Region.CODE: ['val x = s"a${b<|cursor|>}"'],
        Region.COMMENT: ["// why<|cursor|>", "/* why<|cursor|>"],
        Region.STRING: ['val x = "abc<|cursor|>\nval y = 1', 'val x = s"a<|cursor|>${b}"'],
    },
    "html": {
        Region.CODE: ["<p>a<|cursor|>b</p>", "<p <|cursor|>id='a'>"],
        Region.COMMENT: ["<!-- why<|cursor|> -->", "<!-- why<|cursor|>"],
        Region.STRING: ['<a b="c<|cursor|>">'],
    },
    "css": {
        Region.CODE: ["a { b: c<|cursor|> }"],
        Region.COMMENT: ["/* why<|cursor|> */", "/* why<|cursor|>"],
        Region.STRING: ['a { content: "x<|cursor|>" }', 'a { content: "x<|cursor|>\n}'],
    },
    "json": {
        Region.CODE: ['{"a": <|cursor|>1}'],
        Region.COMMENT: ["// why<|cursor|>\n{}"],
        Region.STRING: ['{"a<|cursor|>": 1}', '{"a": "b<|cursor|>'],
    },
    "yaml": {
        Region.CODE: ["a: x<|cursor|>"],
        Region.COMMENT: ["a: 1 # why<|cursor|>"],
        Region.STRING: ['a: "x<|cursor|>"', "a: |\n  text<|cursor|>", "a: 'x<|cursor|>'"],
    },
    "toml": {
        Region.CODE: ["a = <|cursor|>1"],
        Region.COMMENT: ["# why<|cursor|>"],
        Region.STRING: ['a = "x<|cursor|>"', "a = 'x<|cursor|>"],
    },
    "markdown": {
        Region.CODE: [
            "# Title<|cursor|>",
            "```python\nx<|cursor|>\n```\n",
            "<div>a<|cursor|></div>",
        ],
        Region.COMMENT: ["<!-- why<|cursor|> -->"],
        Region.STRING: ["---\na: b<|cursor|>\n---\n"],
    },
}


def check(language: str, marked: str, expected: Region):
    tree, cursor = parsed_at_cursor(language, marked)

    assert cursor_region(tree, cursor) is expected


@pytest.mark.parametrize(
    ("language", "expected", "marked"),
    [
        pytest.param(language, region, marked, id=f"{language}-{region}-{number}")
        for language, regions in CASES.items()
        for region, sources in regions.items()
        for number, marked in enumerate(sources)
    ],
)
def test_the_region_of_the_cursor(language: str, expected: Region, marked: str):
    check(language, marked, expected)


def test_every_language_has_a_case_of_every_region():
    assert {row.name for row in languages()} == CASES.keys()
    assert all(regions.keys() == set(Region) for regions in CASES.values())


def test_places_outside_the_document_are_clamped():
    tree = parsed("python", "# end")

    assert cursor_region(tree, Position(99, 99)) is Region.COMMENT
    assert cursor_region(tree, Position(0, 0)) is Region.CODE


def test_characters_not_bytes_count():
    check("python", 'é = "🙂🙂<|cursor|>"', Region.STRING)
    check("python", 'é = "🙂🙂"<|cursor|>', Region.CODE)
