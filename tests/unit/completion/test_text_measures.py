"""Brackets, likeness and indentation, as the rules measure them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.completion.brackets import open_at_cursor, read_marks
from fimble.completion.indentation import read_indentation, width
from fimble.completion.similarity import edit_distance_within, is_near_copy, same_line
from fimble.completion.surroundings import look_around
from fimble.syntax.languages import language_named
from fimble.text.snapshot import Snapshot
from support.marked import CURSOR, marked


@pytest.mark.parametrize(
    ("language", "text", "closes", "opens"),
    [
        ("python", "a, b)", ")", ""),
        ("python", "f(x", "", ")"),
        ("python", "'it\\'s (' + f(", "", ")"),
        ("python", "# don't (\n)", ")", ""),
        ("python", '"""(\n', "", '"""'),
        ("python", "x = 'open", "", "'"),
        ("python", "f'{x}'", "", ""),
        ("javascript", "`(${x}` + [", "", "]"),
        ("javascript", "/* ( */ ]", "]", ""),
        ("rust", "&'a str, '{', \"{\" }", "}", ""),
        ("cpp", "1'000'000)", ")", ""),
        ("bash", "$# )", ")", ""),
    ],
)
def test_marks_are_read_as_the_language_means_them(language, text, closes, opens):
    reading = read_marks(text, language_named(language))

    assert "".join(each.mark for each in reading.closes) == closes
    assert "".join(reading.opens) == opens


def test_what_stands_open_at_the_cursor_may_have_been_opened_lines_above():
    snapshot, cursor = marked(f"g()\nf(\n    a[0],\n    [{CURSOR}\n")

    assert open_at_cursor(look_around(snapshot, cursor, None)).opens == (")", "]")


@given(st.text("ab(", max_size=12), st.text("ab(", max_size=12), st.integers(0, 6))
def test_the_band_finds_what_the_whole_table_finds(first: str, second: str, limit: int):
    row = list(range(len(second) + 1))
    for line, a in enumerate(first, start=1):
        last, row = row, [line]
        for column, b in enumerate(second, start=1):
            row.append(min(last[column - 1] + (a != b), last[column] + 1, row[-1] + 1))

    assert edit_distance_within(first, second, limit) == (row[-1] <= limit)


def test_lines_are_the_same_but_for_quotes_and_commas_not_for_depth():
    assert same_line("  return 'a',", '  return "a"')
    assert not same_line("  return 'a'", "    return 'a'")
    assert not same_line("", "")


def test_a_near_copy_adds_words_but_names_nothing_else():
    below = "    response = client.get(url)\n    assert response.status_code == 200"

    assert is_near_copy(below.replace("response =", "response: R ="), below)
    assert not is_near_copy(below.replace("200", "404"), below)
    assert not is_near_copy("x = 1", "x = 1 ")


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("if x:\n  y\n  z\n", "  "),
        ("if x:\n    if y:\n        z\n", "    "),
        ("if x:\n\ty\n", "\t"),
        ("x\ny\n", None),
        ("  x\n\ty\n", None),
    ],
)
def test_a_document_shows_how_it_is_indented(text: str, unit: str | None):
    style, tab_columns = read_indentation(Snapshot.from_text(text), 0)

    assert (None if style is None else style.unit) == unit
    assert tab_columns == (8 if "  x" in text and "\t" in text else 4)


def test_a_tab_and_four_spaces_are_as_wide():
    assert width("\tx") == width("    x") == 4
