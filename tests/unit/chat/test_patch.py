"""Diffs as models write them find their place, or say that they did not."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.chat.patch import apply_patch, patch_path, read_patch, split_patch

TEXT = "def a():\n    x = 1\n    return x\n\n\ndef b():\n    x = 1\n    return x\n"


def patched(text: str, diff: str) -> tuple[str, int, int]:
    result = apply_patch(text, read_patch(diff))
    return result.text, result.placed, len(result.unplaced)


def test_wrong_numbers_and_counts_do_not_matter() -> None:
    diff = "--- a/f.py\n+++ b/f.py\n@@ -900,7 +900,2 @@\n def a():\n-    x = 1\n+    x = 2\n"

    assert patched(TEXT, diff) == (TEXT.replace("x = 1", "x = 2", 1), 1, 0)


def test_of_two_places_the_nearest_to_the_number_counts() -> None:
    diff = "@@ -6,3 +6,3 @@\n-    x = 1\n+    x = 2\n"

    assert patched(TEXT, diff)[0] == TEXT[:25] + TEXT[25:].replace("x = 1", "x = 2")


def test_a_header_without_numbers_goes_on_below_the_last_hunk() -> None:
    diff = "@@ @@\n def a():\n-    x = 1\n+    x = 2\n@@ ... @@\n-    x = 1\n+    x = 3\n"

    text, placed, _ = patched(TEXT, diff)
    assert placed == 2
    assert [line for line in text.split("\n") if "x =" in line] == ["    x = 2", "    x = 3"]


def test_indentation_that_the_model_lost_is_kept() -> None:
    diff = "@@ @@\n-x = 1\n+x = 2\n+y = 3\n"

    assert patched(TEXT, diff)[0].startswith("def a():\n    x = 2\n    y = 3\n    return x\n")


def test_trailing_blanks_and_line_ends_are_the_file_s() -> None:
    diff = "@@ @@\n a\n-b\n+c\n"

    assert patched("a  \r\nb\r\n", diff) == ("a  \r\nc\r\n", 1, 0)


def test_a_hunk_without_its_lines_is_told_and_the_others_count() -> None:
    diff = (
        "@@ -1 +1 @@\n-nothing like it\n+new\n@@ -1,2 +1,2 @@\n def a():\n-    x = 1\n+    x = 9\n"
    )

    text, placed, unplaced = patched(TEXT, diff)
    assert (placed, unplaced) == (1, 1)
    assert "x = 9" in text


def test_a_removed_line_that_looks_like_a_file_is_one() -> None:
    diff = "@@ -1,2 +1 @@\n select 1;\n--- comment\n"

    assert patched("select 1;\n-- comment\n", diff)[0] == "select 1;\n"


@pytest.mark.parametrize(
    ("diff", "path"),
    [
        ("--- a/x.py\n+++ b/src/x.py\n", "src/x.py"),
        ("--- a/x.py\n+++ /dev/null\n", ""),
        ("+++ x.py\t2026-01-01\n", "x.py"),
        ("@@ -1 +1 @@\n+x\n", ""),
    ],
)
def test_the_path_of_a_diff(diff: str, path: str) -> None:
    assert patch_path(diff) == path


def test_a_diff_of_several_files_falls_into_its_parts() -> None:
    one = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b"
    two = "diff --git a/y b/y\nindex 1..2\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-c\n+d"
    three = "--- a/z\n+++ b/z\n@@ -1 +1 @@\n-e\n+f"

    assert split_patch(f"{one}\n{two}\n{three}") == (("x", one), ("y", two), ("z", three))
    assert split_patch(one) == (("x", one),)


@given(
    st.lists(st.sampled_from(["a", "b", " c", "", "d"]), max_size=12),
    st.lists(st.sampled_from(["a", "b", " c", "", "d"]), max_size=12),
)
def test_a_right_diff_is_applied_exactly(old: list[str], new: list[str]) -> None:
    diff = "\n".join(difflib.unified_diff(old, new, "a/f", "b/f", lineterm="", n=3))
    text = "".join(f"{line}\n" for line in old)

    result = apply_patch(text, read_patch(diff))

    assert result.unplaced == ()
    assert result.text.split("\n") == [*new, ""] if new else result.text == ""
