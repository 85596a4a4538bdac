"""`fimble models` against a stub Ollama: list, recommend, pull, stop and go on."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys

import pytest

from fimble_cli.exit_codes import ExitCode
from fimble_cli.main import main
from support.stub_ollama import Script, StubModel, StubOllama, Timing, fixed
from support.stub_openai import ServedModel, StubOpenAI

BIG = StubModel(vram_share=0.5)
CODER = StubModel(
    name="qwen2.5-coder:7b",
    family="qwen2",
    cache="dense",
    size_bytes=4_700_000_000,
    parameter_size="7.6B",
)
CLOUD = StubModel(name="gpt-oss:120b-cloud", size_bytes=384)
LONG = "total = width + height\n" * 20
"""More than what is measured."""
CARD = Timing(per_prompt_token_s=1 / 50_000, per_generated_token_s=1 / 2_000)


@pytest.fixture
def stub(configure):
    with StubOllama(Script(models=(BIG, CODER, CLOUD), timing=CARD, answer=fixed(LONG))) as running:
        configure(f'[ollama]\nendpoint = "{running.url}"\n')
        yield running


def test_the_list_marks_the_model_in_use_and_what_each_can_do(capsys, stub):
    assert main(["models"]) == ExitCode.OK

    lines = [re.split(r"\s{2,}", line) for line in capsys.readouterr().out.splitlines()]
    assert [
        "* " + lines[0][1] if lines[0][0] == "*" else lines[0][0],
        *lines[0][2:],
    ] == ["* qwen3.6:27b", "17.2 GB", "Q4_K_M", "fill-in-the-middle"]
    assert [line[-1] for line in lines] == [
        "fill-in-the-middle",
        "fill-in-the-middle",
        "in a cloud: never asked",
    ]
    assert not stub.loads


def test_the_list_as_json(capsys, stub):
    main(["models", "recommend", "qwen3.6:27b", "--json"])
    capsys.readouterr()

    assert main(["models", "list", "--json"]) == ExitCode.OK

    told = json.loads(capsys.readouterr().out)
    assert (told["engine"], told["endpoint"], told["configured"]) == (
        "ollama",
        stub.url,
        "qwen3.6:27b",
    )
    first = told["models"][0]
    assert (first["name"], first["configured"]) == ("qwen3.6:27b", True)
    assert first["in_memory"]["vram_bytes"] * 2 == first["in_memory"]["size_bytes"]


def test_a_configured_model_that_is_not_there_is_an_exit_code_with_its_fix(capsys, stub, configure):
    configure(f'[ollama]\nendpoint = "{stub.url}"\nmodel = "tiny:1b"\n')

    assert main(["models"]) == ExitCode.NOTHING_FOUND
    assert "`fimble models pull tiny:1b`" in capsys.readouterr().err


@pytest.mark.usefixtures("no_ollama")
@pytest.mark.parametrize("action", [[], ["recommend"], ["pull", "tiny:1b"]])
def test_without_a_server_one_sentence_says_so(capsys, action):
    assert main(["models", *action]) == ExitCode.ENGINE

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("fimble: Ollama does not answer at ")


def test_a_model_that_fits_is_recommended_over_a_larger_one_that_spills(capsys, stub):
    assert main(["models", "recommend"]) == ExitCode.OK

    captured = capsys.readouterr()
    assert 'Use qwen2.5-coder:7b: set ollama.model = "qwen2.5-coder:7b".' in captured.out
    assert re.search(r"qwen3\.6:27b .* 50% .* spilled", captured.out)
    assert "cloud" not in captured.out
    asked = {one.body["model"]: one for one in stub.generations}
    assert set(asked) == {"qwen3.6:27b", "qwen2.5-coder:7b"}
    assert all(one.cached_tokens == 0 and one.evaluated_tokens > 400 for one in asked.values())


def test_speeds_are_measured(capsys, stub):
    main(["models", "recommend", "qwen2.5-coder:7b", "--json"])

    (one,) = json.loads(capsys.readouterr().out)["measured"]
    (asked,) = stub.generations
    assert one["standing"] == "good"
    assert 0 < one["read_tokens_per_s"] <= 50_000
    assert 0 < one["written_tokens_per_s"] <= 2_100
    assert asked.body["options"]["num_predict"] == 48


def test_where_nothing_fits_what_to_pull_follows_from_the_memory_seen(capsys, stub):
    assert main(["models", "recommend", "qwen3.6:27b", "--json"]) == ExitCode.NOTHING_FOUND

    told = json.loads(capsys.readouterr().out)
    assert (told["use"], told["pull"]) == (None, "qwen2.5-coder:7b")


def test_a_pull_ends_with_the_model_on_the_server(capsys, stub):
    assert main(["models", "pull", "tiny:1b", "--json"]) == ExitCode.OK

    steps = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert steps[-1]["status"] == "success"
    assert steps[-1]["completed_bytes"] == steps[-1]["total_bytes"] == 17_000_000_120
    assert main(["models", "pull", "no-missing:1b"]) == ExitCode.ENGINE
    assert main(["models", "pull", "gpt:120b-cloud"]) == ExitCode.ENGINE
    assert [one.body["model"] for one in stub.requests if one.path == "/api/pull"] == [
        "tiny:1b",
        "no-missing:1b",
    ]


def test_ctrl_c_stops_and_the_same_command_goes_on_there(stub):
    stub.hold_pulls(50)
    command = [sys.executable, "-m", "fimble_cli", "models", "pull", "tiny:1b", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as first:
        for line in first.stdout:
            if json.loads(line)["completed_bytes"] == 8_500_000_000:
                break
        first.send_signal(signal.SIGINT)
        _, said = first.communicate(timeout=60)
    stub.hold_pulls(None)
    second = subprocess.run(command, capture_output=True, check=True)

    assert first.returncode == ExitCode.INTERRUPTED
    assert said.decode() == "fimble: stopped at 50%; the same command goes on there.\n"
    steps = [json.loads(line) for line in second.stdout.splitlines()]
    assert min(one["completed_bytes"] for one in steps if one["total_bytes"]) == 8_500_000_000


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_person_sees_a_bar(stub):
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "fimble_cli", "models", "pull", "tiny:1b"]
    subprocess.run(command, stderr=follower, check=True)
    os.close(follower)
    seen = os.read(leader, 65_536).decode()
    os.close(leader)

    assert "tiny:1b  ━━━━━━━━━━━━────────────  50%, 8.5 GB of 17.0 GB" in seen
    assert seen.endswith("fimble: tiny:1b is on the server.\r\n")
    assert len(stub.requests) == 1


def test_an_openai_compatible_server_lists_and_is_measured_but_pulls_nothing(capsys, configure):
    with StubOpenAI(ServedModel(flavour="llama-server")) as running:
        configure(f'[openai]\nendpoint = "{running.url}"\nmodel = "qwen2.5-coder"\n')
        assert main(["models"]) == ExitCode.OK
        assert main(["models", "recommend", "--json"]) == ExitCode.OK
        assert main(["models", "pull"]) == ExitCode.ENGINE

    captured = capsys.readouterr()
    assert captured.out.startswith("*  qwen2.5-coder")
    assert "has the models that it was started with" in captured.err
