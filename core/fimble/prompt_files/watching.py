"""Tells when files in a few folders change, and keeps the last good version of each template.

watchfiles makes it quick, a look at names and times every few seconds makes it sure: network file
systems send no events, and a folder that appears has nothing that could send one. Each folder is
watched by itself and never what lies below it, because a link in a repository could lead a
recursive watch through the whole disk. While no folder is there, nothing is watched and no thread
runs.

watchfiles rather than the editor's own watchers (`workspace/didChangeWatchedFiles`): the user's
folder lies outside of every workspace, several editors watch nothing on request, and the chat has
no editor.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from fimble.errors import TemplateError
from fimble.prompting.catalogue import Catalogue, PromptEntry, PromptLayer

Result = TypeVar("Result")

_PERIOD_S = 2.0
_STEP_MS = 100
"""Changes that follow each other so closely are one: an editor saves in several steps."""

_LONGEST_BURST_MS = 1_000
_MAX_ENTRIES = 5_000


class InThread(Protocol):
    """Runs blocking work beside the event loop."""

    def __call__(self, work: Callable[[], Result], /) -> Awaitable[Result]:
        """Return what `work` returns."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedFolder:
    """One folder whose entries count."""

    path: Path
    names: frozenset[str] | None = None
    """Entries to look at; None looks at all."""


FindFolders = Callable[[], Iterable[WatchedFolder]]
"""Returns what is to be watched; folders that are not there, or are links, do not count."""

_Stamp = frozenset[tuple[str, int, int, int]]


@dataclass(frozen=True, slots=True)
class _Look:
    """What stands in the folders at one moment."""

    folders: tuple[Path, ...]
    stamp: _Stamp


class FolderWatcher:
    """Follows the folders that a function names, those that appear and vanish included.

    Args:
        find: Names the folders; called in a thread, again and again.
        in_thread: How blocking work is done.
        period_s: How often to look at folders that are not there, and past the events.
    """

    def __init__(
        self,
        find: FindFolders,
        *,
        in_thread: InThread = asyncio.to_thread,
        period_s: float = _PERIOD_S,
    ) -> None:
        self._find = find
        self._in_thread = in_thread
        self._period_s = period_s
        self._polls = False
        self._seen: _Look | None = None
        self.is_watching = False
        """Whether a thread is waiting for events now."""

    async def begin(self) -> bool:
        """Look for the first time, before the caller reads; return whether any folder is there.

        What changes after this is a change, also while the caller still reads.
        """
        self._seen = await self._in_thread(self._look)
        return bool(self._seen.folders)

    async def changes(self) -> AsyncGenerator[None, None]:
        """Yield after each change, several close together counting as one; never ends by itself."""
        if self._seen is None:
            await self.begin()
        seen = self._seen or _Look((), frozenset())
        while True:
            if seen.folders:
                async with aclosing(self._watched(seen)) as looks:
                    async for now in looks:
                        seen = now
                        yield
            else:
                await asyncio.sleep(self._period_s)
                now = await self._in_thread(self._look)
                if now != seen:
                    seen = now
                    yield

    async def _watched(self, seen: _Look) -> AsyncGenerator[_Look, None]:
        """Yield each new look until other folders are to be watched, or watching fails."""
        loop = asyncio.get_running_loop()
        news: asyncio.Queue[_Look | None] = asyncio.Queue()
        stop = threading.Event()

        def post(look: _Look | None) -> None:
            try:
                loop.call_soon_threadsafe(news.put_nowait, look)
            except RuntimeError:
                stop.set()  # The loop is closed: nobody waits any more.

        def work() -> None:
            try:
                self._follow(seen, stop, post)
            finally:
                post(None)

        threading.Thread(target=work, name="fimble-watch", daemon=True).start()
        self.is_watching = True
        ended = False
        try:
            while (look := await news.get()) is not None:
                yield look
                if look.folders != seen.folders:
                    return
            ended = True
        finally:
            stop.set()
            # A thread in foreign code must be gone before the interpreter is.
            while not ended:
                ended = await news.get() is None
            self.is_watching = False

    def _follow(self, seen: _Look, stop: threading.Event, post: Callable[[_Look], None]) -> None:
        """Wait for events and look; runs in a thread until `stop`, or other folders are there."""
        from watchfiles import watch  # noqa: PLC0415 - most workspaces have nothing to watch

        folders = seen.folders
        try:
            for _ in watch(
                *folders,
                watch_filter=None,
                debounce=_LONGEST_BURST_MS,
                step=_STEP_MS,
                stop_event=stop,
                rust_timeout=int(self._period_s * 1000),
                yield_on_timeout=True,
                raise_interrupt=False,
                recursive=False,
                force_polling=self._polls or None,
                ignore_permission_denied=True,
            ):
                now = self._look()
                if now != seen:
                    seen = now
                    post(now)
                if now.folders != folders:
                    return
        except (OSError, RuntimeError):
            # The system has no watches left, or the folder vanished while it was being watched.
            self._polls = self._look().folders == folders
            now = self._look()
            if now != seen:
                post(now)
            stop.wait(self._period_s)

    def _look(self) -> _Look:
        folders: list[Path] = []
        stamp: set[tuple[str, int, int, int]] = set()
        for folder in self._find():
            if folder.path.is_symlink():
                continue
            try:
                with os.scandir(folder.path) as entries:
                    folders.append(folder.path)
                    for entry, _ in zip(entries, range(_MAX_ENTRIES), strict=False):
                        if folder.names is None or entry.name in folder.names:
                            stamp.add(_stamp(entry))
            except OSError:
                continue
        return _Look(tuple(folders), frozenset(stamp))


def _stamp(entry: os.DirEntry[str]) -> tuple[str, int, int, int]:
    """Return what differs after a write, also one that keeps the size within a clock tick."""
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return entry.path, 0, 0, 0
    if entry.is_dir(follow_symlinks=False):
        return entry.path, 0, 0, found.st_ino
    return entry.path, found.st_mtime_ns, found.st_size, found.st_ino


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenPrompt:
    """A template whose newest version cannot be used."""

    error: TemplateError
    """Its first mistake, with file, line and column."""
    last_good_stays: bool
    is_news: bool
    """False when exactly this was told before."""

    def sentence(self) -> str:
        """Return what to tell the user."""
        instead = "; its last good version stays in use" if self.last_good_stays else ""
        return f"A prompt is broken{instead}: {self.error}"

    def in_brief(self) -> str:
        """Return what to tell the user where there is room for one line: without the hint."""
        return self.sentence().removesuffix(f" {self.error.hint}")


class LiveCatalogue:
    """The catalogue in force; a broken edit keeps the last good version and is told once."""

    def __init__(self) -> None:
        self.catalogue = Catalogue(())
        """Replaced as a whole: whoever took it keeps a consistent one."""
        self._told: dict[tuple[PromptLayer, str], str] = {}

    def swap(self, fresh: Catalogue) -> tuple[BrokenPrompt, ...]:
        """Put a newly read catalogue in force; return what is broken in it."""
        good = {
            _key(entry): entry
            for chain in self.catalogue.chains
            for entry in chain
            if entry.template is not None
        }
        broken: list[BrokenPrompt] = []
        in_force: list[PromptEntry] = []
        told: dict[tuple[PromptLayer, str], str] = {}
        for entry in (entry for chain in fresh.chains for entry in chain):
            key = _key(entry)
            if entry.template is not None:
                in_force.append(entry)
                continue
            error = entry.errors()[0]
            told[key] = str(error)
            in_force.append(good.get(key, entry))
            broken.append(
                BrokenPrompt(
                    error=error,
                    last_good_stays=key in good,
                    is_news=self._told.get(key) != str(error),
                )
            )
        self._told = told
        self.catalogue = Catalogue(in_force)
        return tuple(broken)


def _key(entry: PromptEntry) -> tuple[PromptLayer, str]:
    return entry.source.layer, entry.full_name
