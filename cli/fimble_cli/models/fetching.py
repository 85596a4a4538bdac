"""`fimble models pull`: a download with progress, which goes on where it was stopped."""

from __future__ import annotations

import asyncio
import json
from argparse import Namespace
from contextlib import aclosing

from fimble.config.schema import Settings
from fimble.engine.model_server import make_administration
from fimble.engine.ollama.administration import PullProgress
from fimble.engine.pulling import PullMeter, pull_to_the_end
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.models.listing import size_words
from fimble_cli.output import Output

_BAR_CELLS = 24


def run(
    arguments: Namespace, settings: Settings, output: Output, diagnostics: Diagnostics
) -> ExitCode:
    """Download the model; Ctrl-C stops, and the same command goes on there."""
    name = str(arguments.name or settings.model_server.model)
    meter = PullMeter()
    tell = _JsonLines(output, meter) if arguments.json else _Bar(diagnostics, name, meter)
    try:
        asyncio.run(_pull(settings, name, meter, tell))
    except KeyboardInterrupt:
        diagnostics.progress("")
        diagnostics.note(f"stopped{_share(meter)}; the same command goes on there.")
        return ExitCode.INTERRUPTED
    diagnostics.progress("")
    if not arguments.json:
        diagnostics.note(f"{name} is on the server.")
    return ExitCode.OK


async def _pull(settings: Settings, name: str, meter: PullMeter, tell: _JsonLines | _Bar) -> None:
    async with (
        make_administration(settings.model_server) as server,
        aclosing(pull_to_the_end(server, name)) as steps,
    ):
        async for progress in steps:
            meter.note(progress)
            tell(progress)


class _JsonLines:
    """One JSON object a step, for programs."""

    def __init__(self, output: Output, meter: PullMeter) -> None:
        self._output = output
        self._meter = meter

    def __call__(self, progress: PullProgress) -> None:
        told = {
            "status": progress.status,
            "completed_bytes": self._meter.completed_bytes,
            "total_bytes": self._meter.total_bytes,
        }
        self._output.write_line(json.dumps(told))


class _Bar:
    """One line that is written over, for people; on a pipe, nothing."""

    def __init__(self, diagnostics: Diagnostics, name: str, meter: PullMeter) -> None:
        self._diagnostics = diagnostics
        self._name = name
        self._meter = meter

    def __call__(self, progress: PullProgress) -> None:
        meter = self._meter
        if not progress.digest or not meter.total_bytes:
            self._diagnostics.progress(f"{self._name}  {progress.status}")
            return
        share = meter.completed_bytes / meter.total_bytes
        full = round(share * _BAR_CELLS)
        bar = "━" * full + "─" * (_BAR_CELLS - full)
        speed = meter.bytes_per_s
        rate = f", {size_words(round(speed))}/s" if speed else ""
        sizes = f"{size_words(meter.completed_bytes) or '0'} of {size_words(meter.total_bytes)}"
        self._diagnostics.progress(f"{self._name}  {bar}  {share:.0%}, {sizes}{rate}")


def _share(meter: PullMeter) -> str:
    if not meter.total_bytes:
        return ""
    return f" at {meter.completed_bytes / meter.total_bytes:.0%}"
