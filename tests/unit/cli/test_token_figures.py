"""`fimble prompts render` says who counted its tokens, and asks the server where it can."""

from __future__ import annotations

import json

import pytest

from fimble_cli.main import main
from fimble_cli.prompts.token_figures import figures_for
from support.stub_ollama import Script, StubModel, StubOllama

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def configured(tmp_path, monkeypatch):
    """A user's configuration that names a model server."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)

    def write(endpoint: str, more: str = "") -> None:
        path = tmp_path / "config" / "fimble" / "config.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'[ollama]\nendpoint = "{endpoint}"\n{more}', encoding="utf-8")

    return write


def rendered(capsys, *more: str):
    assert main(["prompts", "render", "chat/regex", "--input", "input=digits", *more]) == 0
    return capsys.readouterr()


def test_figures_are_the_models_own_and_say_so(configured, capsys):
    with StubOllama() as stub:
        configured(stub.url)

        shown = json.loads(rendered(capsys, "--json").out)

    assert shown["tokens_exact"] is True
    assert shown["tokens_are"] == "counted by the tokenizer of qwen3.6:27b"
    assert not any(request.path.startswith(("/api/gen", "/api/chat")) for request in stub.requests)


def test_without_a_server_they_are_estimated_and_the_reason_is_told(configured, capsys):
    configured(NOBODY)

    told = rendered(capsys).err

    assert "counted by an estimate from above: " in told
    assert "127.0.0.1:9" in told
    assert json.loads(rendered(capsys, "--json").out)["tokens_exact"] is False


def test_a_vocabulary_of_another_kind_is_estimated(configured, tmp_path):
    with StubOllama(Script(models=(StubModel(splitting="unheard-of"),))) as stub:
        configured(stub.url)

        figures = figures_for(tmp_path)

    assert not figures.counter.exact
    assert "'unheard-of', is unknown" in figures.described


def test_who_wants_no_server_asks_none(configured, tmp_path):
    with StubOllama() as stub:
        configured(stub.url, '[engine]\nkind = "embedded"\n')

        assert "engine.kind" in figures_for(tmp_path).described

    assert not stub.requests


def test_broken_settings_are_a_reason_to_estimate(configured, tmp_path):
    configured(NOBODY, "[nonsense")

    assert not figures_for(tmp_path).counter.exact


def test_t06_a_server_elsewhere_is_not_asked(configured, tmp_path):
    configured("http://192.0.2.1:11434")

    figures = figures_for(tmp_path)

    assert not figures.counter.exact
    assert "192.0.2.1" in figures.described
