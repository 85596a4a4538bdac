"""`fimble stats`: what completions did for you, from counts that never leave this machine."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fimble.history.statistics_store import Count, StatisticsStore, default_path
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.usage import CommandParser

_LATENCY = "latency_"


def add_arguments(parser: CommandParser) -> None:
    """Declare the period and the form."""
    parser.add_argument("--days", type=int, default=30, help="how far to look back (default: 30)")
    parser.add_argument("--json", action="store_true", help="print the raw counts as JSON")
    parser.add_argument("--reset", action="store_true", help="delete everything that was counted")


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSummary:
    """The counts of one engine over a period."""

    engine: str
    shown: int
    accepted: int
    """Suggestions that were taken whole, at once or part by part."""
    accepted_in_part: int
    """Suggestions of which a beginning was taken, and no more."""
    accepted_characters: int
    kept_share: float | None
    """Of the accepted characters that were looked for again; None when none were yet."""
    requests: int
    evaluated_tokens: int
    generated_tokens: int
    median_latency: str


def run(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Show the counts, or delete them."""
    path = default_path()
    store = StatisticsStore(path)
    if arguments.reset:
        store.clear()
        diagnostics.note(f"deleted the counts in {path}.")
        return ExitCode.OK
    since = (date.today() - timedelta(days=max(0, arguments.days))).isoformat()  # noqa: DTZ011
    counts = store.read(since)
    if arguments.json:
        output.write_line(json.dumps([count._asdict() for count in counts]))
        return ExitCode.OK
    if not counts:
        diagnostics.note(f"nothing has been counted in the last {arguments.days} days.")
        return ExitCode.NOTHING_FOUND
    for line in _report(summaries(counts), arguments.days):
        output.write_line(line)
    diagnostics.note(f"the counts are in {path} and are never sent anywhere.")
    return ExitCode.OK


def summaries(counts: Sequence[Count]) -> tuple[EngineSummary, ...]:
    """Add the counts of all days up, for each engine."""
    totals: dict[str, dict[str, float]] = {}
    for count in counts:
        engine = totals.setdefault(count.engine, {})
        engine[count.counter] = engine.get(count.counter, 0) + count.value
    return tuple(_summary(engine, totals[engine]) for engine in sorted(totals))


def _summary(engine: str, total: dict[str, float]) -> EngineSummary:
    judged = total.get("judged_characters", 0)
    return EngineSummary(
        engine=engine,
        shown=int(total.get("shown", 0)),
        accepted=int(total.get("accepted", 0)),
        accepted_in_part=int(total.get("accepted_in_part", 0)),
        accepted_characters=int(total.get("accepted_characters", 0)),
        kept_share=total.get("kept_characters", 0) / judged if judged else None,
        requests=int(total.get("requests", 0)),
        evaluated_tokens=int(total.get("evaluated_tokens", 0)),
        generated_tokens=int(total.get("generated_tokens", 0)),
        median_latency=_median_latency(total),
    )


def _median_latency(total: dict[str, float]) -> str:
    """Return the bucket that holds the median answer."""
    buckets = {
        name.removeprefix(_LATENCY): value
        for name, value in total.items()
        if name.startswith(_LATENCY)
    }
    edges = sorted((name for name in buckets if name != "slower"), key=lambda n: int(n[:-2]))
    half, seen = sum(buckets.values()) / 2, 0.0
    for edge in edges:
        seen += buckets[edge]
        if seen >= half:
            return f"at most {edge[:-2]} ms"
    return "over 6.4 s" if buckets else "-"


def _report(engines: Sequence[EngineSummary], days: int) -> Iterator[str]:
    yield f"The last {days} days"
    for engine in engines:
        share = engine.accepted / engine.shown if engine.shown else 0.0
        yield ""
        yield engine.engine
        yield f"  shown                 {engine.shown}"
        yield f"  accepted              {engine.accepted} ({share:.0%})"
        yield f"  accepted in part      {engine.accepted_in_part}"
        yield f"  characters accepted   {engine.accepted_characters}"
        if engine.kept_share is not None:
            yield f"  still there later     {engine.kept_share:.0%}"
        yield f"  median answer         {engine.median_latency}"
        if engine.requests:
            yield f"  requests              {engine.requests}"
            yield f"  tokens evaluated      about {engine.evaluated_tokens}"
            yield f"  tokens generated      {engine.generated_tokens}"
