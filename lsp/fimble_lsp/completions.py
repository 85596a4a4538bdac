"""The way from this room to the pipeline: built after start-up, rebuilt when settings change.

Documents are followed from the first `didOpen`, whether or not the pipeline is there yet; a
request that comes early waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pygls.uris import to_fs_path

from fimble.text.edit import ByteEdit
from fimble.text.snapshot import Snapshot
from fimble_lsp.log import LOGGER
from fimble_lsp.protocol.crash import crash_summary

if TYPE_CHECKING:
    from fimble.completion.planning import Trigger
    from fimble.config.schema import Settings
    from fimble.engine.protocol import Hole
    from fimble.pipeline.chosen_layouts import CompletionPrompts
    from fimble.pipeline.completion_context import OnIndexing
    from fimble.pipeline.engine_router import OnStatus
    from fimble.pipeline.result import CompletionResult
    from fimble.syntax.promise import Tree
    from fimble_lsp.admission import Admission
    from fimble_lsp.documents import OpenDocuments


class CompleterPort(Protocol):
    """What this room needs of `fimble.pipeline.assembly.CompletionService`."""

    def start(self) -> None:
        """Begin to watch the model server and to read the workspace."""
        ...

    async def complete(
        self, hole: Hole, *, tree: Tree, trigger: Trigger, drafts: bool
    ) -> CompletionResult:
        """Answer one request, with a draft first where wanted; never raises for an engine."""
        ...

    def document_changed(self, snapshot: Snapshot, edits: Sequence[ByteEdit | None]) -> None:
        """Follow edits that led to `snapshot`; None stands for a whole new text."""
        ...

    def document_saved(self, path: Path) -> None:
        """Read a file again that has just been written."""
        ...

    def files_changed(self, paths: Sequence[Path]) -> None:
        """Read files again that somebody else wrote, made or deleted."""
        ...

    def document_closed(self, uri: str) -> None:
        """Forget a document."""
        ...

    def use_prompts(self, prompts: CompletionPrompts) -> None:
        """Take layouts and rules of user and team, from the next new prompt on."""
        ...

    def follow_indexing(self, tell: OnIndexing) -> None:
        """Have somebody told, from a thread, how far the workspace's index is."""
        ...

    def stop_indexing(self) -> None:
        """End the build of the workspace's index early."""
        ...

    async def aclose(self) -> None:
        """Close running streams and engines."""
        ...


class CompleterFactory(Protocol):
    """Makes completers of settings."""

    def load(self) -> None:
        """Import what `build` needs; runs in a thread, after `initialized`."""
        ...

    def build(
        self, settings: Settings, folders: tuple[str, ...], on_status: OnStatus
    ) -> CompleterPort:
        """Return a completer that has not been started; raises `FimbleError`. On the loop."""
        ...


class Completions:
    """The one completer of a server, while it is absent, present and replaced."""

    def __init__(self, factory: CompleterFactory, documents: OpenDocuments) -> None:
        self._factory = factory
        self._documents = documents
        self._completer: CompleterPort | None = None
        self._built = asyncio.Event()
        self._settings: Settings | None = None
        self._prompts: CompletionPrompts | None = None
        self._folders: tuple[str, ...] = ()
        self._admission: Admission | None = None
        self.on_indexing: OnIndexing | None = None

    def load(self) -> None:
        """Import what building needs; for a thread."""
        import fimble_lsp.admission  # noqa: PLC0415 - after start-up, with the syntax room

        _ = fimble_lsp.admission
        self._factory.load()

    async def build(
        self, settings: Settings, folders: tuple[str, ...], on_status: OnStatus
    ) -> None:
        """Build the completer, or replace it; raises `FimbleError` and then keeps the old one."""
        if (settings, folders) == (self._settings, self._folders):
            return
        from fimble_lsp.admission import Admission  # noqa: PLC0415 - as above

        completer = self._factory.build(settings, folders, on_status)
        former, self._completer = self._completer, completer
        self._settings, self._folders = settings, folders
        self._admission = Admission(settings, folders)
        for document in self._documents:
            self.document_changed(document.snapshot, [None])
        if self._prompts is not None:
            completer.use_prompts(self._prompts)
        if self.on_indexing is not None:
            completer.follow_indexing(self.on_indexing)
        completer.start()
        self._built.set()
        if former is not None:
            await former.aclose()

    def use_prompts(self, prompts: CompletionPrompts) -> None:
        """Have this completer, and those that replace it, use layouts of user and team."""
        self._prompts = prompts
        if self._completer is not None:
            self._completer.use_prompts(prompts)

    async def settled(self) -> None:
        """Wait until there is a completer, or it is known that there will be none."""
        await self._built.wait()

    def stop_indexing(self) -> None:
        """End the build of the index early; what was read of the workspace is kept."""
        if self._completer is not None:
            self._completer.stop_indexing()

    def give_up(self) -> None:
        """Let early requests go even where no completer could be built."""
        self._built.set()

    async def complete(
        self, hole: Hole, *, tree: Tree, trigger: Trigger, drafts: bool = False
    ) -> CompletionResult | None:
        """Ask the completer; None when there is none or it must not see the document."""
        await self._built.wait()
        completer = self._completer_for(hole.snapshot)
        if completer is None:
            return None
        return await completer.complete(hole, tree=tree, trigger=trigger, drafts=drafts)

    def document_changed(self, snapshot: Snapshot, edits: Sequence[ByteEdit | None]) -> None:
        """Pass on a change."""
        completer = self._completer_for(snapshot)
        if completer is not None:
            completer.document_changed(snapshot, edits)

    def document_saved(self, snapshot: Snapshot) -> None:
        """Pass on that a document was written, where that is a file."""
        completer = self._completer_for(snapshot)
        path = to_fs_path(snapshot.uri) if snapshot.uri.startswith("file:") else None
        if completer is not None and path:
            completer.document_saved(Path(path))

    def files_changed(self, paths: Sequence[Path]) -> None:
        """Pass on that files which are not open have changed; their reader decides which count."""
        if self._completer is not None:
            self._completer.files_changed(paths)

    def document_closed(self, uri: str) -> None:
        """Pass on that a document was closed."""
        if self._completer is not None:
            self._completer.document_closed(uri)

    def _completer_for(self, snapshot: Snapshot) -> CompleterPort | None:
        """Return the completer if there is one that may see this document."""
        if self._admission is None or not self._admission.admits(
            snapshot.uri, snapshot.language_id
        ):
            return None
        return self._completer

    async def aclose(self) -> None:
        """Close the completer; its connections to model servers end here."""
        completer, self._completer = self._completer, None
        if completer is not None:
            try:
                await completer.aclose()
            except Exception as error:  # noqa: BLE001 - the process ends; nobody is left to care
                LOGGER.error("Closing the engines failed: %s", crash_summary(error))
