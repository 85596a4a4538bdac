"""The way from this room to the pipeline: built after start-up, rebuilt when settings change.

Documents are followed from the first `didOpen`, whether or not the pipeline is there yet; a
request that comes early waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from fimble.text.edit import ByteEdit
from fimble.text.snapshot import Snapshot
from fimble_lsp.log import LOGGER
from fimble_lsp.protocol.crash import crash_summary

if TYPE_CHECKING:
    from fimble.completion.planning import Trigger
    from fimble.config.schema import Settings
    from fimble.engine.protocol import Hole
    from fimble.pipeline.engine_router import OnStatus
    from fimble.pipeline.result import CompletionResult
    from fimble.syntax.tree import SyntaxTree
    from fimble_lsp.documents import OpenDocuments


class CompleterPort(Protocol):
    """What this room needs of `fimble.pipeline.completer.Completer`."""

    async def complete(
        self, hole: Hole, *, tree: SyntaxTree | None, trigger: Trigger
    ) -> CompletionResult:
        """Answer one request; never raises for an engine's failure."""
        ...

    def document_changed(self, snapshot: Snapshot, edits: Sequence[ByteEdit | None]) -> None:
        """Follow edits that led to `snapshot`; None stands for a whole new text."""
        ...

    def document_closed(self, uri: str) -> None:
        """Forget a document."""
        ...

    async def aclose(self) -> None:
        """Close running streams and engines."""
        ...


class CompleterFactory(Protocol):
    """Builds the pipeline; called on the event loop, after `initialized`."""

    def __call__(
        self, settings: Settings, folders: tuple[str, ...], on_status: OnStatus
    ) -> CompleterPort:
        """Return a completer that is ready to be asked; raises `FimbleError`."""
        ...


class Completions:
    """The one completer of a server, while it is absent, present and replaced."""

    def __init__(self, factory: CompleterFactory, documents: OpenDocuments) -> None:
        self._factory = factory
        self._documents = documents
        self._completer: CompleterPort | None = None
        self._built = asyncio.Event()
        self._settings: Settings | None = None

    async def build(
        self, settings: Settings, folders: tuple[str, ...], on_status: OnStatus
    ) -> None:
        """Build the completer, or replace it; raises `FimbleError` and then keeps the old one."""
        if settings == self._settings:
            return
        completer = self._factory(settings, folders, on_status)
        for document in self._documents:
            completer.document_changed(document.snapshot, [None])
        former, self._completer = self._completer, completer
        self._settings = settings
        self._built.set()
        if former is not None:
            await former.aclose()

    def give_up(self) -> None:
        """Let early requests go even where no completer could be built."""
        self._built.set()

    async def complete(
        self, hole: Hole, *, tree: SyntaxTree | None, trigger: Trigger
    ) -> CompletionResult | None:
        """Ask the completer; None when there is none or completions are switched off."""
        await self._built.wait()
        if self._completer is None or not self._wanted(hole.snapshot.language_id):
            return None
        return await self._completer.complete(hole, tree=tree, trigger=trigger)

    def _wanted(self, language_id: str) -> bool:
        if self._settings is None:
            return False
        completion = self._settings.completion
        return completion.enabled and language_id not in completion.disabled_languages

    def document_changed(self, snapshot: Snapshot, edits: Sequence[ByteEdit | None]) -> None:
        """Pass on a change."""
        if self._completer is not None:
            self._completer.document_changed(snapshot, edits)

    def document_closed(self, uri: str) -> None:
        """Pass on that a document was closed."""
        if self._completer is not None:
            self._completer.document_closed(uri)

    async def aclose(self) -> None:
        """Close the completer; its connections to model servers end here."""
        completer, self._completer = self._completer, None
        if completer is not None:
            try:
                await completer.aclose()
            except Exception as error:  # noqa: BLE001 - the process ends; nobody is left to care
                LOGGER.error("Closing the engines failed: %s", crash_summary(error))
