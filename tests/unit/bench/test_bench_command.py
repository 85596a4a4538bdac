"""`fimble bench` end to end: a real server, a stub for the model, a small file, figures."""

from __future__ import annotations

import gc
import json
from pathlib import Path

import pytest

from fimble.config.load import user_config_file
from fimble_cli.bench import cadence, session
from fimble_cli.main import main
from fimble_prompts import read_bundled
from support.stub_ollama import Oracle, Script, StubOllama
from support.typing_cases import SOURCE


@pytest.fixture(autouse=True)
def _home(monkeypatch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(name, str(folder))
    assert user_config_file().is_relative_to(folder)


@pytest.fixture(autouse=True)
def _no_garbage():
    """Leave no finalisers to later tests: CPython 3.11 fails where one runs while it compiles."""
    yield
    gc.collect()


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


def draft(folder: Path, name: str, *words: str) -> Path:
    """Write the bundled layout with other words at its beginning."""
    text = read_bundled("complete", name).replace("You complete code.", " ".join(words))
    file = folder / f"{name}.prompt.md"
    file.write_text(text)
    return file


@pytest.mark.usefixtures("quick_fingers")
def test_a_template_is_measured_without_being_put_in_force(repository, tmp_path_factory, capsys):
    own = user_config_file().parent / "prompts" / "complete"
    own.mkdir(parents=True)
    before = draft(own, "prefill", "The words in force.")
    file = draft(tmp_path_factory.mktemp("drafts"), "prefill", "The words of the draft.")
    with StubOllama(Script(answer=Oracle(targets=[SOURCE]))) as stub:
        engine = ["--engine", "ollama", "--endpoint", stub.url, "--traces", "1", "--json"]
        code = main(["bench", str(repository), "--template", str(file), *engine])
        prompts = [it.prompt for it in stub.generations if "area.py" in it.prompt]
    shown = json.loads(capsys.readouterr().out)

    assert code == 0
    assert shown["layout"] == "prefill"
    assert shown["templates"] == [str(file)]
    assert prompts
    assert all("The words of the draft." in it for it in prompts)
    assert "The words in force." in before.read_text()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--layout", "psm"], "for the layout prefill, not psm"),
        (["--template", "SPM"], "for different layouts"),
        (["--template", "CHAT"], "no completion layout"),
    ],
)
def test_a_template_that_cannot_be_measured_is_refused(repository, tmp_path, more, said, capsys):
    chat = tmp_path / "hello.prompt.md"
    chat.write_text(
        "---\nschema: 1\nname: hello\ndescription: Says hello.\nkind: chat\n---\nHello.\n"
    )
    named = {"SPM": str(draft(tmp_path, "spm")), "CHAT": str(chat)}
    arguments = [named.get(each, each) for each in more]
    file = draft(tmp_path, "prefill", "Words.")

    assert main(["bench", str(repository), "--template", str(file), *arguments]) == 2
    assert said in capsys.readouterr().err


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
