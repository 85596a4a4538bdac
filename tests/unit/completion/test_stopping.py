"""Where a stream is cut, and what can be shown before it is."""

import pytest

from fimble.completion.stopping import CutFinder, unit_ends
from fimble.completion.surroundings import Extent, Surroundings, look_around
from support.marked import CURSOR, marked
from support.parsed_source import parsed


def at(source: str, language: str = "python") -> Surroundings:
    snapshot, cursor = marked(source, language_id=language)
    return look_around(snapshot, cursor, parsed(language, snapshot), parse_budget_us=20_000_000)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("x = 1\ny = 2\n", "x = 1"),
        ("\n    x = 1\n", "\n    x = 1"),
        ("foo(\n    a,\n    b,\n)\nbar()", "foo(\n    a,\n    b,\n)"),
        ("for x in y:\n    print(x)\n", "for x in y:\n    print(x)"),
        ("if (x) {\n  y();\n}\nz();\n", "if (x) {\n  y();\n}"),
        ("```python\nx = 1\n", "```python\nx = 1"),
        ("<think>\nhm\n</think>\n\nx = 1\n", "<think>\nhm\n</think>\n\nx = 1"),
        ("Here is the code:\nx = 1\n", "Here is the code:\nx = 1"),
    ],
)
def test_the_first_unit_is_the_first_statement_that_stands_on_its_own(text: str, unit: str):
    end = next(unit_ends(text))

    assert text[:end] == unit
    assert all(not list(unit_ends(text[:length])) for length in range(end + 1))


def test_every_further_line_that_stands_on_its_own_ends_a_longer_unit():
    text = "x = 1\nif x:\n    y = f(\n        2,\n    )\n\nz = 3\nw"

    assert [text[:end].rpartition("\n")[2] for end in unit_ends(text)] == [
        "x = 1",
        "    )",
        "z = 3",
    ]


@pytest.mark.parametrize("text", ["", "x = 1", "\n\n", "<think>\nx\n", "```python\n", "foo(\n a\n"])
def test_there_is_no_unit_yet(text: str):
    assert not list(unit_ends(text))


def test_a_finder_that_is_shown_another_stream_begins_anew():
    finder = CutFinder(at(f"x = {CURSOR}\n"), Extent.LINE)

    assert finder.look("abc\n") is not None
    assert finder.look("ab") is None
    assert finder.look("abcd") is None


def test_the_cut_of_a_stream_stays_where_it_was_decided():
    around = at(f"def f():\n    {CURSOR}\n")
    text = "x = 1\n    return x\ny = 2\n"
    cut = CutFinder(around, Extent.BLOCK).look(text)

    assert cut is not None
    assert cut.rule == "stop_at_scope_end"
    assert text[: cut.end] == "x = 1\n    return x"
    assert CutFinder(around, Extent.BLOCK).look(text + "z = 3\n") == cut


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        (f"def f():\n    x = 1{CURSOR}\n", "\n    return x"),
        (f"def f():\n    if x:{CURSOR}\n", "\n        return x"),
    ],
)
def test_behind_a_finished_line_the_next_statement_stands_where_it_does(source: str, kept: str):
    """A prefetch goes on from a finished line; behind a header its own depth is outside."""
    text = f"{kept}\n    print(x)\ny = 2\n"
    cut = CutFinder(at(source), Extent.BLOCK).look(text)

    assert cut is not None
    assert text[: cut.end] == (kept if "if" in source else f"{kept}\n    print(x)")


def test_a_mark_that_a_shell_case_never_opened_closes_nothing():
    around = at(f'case "$1" in\n  {CURSOR}\nesac\n', "bash")

    assert CutFinder(around, Extent.BLOCK).look("start) run ;;\n") is None


def test_a_line_that_closes_one_part_and_opens_another_goes_on():
    around = at(f"if (x) {{{CURSOR}\n", "javascript")
    text = "\n  a();\n} else if (y) {\n  b();\n} else {\n  c();\n}\nd();\n"
    cut = CutFinder(around, Extent.BLOCK).look(text)

    assert cut is not None
    assert text[: cut.end].endswith("c();\n}")
