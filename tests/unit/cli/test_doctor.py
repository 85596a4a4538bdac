"""`fimble doctor`: the first thing that is wrong is named with its fix, and nothing is touched."""

import json
import os
import re
import sys
from contextlib import contextmanager

import httpx
import pytest

from fimble_cli.exit_codes import ExitCode
from fimble_cli.main import main
from support.stub_ollama import Script, StubModel, StubOllama, Timing, faults, fixed

QUICK = Timing(base_s=0.002, per_prompt_token_s=1 / 5_000)
DENSE = StubModel(name="qwen2.5-coder:7b", family="qwen2", cache="dense")
ALL_CHECKS = [
    "versions",
    "configuration",
    "environment",
    "folders",
    "endpoint",
    "server",
    "model",
    "locality",
    "prompts",
    "context",
    "memory",
    "prompt cache",
    "prompt speed",
    "raw prompts",
    "generation speed",
    "slots",
    "embedded engine",
    "workspace index",
    "trust",
    "editor",
]
BEFORE_THE_SERVER = ["versions", "configuration", "environment", "folders"]
BEHIND_THE_SERVER = ["embedded engine", "workspace index", "trust", "editor"]


@pytest.fixture(autouse=True)
def cache(monkeypatch, home):
    """Keep measurements and the developer's variables out."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    return home / "cache"


@pytest.fixture
def examine(capsys, tmp_path):
    """Run the command; return its findings by name and its exit code."""

    def run(*options):
        code = main(["doctor", str(tmp_path), "--json", *options])
        report = json.loads(capsys.readouterr().out)
        return {one["check"]: one for one in report["checks"]}, code

    return run


@pytest.fixture
def stub_with(configure):
    @contextmanager
    def serve(model=DENSE, *, asked="", extra="", **script):
        with StubOllama(Script(**{"models": (model,), "timing": QUICK, **script})) as running:
            configure(
                f'[ollama]\nendpoint = "{running.url}"\nmodel = "{asked or model.name}"\n'
                f"num_ctx = 8192\n{extra}"
            )
            yield running

    return serve


def states(findings):
    return {check: one["state"] for check, one in findings.items()}


def test_all_is_well_after_the_model_was_measured(examine, stub_with):
    with stub_with():
        findings, code = examine("--probe")

    assert code == ExitCode.OK
    assert list(findings) == ALL_CHECKS
    assert {check for check, state in states(findings).items() if state != "ok"} == {
        "workspace index"
    }
    assert findings["prompt cache"]["sentence"].startswith("Rolls back: ")
    assert "layout psm" in findings["prompts"]["sentence"]


def test_without_probe_nothing_is_loaded_and_nothing_generated(examine, stub_with):
    with stub_with() as stub:
        findings, code = examine()

        assert (stub.loads, stub.generations) == (0, [])
    assert code == ExitCode.OK
    skipped = [check for check, state in states(findings).items() if state == "skipped"]
    assert skipped == [
        *("context", "memory", "prompt cache", "prompt speed"),
        *("raw prompts", "generation speed", "slots", "workspace index"),
    ]
    assert findings["prompt cache"]["fix"] == "fimble doctor --probe"


def test_what_was_measured_once_is_shown_without_measuring(examine, stub_with):
    with stub_with() as stub:
        measured, _ = examine("--probe")
        stub.forget_requests()
        shown, _ = examine()

        assert stub.generations == []
    assert shown["prompt cache"] == measured["prompt cache"]
    assert shown["prompt speed"] == measured["prompt speed"]


def test_a_hybrid_cache_is_named_and_the_trained_layout_kept(examine, stub_with):
    hybrid = StubModel(name="qwen2.5-coder:7b", family="qwen2", cache="hybrid")
    with stub_with(hybrid):
        findings, code = examine("--probe")

    assert code == ExitCode.OK
    assert findings["prompt cache"]["sentence"].startswith("Cannot roll back (hybrid model): ")
    assert "layout psm" in findings["prompts"]["sentence"]


@pytest.mark.usefixtures("no_ollama")
def test_no_server_is_a_problem_with_its_command(examine):
    findings, code = examine()

    assert code == ExitCode.PROBLEMS
    assert findings["server"]["state"] == "problem"
    assert findings["server"]["fix"] == "ollama serve"
    assert list(findings) == ALL_CHECKS
    assert states(findings)["prompt speed"] == "skipped"


def test_a_missing_model_is_a_problem_and_those_that_are_there_are_named(examine, stub_with):
    with stub_with(asked="qwen3.6:27b"):
        findings, code = examine()

    assert code == ExitCode.PROBLEMS
    assert states(findings)["server"] == "ok"
    assert findings["model"]["fix"] == "ollama pull qwen3.6:27b"
    assert "It has: qwen2.5-coder:7b." in findings["model"]["sentence"]


def test_a_model_in_the_cloud_is_a_problem(examine, stub_with):
    pointer = StubModel(name="code", remote_host="https://ollama.com", remote_model="code:480b")
    with stub_with(pointer):
        findings, code = examine("--probe")

    assert code == ExitCode.PROBLEMS
    assert findings["locality"]["state"] == "problem"


def test_a_remote_endpoint_is_a_problem_and_is_not_asked(examine, configure):
    configure('[ollama]\nendpoint = "http://192.0.2.7:11434"\n')

    findings, code = examine()

    assert code == ExitCode.PROBLEMS
    assert list(findings) == [*BEFORE_THE_SERVER, "endpoint", *BEHIND_THE_SERVER]
    assert "allowed_remote_hosts" in findings["endpoint"]["fix"]


def test_mistakes_in_a_configuration_file_are_problems_with_their_line(examine, configure):
    path = configure('[engine]\nkind = "embedded"\nsped = 1\n')

    findings, code = examine()

    assert code == ExitCode.PROBLEMS
    assert f"{path}:3: " in findings["configuration"]["sentence"]
    assert findings["configuration"]["fix"] == f"edit {path}"


def test_the_embedded_engine_alone_needs_no_server(examine, configure):
    configure('[engine]\nkind = "embedded"\n')

    findings, code = examine()

    assert code == ExitCode.OK
    assert list(findings) == [*BEFORE_THE_SERVER, *BEHIND_THE_SERVER]


def test_a_model_that_another_program_loaded_otherwise_is_a_warning(examine, stub_with):
    with stub_with() as stub:
        body = {"model": DENSE.name, "options": {"num_ctx": 4096}, "stream": False}
        httpx.post(f"{stub.url}/api/generate", json=body, trust_env=False).raise_for_status()
        findings, code = examine()

    assert code == ExitCode.OK
    assert findings["context"]["state"] == "warning"
    assert "4096" in findings["context"]["sentence"]


def test_a_window_that_the_model_cannot_have_is_a_warning(examine, stub_with):
    small = StubModel(name="qwen2.5-coder:7b", family="qwen2", cache="dense", trained_context=4096)
    with stub_with(small):
        findings, _ = examine("--probe")

    assert findings["context"]["state"] == "warning"
    assert findings["context"]["fix"] == "set ollama.num_ctx = 4096 in your configuration"


@pytest.mark.parametrize(("share", "said"), [(0.6, "40% of 17.2 GB"), (0.0, "All 17.2 GB")])
def test_a_model_outside_graphics_memory_is_a_warning(examine, stub_with, share, said):
    spilled = StubModel(name="qwen2.5-coder:7b", family="qwen2", cache="dense", vram_share=share)
    with stub_with(spilled):
        findings, code = examine("--probe")

    assert code == ExitCode.OK
    assert findings["memory"]["state"] == "warning"
    assert findings["memory"]["sentence"].startswith(said)


def test_a_vocabulary_without_fim_tokens_is_a_warning(examine, stub_with):
    plain = StubModel(name="story:1b", family="llama", cache="dense", special_tokens=())
    with stub_with(plain):
        findings, _ = examine()

    assert findings["prompts"]["state"] == "warning"


def test_a_layout_that_the_model_does_not_know_is_a_warning(examine, stub_with):
    codestral = StubModel(
        name="codestral:22b",
        family="llama",
        cache="dense",
        special_tokens=("[SUFFIX]", "[PREFIX]", "[MIDDLE]"),
    )
    with stub_with(codestral, extra='[completion]\nlayout = "psm"\n'):
        findings, _ = examine()

    assert findings["prompts"]["state"] == "warning"
    assert "layout spm is used" in findings["prompts"]["sentence"]


def test_a_load_that_fails_is_a_problem(examine, stub_with):
    with stub_with(load_error="model requires more system memory"):
        findings, code = examine("--probe")

    assert code == ExitCode.PROBLEMS
    assert "more system memory" in findings["prompt cache"]["sentence"]


def test_a_server_that_keeps_no_times_is_an_unclear_result(examine, configure):
    with StubOllama(Script(models=(DENSE,))) as stub:
        configure(f'[ollama]\nendpoint = "{stub.url}"\nmodel = "{DENSE.name}"\n')
        findings, code = examine("--probe")

    assert code == ExitCode.OK
    assert findings["prompt cache"]["state"] == "warning"
    assert "no durations" in findings["prompt cache"]["sentence"]


def test_a_server_that_fails_while_it_is_measured_is_a_problem(examine, stub_with):
    with stub_with() as stub:
        examine("--probe")
        stub.inject(faults.http_error(500, "model runner has unexpectedly stopped"), times=None)
        findings, code = examine("--probe")

    assert code == ExitCode.PROBLEMS
    assert findings["prompt cache"]["state"] == "problem"


def test_people_get_one_line_for_each_check_and_skipped_ones_together(capsys, tmp_path, no_ollama):
    assert main(["doctor", str(tmp_path)]) == ExitCode.PROBLEMS

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("ok       versions          Fimble ")
    assert "problem  server            Ollama does not answer" in "\n".join(lines)
    assert f"{'':<27}-> ollama serve" in lines
    assert sum(line.startswith("skipped") for line in lines) == 2
    assert lines[-1] == "1 problem, 11 skipped checks."


@pytest.mark.skipif(os.name == "nt", reason="the cache lies elsewhere")
def test_a_measurement_is_written_to_the_cache_directory_only(examine, stub_with, cache):
    with stub_with():
        examine("--probe")

    assert len(list(cache.rglob("*.json"))) == 1


def test_a_short_generation_shows_raw_prompts_speed_and_slots(examine, stub_with):
    timing = Timing(base_s=0.002, per_prompt_token_s=1 / 5_000, per_generated_token_s=0.002)
    with stub_with(timing=timing, answer=fixed("count += 1\n" * 20)) as stub:
        findings, code = examine("--probe")

        assert any(it.prompt.startswith("def total") for it in stub.generations)
    assert code == ExitCode.OK
    assert states(findings)["raw prompts"] == "ok"
    assert re.search(r"^[\d,]+ tokens a second", findings["generation speed"]["sentence"])
    assert findings["slots"]["sentence"].startswith("It answers one request at a time")


def test_a_version_that_cannot_load_the_model_is_a_problem(examine, stub_with):
    with stub_with(StubModel(name="qwen3.6:27b"), version="0.17.0"):
        findings, code = examine()
    with stub_with(DENSE, version="0.17.0"):
        others, _ = examine()

    assert code == ExitCode.PROBLEMS
    assert "0.17.0 cannot load" in findings["server"]["sentence"]
    assert states(others)["server"] == "ok"


@pytest.mark.parametrize("named", ["192.0.2.7", "http://127.0.0.1:11435", "0.0.0.0:9"])
def test_a_variable_that_names_another_server_is_a_warning(examine, configure, monkeypatch, named):
    configure("")
    monkeypatch.setenv("OLLAMA_HOST", named)

    assert states(examine()[0])["environment"] == "warning"


@pytest.mark.parametrize("named", ["127.0.0.1", "0.0.0.0", "localhost:11434", "[::1]"])
def test_a_variable_that_names_the_same_server_is_none(examine, configure, monkeypatch, named):
    configure("")
    monkeypatch.setenv("OLLAMA_HOST", named)

    assert states(examine()[0])["environment"] == "ok"


def test_a_proxy_is_named_and_not_used(examine, stub_with, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.1:3128")
    with stub_with():
        findings, _ = examine()

    assert states(findings)["server"] == "ok"
    assert "HTTP_PROXY: not used" in findings["environment"]["sentence"]


@pytest.mark.skipif(os.name != "posix", reason="permissions are others there")
def test_a_folder_that_others_can_look_into_is_a_warning(examine, cache):
    (cache / "fimble").mkdir(parents=True, mode=0o755)

    findings, _ = examine()

    assert findings["folders"]["fix"] == f"chmod 700 '{cache / 'fimble'}'"


@pytest.mark.skipif(os.name != "posix" or not os.getuid(), reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_a_problem(examine, cache):
    cache.mkdir()
    cache.chmod(0o500)

    assert states(examine()[0])["folders"] == "problem"


def test_the_index_and_what_waits_for_review_are_told(examine, tmp_path, capsys):
    (tmp_path / "a.py").write_text("def total(): ...\n", encoding="utf-8")
    prompts = tmp_path / ".fimble" / "prompts" / "chat"
    prompts.mkdir(parents=True)
    (prompts / "ours.prompt.md").write_text("---\nname: ours\n---\nHello\n", encoding="utf-8")
    assert main(["index", "build", "--workspace", str(tmp_path)]) == ExitCode.OK
    capsys.readouterr()

    findings, _ = examine()

    assert findings["workspace index"]["sentence"].startswith("1 file with 1 symbol, 0 left")
    assert findings["trust"]["state"] == "warning"
    assert findings["trust"]["fix"] == "fimble trust"


def test_a_language_server_that_cannot_start_is_a_problem(examine, monkeypatch):
    monkeypatch.setattr("fimble_cli.checks.editor._COMMAND", ("/nowhere/fimble",))
    findings, code = examine()
    assert (states(findings)["editor"], code) == ("problem", ExitCode.PROBLEMS)

    ends = (sys.executable, "-c", "import sys; sys.exit('no room')")
    monkeypatch.setattr("fimble_cli.checks.editor._COMMAND", ends)
    findings, _ = examine()
    assert findings["editor"]["state"] == "problem"
