"""What a block would make of a file; never a guess that overwrites somebody's work."""

from __future__ import annotations

import pytest

from fimble.chat.fences import fences
from fimble.chat.proposal import NoPlaceError, Proposal, propose

FILE = '''\
import os


def total(items):
    """Sum."""
    return sum(items)


class Cart:
    def add(self, item):
        self.items.append(item)

    @property
    def size(self):
        return len(self.items)


def main():
    print(total([1]))
'''


def proposal(block: str, current: str | None = FILE, *, info: str = "python") -> Proposal:
    (fence,) = fences(f"```{info}\n{block}```\n")
    return propose(fence, current, path="shop.py")


def test_a_function_replaces_the_one_of_its_name() -> None:
    found = proposal("def total(items):\n    return sum(items) * 2\n")

    assert found.text == FILE.replace(
        '    """Sum."""\n    return sum(items)\n', "    return sum(items) * 2\n"
    )
    assert found.how == "Replaces `total`."
    assert found.adds_errors == 0


def test_a_method_written_alone_is_indented_into_its_class() -> None:
    found = proposal("@property\ndef size(self):\n    return 0\n")

    assert "    @property\n    def size(self):\n        return 0\n" in found.text
    assert found.text.count("@property") == 1


def test_new_functions_and_imports_come_along() -> None:
    found = proposal(
        "import json\n\n\ndef total(items):\n    return 0\n\n\ndef dump():\n    pass\n"
    )

    assert found.text.startswith("import os\nimport json\n")
    assert found.text.endswith("\n\n\ndef dump():\n    pass\n")
    assert found.how == "Replaces `total` and adds 1 more."


def test_a_block_with_most_of_the_file_is_the_file() -> None:
    found = proposal(FILE.replace("[1]", "[2]"))

    assert found.text == FILE.replace("[1]", "[2]")
    assert found.how == "The whole file, rewritten."


def test_a_file_that_is_not_there_is_made() -> None:
    assert proposal("x = 1\n", None) == Proposal(text="x = 1\n", how="A new file.")


def test_a_diff_is_applied_and_what_finds_no_place_is_counted() -> None:
    found = proposal(
        "@@ @@\n-    return sum(items)\n+    return 0\n@@ @@\n-nope\n+x\n", info="diff"
    )

    assert "    return 0\n" in found.text
    assert (found.how, found.unplaced) == ("A diff of 1 hunk.", 1)


TWO = """\
--- a/other.py
+++ b/other.py
@@ -1 +1 @@
-x
+y
--- a/shop.py
+++ b/shop.py
@@ @@
-    return sum(items)
+    return 0
"""


def test_of_a_diff_of_several_files_only_the_part_of_this_file_counts() -> None:
    found = proposal(TWO, info="diff")

    assert "    return 0\n" in found.text
    assert (found.how, found.unplaced) == ("A diff of 1 hunk.", 0)
    with pytest.raises(NoPlaceError, match=r"`other\.py`, `shop\.py`"):
        propose(fences(f"```diff\n{TWO}```\n")[0], FILE, path="third.py")


def test_line_ends_stay_the_file_s() -> None:
    found = proposal("def total(items):\n    return 0\n", FILE.replace("\n", "\r\n"))

    assert "\n" not in found.text.replace("\r\n", "")


def test_errors_that_a_change_adds_are_counted() -> None:
    assert proposal("def total(items):\n    return (0\n").adds_errors > 0


@pytest.mark.parametrize(
    "block",
    [
        "def nobody(x):\n    return x\n",
        "def total(items):\n    # ... existing code ...\n    return 0\n",
        "def total(items):\n    ...rest of the function\n",
        "x = 1\n",
        "pip install fimble\n",
    ],
)
def test_a_block_without_a_safe_place_is_refused(block: str) -> None:
    with pytest.raises(NoPlaceError):
        proposal(block)


def test_an_ellipsis_that_is_code_is_code() -> None:
    assert "..." in proposal("def total(items):\n    ...\n").text
