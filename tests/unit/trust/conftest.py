"""A workspace, a store of its own, and templates to put there."""

from pathlib import Path

import pytest

from fimble.trust.store import TrustStore
from support.prompting import write

PROMPTS = ".fimble/prompts"


@pytest.fixture
def workspace(tmp_path) -> Path:
    folder = tmp_path / "workspace"
    (folder / ".git").mkdir(parents=True)
    return folder


@pytest.fixture
def store(tmp_path) -> TrustStore:
    return TrustStore(tmp_path / "state" / "trust")


@pytest.fixture
def put(workspace):
    """Write a file of the workspace."""

    def put_file(relative: str, text: str = "") -> Path:
        path = workspace / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        if relative.endswith(".prompt.md") and not text.startswith("---"):
            name, kind = path.name.removesuffix(".prompt.md"), path.parent.name
            body = text or "See ${selection}.\n"
            text = write(body, kind=kind).replace("name: example", f"name: {name}")
        path.write_text(text, encoding="utf-8")
        return path

    return put_file
