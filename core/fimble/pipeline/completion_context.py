"""Other code of the workspace at the head of a completion prompt: found ahead, kept, only added to.

What a new prompt shows is chosen once, before it is built, in a thread; while one types it stands
still, byte by byte. A jump to a place that needs something else appends that, up to a quarter of
the budget more. Only an idle moment begins anew, and only where most of what is worth showing is
not shown (`gain`).

Nothing of other files is read in a workspace that its user has not trusted (T5); what the secrets
gate refuses is never read, and what looks like a secret is masked (T15).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from fimble.errors import FimbleError
from fimble.pipeline.document_names import document_path
from fimble.prompting.snippets import Snippet
from fimble.syntax.languages import language_for

if TYPE_CHECKING:
    from fimble.completion.window import CountTokens
    from fimble.context.index.records import BuildProgress
    from fimble.context.index.symbol_index import SymbolIndex
    from fimble.context.retrieval.records import ContextItem
    from fimble.context.retrieval.retriever import Retriever
    from fimble.engine.protocol import Hole
    from fimble.text.snapshot import Snapshot

PATIENCE_S: Final = 0.3
"""A prompt waits this long for its context and then goes without; typing pauses are longer."""
GROWTH: Final = 1.25
"""Of the budget: how much all context of one prompt may become by what jumps append."""
_WORTH_IT: Final = 0.4
"""Part of what is worth showing that must be missing before a prompt is begun anew for it."""
_RECENT: Final = 12

Key = tuple[str, str]
OnIndexing = Callable[["BuildProgress | None"], None]
"""Told how far the index is, from a thread; None when it is built."""


class ShownContext(NamedTuple):
    """What a prompt is to show, and what that is known by."""

    snippets: tuple[Snippet, ...] = ()
    keys: frozenset[Key] = frozenset()
    tokens: int = 0


NOTHING: Final = ShownContext()


class _Prepared(NamedTuple):
    uri: str
    line: int
    items: Sequence[ContextItem]


class CompletionContext:
    """The context of one workspace's prompts.

    Args:
        folders: The workspace's folders; as trust is of the first one, context is, too.
        exclude: The user's own globs of what is not read.
        max_tokens: Of all context in a new prompt; 0 reads nothing.
        count: What tokens are counted with.
        index_folder: Where indexes are kept; the user's cache directory when None.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        exclude: tuple[str, ...],
        max_tokens: int,
        count: CountTokens,
        index_folder: Path | None = None,
    ) -> None:
        self._folder = next(iter(folders), None)
        self._exclude = exclude
        self._max_tokens = max_tokens
        self._count = count
        self._index_folder = index_folder
        self._open: dict[str, Snapshot] = {}
        self._recent: dict[str, None] = {}
        self._prepared: _Prepared | None = None
        self._retriever: Retriever | None = None
        self._asking = ThreadPoolExecutor(1, thread_name_prefix="fimble-context")
        self._building = ThreadPoolExecutor(1, thread_name_prefix="fimble-symbols")
        self._stop = threading.Event()
        self._enough = threading.Event()
        """Set when the build of the index shall end, by the user or with everything else."""
        self.on_indexing: OnIndexing | None = None
        self._trusted = False

    def use(self, *, trusted: bool) -> None:
        """Read other files from now on, or no more."""
        if trusted == self._trusted or self._folder is None or not self._max_tokens:
            return
        self._trusted = trusted
        self._prepared = None
        if trusted:
            self._asking.submit(self._quietly, self._load)

    @property
    def active(self) -> bool:
        """Whether prompts show other code."""
        return self._trusted

    # What the editor tells.

    def document_changed(self, snapshot: Snapshot, *, typed: bool) -> None:
        """Keep a document's text, and that it was worked on."""
        self._open[snapshot.uri] = snapshot
        if typed or snapshot.uri not in self._recent:
            self._recent.pop(snapshot.uri, None)
            self._recent[snapshot.uri] = None
            while len(self._recent) > _RECENT:
                del self._recent[next(iter(self._recent))]

    def document_closed(self, uri: str) -> None:
        """Forget a document's text; that it was worked on is still worth knowing."""
        self._open.pop(uri, None)
        if self._prepared is not None and self._prepared.uri == uri:
            self._prepared = None

    def files_changed(self, paths: Sequence[Path]) -> None:
        """Have files taken into the index again."""
        if not self._trusted or self._stop.is_set():
            return
        for path in paths:
            relative = self._relative(path)
            if relative is not None:
                self._building.submit(self._quietly, lambda path=relative: self._refresh(path))

    # What prompts ask.

    async def prepare(
        self, hole: Hole, window: tuple[int, int], *, patience_s: float | None = PATIENCE_S
    ) -> None:
        """Find what a prompt for a place should show, for a short while; never raises.

        Args:
            hole: The place.
            window: The lines of its document that the prompt shows anyway.
            patience_s: How long; None waits until it is known.
        """
        relative = self._path_of(hole.snapshot.uri)
        if not self._trusted or relative is None or self._stop.is_set():
            return
        loop = asyncio.get_running_loop()
        open_texts = {
            path: snapshot
            for uri, snapshot in self._open.items()
            if (path := self._path_of(uri)) is not None
        }
        worked_on = [self._path_of(uri) for uri in reversed(self._recent)]
        recent = tuple(path for path in worked_on if path is not None)
        asked = loop.run_in_executor(
            self._asking, lambda: self._retrieve(hole, relative, window, open_texts, recent)
        )
        done, _ = await asyncio.wait([asked], timeout=patience_s)
        if not done:
            # Late, it still serves the next prompt.
            asked.add_done_callback(lambda it: None if it.cancelled() else self._keep(hole, it))
        else:
            self._keep(hole, asked)

    def chosen(
        self, hole: Hole, *, known: Collection[Key] = (), spent: int | None = None
    ) -> ShownContext:
        """Return what to show for a place that was prepared.

        Args:
            hole: The place.
            known: What the prompt shows already.
            spent: What that cost; None for a new prompt.
        """
        taken = self.items(hole, known=known, spent=spent)
        if not taken:
            return NOTHING
        from fimble.context.retrieval.choosing import by_file  # noqa: PLC0415 - loaded by then

        snippets = tuple(
            Snippet(path=path, text=text, language=_word(path)) for path, text in by_file(taken)
        )
        used = sum(item.tokens for item in taken)
        return ShownContext(snippets, frozenset(it.key for it in taken), used)

    def items(
        self, hole: Hole, *, known: Collection[Key] = (), spent: int | None = None
    ) -> list[ContextItem]:
        """Return the same, each piece by itself with the reason for it."""
        prepared = self._prepared
        if prepared is None or not self._trusted or prepared.uri != hole.snapshot.uri:
            return []
        left = self._max_tokens if spent is None else int(self._max_tokens * GROWTH) - spent
        taken: list[ContextItem] = []
        used = 0
        for item in prepared.items:
            if item.key not in known and used + item.tokens <= left:
                taken.append(item)
                used += item.tokens
        return taken

    def gain(self, hole: Hole, known: Collection[Key]) -> bool:
        """Whether so much of what is worth showing is missing that the prompt is worth reading."""
        prepared = self._prepared
        if prepared is None or not self._trusted or prepared.uri != hole.snapshot.uri:
            return False
        total = sum(it.score for it in prepared.items)
        missing = sum(it.score for it in prepared.items if it.key not in known)
        return total > 0 and missing / total >= _WORTH_IT

    def stop_indexing(self) -> None:
        """End the build of the index early; what was read is kept."""
        self._enough.set()

    async def aclose(self) -> None:
        """Stop all work; what the index holds is kept."""
        self._stop.set()
        self._enough.set()
        self._asking.shutdown(wait=False, cancel_futures=True)
        self._building.shutdown(wait=False, cancel_futures=True)

    def _keep(self, hole: Hole, asked: asyncio.Future[Sequence[ContextItem]]) -> None:
        items = asked.result()
        self._prepared = _Prepared(hole.snapshot.uri, hole.cursor.line, items)

    def _path_of(self, uri: str) -> str | None:
        path = document_path(uri)
        return None if path is None else self._relative(path)

    def _relative(self, path: Path) -> str | None:
        if self._folder is None or not path.is_relative_to(self._folder):
            return None
        return path.relative_to(self._folder).as_posix()

    # In threads.

    def _index(self) -> SymbolIndex:
        from fimble.context.index.symbol_index import SymbolIndex  # noqa: PLC0415 - in a thread

        assert self._folder is not None  # noqa: S101 - nobody is trusted without one
        return SymbolIndex(self._folder, exclude=self._exclude, folder=self._index_folder)

    def _retrieve(
        self,
        hole: Hole,
        path: str,
        window: tuple[int, int],
        open_texts: dict[str, Snapshot],
        recent: tuple[str, ...],
    ) -> Sequence[ContextItem]:
        from fimble.context.retrieval.records import ContextQuery  # noqa: PLC0415 - in a thread
        from fimble.context.retrieval.retriever import Surroundings  # noqa: PLC0415

        retriever = self._retriever
        if retriever is None:
            return ()
        query = ContextQuery(
            path=path,
            snapshot=hole.snapshot,
            cursor=hole.cursor,
            first_line=window[0],
            last_line=window[1],
        )
        around = Surroundings(open_texts=open_texts, recent=recent)
        try:
            return retriever.retrieve(query, self._max_tokens, self._count, around=around).items
        except FimbleError:
            return ()

    def _load(self) -> None:
        """Import and open what the first question needs, then begin with the index."""
        from fimble.context.retrieval.retriever import Retriever  # noqa: PLC0415 - in a thread

        if self._retriever is None:
            self._retriever = Retriever(self._index())
        if not self._stop.is_set():
            self._building.submit(self._quietly, self._build)

    def _build(self) -> None:
        index = self._index()
        try:
            index.build(self._tell, polite=True, stop=self._enough)
        finally:
            index.close()
            self._tell(None)

    def _refresh(self, path: str) -> None:
        index = self._index()
        try:
            index.refresh(path)
        finally:
            index.close()

    def _tell(self, progress: BuildProgress | None) -> None:
        if self.on_indexing is not None and not self._stop.is_set():
            self.on_indexing(progress)

    def _quietly(self, work: Callable[[], None]) -> None:
        try:
            work()
        except FimbleError:
            return  # Without an index, imports and files beside are found all the same.


def _word(path: str) -> str:
    language = language_for("", path)
    return "" if language is None else language.name
