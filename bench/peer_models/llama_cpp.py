"""llama.vim and llama.vscode: a 256 + 64 line window, a cache of answers, no cancellation.

Both talk to llama-server's `/infill`, which Ollama does not offer. Here the client builds the
prefix-suffix-middle prompt that `/infill` would build (ggml-org/llama.cpp:tools/server) and applies
its two early stops, on time and on indentation, by closing the connection. The ring of chunks
from other places is left out, since it only makes prompts longer.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import aclosing
from typing import Final

from bench.peer_models.windows import Lines, lines_around, until_less_indented
from bench.peer_models.wire import ModelServer, Peer, fim

from fimble_cli.bench.document import Document
from fimble_cli.bench.ghost import Ghost

_PREFIX_LINES: Final = 256
_SUFFIX_LINES: Final = 64
_MAX_TOKENS: Final = 128
_MAX_LINE_SUFFIX: Final = 8
_CACHED: Final = 250

Key = tuple[str, str, str]
"""Lines before, the cursor's line up to the cursor, everything after."""


class _Infill(Peer):
    """What both share: window, request and cache."""

    def __init__(self, server: ModelServer) -> None:
        super().__init__(server)
        self._cache: OrderedDict[Key, str] = OrderedDict()

    def remember(self, key: Key, answer: str) -> None:
        """Keep an answer; the least recently used goes first."""
        self._cache[key] = answer
        self._cache.move_to_end(key)
        if len(self._cache) > _CACHED:
            self._cache.popitem(last=False)

    async def infill(self, key: Key, *, indentation: int, limit_s: float) -> str:
        """Ask for `key`; ends early when the scope is left, or on time with a whole line."""
        prefix, middle, suffix = key
        text = ""
        began: float | None = None
        loop = asyncio.get_running_loop()
        prompt = fim(prefix + middle, suffix)
        async with aclosing(self.ask(prompt, max_tokens=_MAX_TOKENS)) as stream:
            async for piece in stream:
                began = loop.time() if began is None else began
                text += piece
                left = until_less_indented(text, indentation)
                if left is not None:
                    return text[:left]
                if "\n" in text and loop.time() - began > limit_s:
                    break
        return text

    @staticmethod
    def window(lines: Lines) -> Key:
        """Return what is sent for a place."""
        blank = not (lines.before + lines.after).strip()
        prefix = "\n".join(lines.above[-_PREFIX_LINES:]) + "\n"
        rest = "" if blank else lines.after
        suffix = "\n".join((rest, *lines.below[:_SUFFIX_LINES])) + "\n"
        return prefix, "" if blank else lines.before, suffix


class LlamaVim(_Infill):
    """ggml-org/llama.vim:autoload/llama.vim.

    Asks on every cursor movement unless an answer is cached for the very place; while a request
    runs, the newest waits in steps of 100 ms. A cached answer is shown for up to 128 characters
    typed into it, and its continuation asked for ahead.
    """

    closes_brackets = False

    _RETRY_S: Final = 0.1
    _FIRST_LIMIT_S: Final = 0.25
    _AHEAD_LIMIT_S: Final = 1.0
    _LOOK_BACK: Final = 128

    def __init__(self, server: ModelServer) -> None:
        super().__init__(server)
        self._running = False
        self._timer: asyncio.TimerHandle | None = None

    def key(self, inserted: str) -> None:
        """Follow a movement of the cursor."""
        del inserted
        self._hint()
        self._fim(ahead="")

    async def moved(self, document: Document) -> None:  # noqa: ARG002 - it has it
        """A jump is a movement too."""
        self.key("")

    def _hint(self) -> None:
        """Show what the cache has for this place, and ask for what comes after it."""
        lines = lines_around(self.document)
        prefix, middle, suffix = self.window(lines)
        answer = self._cache.get((prefix, middle, suffix))
        for back in range(1, self._LOOK_BACK + 1):
            if answer is not None or back > len(middle):
                break
            cached = self._cache.get((prefix, middle[:-back], suffix), "")
            if cached.startswith(middle[-back:]):
                answer = cached[back:]
        if not answer or not answer.strip():
            self.show(None)
            return
        blank = 0 if middle else len(lines.before)
        shown = answer[blank:] if not answer[:blank].strip() else answer.lstrip(" \t")
        self.show(Ghost(text=shown.rstrip("\n")))
        self._fim(ahead=shown.rstrip("\n"))

    def _fim(self, *, ahead: str) -> None:
        """Ask, or wait for the running request; a later call takes the place of a waiting one."""
        if self._running:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self.later(self._RETRY_S, lambda: self._fim(ahead=ahead))
            return
        lines = lines_around(self.document)
        if len(lines.after) > _MAX_LINE_SUFFIX:
            return
        if ahead:
            *whole, last = (lines.before + ahead).split("\n")
            lines = Lines(above=[*lines.above, *whole], before=last, after="", below=lines.below)
        key = self.window(lines)
        if self._is_cached(key):
            return
        self._running = True
        limit_s = self._AHEAD_LIMIT_S if ahead else self._FIRST_LIMIT_S
        self.spawn(self._request(key, indentation=lines.indentation, limit_s=limit_s))

    def _is_cached(self, key: Key) -> bool:
        return any(it in self._cache for it in _scrolled(key))

    async def _request(self, key: Key, *, indentation: int, limit_s: float) -> None:
        try:
            answer = await self.infill(key, indentation=indentation, limit_s=limit_s)
        finally:
            self._running = False
        for it in _scrolled(key):
            self.remember(it, answer)
        if self.ghost is None:
            self._hint()


def _scrolled(key: Key) -> list[Key]:
    """Return `key` and what it is after the window has moved down by one to three lines."""
    prefix, middle, suffix = key
    keys = [key]
    for _ in range(3):
        prefix = prefix.partition("\n")[2]
        if not prefix:
            break
        keys.append((prefix, middle, suffix))
    return keys


class LlamaVscode(_Infill):
    """ggml-org/llama.vscode:src/completion.ts.

    One request at a time; a waiting one looks each 150 ms whether it may go. Answers are reused
    within the line; after each answer its continuation is asked for ahead. `n_cmpl` is 1: a
    model with a single slot allows no more.
    """

    _POLL_S: Final = 0.15
    _LIMIT_S: Final = 0.5

    def __init__(self, server: ModelServer) -> None:
        super().__init__(server)
        self._busy = False

    def key(self, inserted: str) -> None:
        """Provide a completion, as VS Code asks for it after each key."""
        del inserted
        self.spawn(self._provide(self.document.version))

    async def _provide(self, version: int) -> None:
        while self._busy:
            await asyncio.sleep(self._POLL_S)
            if version != self.document.version:
                return
        lines = lines_around(self.document)
        if len(lines.after) > _MAX_LINE_SUFFIX:
            return
        self._busy = True
        key = self.window(lines)
        try:
            answer = self._cached(key)
            if answer is None:
                answer = await self.infill(
                    key, indentation=lines.indentation, limit_s=self._LIMIT_S
                )
                self.remember(key, answer)
        finally:
            self._busy = False
        shown = answer.rstrip("\n")
        if lines.after.strip():
            shown = shown.partition("\n")[0].removesuffix(lines.after)
        if not key[1]:
            shown = shown[len(lines.before) :] if lines.before else shown
        self.offer(version, shown)
        if version == self.document.version and shown.strip() and not lines.after.strip():
            await self._go_on(lines, answer.rstrip("\n"))

    def _cached(self, key: Key) -> str | None:
        prefix, middle, suffix = key
        for length in range(len(middle), -1, -1):
            answer = self._cache.get((prefix, middle[:length], suffix))
            if answer is not None and answer.startswith(middle[length:]):
                return answer[len(middle) - length :]
        return None

    async def _go_on(self, lines: Lines, answer: str) -> None:
        """Ask for what follows the suggestion, as if it were accepted."""
        blank = "" if self.window(lines)[1] == "" else lines.before
        *whole, last = (blank + answer).split("\n")
        ahead = Lines(above=[*lines.above, *whole], before=last, after="", below=lines.below)
        key = self.window(ahead)
        if key not in self._cache:
            answer = await self.infill(key, indentation=lines.indentation, limit_s=self._LIMIT_S)
            if answer.strip():
                self.remember(key, answer)
