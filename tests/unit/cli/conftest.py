"""Every test of the command line has an empty home, and no Ollama unless it says so."""

import socket
from pathlib import Path

import pytest

from fimble.config.load import user_config_file

TALKATIVE = "[embedded]\nconfidence = 0\n"
"""The embedded engine says what it has, however sure it is: that is tested elsewhere."""


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path_factory) -> Path:
    """Keep the developer's own settings out; a terminal would change what is written."""
    folder = tmp_path_factory.mktemp("home")
    for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.delenv("NO_COLOR", raising=False)
    return folder


@pytest.fixture
def configure(home):
    """Write the user's configuration file."""
    assert user_config_file().is_relative_to(home)

    def write(text: str) -> Path:
        path = user_config_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}{TALKATIVE}")
        return path

    return write


@pytest.fixture
def no_ollama(configure):
    """Point the configuration at a port where surely nobody listens."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        configure(f'[ollama]\nendpoint = "http://127.0.0.1:{reserved.getsockname()[1]}"\n')
        yield


WORKSPACE_FILE = """\
def area(width, height):
    total = width * height
    logger.info("computed", total)
    return total


def border(width, height):
    total = 2 * (width + height)
    logger.info("computed", total)
    return total


def volume(width, height, depth):
    total = width * height * depth
    log
"""


@pytest.fixture
def source(tmp_path) -> Path:
    """A file with a place (15:8) at which its own text says how to go on."""
    (tmp_path / ".git").mkdir()
    path = tmp_path / "shapes.py"
    path.write_text(WORKSPACE_FILE)
    return path
