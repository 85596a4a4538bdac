"""One measurement of `fimble bench`: real server, real typing, holes, figures."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fimble.errors import FimbleError
from fimble.policy.secrets import is_secret_file
from fimble.syntax.languages import language_for
from fimble_cli.bench.holes import HoleFigures, fill_holes, measure_holes
from fimble_cli.bench.lsp_pipe import Json
from fimble_cli.bench.metrics import Figures, Replay, measure
from fimble_cli.bench.our_server import OurServer, ServerSetup
from fimble_cli.bench.recording_proxy import RecordingProxy
from fimble_cli.bench.trace import EVERYDAY, TYPES_THROUGH, Habits, Trace, make_trace
from fimble_cli.bench.typist import Typist

_FEWEST_LINES: Final = 40
_MOST_CHARACTERS: Final = 200_000
_GAPS: Final = 2
"""Per file; another file says more than another gap."""

HABITS: Final[dict[str, Habits]] = {"everyday": EVERYDAY, "through": TYPES_THROUGH}


class NothingToTypeError(FimbleError):
    """The folder holds no source file that a trace could be made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to measure."""

    folder: Path
    """A workspace, or a folder in it; a single file is fine too."""
    workspace: Path
    settings: Json
    """What the command line says about settings, by section and key."""
    endpoint: str | None
    """The model server, for the proxy; None measures without looking at requests."""
    traces: int
    seed: str
    habits: Habits
    environment: Mapping[str, str] | None = None
    """Of the language server; None hands on our own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was measured."""

    files: tuple[str, ...]
    figures: Figures
    holes: HoleFigures


def choose_traces(plan: Plan) -> list[Trace]:
    """Make the traces of a plan from seeded files.

    Raises:
        NothingToTypeError: No file has code to cut out.
    """
    paths = _source_files(plan.folder)
    random.Random(f"{plan.seed}:files").shuffle(paths)  # noqa: S311 - to be repeatable
    found: list[Trace] = []
    for path in paths:
        if len(found) == plan.traces:
            break
        trace = _trace_of(path, plan)
        if trace is not None and trace.gaps:
            found.append(trace)
    if not found:
        raise NothingToTypeError(
            f"{plan.folder} has no source file with code to cut out.",
            hint=f"Name a folder with files of at least {_FEWEST_LINES} lines in a language "
            "Fimble knows.",
        )
    return found


def _source_files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    return sorted(
        path
        for path in folder.rglob("*")
        if not any(part.startswith(".") or part == "node_modules" for part in path.parts)
        and path.is_file()
        and language_for("", str(path)) is not None
        and not is_secret_file(str(path.absolute()))
    )


def _trace_of(path: Path, plan: Plan) -> Trace | None:
    language = language_for("", str(path))
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if language is None or text.count("\n") < _FEWEST_LINES or len(text) > _MOST_CHARACTERS:
        return None
    return make_trace(
        text,
        uri=path.absolute().as_uri(),
        language_id=language.name,
        name=path.name,
        gap_count=_GAPS,
        habits=plan.habits,
        seed=plan.seed,
    )


async def run(plan: Plan, tell: Callable[[str], None]) -> Outcome:
    """Measure; `tell` hears what is going on.

    Raises:
        NothingToTypeError: There is nothing to measure with.
        ServerFailedError: The language server ended, or has no engine.
    """
    traces = choose_traces(plan)
    seconds = sum(trace.duration_s for trace in traces)
    tell(f"Typing {len(traces)} files at human speed takes about {seconds / 60:.1f} minutes.")
    async with AsyncExitStack() as stack:
        proxy = None
        settings = dict(plan.settings)
        if plan.endpoint is not None:
            proxy = await stack.enter_async_context(RecordingProxy(plan.endpoint))
            settings["ollama"] = {**settings.get("ollama", {}), "endpoint": proxy.url}
        server = OurServer(
            ServerSetup(
                settings=settings,
                folder=plan.workspace.absolute().as_uri(),
                environment=plan.environment,
            )
        )
        stack.push_async_callback(server.close)
        await server.start()
        replays = await _type(traces, server, proxy, tell)
        tell("Asking for the same holes by key.")
        holes = measure_holes(await fill_holes(server, traces))
    return Outcome(
        files=tuple(trace.name for trace in traces), figures=measure(replays), holes=holes
    )


async def _type(
    traces: Sequence[Trace],
    server: OurServer,
    proxy: RecordingProxy | None,
    tell: Callable[[str], None],
) -> list[Replay]:
    replays: list[Replay] = []
    for trace in traces:
        tell(f"{trace.name}: {len(trace.gaps)} gaps, {len(trace.steps)} steps.")
        server.begin_log()
        if proxy is not None:
            proxy.take_requests()
        await Typist(trace, server).replay()
        requests = () if proxy is None else proxy.take_requests()
        replays.append(Replay(log=server.log, requests=requests))
    return replays
