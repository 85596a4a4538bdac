"""`fimble complete` in one process, against a stub Ollama and without one."""

import json
import re

import pytest

from fimble_cli.exit_codes import ExitCode
from fimble_cli.main import main
from support.stub_ollama import Script, StubOllama, faults, fixed

AT = ":15:8"
"""After "log" in the last line of the fixture `source`."""
OWN_TEXT = 'ger.info("computed", total)'


@pytest.fixture
def stub(configure):
    with StubOllama(Script(answer=fixed('ger.debug("done")\n'))) as running:
        configure(f'[ollama]\nendpoint = "{running.url}"\n')
        yield running


@pytest.mark.usefixtures("no_ollama")
def test_without_ollama_the_embedded_engine_answers_and_one_line_says_so(capsys, source):
    assert main(["complete", f"{source}{AT}"]) == ExitCode.OK

    captured = capsys.readouterr()
    assert captured.out == f"{OWN_TEXT}\n"
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("fimble: Ollama does not answer at ")
    assert captured.err.endswith("The embedded engine answers instead.\n")


@pytest.mark.usefixtures("no_ollama")
def test_ollama_was_forced_and_is_absent(capsys, source):
    assert main(["complete", f"{source}{AT}", "--engine", "ollama"]) == ExitCode.ENGINE

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("fimble: Ollama does not answer at ")
    assert captured.err.count("\n") == 1


def test_ollama_answers_after_its_model_was_loaded(capsys, source, stub):
    assert main(["complete", f"{source}{AT}"]) == ExitCode.OK

    captured = capsys.readouterr()
    assert captured.out == 'ger.debug("done")\n'
    assert "not in memory. Waiting until it is loaded." in captured.err
    assert (stub.loads, stub.reloads, len(stub.generations)) == (1, 0, 1)


def test_a_model_in_memory_answers_without_a_word_on_stderr(capsys, source, stub):
    main(["complete", f"{source}{AT}"])
    capsys.readouterr()

    assert main(["complete", f"{source}{AT}"]) == ExitCode.OK
    assert capsys.readouterr().err == ""
    assert stub.loads == 1


def test_show_prompt_prints_exactly_what_is_sent_and_sends_nothing(capsys, source, stub):
    assert main(["complete", f"{source}{AT}", "--show-prompt"]) == ExitCode.OK
    shown = capsys.readouterr().out
    assert stub.generations == []
    assert stub.loads == 0

    main(["complete", f"{source}{AT}"])

    (sent,) = stub.generations
    assert shown == sent.body["prompt"]
    assert "total = width * height * depth\n    log" in shown


@pytest.mark.usefixtures("no_ollama")
def test_show_prompt_needs_no_ollama(capsys, source):
    assert main(["complete", f"{source}{AT}", "--show-prompt", "--json"]) == ExitCode.OK
    assert "def volume" in json.loads(capsys.readouterr().out)["prompt"]


def test_the_embedded_engine_sends_nothing(capsys, source, stub):
    arguments = ["complete", f"{source}{AT}", "--engine", "embedded"]

    assert main(arguments) == ExitCode.OK
    assert capsys.readouterr() == (f"{OWN_TEXT}\n", "")
    assert main([*arguments, "--show-prompt"]) == ExitCode.NOTHING_FOUND
    assert capsys.readouterr() == (
        "",
        "fimble: nothing would be sent: the embedded engine works without a prompt.\n",
    )
    assert stub.requests == ()


@pytest.mark.parametrize(
    "fault",
    [
        faults.http_error(500, "llama-server died"),
        faults.busy(),
        faults.html_error(),
        faults.end_without_done(),
        faults.out_of_memory(),
        faults.reset_before_headers(),
    ],
    ids=["500", "503", "html", "truncated", "memory", "reset"],
)
def test_f02_a_failing_server_is_replaced_and_a_forced_one_is_named(capsys, source, stub, fault):
    main(["complete", f"{source}{AT}"])
    capsys.readouterr()
    stub.inject(fault, times=None)

    assert main(["complete", f"{source}{AT}"]) == ExitCode.OK
    captured = capsys.readouterr()
    assert captured.out == f"{OWN_TEXT}\n"
    assert captured.err.endswith("The embedded engine answers instead.\n")
    assert captured.err.count("\n") == 1

    assert main(["complete", f"{source}{AT}", "--engine", "ollama"]) == ExitCode.ENGINE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[-1].startswith("fimble: Ollama ")
    assert "The embedded engine" not in captured.err


def test_a_missing_model_names_the_command_that_gets_it(capsys, source, configure):
    with StubOllama(Script(models=())) as stub:
        configure(f'[ollama]\nendpoint = "{stub.url}"\n')

        assert main(["complete", f"{source}{AT}", "--engine", "ollama"]) == ExitCode.ENGINE

    assert "ollama pull qwen3.6:27b" in capsys.readouterr().err


def test_nothing_to_say_is_code_1_with_the_reason(capsys, source, stub):
    stub.answer_with(fixed("\n"))

    assert main(["complete", f"{source}{AT}"]) == ExitCode.NOTHING_FOUND

    captured = capsys.readouterr()
    assert captured.out == ""
    assert "fimble: no completion: " in captured.err


def test_json_has_places_as_the_command_line_counts_them(capsys, source, stub):
    del stub

    assert main(["complete", f"{source}{AT}", "--json", "--why"]) == ExitCode.OK

    shown = json.loads(capsys.readouterr().out)
    assert (shown["file"], shown["line"], shown["column"]) == (str(source), 15, 8)
    assert shown["items"] == [
        {
            "text": 'ger.debug("done")',
            "engine": "ollama",
            "replace": {"start": {"line": 15, "column": 8}, "end": {"line": 15, "column": 8}},
        }
    ]
    assert shown["why"][0] == "decision: shown"


def test_why_goes_to_stderr(capsys, source, stub):
    del stub

    main(["complete", f"{source}{AT}", "--why"])

    captured = capsys.readouterr()
    assert captured.out == 'ger.debug("done")\n'
    assert "fimble: decision: shown\n" in captured.err
    assert "fimble: engine: ollama\n" in captured.err


def test_why_says_who_counted_each_part_and_the_whole(capsys, source, stub):
    main(["complete", f"{source}{AT}", "--why"])

    told = capsys.readouterr().err
    assert re.search(r"segments: .*; counted by the tokenizer of qwen3\.6:27b\n", told)
    assert f"prompt tokens: {stub.generations[-1].prompt_tokens} by the server\n" in told


def test_t06_a_remote_endpoint_is_refused(capsys, source, configure):
    configure('[ollama]\nendpoint = "http://192.0.2.1:11434"\n')

    assert main(["complete", f"{source}{AT}"]) == ExitCode.ENGINE
    assert capsys.readouterr().err.count("\n") == 1


def test_a_mistake_in_the_configuration_stops_the_command(capsys, source, configure):
    path = configure("[ollama]\nmodle = 'x'\n")

    assert main(["complete", f"{source}{AT}"]) == ExitCode.USAGE
    assert capsys.readouterr().err == (
        f'fimble: {path}:2: there is no setting "ollama.modle". Did you mean "ollama.model"?\n'
    )


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("shapes.py:99:1", "shapes.py has 16 lines; there is no line 99."),
        ("shapes.py:1:99", "has 24 characters; there is no column 99."),
        ("none.py:1:1", "there is no file "),
        ("shapes.py", "names no place in a file."),
    ],
)
def test_a_bad_place_is_code_2(capsys, source, place, message):
    assert main(["complete", str(source.parent / place)]) == ExitCode.USAGE

    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.usefixtures("no_ollama")
def test_t15_a_file_of_secrets_is_not_read_even_through_a_link(capsys, tmp_path):
    (tmp_path / ".env").write_text("PASSWORD=hunter2\nPASS\n")
    (tmp_path / "notes.md").symlink_to(tmp_path / ".env")

    for name in (".env", "notes.md"):
        assert main(["complete", f"{tmp_path / name}:2:5", "--show-prompt"]) == ExitCode.USAGE
        captured = capsys.readouterr()
        assert captured.out == ""
        assert "looks like a file of secrets" in captured.err
        assert "hunter2" not in captured.err


def test_an_excluded_file_is_not_completed_and_the_setting_is_named(capsys, source, stub):
    (source.parent / ".fimble").mkdir()
    (source.parent / ".fimble" / "config.toml").write_text('completion.ignore = ["sh*.py"]\n')

    for more in ([], ["--show-prompt"]):
        assert main(["complete", f"{source}{AT}", *more]) == ExitCode.NOTHING_FOUND
        captured = capsys.readouterr()
        assert captured.out == ""
        assert "completion.ignore has a pattern for this file" in captured.err
    assert stub.requests == ()


@pytest.mark.usefixtures("no_ollama")
def test_bytes_that_are_not_utf8_are_said(capsys, source):
    source.write_bytes(b"# caf\xe9\n" + source.read_bytes())

    main(["complete", f"{source}:16:8"])

    assert "is not UTF-8 everywhere" in capsys.readouterr().err
