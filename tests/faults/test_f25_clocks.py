"""F25: a clock that jumps and a machine that slept change no deadline and no pause."""

from __future__ import annotations

import re
from pathlib import Path

from fimble.config.schema import OllamaSettings
from fimble.engine.ollama.client import OllamaEngine
from fimble.engine.protocol import GenerateRequest, TextChunk
from support.stub_ollama import Script, StubOllama, fixed

ROOT = Path(__file__).parents[2]
WALL_CLOCK = re.compile(
    r"\btime\.time(?:_ns)?\b|\bdatetime\.(?:now|today|utcnow)\b|\bdate\.today\b"
)
MAY_READ_IT = {
    "core/fimble/history/": "when a turn was asked, for people to read",
    "core/fimble/conversation/turn_keeper.py": "when a turn was asked, for people to read",
    "core/fimble/trust/": "when a text was reviewed, for people to read",
    "core/fimble/context/index/build.py": "compared with the times of files",
    "core/fimble/conversation/errors_source.py": "compared with the times of files",
    "core/fimble/pipeline/statistics.py": "counts belong to a day",
    "cli/fimble_cli/commands/stats.py": "counts belong to a day",
    "core/fimble/prompt_files/ambient.py": "a template may state the date",
    "core/fimble/pipeline/probing.py": "a seed",
    "core/fimble/engine/retrying.py": "a server may name the moment of the next try; it is bounded",
}


def test_f25_only_what_people_read_is_told_by_the_wall_clock():
    """Deadlines, pauses and back-off count by clocks that only go up."""
    readers = {
        path.relative_to(ROOT).as_posix()
        for root in ("prompts", "core", "lsp", "tui", "cli")
        for path in (ROOT / root).rglob("*.py")
        if WALL_CLOCK.search(path.read_text(encoding="utf-8"))
    }

    assert {path for path in readers if not path.startswith(tuple(MAY_READ_IT))} == set()


async def test_f25_a_connection_that_died_in_its_sleep_is_replaced_without_a_word():
    """The server was started anew while the connection lay idle: the next request just works."""
    with StubOllama(Script(answer=fixed("w * h"))) as stub:
        engine = OllamaEngine(OllamaSettings(endpoint=stub.url))
        try:
            first = await _answer(engine)
            with stub.down():
                pass
            second = await _answer(engine)
        finally:
            await engine.aclose()

    assert (first, second) == ("w * h", "w * h")


async def _answer(engine: OllamaEngine) -> str:
    request = GenerateRequest(prompt="def area(w, h):\n    return ", max_tokens=8)
    return "".join(
        [event.text async for event in engine.generate(request) if isinstance(event, TextChunk)]
    )
