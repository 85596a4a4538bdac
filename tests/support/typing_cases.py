"""A file to cut gaps into, a trace over it, and a contestant whose suggestions a test chooses."""

from __future__ import annotations

from collections.abc import Callable

from fimble_cli.bench.contestant import Contestant
from fimble_cli.bench.document import Document, Edit
from fimble_cli.bench.gaps import Gap
from fimble_cli.bench.ghost import Ghost
from fimble_cli.bench.trace import Step, StepKind, Trace

SOURCE = "".join(
    f"def area_{number}(width, height):\n"
    f"    total = width * height + {number}\n"
    f"    logger.info('computed', total, number={number})\n"
    f"    return total\n\n\n"
    for number in range(30)
)


def keys_of(wanted: str, *, pause_s: float = 0.0) -> tuple[Step, ...]:
    """Return the keys that type `wanted` into the first gap."""
    return tuple(
        Step(kind=StepKind.KEY, gap=0, at=at, pause_s=pause_s, text=key)
        for at, key in enumerate(wanted)
    )


def trace_of(target: str, wanted: str, steps: tuple[Step, ...] = ()) -> Trace:
    """Return a trace with the one gap `wanted`, typed at once unless `steps` say otherwise."""
    start = target.index(wanted)
    jump = Step(kind=StepKind.JUMP, gap=0, at=0, pause_s=0.0)
    return Trace(
        name="case",
        uri="file:///work/case.py",
        language_id="python",
        target=target,
        gaps=(Gap(start=start, end=start + len(wanted)),),
        steps=(jump, *(steps or keys_of(wanted))),
    )


class Prompter(Contestant):
    """Shows what `says` gives for the text before the cursor; nothing for an empty one."""

    def __init__(self, says: Callable[[str], str]) -> None:
        super().__init__()
        self._says = says
        self.texts: list[str] = []
        """The document after each edit."""

    async def open(self, document: Document) -> None:
        """Wait for a key or a jump."""

    async def edited(self, document: Document, edit: Edit) -> None:
        """Say something for the new text."""
        self.texts.append(document.text)
        self._suggest(document)

    async def moved(self, document: Document) -> None:
        """Say something at the new place."""
        self._suggest(document)

    def _suggest(self, document: Document) -> None:
        text = self._says(document.before)
        if text:
            self.show(Ghost(text=text))

    async def close(self) -> None:
        """Nothing runs."""
