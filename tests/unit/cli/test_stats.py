"""`fimble stats` shows counts as a person reads them, and deletes them when asked."""

import json
from datetime import date

import pytest

from fimble.history.statistics_store import StatisticsStore, default_path
from fimble_cli.exit_codes import ExitCode
from fimble_cli.main import main


@pytest.fixture
def state(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert default_path().is_relative_to(tmp_path)


@pytest.fixture
def counts(state):
    StatisticsStore(default_path()).add(
        date.today().isoformat(),  # noqa: DTZ011 - the day of the person
        {
            ("ollama", "shown"): 40,
            ("ollama", "accepted"): 10,
            ("ollama", "accepted_characters"): 200,
            ("ollama", "judged_characters"): 120,
            ("ollama", "kept_characters"): 90,
            ("ollama", "latency_10ms"): 30,
            ("ollama", "latency_800ms"): 10,
            ("ollama", "requests"): 12,
            ("ollama", "evaluated_tokens"): 90,
        },
    )


@pytest.mark.usefixtures("counts")
def test_the_counts_are_told_in_words(capsys):
    assert main(["stats"]) == ExitCode.OK

    captured = capsys.readouterr()
    lines = [" ".join(line.split()) for line in captured.out.splitlines()]
    assert "shown 40" in lines
    assert "accepted 10 (25%)" in lines
    assert "still there later 75%" in lines
    assert "median answer at most 10 ms" in lines
    assert "tokens evaluated about 90" in lines
    assert "never sent anywhere" in captured.err


@pytest.mark.usefixtures("counts")
def test_the_raw_counts_come_as_json(capsys):
    assert main(["stats", "--json"]) == ExitCode.OK

    rows = json.loads(capsys.readouterr().out)
    assert {"engine": "ollama", "counter": "shown", "value": 40.0} in [
        {key: row[key] for key in ("engine", "counter", "value")} for row in rows
    ]


@pytest.mark.usefixtures("counts")
def test_reset_deletes_the_counts(capsys):
    assert main(["stats", "--reset"]) == ExitCode.OK
    assert main(["stats"]) == ExitCode.NOTHING_FOUND

    assert "nothing has been counted" in capsys.readouterr().err


@pytest.mark.usefixtures("state")
def test_a_damaged_file_is_one_sentence_with_a_way_out(capsys):
    default_path().parent.mkdir(parents=True)
    default_path().write_bytes(b"no database" * 400)

    assert main(["stats"]) not in (ExitCode.OK, ExitCode.NOTHING_FOUND)
    assert "statistics.enabled" in capsys.readouterr().err
