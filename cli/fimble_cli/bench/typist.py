"""Replays a trace: keeps the times, does what an editor does by itself, and notes everything."""

from __future__ import annotations

import asyncio

from fimble_cli.bench.brackets import auto_closed, closer_of
from fimble_cli.bench.contestant import Contestant
from fimble_cli.bench.document import Document
from fimble_cli.bench.ghost import Ghost
from fimble_cli.bench.trace import Step, StepKind, Trace
from fimble_cli.bench.typing_log import KeyEvent

_AFTERWARDS_S = 0.5
"""So long the last suggestion may still come."""


class ReplayError(Exception):
    """The replay itself went wrong: the file is not what the trace says it must be."""


class Typist:
    """One person at one file with one contestant."""

    def __init__(self, trace: Trace, contestant: Contestant) -> None:
        self._trace = trace
        self._contestant = contestant
        self._document = Document(trace.cut_text, uri=trace.uri, language_id=trace.language_id)
        count = len(trace.gaps)
        self._wanted = [trace.wanted(gap) for gap in range(count)]
        self._pairs = [
            auto_closed(text) if contestant.closes_brackets else {} for text in self._wanted
        ]
        self._done = [0] * count
        """How much of each gap stands there, slips not counted."""
        self._slipped = 0
        self._closers: list[list[int]] = [[] for _ in range(count)]
        """The closers that the editor has put behind the cursor in each gap: where in the gap
        each will stand in the end, nearest first."""

    @property
    def document(self) -> Document:
        """The file as it is now."""
        return self._document

    async def replay(self) -> None:
        """Type the whole trace in real time.

        Raises:
            ReplayError: At the end something else stands there than was wanted.
        """
        await self._contestant.open(self._document)
        due = self._contestant.log.clock()
        for step in self._trace.steps:
            if not self._applies(step):
                continue
            due = max(due + step.pause_s, self._contestant.log.clock())
            await asyncio.sleep(max(0.0, due - self._contestant.log.clock()))
            await self._act(step)
        await asyncio.sleep(_AFTERWARDS_S)
        if self._document.text != self._trace.target:
            raise ReplayError(f"The replay of {self._trace.name} went wrong in {self._trace.uri}.")

    def _applies(self, step: Step) -> bool:
        """Whether a step is still to be done: what was accepted need not be typed."""
        done = self._done[step.gap]
        if step.kind is StepKind.KEY:
            return done < step.at + len(step.text)
        return step.kind is StepKind.JUMP or done == step.at

    async def _act(self, step: Step) -> None:
        match step.kind:
            case StepKind.JUMP:
                await self._jump(step)
            case StepKind.KEY | StepKind.SLIP:
                await self._press(step)
            case StepKind.BACKSPACE:
                await self._take_back(step)
            case StepKind.ACCEPT:
                await self._accept(step)
            case StepKind.DISMISS:
                self._note(step)
                self._contestant.show(None)
                await self._contestant.dismissed()

    async def _jump(self, step: Step) -> None:
        gap = self._trace.gaps[step.gap]
        before = sum(it.end - it.start for it in self._trace.gaps[: step.gap])
        inserted = sum(self._done[: step.gap]) + sum(map(len, self._closers[: step.gap]))
        target = gap.start - before + inserted + self._done[step.gap]
        self._note(step)
        if target != self._document.cursor:
            self._document.cursor = target
            self._contestant.show(None)
            await self._contestant.moved(self._document)

    async def _press(self, step: Step) -> None:
        gap, key = step.gap, step.text
        place = self._done[gap]
        if step.kind is StepKind.KEY:
            key = key[place - step.at :]  # The beginning of an indentation may be there already.
        pending = self._closers[gap]
        is_key = step.kind is StepKind.KEY
        overtypes = is_key and pending[:1] == [place]
        closes = is_key and not overtypes and place in self._pairs[gap]
        closer = closer_of(key) if closes else ""
        before = self._contestant.ghost
        expected = before and before.typed_through(key, closer=closer, overtyped=overtypes)
        self._note(step, text=key, expected=expected)
        start = self._document.cursor
        edit = self._document.replace(start, start + overtypes, key + closer)
        self._document.cursor = start + len(key)
        if overtypes:
            pending.pop(0)
        elif closes:
            pending.insert(0, self._pairs[gap][place])
        if is_key:
            self._done[gap] += len(key)
        self._contestant.show(expected)
        await self._contestant.edited(self._document, edit)

    async def _take_back(self, step: Step) -> None:
        self._note(step)
        cursor = self._document.cursor
        edit = self._document.replace(cursor - 1, cursor, "")
        self._contestant.show(None)
        await self._contestant.edited(self._document, edit)

    async def _accept(self, step: Step) -> None:
        ghost = self._contestant.ghost
        accepted = "" if ghost is None else ghost.portion(step.portion)
        if ghost is None or not self._is_right(step.gap, ghost, accepted):
            return
        self._note(step, accepted=accepted)
        rest = ghost.after_accepting(accepted)
        replaced = "" if rest is not None else ghost.replaced
        cursor = self._document.cursor
        edit = self._document.replace(cursor, cursor + len(replaced), accepted)
        self._done[step.gap] += len(accepted)
        del self._closers[step.gap][: len(replaced)]
        self._contestant.show(rest)
        await self._contestant.edited(self._document, edit)

    def _is_right(self, gap: int, ghost: Ghost, accepted: str) -> bool:
        """Whether accepting leads to what is wanted, with nothing twice and nothing lost."""
        wanted = self._wanted[gap][self._done[gap] :]
        is_whole = accepted == ghost.text
        replaced = len(ghost.replaced) if is_whole else 0
        pending = self._closers[gap]
        if not accepted or not wanted.startswith(accepted) or replaced > len(pending):
            return False
        end = self._done[gap] + len(accepted)
        return all((place < end) is (number < replaced) for number, place in enumerate(pending))

    def _note(
        self, step: Step, *, text: str = "", expected: Ghost | None = None, accepted: str = ""
    ) -> None:
        log = self._contestant.log
        log.key(
            KeyEvent(
                at_s=log.clock(),
                kind=step.kind,
                text=text,
                gap=step.gap,
                shown_before=self._contestant.ghost,
                expected=expected,
                accepted=accepted,
            )
        )
