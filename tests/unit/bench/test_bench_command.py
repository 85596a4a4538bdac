"""`fimble bench` end to end: a real server, a stub for the model, a small file, figures."""

from __future__ import annotations

import json

import pytest

from fimble.config.load import user_config_file
from fimble_cli.bench import cadence, session
from fimble_cli.main import main
from support.stub_ollama import Oracle, Script, StubOllama
from support.typing_cases import SOURCE


@pytest.fixture(autouse=True)
def _home(monkeypatch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(name, str(folder))
    assert user_config_file().is_relative_to(folder)


@pytest.fixture
def quick_fingers(monkeypatch):
    """Type faster than people, cut out less, and have the server ask without a pause."""
    path = user_config_file()
    path.parent.mkdir(parents=True)
    path.write_text("[completion]\ndebounce_ms = 0\n")
    monkeypatch.setattr(cadence, "_SHORTEST_S", 0.0)
    monkeypatch.setattr(cadence, "_LONGEST_S", 0.05)
    monkeypatch.setattr(session, "_GAPS", 1)


@pytest.fixture
def repository(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "area.py").write_text(SOURCE)
    (tmp_path / "short.py").write_text("x = 1\n")
    (tmp_path / ".env").write_text("SECRET=1\n" * 100)
    return tmp_path


@pytest.mark.usefixtures("quick_fingers")
def test_figures_come_from_the_real_server_through_the_proxy(repository, capsys):
    with StubOllama(Script(answer=Oracle(targets=[SOURCE]))) as stub:
        typing = ["--traces", "1", "--habits", "through", "--layout", "spm", "--json"]
        engine = ["--engine", "ollama", "--endpoint", stub.url]
        code = main(["bench", str(repository), *engine, *typing])
        generations = stub.generations
    shown = json.loads(capsys.readouterr().out)

    assert code == 0
    assert shown["files"] == ["area.py"]
    assert shown["layout"] == "spm"
    assert shown["typing"]["typed_characters"] >= 50
    assert 0 < shown["typing"]["requests"] <= len(generations)
    assert shown["typing"]["evaluated_tokens"] > 0
    assert shown["holes"]["holes"] == shown["holes"]["answered"] == 1
    assert shown["holes"]["exact_share"] == 1.0
    assert (repository / "area.py").read_text() == SOURCE


@pytest.mark.usefixtures("quick_fingers")
def test_the_embedded_engine_is_measured_without_a_model_server(repository, capsys):
    code = main(["bench", str(repository / "area.py"), "--engine", "embedded", "--traces", "1"])
    out = capsys.readouterr().out

    assert code == 0
    assert "| embedded |" in out
    assert "holes asked for by key" in out


def test_a_folder_without_source_says_what_is_missing(tmp_path, capsys):
    code = main(["bench", str(tmp_path), "--engine", "embedded"])

    assert code == 2
    assert "no source file with code to cut out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["/nowhere/at/all"], "does not exist"), ([".", "--traces", "0"], "at least 1")],
)
def test_mistakes_are_told_before_anything_is_started(arguments, said, capsys):
    assert main(["bench", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_server_that_is_not_there_ends_the_measurement_with_a_sentence(
    repository, capsys, unused_tcp_port
):
    endpoint = f"http://127.0.0.1:{unused_tcp_port}"
    code = main(["bench", str(repository), "--engine", "ollama", "--endpoint", endpoint])

    assert code != 0
    assert "has no engine" in capsys.readouterr().err


def test_files_of_secrets_and_short_files_are_not_typed(repository):
    plan = session.Plan(
        folder=repository,
        workspace=repository,
        settings={},
        endpoint=None,
        traces=5,
        seed="1",
        habits=session.HABITS["everyday"],
    )

    assert [trace.name for trace in session.choose_traces(plan)] == ["area.py"]
