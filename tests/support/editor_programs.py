"""Where the editors of the tests are: what `tests/editors/install.sh` unpacked, else on PATH."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

_UNPACKED = Path(__file__).parents[2] / ".editors" / "bin"
_SOUGHT = (_UNPACKED, Path(sys.executable).parent)


def found(name: str) -> str | None:
    """Return the full path of an editor, by its command; None where it is not here."""
    return next(filter(None, (shutil.which(name, path=str(it)) for it in _SOUGHT)), None) or (
        shutil.which(name)
    )


def needs(name: str, where: str) -> pytest.MarkDecorator:
    """Return the mark that skips a test without an editor; `where` says how to get it."""
    return pytest.mark.skipif(found(name) is None, reason=f"{name} is not here: {where}")
