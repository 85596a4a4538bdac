"""`python -m bench.scale [--write]`: what a GPU carries, from what was measured of typing.

Requests, evaluated tokens and wasted tokens for each typed character come from `RESULTS.md`
(completion beside other systems, trace "mixed"); everything else is an assumption
with a name below. `--write` puts the tables into docs/scale.md, which a test compares with this.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Final

from bench.results import RESULTS

PAGE: Final = Path(__file__).parents[1] / "docs" / "scale.md"
BEGIN: Final = "<!-- made by `python -m bench.scale --write` -->"
END: Final = "<!-- end of what is made -->"
CACHES: Final = {
    "hybrid": "Hybrid models (Qwen3.5, Qwen3.6): their state cannot be rolled back",
    "dense": "Dense models (Qwen2.5-Coder and most others)",
}
TRACE: Final = "### Trace: mixed"
SYSTEMS: Final = ("fimble spm", "fimble prefill", "llama.vim", "Continue")
TEAMS: Final = (1, 10, 100, 1_000)

CHARACTERS_PER_HOUR: Final = 3_120
"""52 words a minute (Dhakal et al., Observations on Typing from 136 Million Keystrokes, CHI 2018)
of five characters, for 12 minutes of a working hour; the 12 minutes are our guess."""
PEAK_FACTOR: Final = 3.0
"""The busiest minutes over the mean of a working hour; a guess. A team of one has no other peak
than its own typing."""
BUSY_AT_MOST: Final = 0.5
"""Share of its time that a GPU may work at the peak: at half, a request waits on average for half
of one other (M/D/1)."""
CHARACTERS_PER_TOKEN: Final = 3.3
"""Of source code in Qwen's vocabulary; turns characters that were foreseen into tokens."""
QUESTIONS_PER_HOUR: Final = 4
QUESTION_TOKENS: Final = 800
"""New prompt tokens of one question of a chat; what was said before is cached."""
ANSWER_TOKENS: Final = 300
"""Questions, their size and that of answers are guesses; chat is reckoned apart for that reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """What a graphics card does with a model of 27B parameters."""

    name: str
    read_per_s: float
    """Prompt tokens a second."""
    written_per_s: float
    """Generated tokens a second, of all requests together."""
    source: str


CARDS: Final = (
    Gpu(
        name="24 GB card, one slot (Ollama, llama-server)",
        read_per_s=1_700,
        written_per_s=38,
        source="the figures of RESULTS.md, which people report for Q4_K_M on an RTX 4090",
    ),
    Gpu(
        name="80 GB card, batching (vLLM, SGLang)",
        read_per_s=2_000,
        written_per_s=600,
        source=(
            "below what [GPUStack](https://docs.gpustack.ai/2.0/performance-lab/qwen3-32b/h100) "
            "measured of Qwen3-32B with vLLM on an H100: 2,149 tokens a second of long prompts, "
            "2,353 of prompts and answers of chats; not measured by us"
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing:
    """What one system asks for, for each typed character."""

    system: str
    requests: float
    evaluated: float
    generated: float
    prompt: float
    """Tokens of the median prompt: evaluated for each request where the cache is lost."""

    @property
    def evaluated_uncached(self) -> float:
        """Prompt tokens for each character when other people's prompts have pushed ours out."""
        return max(self.evaluated, self.requests * self.prompt)


def measured(text: str, cache: str) -> dict[str, Typing]:
    """Read the rows of `RESULTS.md` that count here; raises `LookupError` when one is missing."""
    section = f"## Completion beside other systems, {cache} prompt cache"
    _, found, rest = text.partition(f"{section}\n")
    _, traced, rest = rest.partition(f"{TRACE}\n")
    if not found or not traced:
        raise LookupError(f"RESULTS.md lacks {section!r} or {TRACE!r}")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in rest.partition("\n### ")[0].splitlines()
        if line.startswith("|")
    ]
    head, *body = rows
    table = {row[0]: dict(zip(head, row, strict=True)) for row in body}
    return {system: _typing(system, table[system]) for system in SYSTEMS}


def _typing(system: str, row: dict[str, str]) -> Typing:
    typed, accepted = float(row["typed"]), float(row["accepted"])
    foreseen = float(row["foreseen"].rstrip("%")) / 100
    used = (foreseen * typed + accepted) / CHARACTERS_PER_TOKEN / typed
    return Typing(
        system=system,
        requests=float(row["requests/char"]),
        evaluated=float(row["evaluated/char"]),
        generated=used + float(row["wasted/char"]),
        prompt=float(row["prompt p50"]),
    )


def seconds_per_character(typing: Typing, gpu: Gpu, *, cached: bool = True) -> float:
    """Return how long `gpu` works for one typed character."""
    evaluated = typing.evaluated if cached else typing.evaluated_uncached
    return evaluated / gpu.read_per_s + typing.generated / gpu.written_per_s


def busy(developers: int, typing: Typing, gpu: Gpu, *, cached: bool = True) -> float:
    """Return how many of `gpu` work all the time at the peak of a team's day."""
    peak = 1.0 if developers == 1 else PEAK_FACTOR
    characters_per_s = developers * CHARACTERS_PER_HOUR * peak / 3600
    return characters_per_s * seconds_per_character(typing, gpu, cached=cached)


def busy_with_chat(developers: int, gpu: Gpu) -> float:
    """Return the same for the chat alone, which costs every system the same."""
    peak = 1.0 if developers == 1 else PEAK_FACTOR
    seconds = QUESTION_TOKENS / gpu.read_per_s + ANSWER_TOKENS / gpu.written_per_s
    return developers * QUESTIONS_PER_HOUR * peak / 3600 * seconds


def cards(work: float) -> int:
    """Return how many cards keep each at most `BUSY_AT_MOST` busy."""
    return max(1, ceil(work / BUSY_AT_MOST))


def carried(typing: Typing, gpu: Gpu, *, cached: bool = True) -> int:
    """Return how many developers one card carries."""
    return int(BUSY_AT_MOST / (busy(1_000, typing, gpu, cached=cached) / 1_000))


def tables(text: str, gpus: Sequence[Gpu] = CARDS) -> str:
    """Return what docs/scale.md shows."""
    lines: list[str] = []
    for cache, title in CACHES.items():
        found = measured(text, cache)
        lines += [f"## {title}", "", *_inputs(found)]
        lines += [line for gpu in gpus for line in _for_gpu(found, gpu)]
        lines.append("")
    return "\n".join(lines).rstrip()


def _inputs(found: dict[str, Typing]) -> Iterator[str]:
    yield (
        "| for each typed character | requests | prompt tokens evaluated | cache lost | "
        "tokens generated |"
    )
    yield "| --- | ---: | ---: | ---: | ---: |"
    for each in found.values():
        yield (
            f"| {each.system} | {each.requests:.3f} | {each.evaluated:.1f} | "
            f"{each.evaluated_uncached:.0f} | {each.generated:.2f} |"
        )


def _for_gpu(found: dict[str, Typing], gpu: Gpu) -> Iterator[str]:
    yield ""
    yield f"### {gpu.name}"
    yield ""
    yield (
        f"{gpu.read_per_s:,.0f} prompt tokens and {gpu.written_per_s:,.0f} generated tokens a "
        f"second ({gpu.source})."
    )
    yield ""
    names = " | ".join(f"{team:,}" for team in TEAMS)
    yield f"| cards for … developers | {names} | one card carries |"
    yield f"| --- |{' ---: |' * (len(TEAMS) + 1)}"
    for each in found.values():
        yield _row(each.system, each, gpu, cached=True)
    for system in (SYSTEMS[0], "llama.vim"):
        yield _row(f"{system}, cache lost", found[system], gpu, cached=False)
    chat = " | ".join(f"{cards(busy_with_chat(team, gpu)):,}" for team in TEAMS)
    alone = int(BUSY_AT_MOST / (busy_with_chat(1_000, gpu) / 1_000))
    yield f"| chat alone, any system | {chat} | {alone:,} |"


def _row(name: str, typing: Typing, gpu: Gpu, *, cached: bool) -> str:
    needed = " | ".join(f"{cards(busy(team, typing, gpu, cached=cached)):,}" for team in TEAMS)
    return f"| {name} | {needed} | {carried(typing, gpu, cached=cached):,} |"


def page_with(page: str, made: str) -> str:
    """Return `page` with `made` between its marks."""
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    return pattern.sub(lambda _: f"{BEGIN}\n\n{made}\n\n{END}", page)


def main() -> None:
    """Print the tables, or write them into the page."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/scale.md")
    parser.add_argument("--read", type=float, help="prompt tokens a second of your card")
    parser.add_argument("--written", type=float, help="generated tokens a second of your card")
    wanted = parser.parse_args()
    text = RESULTS.read_text(encoding="utf-8")
    if wanted.read and wanted.written:
        own = Gpu(
            name="Your card",
            read_per_s=wanted.read,
            written_per_s=wanted.written,
            source="as you gave them",
        )
        print(tables(text, (own,)))
        return
    if wanted.write:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(page_with(page, tables(text)), encoding="utf-8")
        return
    print(tables(text))


if __name__ == "__main__":
    main()
