"""The last key to the request at the model server, through the whole language server.

Run it from the root of the repository: `python -m bench.keystroke [--keys N] [--record]`.

A client types into Python of several lengths, with `debounce_ms = 0`; `fimble lsp` and a stub
Ollama are processes of their own, and all three read one monotonic clock. The time runs from just
before the bytes of `didChange` (and of the request that follows in the same write) are written,
until the stub has the whole request. Between two keys the client posts a body of the same size to
the same stub over a kept-alive httpx connection: the bare request.

"idle" is a model that has answered before the next key; "busy" one that is still saying something
else when the key comes, so that its stream has to be closed first.
CPU is the server's main thread from the key to its answer (the client's own for the bare request).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import httpx
from bench.measure import Percentiles, Report, Row, Sample, as_table, condense, machine_line
from bench.python_documents import BEFORE, INDENTATION, places, python_document
from bench.results import command_line, put_section

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.lsp_buffer import EditorBuffer  # noqa: E402 - test support is no installed package
from support.lsp_client import GHOST_TEXT, LspClient, frame, running_server  # noqa: E402

TITLE = "Keystroke: last key to the request at the model server"
SIZES_LINES = (500, 5_000, 50_000)
TARGETS_MS = {500: (2.0, 10.0), 5_000: (2.0, 10.0), 50_000: (7.0, 25.0)}
"""By lines: the most above the bare request, at p50 and p99."""
TYPED = "result_{number} = self.value(total)"
_METHOD = "textDocument/inlineCompletion"
_WARM_UPS = 10
_PAUSE_S = 0.05
"""After an answer and after a bare request; some 110 ms from key to key is quick typing."""
_BUSY_KEY_S = 0.12
_BUSY_TOKENS_PER_S = 12
"""One token before the next key, which contradicts it; the whole answer would take a second."""
_ANSWER = "nothing(that, is, ever, typed, here)\n"

Model: TypeAlias = Literal["idle", "busy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One typed key."""

    written_at: float
    """Monotonic seconds."""
    line: str
    """The line as far as the cursor; a prompt that holds it was made after this key."""
    cpu_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What one session gave."""

    keys: tuple[Sample, ...]
    bare: tuple[Sample, ...]
    unasked: int
    """Keys after which the model was not asked."""


def main() -> None:
    """Measure, print, and with `--record` write the section of RESULTS.md."""
    parser = argparse.ArgumentParser(description="From the last key to the model's request.")
    parser.add_argument("--keys", type=int, default=400, help="for each length (default 400)")
    parser.add_argument("--lines", type=int, nargs="*", default=SIZES_LINES)
    parser.add_argument("--record", action="store_true", help="write the section of RESULTS.md")
    options = parser.parse_args()
    machine = machine_line()
    rows: list[Row] = []
    verdicts: list[str] = []
    for lines in options.lines:
        idle = asyncio.run(type_into(lines, "idle", options.keys))
        busy = asyncio.run(type_into(lines, "busy", options.keys // 4))
        ours, bare = condense(idle.keys), condense(idle.bare)
        rows += [
            Row(labels=(f"{lines:,}", "idle", "bare request"), figures=bare),
            Row(labels=(f"{lines:,}", "idle", "key to request"), figures=ours),
            Row(labels=(f"{lines:,}", "busy", "key to request"), figures=condense(busy.keys)),
        ]
        verdicts.append(verdict(lines, ours, bare, unasked=idle.unasked + busy.unasked))
    report = Report(
        title=TITLE, label_names=("lines", "model", "what"), rows=tuple(rows), machine=machine
    )
    print(as_table(report), "", *verdicts, sep="\n")
    if options.record:
        table = as_table(report).partition("\n")[2]
        put_section(
            TITLE, "\n\n".join((command_line("bench.keystroke"), table, "\n".join(verdicts)))
        )


def verdict(lines: int, ours: Percentiles, bare: Percentiles, *, unasked: int) -> str:
    """Say how far ours is above the bare request, percentile by percentile."""
    p50, p99 = ours.p50_ms - bare.p50_ms, ours.p99_ms - bare.p99_ms
    most_p50, most_p99 = TARGETS_MS.get(lines, (float("inf"), float("inf")))
    met = "met" if p50 <= most_p50 and p99 <= most_p99 else "missed"
    silent = f" {unasked} keys asked nothing." if unasked else ""
    return (
        f"- {lines:,} lines: {p50:.1f} ms (p50) and {p99:.1f} ms (p99) above the bare request; "
        f"the target is at most {most_p50:g} and {most_p99:g}: {met}.{silent}"
    )


async def type_into(lines: int, model: Model, keys: int) -> Typed:
    """Type about `keys` keys into a document of `lines` lines."""
    tokens_per_s = 0 if model == "idle" else _BUSY_TOKENS_PER_S
    with tempfile.TemporaryDirectory() as home:
        async with (
            _stub(tokens_per_s) as url,
            _server(url, Path(home)) as client,
            httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as http,
        ):
            session = _Session(client, http)
            await session.open(python_document(lines))
            await session.type(_WARM_UPS, model)
            await session.learn_body()
            taken, bare = await session.type(keys, model)
            return await session.match(taken, bare)


class _Session:
    """One document in one server, and a bare client beside it."""

    def __init__(self, client: LspClient, http: httpx.AsyncClient) -> None:
        self._client = client
        self._http = http
        self._schedule = Path(f"/proc/{client.process.pid}/schedstat")
        self._body = b""
        self._buffer: EditorBuffer

    async def open(self, text: str) -> None:
        """Show the server the document and wait until it has completed something in it."""
        self._buffer = await self._client.open(text, uri="file:///bench/shelves.py")
        self._buffer.cursor = text.index(BEFORE)
        await self._client.ask_and_ignore(self._buffer)

    async def type(self, count: int, model: Model) -> tuple[list[Key], list[Sample]]:
        """Type whole lines, at least `count` keys, all over the document."""
        keys: list[Key] = []
        bare: list[Sample] = []
        lines = -(-count // len(TYPED))
        for number, place in enumerate(places(self._buffer.text, lines)):
            # Earlier lines have moved the text down; the nearest place from here on will do.
            at = self._buffer.text.index(BEFORE, place)
            change = self._buffer.replace(at, at, f"{INDENTATION}\n")
            await self._client.change(self._buffer, change)
            self._buffer.cursor = at + len(INDENTATION)
            written = ""
            for key in TYPED.format(number=number):
                written += key
                if model == "idle":
                    keys.append(await self._type_and_wait(key, written))
                    bare.append(await self._bare())
                else:
                    keys.append(await self._type_over(key, written))
        return keys, bare

    async def _type_and_wait(self, key: str, line: str) -> Key:
        cpu = self._server_cpu_s()
        id_, written_at = await self._send(key)
        await self._client.answer(id_)
        cpu_s = self._server_cpu_s() - cpu
        await asyncio.sleep(_PAUSE_S)
        return Key(written_at=written_at, line=line, cpu_s=cpu_s)

    async def _type_over(self, key: str, line: str) -> Key:
        cpu = self._server_cpu_s()
        id_, written_at = await self._send(key)
        await asyncio.sleep(_BUSY_KEY_S)
        cpu_s = self._server_cpu_s() - cpu
        await self._client.cancel(id_)
        return Key(written_at=written_at, line=line, cpu_s=cpu_s)

    async def _send(self, key: str) -> tuple[int, float]:
        """Send a key and the request for ghost text in one write."""
        buffer = self._buffer
        change = buffer.replace(buffer.cursor, buffer.cursor, key)
        document = {"uri": buffer.uri, "version": buffer.version}
        id_ = self._client.next_id()
        message = frame(
            {
                "jsonrpc": "2.0",
                "method": "textDocument/didChange",
                "params": {"textDocument": document, "contentChanges": [change]},
            }
        ) + frame(
            {
                "jsonrpc": "2.0",
                "id": id_,
                "method": _METHOD,
                "params": self._client.inline_params(buffer),
            }
        )
        written_at = time.monotonic()
        await self._client.send_raw(message)
        return id_, written_at

    async def _bare(self) -> Sample:
        """Post the body; when it arrived is known to the stub alone, so the start is kept."""
        if not self._body:
            return Sample(wall_s=0, cpu_s=0)
        started, cpu = time.monotonic(), time.thread_time()
        response = await self._http.post("/api/generate", content=self._body)
        response.raise_for_status()
        cpu_s = time.thread_time() - cpu
        await asyncio.sleep(_PAUSE_S)
        return Sample(wall_s=started, cpu_s=cpu_s)

    async def learn_body(self) -> None:
        """Take a body of the server's for the bare requests."""
        self._body = json.dumps((await self._asked())[-1]["body"]).encode()

    async def match(self, keys: Sequence[Key], bare: Sequence[Sample]) -> Typed:
        """Find the request of every key, and when the bare ones arrived."""
        asked = await self._asked()
        ours = [it for it in asked if it["headers"].get("user-agent") == "fimble"]
        theirs = [it for it in asked if it["headers"].get("user-agent") != "fimble"]
        samples: list[Sample] = []
        for key in keys:
            arrived = _arrival(key, ours)
            if arrived is not None:
                samples.append(Sample(wall_s=arrived - key.written_at, cpu_s=key.cpu_s))
        return Typed(
            keys=tuple(samples),
            bare=tuple(
                Sample(wall_s=record["received_at"] - sample.wall_s, cpu_s=sample.cpu_s)
                for sample, record in zip(bare, theirs, strict=True)
            ),
            unasked=len(keys) - len(samples),
        )

    async def _asked(self) -> list[dict[str, Any]]:
        """Fetch the stub's journal of generations."""
        answer = await self._http.get("/_stub/requests")
        requests: list[dict[str, Any]] = answer.json()["requests"]
        return [it for it in requests if it["path"] == "/api/generate" and it["prompt"]]

    def _server_cpu_s(self) -> float:
        """Read the time on a processor of the server's main thread; 0 where Linux is not."""
        if not self._schedule.exists():
            return 0.0
        return int(self._schedule.read_text(encoding="ascii").split()[0]) / 1e9


def _arrival(key: Key, requests: Sequence[dict[str, Any]]) -> float | None:
    """Return when the first request arrived that knows of `key`; None when there is none."""
    for request in requests:
        late = request["received_at"] >= key.written_at
        if late and request["received_at"] < key.written_at + 5 and key.line in request["prompt"]:
            return float(request["received_at"])
    return None


@asynccontextmanager
async def _stub(tokens_per_s: float) -> AsyncGenerator[str]:
    """Run a stub Ollama in a process of its own; gives its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "support.stub_ollama", "--answer", _ANSWER),
        *("--tokens-per-s", str(tokens_per_s)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**_environment(), "PYTHONPATH": str(ROOT / "tests")},
    )
    if process.stdin is None or process.stdout is None:
        raise AssertionError("A pipe was asked for and not given.")
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.stdin.close()
        await process.wait()


@asynccontextmanager
async def _server(url: str, home: Path) -> AsyncGenerator[LspClient]:
    """Run `fimble lsp` against the model server at `url`, introduced and ready."""
    entry = "import sys; from fimble_cli.main import main; sys.exit(main(['lsp']))"
    async with running_server(("-c", entry), home=home) as client:
        await client.initialize(
            {**GHOST_TEXT, "general": {"positionEncodings": ["utf-16"]}},
            initializationOptions={
                "engine": {"kind": "ollama"},
                "ollama": {"endpoint": url},
                "completion": {"debounce_ms": 0, "prefetch": False},
            },
        )
        await client.notification("fimble/status", state="ready")
        yield client


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


if __name__ == "__main__":
    main()
