"""Where appended text closes what stood open at a place."""

import pytest

from fimble.syntax.closing import ClosingWatch
from support.marked import CURSOR
from support.parsed_source import parsed_at_cursor

NO_HURRY_US = 20_000_000


@pytest.mark.parametrize(
    ("language", "source", "text", "until"),
    [
        ("typescript", f"f({CURSOR});\n", "a[0], { b: 1 });", "a[0], { b: 1 })"),
        ("typescript", f"if (x) {{{CURSOR}\n", " y(); }\nz(); }", " y(); }"),
        ("typescript", f"x = `${{{CURSOR}\n", "a + '}'}`", "a + '}'}"),
        ("tsx", f"a = <p>{CURSOR}</p>;\n", "don't <b>b</b></p>", "don't <b>b</b></p>"),
        ("html", f"<ul>\n{CURSOR}\n", "<li>a</li>\n</ul>", "<li>a</li>\n</ul>"),
        (
            "ruby",
            f"def f\n  {CURSOR}\n",
            "a if b\n  c do\n  end\nend\n",
            "a if b\n  c do\n  end\nend",
        ),
        (
            "bash",
            f"if a; then\n{CURSOR}\n",
            "for x in y; do\nz\ndone\nfi\n",
            "for x in y; do\nz\ndone\nfi",
        ),
        ("lua", f"function f()\n{CURSOR}\n", "if a then b() end\nend", "if a then b() end\nend"),
        ("rust", f"fn f<'a>(x: &'a str) {{{CURSOR}\n", "let c = '}'; }", "let c = '}'; }"),
        ("python", f"f(\n{CURSOR}\n", "g(1),\n)\nh()", "g(1),\n)"),
    ],
)
def test_the_closing_mark_is_found(language: str, source: str, text: str, until: str):
    tree, place = parsed_at_cursor(language, source)
    end = ClosingWatch(tree, place, budget_us=NO_HURRY_US).first_closing(text)

    assert end is not None
    assert text[:end] == until


@pytest.mark.parametrize(
    ("language", "source", "text"),
    [
        ("typescript", f"if (x) {{{CURSOR}\n", " y({ z: [1] }); if (a) { b(); }"),
        ("typescript", f"x = {CURSOR}\n", "/[)}]/.test('}')"),
        ("bash", f"case $1 in\n{CURSOR}\nesac\n", "a) b ;;"),
        ("python", f"x = {CURSOR}\n", "(1)"),
    ],
)
def test_what_the_text_opens_itself_closes_nothing(language: str, source: str, text: str):
    tree, place = parsed_at_cursor(language, source)

    assert ClosingWatch(tree, place, budget_us=NO_HURRY_US).first_closing(text) is None


def test_text_may_come_in_pieces_and_go_on_behind_a_closing_mark():
    tree, place = parsed_at_cursor("javascript", f"if (é) {{{CURSOR}\n")
    watch = ClosingWatch(tree, place, budget_us=NO_HURRY_US)
    first = "\n  ü();\n} else {"

    assert watch.first_closing("\n  ü();") is None
    assert watch.first_closing(first) == len("\n  ü();\n}")
    watch.goes_on(first)
    assert watch.first_closing(first + "\n  b();\n}\n") == len(first + "\n  b();\n}")


def test_without_time_nothing_closes():
    tree, place = parsed_at_cursor("javascript", f"f({CURSOR}\n")
    watch = ClosingWatch(tree, place, budget_us=1)

    assert watch.first_closing("a, " * 50_000 + ")") is None
    assert watch.first_closing("a)") is None
