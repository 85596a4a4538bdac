"""Fimble beside models of eight other systems: the same keys, the same model server, one table.

Run it from the root of the repository: `python -m bench.completion [--record]`. Each trace is
replayed in real time for each contestant against a stub Ollama of its own (hybrid or dense cache,
the speed of a 27B model on a 24 GB card); several run side by side.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import ssl
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

import httpx
from bench.completion_goals import OURS, Results, verdicts
from bench.measure import machine_line
from bench.peers import EXTRA_ROWS, PEERS
from bench.results import command_line, put_section
from bench.source_trees import Project, fetch

from fimble_cli.bench.contestant import Contestant
from fimble_cli.bench.metrics import Replay, measure
from fimble_cli.bench.our_server import OurServer, ServerSetup
from fimble_cli.bench.report import LEGEND, as_json_object, markdown_table
from fimble_cli.bench.requests import ServedRequest
from fimble_cli.bench.trace import EVERYDAY, TYPES_THROUGH, Habits, Trace, make_trace
from fimble_cli.bench.typist import Typist

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from bench.scripted_model import ScriptedModel, errors_for  # noqa: E402 - needs the next ones

from support.stub_ollama import (  # noqa: E402
    RequestRecord,
    Script,
    StubModel,
    StubOllama,
    graphics_card_timing,
)
from support.stub_ollama.prefix_cache import CacheKind  # noqa: E402

TITLE = "Completion beside other systems, {cache} prompt cache"
ABOUT = """\
{command}

Each system types the same keys into the same files against a stub Ollama with the {cache} prompt
cache and the speed of a 27B model on a 24 GB card (1,700 prompt and 38 generated tokens a second).
Ours is the real server over stdio; the others are models of their source (`bench/peer_models`).

The keys are drawn at the speed and with the pauses that are published for people who type
(`cli/fimble_cli/bench/cadence.py`), into gaps of two released files, Python and TypeScript.
On the trace "agreeing" the model is right everywhere and all of it is typed.
On "mixed" it is wrong in a quarter of the gaps and in spans of the others, and there are slips,
jumps, accepts and rejects.
Doubts about the others are settled in their favour: raw prompts with the right control tokens,
no context of other files, one sequence where a single slot allows no more.
llama.vim and llama.vscode use `/infill`, which Ollama does not offer; the prompt it would build is
sent instead, and its early stops are made by closing the connection.
The goals are about the eight systems with their own defaults. "minuet (local advice)" is an extra
row, what its README sets up for Ollama: 512 characters of context. A tenth of its tokens is out of
reach for anybody who shows more: our first prompt in each of the two files alone costs about 0.5
tokens a typed character of these traces, and a request on a hybrid cache at least four tokens.
A jump of the cursor goes on with our last prompt and costs the new hole alone; "in place" leaves
that out too."""
MODEL = "qwen3.6:27b"
CONTEXT = 16_384
SOURCES = (
    (Project(name="anyio", version="4.12.0", licence="MIT"), "**/src/anyio/from_thread.py"),
    (
        Project(name="@tanstack/query-core", version="5.108.0", licence="MIT", registry="npm"),
        "**/queryObserver.ts",
    ),
)
LANGUAGES = {".py": "python", ".ts": "typescript"}
HABITS: dict[str, Habits] = {"agreeing": TYPES_THROUGH, "mixed": EVERYDAY}
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Spares each client the system's certificates: nothing here speaks TLS."""
LAYOUTS = ("spm", "prefill", "psm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One replay to be done."""

    contestant: str
    trace: Trace
    make: Callable[[str, Path], Contestant]
    """From the model server's address and an empty home."""


def ours(layout: str) -> Callable[[str, Path], Contestant]:
    """Return how our server is started with `layout`."""

    def make(url: str, home: Path) -> Contestant:
        environment = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home)}
        settings = {
            "engine": {"kind": "ollama"},
            "ollama": {"endpoint": url, "model": MODEL, "num_ctx": CONTEXT},
            "completion": {"layout": layout},
        }
        return OurServer(ServerSetup(settings=settings, environment=environment))

    return make


def lanes(options: argparse.Namespace) -> list[Lane]:
    """List what is to be replayed."""
    makers = {f"{OURS}{layout}": ours(layout) for layout in LAYOUTS}
    makers |= {peer.name: peer.maker(MODEL, CONTEXT) for peer in PEERS}
    wanted = options.only.split(",") if options.only else list(makers)
    return [
        Lane(contestant=name, trace=trace, make=makers[name])
        for trace in traces(options)
        for name in wanted
    ]


def traces(options: argparse.Namespace) -> list[Trace]:
    """Make the named traces, each over both languages."""
    found: list[Trace] = []
    roots = fetch([project for project, _ in SOURCES], options.sources)
    for (_, pattern), root in zip(SOURCES, roots, strict=True):
        path = next(root.glob(pattern))
        text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
        found += [
            make_trace(
                text,
                uri=f"file:///work/{path.name}",
                language_id=LANGUAGES[path.suffix],
                name=name,
                gap_count=options.gaps,
                habits=HABITS[name],
                seed=options.seed,
            )
            for name in options.traces.split(",")
        ]
    return found


async def replay(lane: Lane, cache: CacheKind, seed: str) -> Replay:
    """Replay one lane against a stub of its own."""
    wrong = errors_for(lane.trace, seed=seed) if lane.trace.name == "mixed" else ()
    script = Script(
        answer=ScriptedModel(lane.trace, wrong),
        models=(StubModel(name=MODEL, cache=cache, default_num_ctx=CONTEXT),),
        timing=replace(graphics_card_timing(), load_s=0.0),
    )
    with StubOllama(script) as stub, tempfile.TemporaryDirectory() as home:
        contestant = lane.make(stub.url, Path(home))
        try:
            if isinstance(contestant, OurServer):
                await contestant.start()
            await preload(stub.url)
            stub.forget_requests()
            await Typist(lane.trace, contestant).replay()
        finally:
            await contestant.close()
        requests = [served(record) for record in stub.generations]
    return Replay(log=contestant.log, requests=requests)


async def preload(url: str) -> None:
    """Load the model: systems that cancel while it loads would never get an answer."""
    body = {"model": MODEL, "options": {"num_ctx": CONTEXT}, "stream": False}
    async with httpx.AsyncClient(timeout=None, trust_env=False, verify=PLAIN) as client:  # noqa: S113
        (await client.post(f"{url}/api/generate", json=body)).raise_for_status()


def served(record: RequestRecord) -> ServedRequest:
    """Take from the stub's journal what the figures need."""
    options = record.body.get("options")
    limit = options.get("num_predict", -1) if isinstance(options, dict) else -1
    return ServedRequest(
        received_at=record.received_at,
        prompt=record.prompt,
        max_tokens=limit if isinstance(limit, int) else -1,
        prompt_tokens=record.prompt_tokens,
        evaluated_tokens=record.evaluated_tokens,
        generated_tokens=record.generated_tokens,
        generated_text=record.generated_text,
        cancelled=record.outcome == "cancelled",
        first_token_at=record.first_token_at,
        closed_at=record.closed_by_client_at,
        freed_at=record.slot_freed_at,
    )


async def run(options: argparse.Namespace) -> Results:
    """Replay everything, a few lanes at a time; figures by trace and contestant."""
    turns = asyncio.Semaphore(options.jobs)
    done: dict[tuple[str, str], list[Replay]] = {}

    async def one(lane: Lane) -> None:
        async with turns:
            result = await replay(lane, options.cache, options.seed)
            print(f"{lane.contestant}, {lane.trace.name}, {lane.trace.uri}", file=sys.stderr)
        done.setdefault((lane.trace.name, lane.contestant), []).append(result)
        if options.dump is not None:
            dump(options.dump, lane, result)

    async with asyncio.TaskGroup() as group:
        for lane in lanes(options):
            group.create_task(one(lane))
    order = {lane.contestant: number for number, lane in enumerate(lanes(options))}
    keys = sorted(done, key=lambda key: (key[0], order[key[1]]))
    return {key: measure(done[key]) for key in keys}


def dump(folder: Path, lane: Lane, result: Replay) -> None:
    """Write everything that happened in one lane, for the search for causes."""
    folder.mkdir(parents=True, exist_ok=True)
    events = [
        *((key.at_s, "key", asdict(key)) for key in result.log.keys),
        *((screen.at_s, "screen", asdict(screen)) for screen in result.log.screens),
        *((request.received_at, "request", asdict(request)) for request in result.requests),
    ]
    name = f"{lane.contestant}-{lane.trace.name}-{lane.trace.language_id}.jsonl".replace(" ", "-")
    with (folder / name).open("w", encoding="utf-8") as file:
        for at, kind, content in sorted(events, key=lambda event: event[0]):
            file.write(json.dumps({"at": at, "kind": kind, **content}) + "\n")


def report(results: Results, *, traces: Sequence[str], machine: str) -> str:
    """Lay out a table for each trace, then the goals."""
    parts = [machine]
    for trace in traces:
        rows = [(name, figures) for (its, name), figures in results.items() if its == trace]
        parts += [f"### Trace: {trace}", markdown_table("system", rows)]
    goals = "\n".join(str(verdict) for verdict in verdicts(results, extra=EXTRA_ROWS))
    return "\n\n".join((*parts, "### Goals", goals or "- Nothing of ours was measured."))


def as_json(results: Results, machine: str) -> str:
    """Write all figures as JSON."""
    rows = [
        {"trace": trace, "system": name, **as_json_object(figures)}
        for (trace, name), figures in results.items()
    ]
    return json.dumps({"machine": machine, "rows": rows}, indent=2) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the comparison, print it, and with `--record` write the section of RESULTS.md."""
    options = _parser().parse_args(arguments)
    machine = f"{machine_line()}; {date.today().isoformat()}"  # noqa: DTZ011 - the machine's day
    names = options.traces.split(",")
    results = asyncio.run(run(options))
    text = report(results, traces=names, machine=machine)
    print(text)
    if options.json is not None:
        options.json.write_text(as_json(results, machine), encoding="utf-8")
    if options.record:
        module = f"bench.completion --cache {options.cache}"
        about = ABOUT.format(command=command_line(module), cache=options.cache)
        put_section(TITLE.format(cache=options.cache), f"{about}\n\n{text}\n\n{LEGEND}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.completion", description=__doc__)
    add = parser.add_argument
    add("--sources", type=Path, default=Path.home() / ".cache" / "fimble-bench")
    add("--seed", default="2026")
    add("--gaps", type=int, default=4, help="for each file")
    add("--traces", default="agreeing,mixed")
    add("--cache", choices=("hybrid", "dense"), default="hybrid")
    add("--only", default="", help="contestants, with commas")
    add("--jobs", type=int, default=12, help="replays at the same time")
    add("--json", type=Path, default=None)
    add("--dump", type=Path, default=None, help="folder for every event of every replay")
    add("--record", action="store_true", help="write the section of RESULTS.md")
    return parser


if __name__ == "__main__":
    main()
