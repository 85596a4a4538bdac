"""The front door: help, version, mistakes and exit codes."""

import json
import tomllib

import pytest

from fimble.version import VERSION
from fimble_cli.exit_codes import ExitCode
from fimble_cli.main import COMMANDS, main


def test_help_names_every_command(capsys):
    assert main(["--help"]) == ExitCode.OK

    shown = capsys.readouterr().out
    assert all(f"  {command.name} " in shown for command in COMMANDS)


def test_without_arguments_the_help_is_a_mistake(capsys):
    assert main([]) == ExitCode.USAGE
    assert capsys.readouterr().out.startswith("usage: fimble COMMAND")


def test_the_version_is_ours(capsys):
    assert main(["--version"]) == ExitCode.OK
    assert capsys.readouterr().out == f"fimble {VERSION}\n"


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_every_command_has_its_help(capsys, command):
    assert main([command, "--help"]) == ExitCode.OK
    assert capsys.readouterr().out.startswith(f"usage: fimble {command} ")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["confg"], 'there is no command "confg". Did you mean `fimble config`?'),
        (["\x1b[2J"], 'there is no command "␛[2J". `fimble --help` lists the commands.'),
        (
            ["config", "--jsn"],
            "unrecognized arguments: --jsn. `fimble config --help` shows what there is.",
        ),
        (["lsp", "--tcp"], "unrecognized arguments: --tcp. `fimble lsp --help`"),
        (["complete"], "the following arguments are required: FILE:LINE:COLUMN."),
    ],
)
def test_mistakes_are_one_line_on_stderr_and_code_2(capsys, argv, message):
    assert main(argv) == ExitCode.USAGE

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"fimble: {message}")
    assert captured.err.count("\n") == 1


def test_config_prints_a_valid_configuration_file_with_origins(capsys, tmp_path):
    (tmp_path / ".fimble").mkdir()
    (tmp_path / ".fimble" / "config.toml").write_text("[completion]\nmax_block_tokens = 99\n")

    assert main(["config", str(tmp_path)]) == ExitCode.OK

    shown = capsys.readouterr().out
    assert tomllib.loads(shown)["completion"]["max_block_tokens"] == 99
    (line,) = [line for line in shown.splitlines() if line.startswith("max_block_tokens")]
    assert line.endswith(f"# {tmp_path / '.fimble' / 'config.toml'}:2")


def test_config_shows_what_counts_and_names_what_does_not(capsys, tmp_path):
    (tmp_path / ".fimble").mkdir()
    path = tmp_path / ".fimble" / "config.toml"
    path.write_text('[ollama]\nendpoint = "http://evil.example"\n')

    assert main(["config", "--json", str(tmp_path)]) == ExitCode.USAGE

    captured = capsys.readouterr()
    shown = json.loads(captured.out)
    assert shown["settings"]["ollama.endpoint"]["value"] == "http://127.0.0.1:11434"
    assert [error["line"] for error in shown["errors"]] == [2]
    assert captured.err.startswith(f"fimble: {path}:2: a repository may not set")


def test_config_shows_the_settings_that_an_editor_hands_over(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("FIMBLE_EDITOR_SETTINGS", '{"ollama.numCtx": 4096}')

    assert main(["config", str(tmp_path)]) == ExitCode.OK
    line = next(it for it in capsys.readouterr().out.split("\n") if it.startswith("num_ctx"))
    assert line.startswith("num_ctx = 4096")
    assert line.endswith("# editor settings")


@pytest.mark.parametrize("handed", ["[]", "{", "[" * 100_000])
def test_what_an_editor_hands_over_must_be_an_object(handed, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("FIMBLE_EDITOR_SETTINGS", handed)

    assert main(["config", str(tmp_path)]) == ExitCode.USAGE
    assert "FIMBLE_EDITOR_SETTINGS" in capsys.readouterr().err


def test_config_prints_the_schema(capsys):
    assert main(["config", "--schema"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out)["$ref"] == "#/$defs/Settings"
