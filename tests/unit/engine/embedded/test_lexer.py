"""Lines to tokens: what counts as code in each language, and how lines hang together."""

from __future__ import annotations

import pytest

from fimble.engine.embedded.lexer import FIRST_STATE, LineLexer
from fimble.engine.embedded.lexical_rules import rules_for
from fimble.engine.embedded.vocabulary import UNKNOWN, Vocabulary

NAMES = {"\x00": "=", "\x01": ">", "\x02": "<", "\x03": "DOC", "\x04": "?"}


def tokens(text: str, path: str) -> str:
    """Lex `text` and write each line's tokens on a line: `=`, `>`, `<` tell the indentation."""
    vocabulary = Vocabulary()
    lexer = LineLexer(rules_for("", path), vocabulary)
    state = FIRST_STATE
    lines: list[str] = []
    for line in text.splitlines():
        found = lexer.lex(line, state)
        state = found.after
        assert len(found.tokens) == len(found.blanks)
        if found.tokens:
            words = [NAMES.get(token) or vocabulary.text(token) for token in found.tokens]
            lines.append(" ".join(words))
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.py", "x = 1  # no\n# none\ny", "= x = 1\n= y"),
        ("a.py", "a // b", "= a // b"),
        ("a.py", 'x = "# kept" # cut', '= x = " # kept "'),
        ("a.py", "if a:\n    b\n\n  c\nd", "= if a :\n> b\n< c\n< d"),
        ("a.py", 'def f():\n    """One."""\n    x', "= def f ( ) :\n> DOC\n= x"),
        ("a.py", '"""One\n\nx = 1 # two\n"""\ny', "= DOC\n= y"),
        ("a.py", 'q = """one\n  # two\n"""\ny', '= q = """ one\n> # two\n< """\n= y'),
        ("a.py", "x = 'a#b'  # c", "= x = ' a # b '"),
        ("a.js", "a // b\ns = 'http://x'; /* c\n d */ e", "= a\n= s = ' http : // x ' ;\n= e"),
        ("a.ts", "const s = `a // ${b}\n c`; d // e", "= const s = ` a // $ { b }\n> c ` ; d"),
        ("a.rs", "fn f<'a>(x: &'a str) {} // 'z", "= fn f < ' a > ( x : & ' a str ) { }"),
        ("a.sh", "echo ${#x} # no", "= echo $ { # x }"),
        ("a.lua", "a = 1 -- b\n--[[ c\nd ]] e", "= a = 1\n= e"),
        ("a.html", "<a> <!-- b\nc --> <d>", "= < a >\n= < d >"),
        ("a.txt", "a # b // c", "= a # b // c"),
        ("a.go", "a := b <- c", "= a := b <- c"),
        ("a.py", "1.5e3 0xff 1..2 x[1].y", "= 1.5e3 0xff 1 . . 2 x [ 1 ] . y"),
    ],
)  # fmt: skip
def test_each_language_has_its_comments_and_strings(path, text, expected):
    assert tokens(text, path) == expected


def test_without_learning_new_words_are_unknown_and_not_kept():
    vocabulary = Vocabulary()
    lexer = LineLexer(rules_for("python", ""), vocabulary)
    size = len(vocabulary)

    found = lexer.lex("brand new", FIRST_STATE, learn=False)

    assert found.tokens[1:] == UNKNOWN * 2
    assert len(vocabulary) == size


@pytest.mark.parametrize("line", ['"' * 200_000, "(" * 200_000, "\\" * 200_000, "a" * 200_000])
def test_t17_absurd_lines_are_read_in_linear_time(line):
    found = LineLexer(rules_for("python", ""), Vocabulary()).lex(line + "#", FIRST_STATE)

    assert len(found.tokens) <= 2_001
