"""Prompts in a workspace and in a home of their own."""

from pathlib import Path

import pytest

from support.prompting import write


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path_factory) -> Path:
    """Keep the developer's own prompts out."""
    folder = tmp_path_factory.mktemp("home")
    for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(name, str(folder))
    return folder


@pytest.fixture
def put():
    """Write a good template to a folder of prompts."""

    def put_file(folder: Path, kind: str, name: str, body: str = "Say ${input}.") -> Path:
        path = folder / kind / f"{name}.prompt.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(write(body, kind=kind).replace("name: example", f"name: {name}"))
        return path

    return put_file
