"""Take times, condense them into percentiles, and show them as a table or as JSON.

Every bench reports wall time, which people feel, beside CPU time, which a busy machine distorts
less, and names the machine it ran on. Nothing here knows what is measured.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One run of what is measured."""

    wall_s: float
    cpu_s: float
    """Processor time of the calling thread; time spent waiting is not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentiles:
    """Many times in five figures, in milliseconds."""

    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    worst_ms: float
    cpu_p50_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a report: what was measured, and the figures."""

    labels: tuple[str, ...]
    """One for each of the report's `label_names`."""
    figures: Percentiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a bench found out, and where."""

    title: str
    label_names: tuple[str, ...]
    rows: tuple[Row, ...]
    machine: str
    """As `machine_line` gave it before the run, so that the load is that of the others."""


def timed(action: Callable[[], object]) -> Sample:
    """Run `action` once and say how long it took."""
    cpu_start, wall_start = time.thread_time(), time.perf_counter()
    action()
    wall_end, cpu_end = time.perf_counter(), time.thread_time()
    return Sample(wall_s=wall_end - wall_start, cpu_s=cpu_end - cpu_start)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest of `values` that at least `percent` of them do not exceed.

    This is the nearest-rank definition: the answer is always a time that was really measured.
    `values` must not be empty and `percent` lies above 0 and not above 100.
    """
    rank = -(-len(values) * percent // 100)
    return sorted(values)[max(0, int(rank) - 1)]


def condense(samples: Sequence[Sample]) -> Percentiles:
    """Reduce samples, at least one, to their percentiles."""
    walls = [sample.wall_s * 1000 for sample in samples]
    return Percentiles(
        count=len(samples),
        p50_ms=percentile(walls, 50),
        p95_ms=percentile(walls, 95),
        p99_ms=percentile(walls, 99),
        worst_ms=max(walls),
        cpu_p50_ms=percentile([sample.cpu_s * 1000 for sample in samples], 50),
    )


_REAL_TIME = {getattr(os, "SCHED_RR", -1), getattr(os, "SCHED_FIFO", -1)}


def machine_line() -> str:
    """Describe this machine in one line: processor, cores, memory, system, Python, load.

    A run under real-time priority (`chrt -r 10 python -m bench…`), which keeps other work of a
    shared machine out of the figures, says so.
    """
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    if hasattr(os, "sched_getscheduler") and os.sched_getscheduler(0) in _REAL_TIME:
        load += ", real-time priority"
    memory = _memory_gib()
    return (
        f"{_processor()}, {_usable_cores()} cores{memory}, "
        f"{platform.system()} {platform.release()}, "
        f"{platform.python_implementation()} {platform.python_version()}{load}"
    )


def as_table(report: Report) -> str:
    """Lay a report out as a Markdown table under its title and machine."""
    header = (
        *report.label_names,
        "runs",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "worst ms",
        "CPU p50 ms",
    )
    body = [
        (
            *row.labels,
            str(row.figures.count),
            *map(
                _milliseconds,
                (
                    row.figures.p50_ms,
                    row.figures.p95_ms,
                    row.figures.p99_ms,
                    row.figures.worst_ms,
                    row.figures.cpu_p50_ms,
                ),
            ),
        )
        for row in report.rows
    ]
    widths = [max(map(len, column)) for column in zip(header, *body, strict=True)]
    labels = len(report.label_names)
    rule = [
        "-" * width if index < labels else "-" * (width - 1) + ":"
        for index, width in enumerate(widths)
    ]
    lines = [_table_line(cells, widths, labels) for cells in (header, rule, *body)]
    return "\n".join((report.title, report.machine, "", *lines))


def as_json(report: Report) -> str:
    """Write a report as JSON, the labels of each row by name."""
    rows = [
        {**dict(zip(report.label_names, row.labels, strict=True)), **asdict(row.figures)}
        for row in report.rows
    ]
    content = {"title": report.title, "machine": report.machine, "rows": rows}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def publish(report: Report, *, json_path: Path | None) -> None:
    """Print the table, and write the JSON where a path is given."""
    print(as_table(report))
    if json_path is not None:
        json_path.write_text(as_json(report), encoding="utf-8")


def _table_line(cells: Sequence[str], widths: Sequence[int], labels: int) -> str:
    aligned = [
        cell.ljust(width) if index < labels else cell.rjust(width)
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return f"| {' | '.join(aligned)} |"


def _milliseconds(value: float) -> str:
    """Give three significant places to short times and one decimal place to long ones."""
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _processor() -> str:
    """Name the processor; the platform module knows only its architecture on Linux."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _usable_cores() -> int:
    """Count the cores this process may run on, which a container may limit."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory_gib() -> str:
    if sys.platform == "win32" or "SC_PHYS_PAGES" not in os.sysconf_names:
        return ""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f", {total / 2**30:.0f} GiB"
