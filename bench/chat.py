"""The chat's screen: processor time of a token, answers to keys, and the first frame.

Run it from the root of the repository: `python -m bench.chat [--quick] [--record]`.

Headless, at 120x40, with a scripted conversation: what is measured is the screen, not a model.
An answer of 2,000 tokens (8,000 characters) comes at 60 tokens a second, which is more than a 27B
model gives; `--quick` sends a quarter of it. Processor time is the whole process's.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from bench.measure import machine_line
from bench.results import command_line, put_section
from textual import events

from fimble.chat.transcript import Answer, AnswerState, AnswerStatistics, Question, Turn
from fimble_tui.app import ChatApp
from fimble_tui.widgets.conversation.conversation_view import ConversationView
from fimble_tui.widgets.prompt.prompt_area import PromptArea

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.scripted_conversation import ScriptedConversation

TITLE: Final = "The chat's screen"
TOKENS: Final = 2000
TOKENS_PER_S: Final = 60
CPU_TARGET_S: Final = 8.0
"""The most processor time that an answer of 2,000 tokens may cost, whatever it consists of."""
RATIO_TARGET: Final = 1.2
"""The most that a token may cost at 1,000 stored turns, as a multiple of its cost at 30."""
KEY_TARGET_MS: Final = 100.0
_SIZE: Final = (120, 40)
_SECONDS_BETWEEN_KEYS: Final = 0.11
_HERE: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Streamed:
    """What one answer cost."""

    shape: str
    stored: int
    cpu_s: float
    tokens: int
    key_ms: tuple[float, ...]
    widgets: int

    @property
    def cpu_of_2000_s(self) -> float:
        """Processor time of 2,000 tokens; more than that of a shorter answer, were it one."""
        return self.cpu_s * TOKENS / self.tokens


def tokens_of(shape: str, count: int) -> tuple[str, ...]:
    """Return an answer of `count` tokens of four characters."""
    size = count * 4
    prose = "The pool keeps `eight` connections, and **each** of them is used in turn. "
    texts = {
        "prose": (prose * 5).strip() + "\n\n",
        "one paragraph": prose,
        "list": "- the retry policy waits twice as long each time, see src/shop/retry.py:41\n",
        "fence": "    value = compute(previous, limit=10)  # until the pool is empty\n",
        "table": "| connection | state of it | 12.5 ms | used in turn and then again |\n",
    }
    heads = {
        "fence": "```python\n",
        "table": "| name | state | time | use |\n|---|---|--:|---|\n",
    }
    if shape == "mixed":
        part = size // 5
        text = "\n\n".join("".join(tokens_of(each, part // 4)) for each in texts)
        text = text.replace("until the pool is empty\n\n|", "until the pool is empty\n```\n\n|")
    else:
        text = heads.get(shape, "") + texts[shape] * (size // len(texts[shape]) + 1)
    text = text[:size]
    return tuple(text[start : start + 4] for start in range(0, len(text), 4))


def stored_turns(count: int) -> tuple[Turn, ...]:
    """Return finished turns with answers of some paragraphs and code."""
    code = "```python\nfor attempt in range(3):\n    call()\n```"
    text = f"Look at `retry`.\n\n{code}\n\n" + "words " * 90
    return tuple(
        Turn(
            turn_id=number + 1,
            parent=number or None,
            question=Question(text=f"question {number}"),
            answer=Answer(
                text=text,
                state=AnswerState.FINISHED,
                statistics=AnswerStatistics(generated_tokens=150, total_s=4.0),
            ),
            created_at=0,
        )
        for number in range(count)
    )


async def stream(shape: str, *, stored: int, count: int) -> Streamed:
    """Show one answer as it comes, with keys typed meanwhile."""
    tokens = tokens_of(shape, count)
    conversation = ScriptedConversation(
        turns=stored_turns(stored), answers=[tokens], pace_s=1 / TOKENS_PER_S
    )
    app = ChatApp(conversation, workspace=Path.cwd())
    async with app.run_test(size=_SIZE) as pilot:
        await pilot.pause()
        gc.collect()
        began_s = time.process_time()
        conversation.ask(Question(text="Explain the pool."))
        key_ms = await _type_until_done(app, conversation)
        await pilot.pause()
        cpu_s = time.process_time() - began_s
        widgets = len(app.screen.query("*"))
        view = app.screen.query_one(ConversationView)
        if not view.following:
            raise RuntimeError("the end of the answer was not in view")
    return Streamed(
        shape=shape,
        stored=stored,
        cpu_s=cpu_s,
        tokens=len(tokens),
        key_ms=tuple(key_ms),
        widgets=widgets,
    )


async def _type_until_done(app: ChatApp, conversation: ScriptedConversation) -> list[float]:
    """Type a letter again and again; returns how long each took to be on the screen."""
    prompt = app.screen.query_one(PromptArea)
    key_ms: list[float] = []
    while conversation.busy:
        before, length = time.perf_counter(), len(prompt.text)
        app.post_message(events.Key("x", "x"))
        while len(prompt.text) == length:  # noqa: ASYNC110 - what is measured has no event
            await asyncio.sleep(0.001)
        drawn = asyncio.Event()
        app.screen.call_after_refresh(drawn.set)
        await drawn.wait()
        key_ms.append((time.perf_counter() - before) * 1000)
        await asyncio.sleep(_SECONDS_BETWEEN_KEYS)
    return key_ms


def first_frame_s(program: str, runs: int) -> float:
    """Return the median seconds from the start of a process to the end of its first frame."""
    command = [sys.executable, str(_HERE / program)]
    times: list[float] = []
    for number in range(runs + 1):
        before = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        if number:  # The first writes the bytecode.
            times.append(time.perf_counter() - before)
    return median(times)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of them are."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def report(runs: Sequence[Streamed], bare_s: float, ours_s: float) -> str:
    """Return the tables."""
    targets = f"processor time at most {CPU_TARGET_S:.0f} s, keys at most {KEY_TARGET_MS:.0f} ms"
    lines = [
        f"An answer of 2,000 tokens at {TOKENS_PER_S} tokens/s; {targets} (p99).",
        "",
        "| answer | stored turns | CPU s | ms per token | keys p50 ms | p99 ms | widgets |",
        "| --- | --: | --: | --: | --: | --: | --: |",
    ]
    for run in runs:
        per_token_ms = run.cpu_s / run.tokens * 1000
        lines.append(
            f"| {run.shape} | {run.stored:,} | {run.cpu_of_2000_s:.1f} | {per_token_ms:.2f} "
            f"| {median(run.key_ms):.0f} | {percentile(run.key_ms, 0.99):.0f} | {run.widgets} |"
        )
    few, many = (
        next(run for run in runs if run.shape == "mixed" and run.stored == stored)
        for stored in (30, 1000)
    )
    ratio = (many.cpu_s / many.tokens) / (few.cpu_s / few.tokens)
    lines += [
        "",
        f"A token at 1,000 stored turns costs {ratio:.2f} times one at 30; at most {RATIO_TARGET}.",
        f"Process start to the first frame: {ours_s:.2f} s; bare Textual {bare_s:.2f} s.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and with `--record` write the section of RESULTS.md."""
    parser = argparse.ArgumentParser(description="What the chat's screen costs.")
    parser.add_argument("--quick", action="store_true", help="a quarter of each answer")
    parser.add_argument("--shape", action="append", help="only these shapes, without the ratio")
    parser.add_argument("--record", action="store_true", help="write the section of RESULTS.md")
    options = parser.parse_args()
    count = TOKENS // 4 if options.quick else TOKENS
    shapes: list[str] = options.shape or ["prose", "one paragraph", "list", "fence", "table"]
    plan = [(shape, 30) for shape in shapes]
    if not options.shape:
        plan += [("mixed", 30), ("mixed", 1000)]
    machine = machine_line()
    runs = [asyncio.run(stream(shape, stored=stored, count=count)) for shape, stored in plan]
    if options.shape:
        for run in runs:
            worst_ms = percentile(run.key_ms, 0.99)
            print(f"{run.shape}: {run.cpu_of_2000_s:.2f} s, keys p99 {worst_ms:.0f} ms")
        return
    bare_s, ours_s = (
        first_frame_s(program, 5) for program in ("bare_textual.py", "chat_first_frame.py")
    )
    body = f"{machine}\n\n{command_line('bench.chat')}\n\n{report(runs, bare_s, ours_s)}"
    print(body)
    if options.record:
        put_section(TITLE, body)


if __name__ == "__main__":
    main()
