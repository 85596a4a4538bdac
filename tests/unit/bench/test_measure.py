"""Figures mean what their names say, and the table and the JSON show all of them."""

from __future__ import annotations

import json

import pytest
from bench.measure import (
    Report,
    Row,
    Sample,
    as_json,
    as_table,
    condense,
    machine_line,
    percentile,
    publish,
    timed,
)


def report():
    samples = [Sample(wall_s=n / 1000, cpu_s=n / 4000) for n in range(1, 101)]
    row = Row(labels=("500", "fimble"), figures=condense(samples))
    return Report(title="Typing", label_names=("lines", "model"), rows=(row,), machine="a box")


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([7.0], 50, 7.0),
        ([7.0], 99, 7.0),
        ([3.0, 1.0, 2.0], 50, 2.0),
        ([1.0, 2.0, 3.0, 4.0], 50, 2.0),
        ([1.0, 2.0, 3.0, 4.0], 51, 3.0),
        ([float(n) for n in range(1, 201)], 99, 198.0),
        ([1.0, 2.0], 100, 2.0),
    ],
)
def test_a_percentile_is_a_measured_value_by_nearest_rank(values, percent, expected):
    assert expected == percentile(values, percent)


def test_samples_condense_to_milliseconds():
    figures = report().rows[0].figures

    assert figures.count == 100
    assert pytest.approx((50, 95, 99, 100, 12.5)) == (
        figures.p50_ms,
        figures.p95_ms,
        figures.p99_ms,
        figures.worst_ms,
        figures.cpu_p50_ms,
    )


def test_the_table_is_markdown_under_title_and_machine():
    title, machine, blank, header, rule, row = as_table(report()).splitlines()

    assert (title, machine, blank) == ("Typing", "a box", "")
    assert header.split("|")[1:4] == [" lines ", " model  ", " runs "]
    assert len(header) == len(rule) == len(row)
    assert set(rule) == set("|- :")
    assert [cell.strip() for cell in row.split("|")[1:-1]] == [
        "500",
        "fimble",
        "100",
        "50.0",
        "95.0",
        "99.0",
        "100.0",
        "12.5",
    ]


def test_the_json_holds_labels_and_figures_by_name():
    content = json.loads(as_json(report()))

    assert (content["title"], content["machine"]) == ("Typing", "a box")
    assert content["rows"][0]["model"] == "fimble"
    assert content["rows"][0]["p50_ms"] == pytest.approx(50)


def test_publishing_prints_the_table_and_writes_the_json(tmp_path, capsys):
    path = tmp_path / "figures.json"
    publish(report(), json_path=path)

    assert as_table(report()) in capsys.readouterr().out
    assert as_json(report()) == path.read_text(encoding="utf-8")


def test_an_action_runs_once_and_takes_time():
    calls = []
    sample = timed(lambda: calls.append(sum(range(10_000))))

    assert len(calls) == 1
    assert sample.wall_s > 0


def test_the_machine_is_one_line_with_cores_and_python():
    line = machine_line()

    assert "\n" not in line
    assert "cores" in line
    assert "Python" in line
