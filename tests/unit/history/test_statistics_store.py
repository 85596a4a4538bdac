"""Counts add up across writers, stay private, and fail with a sentence."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fimble.errors import StatisticsError
from fimble.history.statistics_store import Count, StatisticsStore


def test_counts_add_up_by_day_engine_and_counter(tmp_path: Path) -> None:
    store = StatisticsStore(tmp_path / "state" / "s.sqlite3")
    store.add("2026-01-01", {("ollama", "shown"): 2, ("embedded", "shown"): 1})
    store.add("2026-01-01", {("ollama", "shown"): 3})
    store.add("2026-01-02", {("ollama", "shown"): 1})

    assert store.read() == (
        Count("2026-01-01", "embedded", "shown", 1),
        Count("2026-01-01", "ollama", "shown", 5),
        Count("2026-01-02", "ollama", "shown", 1),
    )
    assert store.read("2026-01-02") == (Count("2026-01-02", "ollama", "shown", 1),)


def test_eight_writers_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"

    def write(_: int) -> None:
        StatisticsStore(path).add("2026-01-01", {("ollama", "shown"): 1})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(80)))

    assert StatisticsStore(path).read()[0].value == 80


def test_the_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "s.sqlite3"
    StatisticsStore(path).add("2026-01-01", {("ollama", "shown"): 1})

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_nothing_counted_is_nothing_read_and_reset_deletes(tmp_path: Path) -> None:
    store = StatisticsStore(tmp_path / "s.sqlite3")
    assert store.read() == ()
    store.add("2026-01-01", {("ollama", "shown"): 1})
    store.clear()

    assert store.read() == ()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    path.write_bytes(b"not a database" * 100)

    with pytest.raises(StatisticsError, match=r"s\.sqlite3 could not be read"):
        StatisticsStore(path).read()
