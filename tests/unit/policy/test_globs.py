"""Patterns as in .gitignore, and no pattern that hangs."""

import subprocess
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimble.policy.globs import IgnoreRules

CASES = [
    (["*.py"], "a.py", True),
    (["*.py"], "deep/down/a.py", True),
    (["*.py"], "a.pyc", None),
    (["build/"], "build/x/y", True),
    (["build/"], "build", None),
    (["build/"], "src/build/x", True),
    (["/build"], "src/build", None),
    (["/build"], "build", True),
    (["src/*.c"], "src/a.c", True),
    (["src/*.c"], "src/sub/a.c", None),
    (["a/**/b"], "a/b", True),
    (["a/**/b"], "a/x/y/b", True),
    (["**/b"], "b", True),
    (["a/**"], "a/x/y", True),
    (["a/**"], "b/a/x", None),
    (["a/**"], "a", None),
    (["**"], "x/y", True),
    (["*", "!*.py"], "x.py", False),
    (["*", "!*.py"], "x.c", True),
    (["*", "!*.py"], "sub/x.py", True),
    (["sub/", "!sub/x.py"], "sub/x.py", True),
    (["sub/*", "!sub/x.py"], "sub/x.py", False),
    (["[a-c]?.txt"], "bx.txt", True),
    (["[a-c]?.txt"], "dx.txt", None),
    (["[!a-c].txt"], "d.txt", True),
    (["[^a-c].txt"], "a.txt", None),
    (["[]x].txt"], "].txt", True),
    (["[a-].txt"], "-.txt", True),
    (["[\\]].txt"], "].txt", True),
    (["[ab"], "[ab", None),
    (["\\#x"], "#x", True),
    (["#x"], "#x", None),
    (["\\!x"], "!x", True),
    (["x\\*"], "x*", True),
    (["x\\*"], "xy", None),
    (["x\\"], "x", None),
    (["x  "], "x", True),
    (["x\\ "], "x ", True),
    (["", "   "], "x", None),
    (["a**b"], "axxb", True),
    (["foo//"], "foo/x", None),
]


@pytest.mark.parametrize(("patterns", "path", "expected"), CASES)
def test_rules_decide_as_gitignore_says(patterns, path, expected):
    assert IgnoreRules(patterns).decide(path) is expected


def test_git_itself_agrees_with_the_table(tmp_path):
    """The table above is checked against the authority, where there is one."""
    try:
        subprocess.run(["git", "init", "-q", str(tmp_path)], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("git is not installed")
    for patterns, path, expected in CASES:
        (tmp_path / ".gitignore").write_text("\n".join(patterns) + "\n")
        told = subprocess.run(
            ["git", "-C", str(tmp_path), "check-ignore", "-q", "--no-index", "--", path],
            check=False,
        )
        assert (told.returncode == 0) is bool(expected), (patterns, path)


def test_a_walker_asks_about_the_entry_alone():
    rules = IgnoreRules(["sub/", "*.c"])

    assert rules.decide_entry("sub/") is True
    assert rules.decide_entry("sub/x.py") is None
    assert rules.decide_entry("sub/x.c") is True


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 100 + "b", "a" * 4000),
        ("**/a/" * 60 + "b", "a/" * 500 + "c"),
        ("[a-z]*" * 40 + "!", "a" * 4000),
        ("*" * 250, "a" * 4000),
        ("?*" * 120 + "b", "a" * 4000),
    ],
)
def test_t17_no_pattern_takes_long(pattern, path):
    rules = IgnoreRules([pattern])
    start = time.process_time()

    rules.decide_entry(path)

    assert time.process_time() - start < 2


TEXT = st.text("ab*?[]!^-\\/# ", max_size=12)


@settings(max_examples=400)
@given(st.lists(TEXT, max_size=4), st.text("ab/", min_size=1, max_size=12))
def test_any_pattern_and_any_path_get_an_answer(patterns, path):
    assert IgnoreRules(patterns).decide(path) in (True, False, None)


@given(st.text("ab", max_size=8), st.data())
def test_a_glob_made_from_a_name_matches_it(name, data):
    name = f"x{name}"
    start = data.draw(st.integers(1, len(name)))
    end = data.draw(st.integers(start, len(name)))

    assert IgnoreRules([f"{name[:start]}*{name[end:]}"]).decide(f"deep/{name}") is True
