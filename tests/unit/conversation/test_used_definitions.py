"""Definitions that a selection uses: those beyond doubt, never those of files nobody may read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fimble.conversation.context_sources import fresh_index
from fimble.conversation.used_definitions import ShownCode, UsedDefinitions
from fimble.syntax.imports import imports
from fimble.syntax.one_shot import parse
from fimble.text.snapshot import Snapshot

LONG = "class Long:\n    '''Much.'''\n" + "".join(
    f"    def m{n}(self, x):\n        return x\n" for n in range(20)
)


@pytest.fixture
def used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[UsedDefinitions]:
    for name in ("XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    workspace = tmp_path / "workspace"
    files = {
        "money.py": "def rounded(price):\n    return round(price, 2)\n",
        "other/tools.py": "def rounded(x):\n    return x\n\n\ndef twice(x):\n    return 2 * x\n",
        "third.py": "def twice(x):\n    return x + x\n",
        "big.py": LONG,
        "secrets/keys.yaml": "hidden: 1\n",
        "keyed.py": 'def connect():\n    return "AKIAIOSFODNN7EXAMPLE"\n',
        ".gitignore": "ignored.py\n",
        "ignored.py": "def generated():\n    pass\n",
    }
    for name, text in files.items():
        path = workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = UsedDefinitions(fresh_index(workspace, exclude=()))
    yield found
    found.close()


def definitions(used: UsedDefinitions, text: str, *, head: str = "") -> str:
    tree = parse(Snapshot.from_text(head, language_id="python"))
    assert tree is not None
    shown = ShownCode(
        path="app.py", text=text, first_line=1, last_line=50, imports=tuple(imports(tree))
    )
    return used.of(shown, line_comment="#")


def test_an_import_says_which_of_several_is_meant(used: UsedDefinitions) -> None:
    found = definitions(used, "rounded(1)", head="from other.tools import rounded\n")

    assert found == "# other/tools.py:1-2\ndef rounded(x):\n    return x"


def test_a_name_that_may_mean_several_is_left_out(used: UsedDefinitions) -> None:
    assert definitions(used, "rounded(twice(1))") == ""


def test_the_only_one_of_its_name_is_meant(used: UsedDefinitions) -> None:
    assert definitions(used, "x = connect()").startswith("# keyed.py:1-2\ndef connect():\n")


def test_what_is_long_is_its_signature_and_its_members(used: UsedDefinitions) -> None:
    found = definitions(used, "Long().m1(2)")
    first, doc, signature, *members = found.split("\n")

    assert (first, doc) == ("# big.py:1-42", "# Much.")
    assert signature.startswith("class Long")
    assert members[0].strip().startswith("def m0(self, x)")
    assert len(members) == 12


def test_t15_secrets_are_masked_and_ignored_files_unread(used: UsedDefinitions) -> None:
    found = definitions(used, "connect() or generated() or hidden")

    assert "AKIAIOSFODNN7EXAMPLE" not in found
    assert "generated" not in found
    assert "hidden" not in found


def test_what_the_prompt_shows_anyway_is_not_shown_twice(used: UsedDefinitions) -> None:
    shown = ShownCode(path="third.py", text="twice(1)", first_line=1, last_line=9, imports=())

    assert used.of(shown, line_comment="#") == ""
