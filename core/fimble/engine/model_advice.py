"""Which model suits a machine, by what was measured of those that are there. Pure.

A model is of use for ghost text when all of it lies in video memory and it reads and writes fast
enough; of those the largest is advised, since size is what quality goes with inside a family. A
model that spills says how much video memory there is, and that decides which to fetch instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Standing = Literal["good", "slow", "spilled", "unsuited"]
"""Fits and is fast; fits and is not; a part is outside video memory; cannot fill a gap."""

SPILL_TOLERATED: Final = 0.02
"""Ollama leaves small tables on the processor that cost nothing."""
LEAST_WRITTEN_PER_S: Final = 15.0
"""A line of 12 tokens in 0.8 s; slower, and most lines are typed before they are shown."""
LEAST_READ_PER_S: Final = 200.0
"""A new prompt of about 400 tokens in 2 s, once for each file."""
_OVERHEAD: Final = 1.25
"""Memory of a loaded model over its file: context and buffers at 16,384 tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryModel:
    """A model of Ollama's library that fills gaps."""

    name: str
    size_bytes: int
    """Of the download, as the library's pages say; rounded."""


LADDER: Final = (
    LibraryModel(name="qwen3.6:27b", size_bytes=17_000_000_000),
    LibraryModel(name="qwen2.5-coder:14b", size_bytes=9_000_000_000),
    LibraryModel(name="qwen2.5-coder:7b", size_bytes=4_700_000_000),
    LibraryModel(name="qwen2.5-coder:3b", size_bytes=1_900_000_000),
    LibraryModel(name="qwen2.5-coder:1.5b", size_bytes=1_000_000_000),
)
"""From the largest to the smallest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredModel:
    """One model, loaded and asked once."""

    name: str
    size_bytes: int = 0
    """In memory, context included; 0 where the server does not tell."""
    vram_bytes: int = 0
    read_per_s: float = 0.0
    """Prompt tokens evaluated a second."""
    written_per_s: float = 0.0
    """Tokens generated a second."""
    first_token_s: float = 0.0
    """Of the measured prompt, the model being in memory."""
    fills_gaps: bool = True
    """Whether we know how to put a gap to its family."""

    @property
    def spilled_share(self) -> float:
        """The part outside video memory."""
        return max(0.0, 1 - self.vram_bytes / self.size_bytes) if self.size_bytes else 0.0

    @property
    def standing(self) -> Standing:
        """What it is good for."""
        if not self.fills_gaps:
            return "unsuited"
        if self.spilled_share > SPILL_TOLERATED:
            return "spilled"
        fast = self.written_per_s >= LEAST_WRITTEN_PER_S and self.read_per_s >= LEAST_READ_PER_S
        return "good" if fast else "slow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What to do."""

    use: str = ""
    """A model that is there; empty when none of them is good."""
    pull: str = ""
    """A model to fetch; empty when there is no need."""
    reason: str
    """One sentence."""


def advise(measured: Sequence[MeasuredModel]) -> Advice:
    """Return which of `measured` to use, or what to fetch instead."""
    good = [model for model in measured if model.standing == "good"]
    if good:
        best = max(good, key=lambda model: (model.size_bytes, model.written_per_s))
        where = "All of it is in video memory, and it" if best.size_bytes else "It"
        return Advice(
            use=best.name, reason=f"{where} writes {best.written_per_s:.0f} tokens a second."
        )
    spilled = [model for model in measured if model.standing == "spilled"]
    if spilled:
        room = max(model.vram_bytes for model in spilled)
        return _fetch_for(room, f"{min(spilled, key=lambda one: one.size_bytes).name} spills")
    slow = [model for model in measured if model.standing == "slow"]
    if slow:
        smallest = min(slow, key=lambda model: model.size_bytes or 0)
        return _fetch_for(
            smallest.size_bytes // 2,
            f"{smallest.name} writes {smallest.written_per_s:.0f} tokens a second, which is slow",
        )
    return Advice(
        pull=LADDER[0].name,
        reason="No model here is known to fill a gap; this one needs about "
        f"{LADDER[0].size_bytes * _OVERHEAD / 1e9:.0f} GB of video memory.",
    )


def _fetch_for(room_bytes: int, why: str) -> Advice:
    """Advise the largest of the library that fits into what was seen of the video memory."""
    fitting = next((one for one in LADDER if one.size_bytes * _OVERHEAD <= room_bytes), LADDER[-1])
    return Advice(
        pull=fitting.name,
        reason=f"{why}; {fitting.name} is {fitting.size_bytes / 1e9:.1f} GB and should fit into "
        f"the {room_bytes / 1e9:.1f} GB that there are for a model.",
    )
