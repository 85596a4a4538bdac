"""Editors are real programs: installed by `tests/editors/install.sh`, skipped where absent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.editing import Desk, desk_in, documenting


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A workspace with an unfinished file, and a model that knows the rest of it."""
    with desk_in(tmp_path) as made:
        yield made


@pytest.fixture
def acting_desk(tmp_path: Path) -> Iterator[Desk]:
    """The same, with a model that documents the second function when it is asked for anything."""
    with desk_in(tmp_path, documenting()) as made:
        yield made
