"""Any path is refused or lies inside of the root (T2): made of what has ever fooled somebody."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.errors import PathRefusedError
from fimble.policy.containment import contain

_PARTS = st.sampled_from(
    [
        "..",
        ".",
        "",
        "a",
        "sub",
        "inside.txt",
        "link",
        "escape",
        "loop",
        "C:",
        "~",
        "nul",
        "é",
        "%2e",
    ]
)
_SEPARATORS = st.sampled_from(["/", "//", "\\", "/./", "/../"])
_PATHS = st.builds(
    lambda first, rest: first + "".join(f"{separator}{part}" for separator, part in rest),
    st.one_of(_PARTS, st.sampled_from(["/", "//", "\\\\", "file://"])),
    st.lists(st.tuples(_SEPARATORS, st.one_of(_PARTS, st.text(max_size=6))), max_size=6),
)


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        work, outside = Path(folder) / "work", Path(folder) / "outside"
        (work / "sub").mkdir(parents=True)
        (work / "sub" / "inside.txt").write_text("x", encoding="utf-8")
        outside.mkdir()
        (work / "link").symlink_to(outside)
        (work / "sub" / "escape").symlink_to(outside)
        (work / "loop").symlink_to(work / "loop")
        yield work


def _stays_inside(root: Path, path: str) -> None:
    try:
        found = contain(root, path)
    except PathRefusedError:
        return
    real = Path(os.path.realpath(found))
    assert real.is_relative_to(os.path.realpath(root))
    assert ".." not in found.parts


@given(path=_PATHS)
def test_t02_any_path_is_refused_or_stays_inside(root: Path, path: str) -> None:
    _stays_inside(root, path)


@pytest.mark.fuzz
@given(path=_PATHS)
def test_t02_many_more_paths_are_refused_or_stay_inside(root: Path, path: str) -> None:
    _stays_inside(root, path)
