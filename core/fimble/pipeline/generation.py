"""One running stream of the model, shared by the requests that agree with it.

The stream belongs to the pipeline and not to the request that started it: editors cancel every
superseded request within milliseconds, also when what was typed is exactly what the model is
saying. It is closed when the text diverges, or when nobody has asked for it for a short grace.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from fimble.completion.agreement import StreamStart, agrees, can_catch_up
from fimble.completion.planning import Plan
from fimble.completion.stopping import Cut, CutFinder, unit_ends
from fimble.completion.surroundings import Extent, Surroundings
from fimble.completion.trail import DecisionTrail
from fimble.engine.protocol import Engine, GenerateRequest, GenerationStatistics
from fimble.errors import FimbleError
from fimble.pipeline.cancelling import cancel_once
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot

Notice = Callable[["Generation"], None]
"""Called on the loop; must not raise."""

OnUnit = Callable[["Generation", int], bool]
"""Told where a unit of an unfinished block ends; whether it can be shown. Must not raise."""


class Generation:
    """A stream from the first request byte to its cut, end, failure or cancellation.

    `on_unit` hears of the units of a block until one can be shown, `on_result` of the whole text
    and of a failure, `on_end` of every end, a cancelled one too.
    """

    text: str
    """What the stream says, with what it had said before."""
    chunks: int
    """Pieces that have come: one for each token, or nearly."""
    _written_again: str
    """What the model wrote and the document has already; no part of `text`."""

    def __init__(
        self,
        *,
        engine: Engine,
        request: GenerateRequest,
        around: Surroundings,
        plan: Plan,
        trail: DecisionTrail,
        on_unit: OnUnit,
        on_result: Notice,
        on_end: Notice,
        now: Callable[[], float],
        start: StreamStart,
    ) -> None:
        self.engine_name = engine.name
        self.around = around
        self.start = start
        self.plan = plan
        self.prompt = request.prompt
        self.trail = trail
        self.text = start.said
        self._written_again = ""
        self.chunks = 0
        self._logprobs: list[tuple[int, float]] = []
        """Of each token, with the offset at which its piece begins."""
        self.statistics: GenerationStatistics | None = None
        self.cut: Cut | None = None
        self.error: FimbleError | None = None
        self.cancelled = False
        self.finished = False
        """Whether nothing more will come; set before the last progress report."""
        self._typed = ""
        self._closing = False
        """Whether a cut or a contradiction is closing the stream already."""
        self.first_token_at: float | None = None
        self.started_at = now()
        self.waiters = 0
        self._now = now
        self._on_unit = on_unit
        self._on_result = on_result
        self._on_end = on_end
        self._finder: CutFinder | None = None
        """Made with the first text: it may want a parse, which the request shall not wait for."""
        self._unit_end = 0
        """Where the last unit ends that was reported."""
        self.unit_shown = False
        """Whether a unit of a block can be shown; the rest is wanted then."""
        self._advanced = asyncio.Event()
        self._task = asyncio.create_task(self._run(engine, request), name="fimble-generation")

    @property
    def uri(self) -> str:
        """The document that the stream continues."""
        return self.around.snapshot.uri

    async def _run(self, engine: Engine, request: GenerateRequest) -> None:
        try:
            async with aclosing(engine.generate(request)) as stream:
                async for event in stream:
                    if isinstance(event, GenerationStatistics):
                        self.statistics = event
                        continue
                    if self.first_token_at is None:
                        self.first_token_at = self._now()
                    self._logprobs.extend((len(self.text), each) for each in event.logprobs)
                    new = self._new_text(event.text)
                    if self._after_chunk(new):
                        self._closing = True
                        break
            self.finished = True
            if not self.cancelled:
                self._on_result(self)
        except FimbleError as error:
            self.error = error
            self.finished = True
            self._on_result(self)
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        finally:
            self.finished = True
            self._advanced.set()
            self._on_end(self)

    def _new_text(self, chunk: str) -> str:
        """Take a chunk in; return what is new of it."""
        if not self.chunks and chunk.startswith(self.start.left_out):
            self._written_again = self.start.left_out
            chunk = chunk.removeprefix(self._written_again)
        self.chunks += 1
        self.text += chunk
        return chunk

    def _after_chunk(self, chunk: str) -> bool:
        """Look for a cut, and for a unit to show until there is one. True ends the stream."""
        if not self.agrees_with(self._typed):
            self.cancelled = True
            return True
        if self._finder is None:
            self._finder = CutFinder(self.around, self.plan.extent)
        self.cut = self._finder.look(self.text)
        if self.cut is not None:
            return True
        if "\n" in chunk and not self.unit_shown and self.plan.extent is Extent.BLOCK:
            self._show_first_unit()
        self._advanced.set()
        self._advanced = asyncio.Event()
        return False

    def _show_first_unit(self) -> None:
        """Report units, one by one so that it is the same one however the stream was split."""
        for end in unit_ends(self.text):
            if end > self._unit_end:
                self._unit_end = end
                self.unit_shown = self._on_unit(self, end)
                if self.unit_shown:
                    return

    def extend_unit(self) -> bool:
        """Report the longest unit so far where it is longer than the one shown; True if shown."""
        if self.finished or not self.unit_shown:
            return False
        end = max(unit_ends(self.text), default=0)
        if end <= self._unit_end:
            return False
        self._unit_end = end
        return self._on_unit(self, end)

    def logprobs_until(self, end: int) -> tuple[float, ...]:
        """Return the log-probabilities of the tokens that begin before an offset of the text."""
        return tuple(logprob for start, logprob in self._logprobs if start < end)

    @property
    def generated(self) -> str:
        """What has come from the model, nothing that stood in the prompt."""
        return self._written_again + self.text[len(self.start.said) :]

    @property
    def generated_tokens(self) -> int:
        """How many tokens have come, as far as it is known: servers count only at a good end."""
        return self.chunks if self.statistics is None else self.statistics.generated_tokens

    @property
    def kept(self) -> str:
        """The text so far, cut where a rule cut it."""
        return self.text if self.cut is None else self.text[: self.cut.end]

    def follow(self, snapshot: Snapshot, cursor: Position) -> bool:
        """Note what has been typed since the stream began; False when it went another way.

        Text that runs ahead of the stream is compared again when the stream catches up.
        """
        typed = self.start.typed_until(snapshot, cursor)
        if typed is None or not self.agrees_with(typed):
            return False
        self._typed = typed
        return True

    @property
    def wanted(self) -> bool:
        """Whether the user goes on typing what the stream says."""
        return bool(self._typed)

    async def advance(self) -> None:
        """Wait until more text has come or the stream has ended."""
        if self.finished:
            return
        await self._advanced.wait()

    def agrees_with(self, typed: str) -> bool:
        """Whether `typed` is what the stream says, as far as both have come."""
        lead = self.start.lead
        if self.cut is not None and len(typed) > len(lead) + self.cut.end:
            return False
        said = lead + self.text
        one_line = self.plan.extent is Extent.LINE
        return agrees(said, typed) and can_catch_up(said, typed, one_line=one_line)

    def raise_defect(self) -> None:
        """Raise what ended the stream if it was none of our own errors: a defect, not a state."""
        if self._task.done() and not self._task.cancelled():
            defect = self._task.exception()
            if defect is not None:
                raise defect

    async def cancel(self) -> None:
        """Close the stream and wait until its connection is closed."""
        if self._closing:
            await asyncio.wait([self._task])
        else:
            await cancel_once(self._task)
