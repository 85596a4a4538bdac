"""T7: no telemetry, no update check: the only sockets are those of the configured endpoint.

The whole suite runs under the guard that is tried here.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from support.socket_guard import LOG_VARIABLE, forbidden
from support.stub_ollama import Script, StubOllama, fixed

ROOT = Path(__file__).parents[2]
ELSEWHERE = "192.0.2.1"
"""Of RFC 5737: routed nowhere, should the guard fail."""
SPEAKS = re.compile(
    r"^\s*(?:import|from) (?:httpx|ollama|socket|http|smtplib|ftplib)\b"
    r"|\b(?:open_connection|start_server|create_server|create_connection|create_datagram_endpoint)\("
    r"|\burlopen\b|import_module\(.(?:httpx|ollama)",
    re.MULTILINE,
)
MAY_SPEAK = {
    "core/fimble/policy/endpoint.py": "asks the resolver what localhost is",
    "core/fimble/engine/ollama/": "an engine that has a server",
    "core/fimble/engine/openai/": "the other engine that has a server",
    "core/fimble/engine/http_connection.py": "what both of them speak through",
    "cli/fimble_cli/bench/recording_proxy.py": "a loopback proxy in front of that server",
}


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A record of violations that is this test's own."""
    path = tmp_path / "sockets"
    path.write_text("")
    monkeypatch.setenv(LOG_VARIABLE, str(path))
    return path


@pytest.mark.parametrize(
    ("event", "arguments", "refused"),
    [
        ("socket.connect", (None, ("127.0.0.1", 1)), False),
        ("socket.connect", (None, ("::1", 1, 0, 0)), False),
        ("socket.connect", (None, "/run/a/socket"), False),
        ("socket.connect", (None, (ELSEWHERE, 443)), True),
        ("socket.connect", (None, ("127.0.0.1.example.org", 443)), True),
        ("socket.sendto", (None, (ELSEWHERE, 53)), True),
        ("socket.bind", (None, ("0.0.0.0", 0)), True),
        ("socket.bind", (None, ("", 0)), True),
        ("socket.getaddrinfo", ("localhost", 80, 0, 0, 0), False),
        ("socket.getaddrinfo", ("example.org", 80, 0, 0, 0), True),
        ("open", ("example.org",), False),
    ],
)
def test_t07_the_guard_knows_what_leaves_the_machine(event, arguments, refused):
    assert bool(forbidden(event, arguments)) is refused


def test_t07_a_connection_of_a_test_is_refused_and_written_down(record: Path):
    with socket.socket() as leaving, pytest.raises(PermissionError):
        leaving.connect((ELSEWHERE, 443))

    assert ELSEWHERE in record.read_text()


def test_t07_a_process_of_a_test_is_guarded_too_though_it_swallows_the_refusal(record: Path):
    code = f"""
import socket
try:
    socket.create_connection(({ELSEWHERE!r}, 443))
except OSError:
    print("swallowed")
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ended.stdout == "swallowed\n"
    assert ELSEWHERE in record.read_text()


def test_t07_a_completion_reaches_its_endpoint_and_nothing_else(record: Path, tmp_path: Path):
    file = tmp_path / "shop.py"
    file.write_text("def total(items):\n    return s\n")
    settings = tmp_path / "fimble" / "config.toml"
    settings.parent.mkdir()
    with StubOllama(Script(answer=fixed("um(items)"))) as stub:
        settings.write_text(f'[ollama]\nendpoint = "{stub.url}"\n')
        subprocess.run(
            [sys.executable, "-m", "fimble_cli", "complete", f"{file}:2:13", "--engine", "ollama"],
            env=os.environ
            | {"XDG_CONFIG_HOME": str(tmp_path), "HTTPS_PROXY": f"http://{ELSEWHERE}"},
            check=True,
            capture_output=True,
        )
        asked = len(stub.generations)

    assert asked
    assert record.read_text() == ""


def test_t07_only_named_modules_can_open_a_socket():
    sources = [
        path
        for root in ("prompts", "core", "lsp", "tui", "cli")
        for path in (ROOT / root).rglob("*.py")
    ]
    speaking = {
        path.relative_to(ROOT).as_posix() for path in sources if SPEAKS.search(path.read_text())
    }

    assert {path for path in speaking if not path.startswith(tuple(MAY_SPEAK))} == set()
    assert [name for name in MAY_SPEAK if not any(it.startswith(name) for it in speaking)] == []


def test_t07_the_privacy_page_says_the_same():
    page = (ROOT / "PRIVACY.md").read_text(encoding="utf-8")

    assert "To the model server that `ollama.endpoint` names, and to nobody else" in page
    assert "No telemetry, no update check, no crash report." in page
