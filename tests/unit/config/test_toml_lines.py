"""Lines of keys in TOML."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.config.toml_lines import key_lines, line_of


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("[a]\nb = 1", "a.b", 2),
        ("a.b = 1", "a.b", 1),
        ("a . b = 1", "a.b", 1),
        ("\n\n['a']\n\"b\" = 1", "a.b", 4),
        ("[a]\r\nb = 1\r\n", "a.b", 2),
        ("a = { b = 1 }", "a.b", 1),
        ("[a]\nx = '''\nb = 2\n'''\nb = 1", "a.b", 5),
        ('[a]\nx = """b = 2"""\nb = 1', "a.b", 3),
        ('[a] # """\nb = 1', "a.b", 2),
        ("[a]\nx = [\n'b = 1',\n]\nb = 2", "a.b", 5),
        ("[a]\nb.c = 1", "a.b", 2),
        ("[a]\nx = 1", "a.b", 1),
        ("[a]\nx = 1", "c.b", None),
    ],
)
def test_a_key_is_found_where_it_is_set(text, key, line):
    tomllib.loads(text)

    assert line_of(key_lines(text), key) == line


NAMES = st.from_regex(r"[a-z]{1,3}", fullmatch=True)


@given(
    st.dictionaries(
        NAMES,
        st.dictionaries(NAMES, st.sampled_from(["1", "'''\nx = 1\n'''", '"""#"""', "[\n1,\n]"])),
    )
)
def test_every_key_of_a_file_is_found_on_its_line(tables):
    lines: list[str] = []
    expected: dict[str, int] = {}
    for table, keys in tables.items():
        lines.append(f"[{table}]")
        for key, value in keys.items():
            expected[f"{table}.{key}"] = len(lines) + 1
            lines.extend(f"{key} = {value}".split("\n"))
    text = "\n".join(lines)
    tomllib.loads(text)

    found = key_lines(text)

    assert {key: line for key, line in found.items() if "." in key} == expected
