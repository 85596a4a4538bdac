"""Process start to the answer to `initialize`: ours beside bare pygls and the bare interpreter.

Run it from the root of the repository: `python -m bench.startup [--runs N] [--record]`.

The three take turns, each in a process of its own, so that whatever else the machine does hits
all of them. CPU is the whole process's until it is ended after its answer.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bench.measure import Percentiles, Report, Row, Sample, as_table, condense, machine_line
from bench.results import command_line, put_section

TITLE = "Start-up: process start to the answer to `initialize`"
TARGET = 1.15
"""The most that ours may cost, as a multiple of bare pygls (wall, medians)."""
_WARM_UPS = 2
"""Runs of each that are thrown away: the first writes the bytecode that users have."""
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One server to start."""

    name: str
    command: tuple[str, ...]


def programs() -> tuple[Program, ...]:
    """Return the three, ours as the installed command that editors start."""
    fimble = Path(sys.executable).with_name("fimble")
    return (
        Program(
            name="bare interpreter", command=(sys.executable, str(_HERE / "bare_interpreter.py"))
        ),
        Program(name="bare pygls", command=(sys.executable, str(_HERE / "bare_pygls.py"))),
        Program(name="fimble lsp", command=(str(fimble), "lsp")),
    )


def main() -> None:
    """Measure, print, and with `--record` write the section of RESULTS.md."""
    parser = argparse.ArgumentParser(description="From process start to the initialize answer.")
    parser.add_argument("--runs", type=int, default=40, help="starts of each (default 40)")
    parser.add_argument("--record", action="store_true", help="write the section of RESULTS.md")
    options = parser.parse_args()
    machine = machine_line()
    report = Report(
        title=TITLE,
        label_names=("server",),
        rows=measure(programs(), options.runs),
        machine=machine,
    )
    verdict = ratios({row.labels[0]: row.figures for row in report.rows})
    print(as_table(report), "", verdict, sep="\n")
    if options.record:
        table = as_table(report).partition("\n")[2]
        put_section(TITLE, f"{command_line('bench.startup')}\n\n{table}\n\n{verdict}")


def measure(candidates: Sequence[Program], runs: int) -> tuple[Row, ...]:
    """Start every program `runs` times, in turns, and give a row for each."""
    samples: dict[str, list[Sample]] = {program.name: [] for program in candidates}
    for turn in range(-_WARM_UPS, runs):
        first = turn % len(candidates)
        for program in (*candidates[first:], *candidates[:first]):
            sample = start_once(program.command)
            if turn >= 0:
                samples[program.name].append(sample)
    return tuple(Row(labels=(name,), figures=condense(taken)) for name, taken in samples.items())


def ratios(figures: dict[str, Percentiles]) -> str:
    """Say how ours compares with bare pygls, and whether that is within the target."""
    ours, bare = figures["fimble lsp"], figures["bare pygls"]
    wall, cpu = ours.p50_ms / bare.p50_ms, ours.cpu_p50_ms / bare.cpu_p50_ms
    verdict = "met" if wall <= TARGET else "missed"
    return (
        f"fimble lsp takes {wall:.2f} times bare pygls' wall time and {cpu:.2f} times its CPU "
        f"time (medians); the target is at most {TARGET:.2f}: {verdict}."
    )


def start_once(command: Sequence[str]) -> Sample:
    """Start a server, wait for its answer to `initialize`, and end it by force."""
    request = _initialize()
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
    )
    if process.stdin is None or process.stdout is None:
        raise AssertionError("Popen was asked for pipes and gave none.")
    process.stdin.write(request)
    process.stdin.flush()
    answer = _read_message(process.stdout)
    wall_s = time.perf_counter() - started
    process.send_signal(signal.SIGKILL)
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = -signal.SIGKILL
    process.stdin.close()
    process.stdout.close()
    if "result" not in answer:
        raise AssertionError(f"{command[0]} refused to start: {answer}")
    return Sample(wall_s=wall_s, cpu_s=usage.ru_utime + usage.ru_stime)


def _initialize() -> bytes:
    """Encode what a client with ghost text introduces itself with."""
    params = {
        "processId": os.getpid(),
        "clientInfo": {"name": "bench"},
        "rootUri": None,
        "workspaceFolders": None,
        "capabilities": {
            "general": {"positionEncodings": ["utf-16"]},
            "textDocument": {
                "synchronization": {"didSave": True, "willSave": False},
                "inlineCompletion": {"dynamicRegistration": True},
            },
            "workspace": {"configuration": True, "workspaceFolders": True},
        },
    }
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})
    return f"Content-Length: {len(body)}\r\n\r\n{body}".encode()


def _environment() -> dict[str, str]:
    """Return ours without what would make every start compile every module."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def _read_message(stream: IO[bytes]) -> dict[str, object]:
    length = 0
    while header := stream.readline().strip():
        name, _, value = header.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    if not length:
        raise AssertionError("The server ended without an answer.")
    return json.loads(stream.read(length))


if __name__ == "__main__":
    main()
