"""/api/pull: progress lines as the registry client prints them."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from support.stub_ollama.go_json import Json, encode
from support.stub_ollama.http_wire import Connection
from support.stub_ollama.journal import RequestRecord
from support.stub_ollama.library import Library
from support.stub_ollama.llama_slot import sleep_until
from support.stub_ollama.reply_stream import JSON_TYPE, NDJSON
from support.stub_ollama.script import Script, StubModel

MISSING = "missing"
"""A model whose name contains this word does not exist in the registry."""
LAYER_STEPS = 4
_LOOKS_AGAIN_S = 0.005


@dataclass(slots=True)
class PullGate:
    """Lets a test hold every pull where its progress can be looked at for as long as it takes."""

    percent: int | None = None
    """Of a layer; no line beyond it is sent until this is None. Set from any thread."""
    kept: dict[str, int] = field(default_factory=dict[str, int])
    """Bytes of each layer that are on the disk: what a later pull of the same name begins with."""

    def keep(self, line: dict[str, Json]) -> None:
        """Put what a line tells on the disk."""
        completed = line.get("completed", 0)
        if isinstance(completed, int) and completed:
            self.kept[str(line["digest"])] = completed

    async def passed(self, line: dict[str, Json]) -> None:
        """Wait until `line` may be sent."""
        while self.percent is not None and _percent(line) > self.percent:  # noqa: ASYNC110 - set from another thread
            await asyncio.sleep(_LOOKS_AGAIN_S)


def _percent(line: dict[str, Json]) -> float:
    completed, total = line.get("completed", 0), line.get("total", 0)
    if not isinstance(completed, int) or not isinstance(total, int):
        raise TypeError("progress is counted in bytes")
    return 100 * completed / total if total else 0


async def pull(
    connection: Connection,
    record: RequestRecord,
    library: Library,
    script: Script,
    gate: PullGate,
) -> None:
    """Answer a pull; at its end the model is in the library."""
    name = str(record.body.get("model") or record.body.get("name") or "")
    record.status = 200 if name else 400
    if not name:
        await connection.send_response(400, encode({"error": "invalid model name"}), JSON_TYPE)
        return
    lines = list(_progress(name, gate.kept))
    if record.body.get("stream") is False:
        last = lines[-1]
        record.status = 500 if "error" in last else 200
        await connection.send_response(record.status, encode(last), JSON_TYPE)
    else:
        await connection.start_stream(200, NDJSON)
        for line in lines:
            await gate.passed(line)
            await connection.send_chunk(encode(line) + b"\n")
            gate.keep(line)
            await sleep_until(time.monotonic() + script.timing.seconds(script.timing.pull_step_s))
        await connection.end_stream()
    if MISSING not in name:
        library.add(StubModel(name=name))


def _progress(name: str, kept: Mapping[str, int]) -> list[dict[str, Json]]:
    lines: list[dict[str, Json]] = [{"status": "pulling manifest"}]
    if MISSING in name:
        return [*lines, {"error": "pull model manifest: file does not exist"}]
    for layer, total in (("weights", 17_000_000_000), ("params", 120)):
        digest = hashlib.sha256(f"{name} {layer}".encode()).hexdigest()
        first = kept.get(f"sha256:{digest}", 0) * LAYER_STEPS // total
        for step in range(first, LAYER_STEPS + 1):
            line: dict[str, Json] = {
                "status": f"pulling {digest[:12]}",
                "digest": f"sha256:{digest}",
                "total": total,
            }
            if step:
                line["completed"] = total * step // LAYER_STEPS
            lines.append(line)
    final = ("verifying sha256 digest", "writing manifest", "removing unused layers", "success")
    return [*lines, *({"status": it} for it in final)]
