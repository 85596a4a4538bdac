"""Builds by worker processes: killed at any moment, doubled, orphaned, crashed in a grammar."""

import importlib
import os
import random
import select
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from fimble.context.index import build as build_module
from fimble.context.index.lookups import SymbolLookups
from fimble.context.index.store import IndexStore
from fimble.context.index.symbol_index import SymbolIndex
from fimble.context.index.worker import BREAKS_THE_PARSER

FILES = 240
SCRIPT = """
import sys
from pathlib import Path
from fimble.context.index.symbol_index import SymbolIndex
if __name__ == "__main__":
    index = SymbolIndex(Path(sys.argv[1]), folder=Path(sys.argv[2]))
    report = index.build(lambda it: print(it.done, flush=True), processes=2)
    print("end", report.files + report.unchanged, flush=True)
"""


@pytest.fixture
def many(tmp_path):
    root = tmp_path / "many"
    for number in range(FILES):
        folder = root / f"pkg{number % 7}"
        folder.mkdir(parents=True, exist_ok=True)
        body = f"class C{number}:\n    def m{number}(self): return {number}\n\n" * 20
        (folder / f"mod{number}.py").write_text(body, "utf-8")
    return root


@pytest.fixture
def builder(many, tmp_path):
    """Start a process that builds; what still runs at the end is killed."""
    script = tmp_path / "builder.py"
    script.write_text(SCRIPT, "utf-8")
    started = []

    def start():
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, str(script), str(many), str(tmp_path / "cache")]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def assert_whole(many, tmp_path):
    index = SymbolIndex(many, folder=tmp_path / "cache")
    report = index.build(processes=0)
    assert report.files + report.unchanged == FILES
    assert index.status().files == FILES
    for number in range(FILES):
        assert len(SymbolLookups(index).definitions(f"C{number}")) == 20
    with closing(sqlite3.connect(index.path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    index.close()


def test_workers_find_what_one_process_finds(many, tmp_path):
    told = []
    index = SymbolIndex(many, folder=tmp_path / "cache")

    report = index.build(told.append, processes=2)

    assert (report.files, report.symbols, report.processes) == (FILES, FILES * 40, 2)
    assert (told[-1].done, told[-1].complete) == (FILES, True)
    index.close()
    assert_whole(many, tmp_path)


def test_f21_a_build_killed_at_any_moment_leaves_a_sound_index(many, builder, tmp_path):
    moments = random.Random(2026)
    for _ in range(3):
        process = builder()
        for _ in range(moments.randrange(1, 6)):
            process.stdout.readline()
        process.kill()
        process.wait()

    assert_whole(many, tmp_path)


def test_f23_two_builds_at_once_leave_a_whole_index(many, builder, tmp_path):
    first, second = builder(), builder()

    for process in (first, second):
        output, _ = process.communicate(timeout=60)
        assert output.splitlines()[-1] == f"end {FILES}"
    assert_whole(many, tmp_path)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs handles of processes")
def test_f12_workers_end_when_their_parent_is_killed(builder):
    process = builder()
    process.stdout.readline()
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("utf-8")
    children = [
        os.pidfd_open(int(pid))
        for pid in listed.split()
        if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]

    process.kill()

    assert len(children) == 2
    for child in children:
        ready, _, _ = select.select([child], [], [], 30)
        os.close(child)
        assert ready


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_a_file_that_kills_its_worker_is_left_out_and_the_rest_is_indexed(
    many, tmp_path, monkeypatch
):
    script = tmp_path / "dying_worker.py"
    script.write_text(
        "import os, signal\n"
        "from fimble.context.index.worker import index_in_worker\n"
        "def dying(task, candidates):\n"
        "    if any('mod77' in candidate.path for candidate in candidates):\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return index_in_worker(task, candidates)\n",
        "utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    dying_worker = importlib.import_module("dying_worker")

    monkeypatch.setattr(build_module, "index_in_worker", dying_worker.dying)
    for path in many.rglob("mod77.py"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    index = SymbolIndex(many, folder=tmp_path / "cache")

    report = index.build(processes=2)

    assert report.files == FILES - 1
    assert report.skipped[BREAKS_THE_PARSER] == 1
    monkeypatch.undo()
    assert index.build(processes=0).files == 0  # It is not tried again before it changes.
    index.close()


def test_without_processes_the_build_is_done_here(many, tmp_path, monkeypatch):
    def refuse(count):
        raise OSError("no semaphores")

    monkeypatch.setattr(build_module, "WorkerProcesses", refuse)
    index = SymbolIndex(many, folder=tmp_path / "cache")

    report = index.build(processes=2)

    assert (report.files, report.processes) == (FILES, 0)
    index.close()


def test_many_that_open_a_new_index_at_once_all_get_it(tmp_path):
    for number in range(60):
        path = tmp_path / str(number) / "index.sqlite3"
        with ThreadPoolExecutor(4) as together:
            stores = list(together.map(lambda _, path=path: IndexStore(path), range(4)))
        assert [store.paths() for store in stores] == [{}] * 4
        for store in stores:
            store.close()
