"""A workspace's prompts and what of them is trusted, kept up to date while a program runs.

Everything is read and checked first, in a thread, and then put in force as one value: whoever
works with the former one goes on with it undisturbed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from fimble.context.project_rules import RULES_FILE
from fimble.errors import TrustError
from fimble.prompt_files.layers import (
    GUARDS,
    PromptLayers,
    file_folder,
    repository_folder,
    user_folder,
)
from fimble.prompt_files.watching import (
    BrokenPrompt,
    FolderWatcher,
    InThread,
    LiveCatalogue,
    WatchedFolder,
)
from fimble.prompting.catalogue import (
    Catalogue,
    PromptEntry,
    PromptLayer,
    PromptSource,
    read_entry,
)
from fimble.prompting.partial import Partial, included_names
from fimble.prompting.partial_catalogue import PARTIALS_FOLDER
from fimble.prompting.variables import Kind
from fimble.trust.pins import SETTINGS_FILE, WorkspaceTrust
from fimble.trust.store import TrustStore
from fimble.trust.workspace import TrustState, trust_state

_Content: TypeAlias = tuple[PromptSource, tuple[Partial | None, ...]]
"""All that a template's checked form depends on."""

_KINDS = frozenset({*(kind.value for kind in Kind), PARTIALS_FOLDER})


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptsInForce:
    """What one reading found."""

    catalogue: Catalogue
    """With the last good version of each template that is broken now."""
    trust: TrustState
    layers: PromptLayers
    """Where it was read from."""
    broken: tuple[BrokenPrompt, ...] = ()


class LivePrompts:
    """The prompts of one workspace, or of the user alone where there is none.

    Args:
        workspace: The workspace's root.
        in_thread: How blocking work is done.
        store: The record of trust.
        period_s: How often to look past the events of the system.
        file: A template that the user named; it wins over all others of its name.
    """

    def __init__(
        self,
        workspace: Path | None,
        *,
        in_thread: InThread = asyncio.to_thread,
        store: TrustStore | None = None,
        period_s: float = 2.0,
        file: Path | None = None,
    ) -> None:
        self._workspace = workspace
        self._file = file
        self._in_thread = in_thread
        self._store = store or TrustStore()
        self._live = LiveCatalogue()
        self._reader = _Reader()
        self._watcher = FolderWatcher(self.folders, in_thread=in_thread, period_s=period_s)
        self.in_force: PromptsInForce | None = None
        """None until somebody wanted them or there was something to read."""

    @property
    def is_watching(self) -> bool:
        """Whether a thread waits for changes; not while there is nothing to watch."""
        return self._watcher.is_watching

    async def read(self) -> PromptsInForce:
        """Read everything now and put it in force."""
        return self._put(await self._in_thread(self._read))

    def read_now(self) -> PromptsInForce:
        """Do the same without a thread, for who cannot go on before it is done."""
        return self._put(self._read())

    def _put(self, found: tuple[Catalogue, TrustState, PromptLayers]) -> PromptsInForce:
        catalogue, state, layers = found
        broken = self._live.swap(catalogue)
        self.in_force = PromptsInForce(
            catalogue=self._live.catalogue, trust=state, layers=layers, broken=broken
        )
        return self.in_force

    async def follow(self) -> AsyncGenerator[PromptsInForce, None]:
        """Yield what is in force now, if there is anything, and again after each change."""
        if await self._watcher.begin():
            yield await self.read()
        async with aclosing(self._watcher.changes()) as changes:
            async for _ in changes:
                yield await self.read()

    def folders(self) -> Iterator[WatchedFolder]:
        """Name the folders that count, for the watcher; looks at the disk."""
        yield from _prompt_folders(user_folder().path)
        if self._file is not None:
            yield WatchedFolder(path=self._file.parent, names=frozenset({self._file.name}))
            yield WatchedFolder(path=file_folder(self._file).path / PARTIALS_FOLDER)
        workspace = self._workspace
        if workspace is None:
            return
        own = (workspace / SETTINGS_FILE).parent
        record = self._record()
        if own.is_dir() and not own.is_symlink():
            names = frozenset({"prompts", Path(SETTINGS_FILE).name})
            yield WatchedFolder(path=own, names=names)
            yield from _prompt_folders(repository_folder(workspace).path)
        elif record is None or not record.exists():
            return
        yield WatchedFolder(path=workspace, names=frozenset({RULES_FILE}))
        if record is not None:
            yield WatchedFolder(path=record.parent, names=frozenset({record.name}))

    def _record(self) -> Path | None:
        try:
            return None if self._workspace is None else self._store.file_of(self._workspace)
        except TrustError:
            return None

    def _read(self) -> tuple[Catalogue, TrustState, PromptLayers]:
        if self._workspace is None:
            state = TrustState(trust=WorkspaceTrust())
            layers = PromptLayers(workspace=user_folder().path, file=self._file)
        else:
            state = trust_state(self._workspace, self._store)
            allows = state.trust.allows if state.trust.granted else None
            layers = PromptLayers(workspace=self._workspace, allows=allows, file=self._file)
        return self._reader.catalogue(layers), state, layers


class _Reader:
    """Reads catalogues again and again; a template that did not change is not checked again."""

    def __init__(self) -> None:
        self._known: dict[_Content, PromptEntry] = {}

    def catalogue(self, layers: PromptLayers) -> Catalogue:
        """Read everything."""
        partials = layers.partials()
        seen = {layer: partials.seen_by(layer) for layer in PromptLayer}
        known: dict[_Content, PromptEntry] = {}
        for source in layers.sources():
            of_layer = seen[source.layer]
            included = tuple(of_layer.get(name) for name in included_names(source.text))
            key = source, included
            known[key] = self._known.get(key) or read_entry(source, GUARDS, of_layer)
        self._known = known
        return Catalogue(known.values())


def _prompt_folders(path: Path) -> Iterator[WatchedFolder]:
    if path.is_symlink():
        return
    yield WatchedFolder(path=path, names=_KINDS)
    for name in sorted(_KINDS):
        yield WatchedFolder(path=path / name)
