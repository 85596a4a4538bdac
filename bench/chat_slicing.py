"""How long ghost text waits while a long chat answer streams on the one slot of a 27B model.

Run it from the root of the repository: `python -m bench.chat_slicing [--record]`.

The stub Ollama has the speed of a 24 GB card and one slot, first come first served. A
conversation asks for an answer of 500 tokens; meanwhile a completion is asked for every two
seconds, as by an editor in another process. Reported: how long each completion waited for its
first token, with slicing and without, and what slicing costs the answer.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from bench.measure import machine_line
from bench.results import command_line, put_section

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from fimble.chat.transcript import Question
from fimble.engine.ollama.client import OllamaEngine
from fimble.engine.protocol import GenerateRequest, TextChunk
from support.chatting import chat_settings, chatting, conversing
from support.stub_ollama import Script, StubOllama, graphics_card_timing

TITLE: Final = "Ghost text while a chat answer streams, one slot"
ANSWER: Final = "".join(f"word{number} " for number in range(250))
EVERY_S: Final = 2.0
_HEAD: Final = "def total(items):\n    return "


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """One run."""

    sliced: bool
    waits_s: tuple[float, ...]
    answer_s: float
    segments: int
    evaluated: int
    """Prompt tokens that the answer's requests made the server read."""


async def measure(*, sliced: bool, asking: bool) -> Waited:
    """Stream one answer, with completions beside it or alone."""
    script = Script(answer=conversing({"Long?": ANSWER}), timing=graphics_card_timing())
    with StubOllama(script) as stub, tempfile.TemporaryDirectory() as folder:
        editor = OllamaEngine(chat_settings(stub.url).ollama)
        await editor.preload()
        async with chatting(stub, Path(folder), time_slicing=sliced) as (chat, heard):
            began = time.monotonic()
            chat.ask(Question(text="Long?"))
            ended = asyncio.create_task(heard.ended())
            waits: list[float] = []
            await heard.came("word3 ")
            while asking and not ended.done():
                waits.append(await _first_token_s(editor, len(waits)))
                await asyncio.wait([ended], timeout=EVERY_S)
            await ended
            answer_s = time.monotonic() - began
        await editor.aclose()
        chats = [it for it in stub.generations if _HEAD not in it.prompt]
        return Waited(
            sliced=sliced,
            waits_s=tuple(waits),
            answer_s=answer_s,
            segments=len(chats),
            evaluated=sum(it.evaluated_tokens for it in chats),
        )


async def _first_token_s(editor: OllamaEngine, number: int) -> float:
    began = time.monotonic()
    first = 0.0
    request = GenerateRequest(prompt=f"# {number}\n{_HEAD}", max_tokens=8)
    async for event in editor.generate(request):
        if isinstance(event, TextChunk) and not first:
            first = time.monotonic() - began
    return first or time.monotonic() - began


def table(runs: Sequence[Waited], alone_s: float) -> str:
    """Lay the runs out beside the answer that nobody disturbed."""
    rows = [
        "| slicing | completions | wait p50 s | worst s | answer s | segments | tokens read |",
        "| ------- | ----------: | ---------: | ------: | -------: | -------: | ----------: |",
    ]
    for run in runs:
        waits = run.waits_s or (0.0,)
        rows.append(
            f"| {'on' if run.sliced else 'off'} | {len(run.waits_s)} | {median(waits):.2f} "
            f"| {max(waits):.2f} | {run.answer_s:.1f} | {run.segments} | {run.evaluated} |"
        )
    rows.append(f"\nThe same answer in one piece, with nobody else asking: {alone_s:.1f} s.")
    return "\n".join(rows)


async def run() -> str:
    """Measure with and without slicing, and the answer alone both ways."""
    alone = await measure(sliced=False, asking=False)
    alone_sliced = await measure(sliced=True, asking=False)
    runs = [await measure(sliced=True, asking=True), await measure(sliced=False, asking=True)]
    return (
        f"{table(runs, alone.answer_s)}\n"
        f"Sliced, with nobody else asking: {alone_sliced.answer_s:.1f} s in "
        f"{alone_sliced.segments} segments, {alone_sliced.evaluated - alone.evaluated} prompt "
        "tokens read more."
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench; returns the exit code."""
    parser = argparse.ArgumentParser(description="Ghost text beside a streaming chat.")
    parser.add_argument("--record", action="store_true", help="write the section of RESULTS.md")
    options = parser.parse_args(arguments)
    machine = machine_line()
    body = f"{command_line('bench.chat_slicing')}\n\n{machine}\n\n{asyncio.run(run())}"
    print(body)
    if options.record:
        put_section(TITLE, body)
    return 0


if __name__ == "__main__":
    sys.exit(main())
