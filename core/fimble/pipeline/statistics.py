"""Counts what completions did for their user; stays on this machine, off by one setting.

Everything is counted in memory and written in batches, off the event loop; a file that cannot be
written costs the counts and nothing else.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import date

from fimble.completion.acceptance import (
    Accepted,
    ShownSuggestion,
    accepted_by,
    countable,
    kept_characters,
    left_on_show,
)
from fimble.completion.trail import DecisionTrail
from fimble.engine.protocol import Hole
from fimble.errors import StatisticsError
from fimble.history.statistics_store import StatisticsStore
from fimble.pipeline.result import CompletionResult
from fimble.text.edit import ByteEdit
from fimble.text.snapshot import Snapshot

LATENCY_EDGES_MS = (1, 5, 10, 25, 50, 100, 200, 400, 800, 1_600, 3_200, 6_400)
"""Upper edges of the latency counters; slower answers go to `latency_slower`."""

DRAFTS = "draft"
"""Stands for an engine in the counts of what was shown until the model had answered."""

_JUDGED_AFTER_EDITS = 30
"""Later edits of its document after which an accepted text is looked for again."""

_WRITE_EVERY_S = 60.0


class StatisticsRecorder:
    """Follows requests and edits and adds up what came of them."""

    def __init__(self, store: StatisticsStore, *, today: Callable[[], date] = date.today) -> None:
        self._store = store
        self._today = today
        self._counts: dict[tuple[str, str], float] = {}
        self._shown: ShownSuggestion | None = None
        """What is left on show of the last suggestion."""
        self._taken_in_part = False
        """Whether some of that suggestion was accepted already."""
        self._open: deque[tuple[Accepted, int]] = deque()
        self._snapshots: dict[str, Snapshot] = {}
        self._edits: dict[str, int] = {}

    def asked(self, why: DecisionTrail) -> None:
        """Note a request to a model server, whatever it was for and however it ended."""
        self._add(why.engine, "requests")
        self._add(why.engine, "evaluated_tokens", why.expected_evaluated_tokens or 0)
        self._add(why.engine, "generated_tokens", why.generated_tokens or 0)

    def answered(self, hole: Hole, result: CompletionResult) -> None:
        """Note the answer to a request of the editor."""
        if not result.items:
            return
        item = result.items[0]
        engine = DRAFTS if item.is_draft else item.engine
        self._add(engine, "latency_" + _bucket(result.why.total_s * 1_000))
        if not self._continues(hole, item.text, engine):
            self._leave()
            self._add(engine, "shown")
        self._shown = ShownSuggestion(
            uri=hole.snapshot.uri, at=hole.cursor, text=item.text, engine=engine
        )

    def _continues(self, hole: Hole, text: str, engine: str) -> bool:
        """Whether this is the suggestion on show: what is left of it, or more of it.

        A draft that the model then says too was shown twice: once by each.
        """
        shown = self._shown
        if shown is None or shown.uri != hole.snapshot.uri or not shown.text:
            return False
        if shown.engine != engine:
            return False
        return shown.text.endswith(text) or (
            shown.at == hole.cursor and text.startswith(shown.text)
        )

    def _leave(self) -> None:
        """The suggestion on show is gone: one that was accepted in part stays so."""
        if self._shown is not None and self._taken_in_part:
            self._add(self._shown.engine, "accepted_in_part")
        self._shown, self._taken_in_part = None, False

    def changed(self, snapshot: Snapshot, edits: Sequence[ByteEdit | None]) -> None:
        """Note an edit: it may accept what is shown, and older acceptances get older."""
        uri = snapshot.uri
        self._snapshots[uri] = snapshot
        self._edits[uri] = self._edits.get(uri, 0) + 1
        if self._shown is not None and len(edits) == 1:
            self._accept(self._shown, snapshot, edits[0])
        while self._open and self._is_due(*self._open[0]):
            self._judge(self._open.popleft()[0])

    def _accept(self, shown: ShownSuggestion, snapshot: Snapshot, edit: ByteEdit | None) -> None:
        """Count what an edit took over; a suggestion counts once, however many parts it came in."""
        self._shown = left_on_show(shown, snapshot, edit)
        accepted = accepted_by(shown, snapshot, edit)
        if accepted is None:
            return
        self._add(shown.engine, "accepted_characters", countable(accepted.text))
        self._open.append((accepted, self._edits[snapshot.uri]))
        self._taken_in_part = not accepted.whole
        if accepted.whole:
            self._add(shown.engine, "accepted")
            self._leave()

    def _is_due(self, accepted: Accepted, since: int) -> bool:
        return self._edits.get(accepted.shown.uri, 0) - since >= _JUDGED_AFTER_EDITS

    def closed(self, uri: str) -> None:
        """Judge what was accepted in a document before it is gone."""
        if self._shown is not None and self._shown.uri == uri:
            self._leave()
        for accepted, _ in [entry for entry in self._open if entry[0].shown.uri == uri]:
            self._judge(accepted)
        self._open = deque(entry for entry in self._open if entry[0].shown.uri != uri)
        self._snapshots.pop(uri, None)
        self._edits.pop(uri, None)

    def _judge(self, accepted: Accepted) -> None:
        snapshot = self._snapshots.get(accepted.shown.uri)
        if snapshot is not None:
            kept = kept_characters(accepted, snapshot)
            self._add(accepted.shown.engine, "judged_characters", countable(accepted.text))
            self._add(accepted.shown.engine, "kept_characters", kept)

    def _add(self, engine: str, counter: str, value: float = 1) -> None:
        key = (engine, counter)
        self._counts[key] = self._counts.get(key, 0) + value

    async def write_for_ever(self) -> None:
        """Write what has come together, once a minute, until cancelled."""
        while True:
            await asyncio.sleep(_WRITE_EVERY_S)
            await self.write()

    async def write(self) -> None:
        """Write and forget what has been counted so far."""
        counts, self._counts = self._counts, {}
        if not counts:
            return
        try:
            await asyncio.to_thread(self._store.add, self._today().isoformat(), counts)
        except StatisticsError:
            # Counts are not worth a message while somebody types; `fimble stats` says it.
            return

    async def aclose(self) -> None:
        """Judge what is still open and write the rest."""
        for uri in list(self._snapshots):
            self.closed(uri)
        await self.write()


def _bucket(milliseconds: float) -> str:
    for edge in LATENCY_EDGES_MS:
        if milliseconds <= edge:
            return f"{edge}ms"
    return "slower"
