"""Systems that ask at most once in a while: minuet and lsp-ai."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Final

from bench.peer_models.wire import ModelServer, Peer, fim

from fimble_cli.bench.document import Document


class Minuet(Peer):
    """milanglacier/minuet-ai.nvim:lua/minuet/virtualtext.lua, config.lua, utils.lua.

    400 ms pause and 1 s throttle; no request while what is typed agrees with what is shown;
    16,000 characters around the cursor, three quarters of them before it; three identical
    requests at a time, killed by the next ones or after 3 s.
    """

    closes_brackets = False
    window: int = 16_000
    completions: int = 3
    max_tokens: int = 256

    _PAUSE_S: Final = 0.4
    _THROTTLE_S: Final = 1.0
    _LIMIT_S: Final = 3.0
    _BEFORE_SHARE: Final = 0.75

    def __init__(self, server: ModelServer) -> None:
        super().__init__(server)
        self._throttled = False
        self._timer: asyncio.TimerHandle | None = None
        self._running: list[asyncio.Task[None]] = []

    def key(self, inserted: str) -> None:
        """Wait for a pause, unless the suggestion on the screen still agrees."""
        del inserted
        if self.ghost is not None:
            if self._timer is not None:
                self._timer.cancel()
            return
        if self._throttled:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.later(self._PAUSE_S, self._trigger)

    async def moved(self, document: Document) -> None:  # noqa: ARG002 - it has it
        """Movement of the cursor counts as a key."""
        self.key("")

    def _trigger(self) -> None:
        if self._throttled:
            return
        self._throttled = True
        self.later(self._THROTTLE_S, self._open_throttle)
        for task in self._running:
            task.cancel()
        prompt = fim(*self._window())
        version = self.document.version
        self._running = [
            self.spawn(self._request(version, prompt)) for _ in range(self.completions)
        ]

    def _open_throttle(self) -> None:
        self._throttled = False

    def _window(self) -> tuple[str, str]:
        before, after = self.document.before, self.document.after
        if len(before) + len(after) <= self.window:
            return before, after
        room_before = int(self.window * self._BEFORE_SHARE)
        room_after = self.window - room_before
        if len(before) < room_before:
            room_after = self.window - len(before)
        elif len(after) < room_after:
            room_before = self.window - len(after)
        return before[-room_before:], after[:room_after]

    async def _request(self, version: int, prompt: str) -> None:
        text = ""
        try:
            async with (
                asyncio.timeout(self._LIMIT_S),
                aclosing(self.ask(prompt, max_tokens=self.max_tokens)) as stream,
            ):
                async for piece in stream:
                    text += piece
        except TimeoutError:
            pass  # What has come until then is shown.
        if self.document.version == version and self.ghost is None:
            self.offer(version, text.rstrip())


class MinuetLocal(Minuet):
    """minuet as its README sets it up for Ollama: one request, 512 characters, 56 tokens."""

    window = 512
    completions = 1
    max_tokens = 56


class LspAi(Peer):
    """SilasMarvin/lsp-ai:crates/lsp-ai/src/transformer_worker.rs, memory_backends/file_store.rs.

    At most one request a second, the newest; every one runs to its end, not streamed; 1,024
    tokens of four characters, half on each side of the cursor. Other files, which it puts in front,
    are left out.
    """

    _EACH_S: Final = 1.0
    _HALF_WINDOW: Final = 1024 * 4 // 2
    _MAX_TOKENS: Final = 64

    def __init__(self, server: ModelServer) -> None:
        super().__init__(server)
        self._next_at = 0.0
        self._waiting: asyncio.TimerHandle | None = None

    def key(self, inserted: str) -> None:
        """Ask now or when the second is over; the newest key wins."""
        del inserted
        loop = asyncio.get_running_loop()
        if self._waiting is None:
            delay_s = max(0.0, self._next_at - loop.time())
            self._waiting = self.later(delay_s, self._dispatch)

    def _dispatch(self) -> None:
        self._waiting = None
        self._next_at = asyncio.get_running_loop().time() + self._EACH_S
        before, after = self.document.before, self.document.after
        prefix = before[-self._HALF_WINDOW :]
        suffix = after[: 2 * self._HALF_WINDOW - len(prefix)]
        self.spawn(self._request(self.document.version, fim(prefix, suffix)))

    async def _request(self, version: int, prompt: str) -> None:
        answer = await self.ask_whole(prompt, max_tokens=self._MAX_TOKENS)
        after = self.document.after
        for length in range(min(len(answer), len(after)), 0, -1):
            if answer.endswith(after[:length]):
                answer = answer[:-length]
                break
        self.offer(version, answer)
