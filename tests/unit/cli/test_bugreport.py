"""`fimble bugreport`: what a defect needs is in the bundle, and what tells of people is not."""

import json
import logging
import os
import zipfile

import pytest

from fimble import kept_log
from fimble.kept_log import KeptLog, kept_files, log_folder
from fimble_cli.bug_report.redaction import Redaction
from fimble_cli.exit_codes import ExitCode
from fimble_cli.main import main

CANARY = "zebra-canary-7731"
TOKEN = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"


@pytest.fixture(autouse=True)
def folders(monkeypatch, home):
    """Keep everything in the test's home."""
    for name in ("CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.setenv("LOGNAME", "annalena")
    monkeypatch.setattr("fimble_cli.bug_report.redaction.platform.node", lambda: "box17.corp")


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """A workspace whose every name and text is a canary, and the current folder."""
    folder = tmp_path / CANARY
    (folder / ".git").mkdir(parents=True)
    (folder / "a.py").write_text(f"{CANARY.replace('-', '_')} = 1\n", encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


def bundle_of(capsys, folder):
    assert main(["bugreport", "-o", str(folder / "bug.zip")]) == ExitCode.OK
    capsys.readouterr()
    with zipfile.ZipFile(folder / "bug.zip") as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def log(message):
    handler = KeptLog()
    handler.emit(logging.LogRecord("fimble", logging.WARNING, "", 0, message, None, None))
    handler.close()


@pytest.mark.usefixtures("no_ollama")
def test_the_bundle_has_versions_findings_settings_and_logs(capsys, workspace):
    log("the watcher gave up")
    files = bundle_of(capsys, workspace)

    assert list(files) == [
        *("README.txt", "versions.json", "doctor.json", "settings.json", "logs/1.jsonl")
    ]
    assert json.loads(files["versions.json"])["packages"]["pygls"]
    assert {row["check"] for row in json.loads(files["doctor.json"])} >= {"server", "editor"}
    assert json.loads(files["logs/1.jsonl"])["message"] == "the watcher gave up"


@pytest.mark.usefixtures("no_ollama")
def test_t16_the_bundle_tells_of_no_person_machine_workspace_or_secret(
    capsys, workspace, configure, home
):
    configure(
        '[ollama]\nendpoint = "https://gpu.corp.example:8443"\n'
        'allowed_remote_hosts = ["other.corp.example"]\n'
        '[openai]\nendpoint = "https://vllm.corp.example/v1"\n'
        f'[log]\nfile = "/srv/{CANARY}.log"\n'
    )
    log(f"cannot read {workspace / 'a.py'} of annalena on box17 at 10.1.2.3, {TOKEN}")
    log(f"asked https://annalena:pw@gpu.corp.example/v1 from {home}/notes")
    files = bundle_of(capsys, workspace)
    text = "\n".join(files.values())

    for secret in (
        CANARY,
        "gpu.corp",
        "other.corp",
        "vllm.corp",
        "annalena",
        "box17",
        "10.1.2.3",
        TOKEN,
        str(home),
        "pw@",
    ):
        assert secret not in text, secret
    settings = json.loads(files["settings.json"])
    assert settings["ollama.allowed_remote_hosts"]["value"] == "<1 entries>"
    assert settings["log.file"] == {"value": "<set>", "from": ["user file"]}
    assert "<workspace>/a.py" in text


@pytest.mark.usefixtures("no_ollama")
@pytest.mark.skipif(os.name != "posix", reason="permissions are others there")
def test_the_bundle_is_the_users_alone_and_can_be_printed_instead(capsys, workspace):
    bundle_of(capsys, workspace)
    assert (workspace / "bug.zip").stat().st_mode & 0o077 == 0

    assert main(["bugreport", "--show"]) == ExitCode.OK
    assert "== versions.json" in capsys.readouterr().out


@pytest.mark.usefixtures("no_ollama")
def test_a_bundle_that_cannot_be_written_is_told(capsys, workspace):
    assert main(["bugreport", "-o", str(workspace / "none" / "x.zip")]) == ExitCode.USAGE
    assert "cannot be written" in capsys.readouterr().err


def test_only_the_newest_logs_stay_and_none_is_made_without_a_record(home):
    KeptLog().close()
    assert not log_folder().exists()

    log_folder().mkdir(parents=True)
    for number in range(15):
        (log_folder() / f"server-2026-{number:02}.jsonl").write_text("{}\n", encoding="utf-8")
    log("one more")

    assert len(kept_files(log_folder())) == kept_log._MOST_FILES


def test_a_log_that_cannot_be_kept_is_no_trouble(home):
    log_folder().parent.mkdir(parents=True)
    log_folder().write_text("a file", encoding="utf-8")

    log("lost")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://127.0.0.1:11434/api", "http://127.0.0.1:11434/api"),
        ("https://ollama.com/download", "https://ollama.com/download"),
        ("at http://192.0.2.7:11434 now", "at http://<another machine> now"),
        ("see 192.0.2.7.", "see <address>."),
        ("version 1.2.3 of 2026", "version 1.2.3 of 2026"),
        ("ann and annalena, bannalena", "ann and <user>, bannalena"),
    ],
)
def test_addresses_and_names(tmp_path, text, shown):
    assert Redaction.here(tmp_path).text(text) == shown
