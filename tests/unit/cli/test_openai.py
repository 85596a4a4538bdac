"""The commands with an OpenAI-compatible server: complete, ask, doctor, config."""

from __future__ import annotations

import io
import json
import sys

import pytest

from fimble_cli.exit_codes import ExitCode
from fimble_cli.main import main
from support.stub_ollama import faults, fixed
from support.stub_openai import ServedModel, StubOpenAI

AT = ":15:8"
QWEN = "Qwen/Qwen3.6-27B"


@pytest.fixture(params=["vllm", "llama-server"])
def served(request):
    return ServedModel(
        flavour=request.param, name=QWEN, answer=fixed('ger.debug("done")\n'), api_key="sk-canary"
    )


@pytest.fixture
def stub(configure, served, monkeypatch):
    monkeypatch.setenv("TEAM_KEY", "sk-canary")
    with StubOpenAI(served) as running:
        configure(
            f'[openai]\nendpoint = "{running.url}/v1"\nmodel = "{QWEN}"\napi_key_env = "TEAM_KEY"\n'
        )
        yield running


def test_complete_answers_from_the_endpoint_alone(capsys, source, stub):
    assert main(["complete", f"{source}{AT}"]) == ExitCode.OK

    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ('ger.debug("done")\n', "")
    assert [one.path for one in stub.generations] == ["/v1/completions"]


def test_show_prompt_prints_what_is_sent(capsys, source, stub):
    assert main(["complete", f"{source}{AT}", "--show-prompt"]) == ExitCode.OK
    shown = capsys.readouterr().out
    assert not stub.generations
    main(["complete", f"{source}{AT}"])

    assert stub.generations[0].body["prompt"] == shown


def test_while_it_is_away_the_embedded_engine_answers(capsys, source, stub):
    with stub.down():
        assert main(["complete", f"{source}{AT}"]) == ExitCode.OK
        assert main(["complete", f"{source}{AT}", "--engine", "openai"]) == ExitCode.ENGINE

    captured = capsys.readouterr()
    assert captured.out == 'ger.info("computed", total)\n'
    assert "The embedded engine answers instead." in captured.err


@pytest.mark.usefixtures("source")
def test_ask_answers_from_it(capsys, stub, monkeypatch, tmp_path):
    stub.change(answer=fixed("It adds.\n"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))

    assert main(["ask", "What does it do?"]) == ExitCode.OK
    assert capsys.readouterr().out == "It adds.\n"


def test_doctor_has_nothing_to_say_against_a_good_server(capsys, stub, tmp_path):
    code = main(["doctor", str(tmp_path), "--json", "--probe"])

    checks = {one["check"]: one for one in json.loads(capsys.readouterr().out)["checks"]}
    assert code == ExitCode.OK
    assert {name for name, one in checks.items() if one["state"] != "ok"} <= {"workspace index"}
    assert "tokens read" in checks["raw completion"]["sentence"]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"api_key": "sk-other"}, ("server", "refuses the key")),
        ({"name": "qwen2.5-coder"}, ("model", 'openai.model = "qwen2.5-coder"')),
        ({"window_tokens": 4096}, ("context", "takes 4096 tokens")),
    ],
)
def test_doctor_names_what_is_wrong(capsys, stub, tmp_path, change, wanted):
    check, says = wanted
    stub.change(**change)
    main(["doctor", str(tmp_path), "--json"])

    found = {one["check"]: one for one in json.loads(capsys.readouterr().out)["checks"]}[check]
    assert found["state"] in ("problem", "warning")
    assert says in found["sentence"]
    assert "canary" not in found["sentence"]


def test_t16_no_output_holds_the_key(capsys, source, stub):
    stub.inject(faults.http_error(401, "no such key: sk-canary"), times=None)
    main(["complete", f"{source}{AT}", "--why"])
    main(["config"])
    main(["config", "--json"])
    main(["doctor", "--json", "--probe"])

    captured = capsys.readouterr()
    assert "TEAM_KEY" in captured.out
    assert "canary" not in captured.out + captured.err


@pytest.mark.parametrize(
    "line",
    [
        'endpoint = "http://127.0.0.1:1"',
        'api_key_env = "HOME"',
        "api_key_in_keyring = true",
        'ca_file = "ca.pem"',
        'allowed_remote_hosts = ["evil.example"]',
        'model = "other"',
    ],
)
def test_t04_a_repository_cannot_name_the_server_or_the_place_of_a_key(capsys, source, stub, line):
    (source.parent / ".fimble").mkdir()
    (source.parent / ".fimble" / "config.toml").write_text(f"[openai]\n{line}\n")

    assert main(["complete", f"{source}{AT}"]) == ExitCode.USAGE
    assert "a repository may not set" in capsys.readouterr().err
    assert not stub.requests
