"""Systems that wait for a pause and ask once: Continue, Tabby, twinny, llm-ls (llm-vscode)."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import aclosing
from typing import Final

from bench.peer_models.windows import first_lines_within, last_lines_within, lines_around
from bench.peer_models.wire import ModelServer, Peer, fim

_CHARACTERS_PER_TOKEN: Final = 3
"""Of the stub's tokenizer on code, for windows that are counted in tokens."""


class Continue(Peer):
    """continuedev/continue:core/autocomplete/CompletionProvider.ts, util/parameters.ts.

    350 ms pause; 30 % of 1,024 tokens before the cursor and 20 % after it, in whole lines; a
    running or finished stream is kept while the text agrees with it
    (generation/GeneratorReuseManager.ts); a stream ends at the first check, each 10 chunks, that
    is later than 375 ms after the request (generation/utils.ts). Snippets are left out.
    """

    _PAUSE_S: Final = 0.35
    _PREFIX_TOKENS: Final = 307
    _SUFFIX_TOKENS: Final = 204
    _LIMIT_S: Final = 0.375
    _CHECKED_EACH: Final = 10
    _MAX_TOKENS: Final = 256

    def __init__(self, server: ModelServer) -> None:
        super().__init__(server)
        self._stream: asyncio.Task[None] | None = None
        self._stream_prefix = ""
        self._said = ""

    def key(self, inserted: str) -> None:
        """Wait for a pause."""
        del inserted
        self.spawn(self._provide(self.document.version))

    async def _provide(self, version: int) -> None:
        await asyncio.sleep(self._PAUSE_S)
        if version != self.document.version:
            return
        prefix = last_lines_within(self.document.before, self._PREFIX_TOKENS, _CHARACTERS_PER_TOKEN)
        if not self._agrees(prefix):
            if self._stream is not None:
                self._stream.cancel()
            suffix = first_lines_within(
                self.document.after, self._SUFFIX_TOKENS, _CHARACTERS_PER_TOKEN
            )
            self._stream_prefix, self._said = prefix, ""
            self._stream = self.spawn(self._generate(fim(prefix, suffix)))
        if self._stream is not None:
            await asyncio.wait([self._stream])
        typed = prefix[len(self._stream_prefix) :]
        if self._said.startswith(typed):
            self.offer(version, self._said[len(typed) :].rstrip())

    def _agrees(self, prefix: str) -> bool:
        if self._stream is None or len(prefix) < len(self._stream_prefix):
            return False
        return (self._stream_prefix + self._said).startswith(prefix)

    async def _generate(self, prompt: str) -> None:
        loop = asyncio.get_running_loop()
        began, pieces = loop.time(), 0
        async with aclosing(self.ask(prompt, max_tokens=self._MAX_TOKENS)) as stream:
            async for piece in stream:
                self._said += piece
                pieces += 1
                if "\n\n" in self._said:
                    self._said = self._said.partition("\n\n")[0]
                    return
                if pieces % self._CHECKED_EACH == 0 and loop.time() - began > self._LIMIT_S:
                    return


class Tabby(Peer):
    """TabbyML/tabby:clients/tabby-agent/src/codeCompletion.

    Pause by rhythm and place (debouncer.ts), 20 lines on each side (contexts.ts), the running
    request aborted by the next one, an answer kept for the next 50 characters typed into it
    (cache.ts); the server cuts the rendered prompt to its last 1,536 bytes and decodes 64 tokens
    (crates/tabby/src/services/completion.rs). Snippets of other files are left out.
    """

    _LINES: Final = 20
    _PROMPT_BYTES: Final = 1536
    _MAX_TOKENS: Final = 64
    _FORWARD: Final = 50
    _SHORTEST: Final = 4
    _STOP: Final = ("\n\n",)

    def __init__(self, server: ModelServer) -> None:
        super().__init__(server)
        self._intervals: deque[float] = deque(maxlen=100)
        self._last_key = 0.0
        self._response_times: deque[float] = deque(maxlen=10)
        self._running: asyncio.Task[None] | None = None
        self._answers: dict[tuple[str, str], str] = {}

    def key(self, inserted: str) -> None:
        """Abort what runs and begin again."""
        if self._running is not None:
            self._running.cancel()
        self._running = self.spawn(self._provide(self.document.version, self._pause_s(inserted)))

    def _pause_s(self, inserted: str) -> float:
        now = asyncio.get_running_loop().time()
        if now - self._last_key <= 0.4:
            self._intervals.append(now - self._last_key)
        self._last_key = now
        base = 0.2
        if len(self._intervals) > 20:
            base = min(max(sum(self._intervals) / len(self._intervals), 0.1), 0.4)
        rest = self.document.after.partition("\n")[0]
        score = 0.5 if not any(it.isalnum() or it == "_" for it in inserted) else 0.0
        score += 0.4 if not any(it.isalnum() or it == "_" for it in rest) else 0.0
        score += 0.1 if not self.document.after.strip() else 0.0
        times = self._response_times
        response_s = sum(times) / len(times) if times else 0.0
        return min(max((3.0 - 1.5 * score) * base - response_s, 0.1), 1.0)

    async def _provide(self, version: int, pause_s: float) -> None:
        await asyncio.sleep(pause_s)
        lines = lines_around(self.document)
        prefix = "\n".join((*lines.above[-self._LINES :], lines.before))
        suffix = "\n".join((lines.after, *lines.below[: self._LINES]))
        key = (self.document.before, self.document.after)
        answer = self._kept(*key)
        if answer is None:
            prompt = fim(prefix, suffix).encode()[-self._PROMPT_BYTES :].decode("utf-8", "ignore")
            loop = asyncio.get_running_loop()
            began = loop.time()
            answer = await self.ask_whole(prompt, max_tokens=self._MAX_TOKENS, stop=self._STOP)
            self._response_times.append(loop.time() - began)
            answer = answer.rstrip()
            if any(it.isalnum() for it in lines.after):
                answer = answer.partition("\n")[0]
            self._answers[key] = answer
        if len(answer) >= self._SHORTEST:
            self.offer(version, answer)

    def _kept(self, before: str, after: str) -> str | None:
        for typed in range(self._FORWARD + 1):
            answer = self._answers.get((before[: len(before) - typed], after))
            if answer is not None and answer.startswith(before[len(before) - typed :]):
                return answer[typed:]
        return None


class Twinny(Peer):
    """twinnydotdev/twinny:src/extension/providers/completion.ts, utils.ts, package.json.

    300 ms pause, 85 lines before and 15 after; requests stand in line behind a lock and none is
    cancelled; a line ends the stream where no block is expected. Its request to Ollama is not raw
    and wraps the prompt into a chat, which is left out here; so are its cache (off) and its stop
    by brackets, for which two line ends stand in.
    """

    _PAUSE_S: Final = 0.3
    _PREFIX_LINES: Final = 85
    _SUFFIX_LINES: Final = 15
    _MAX_TOKENS: Final = 512
    _MOST_LINES: Final = 40
    _FEWEST_CHUNKS: Final = 2

    def __init__(self, server: ModelServer) -> None:
        super().__init__(server)
        self._lock = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None

    def key(self, inserted: str) -> None:
        """Build the prompt now and send it after a pause."""
        del inserted
        if self._timer is not None:
            self._timer.cancel()
        lines = lines_around(self.document)
        spare = max(0, self._PREFIX_LINES - len(lines.above))
        prefix = "\n".join((*lines.above[-self._PREFIX_LINES :], lines.before))
        suffix = "\n".join((lines.after, *lines.below[: self._SUFFIX_LINES + spare]))
        is_block = not (lines.before + lines.after).strip()
        version, prompt = self.document.version, fim(prefix, suffix)
        self._timer = self.later(
            self._PAUSE_S,
            lambda: self.spawn(self._request(version, prompt, is_block=is_block)),
        )

    async def _request(self, version: int, prompt: str, *, is_block: bool) -> None:
        async with self._lock:
            text, chunks = "", 0
            async with aclosing(self.ask(prompt, max_tokens=self._MAX_TOKENS)) as stream:
                async for piece in stream:
                    text += piece
                    chunks += 1
                    if not is_block and chunks >= self._FEWEST_CHUNKS and "\n" in text.lstrip():
                        break
                    if "\n\n" in text or text.count("\n") >= self._MOST_LINES:
                        break
        self.offer(version, text.rstrip() if is_block else text.lstrip("\n").partition("\n")[0])


class LlmLs(Peer):
    """huggingface/llm-vscode:src/extension.ts over huggingface/llm-ls:crates/llm-ls/src/main.rs.

    150 ms pause; lines before and after in turn until 2,048 tokens are full; 60 tokens, not
    streamed; the request is dropped with the editor's cancellation; nothing where text follows
    the cursor; all but the first line thrown away where no block is expected. The 150 ms during
    which its document lock would hold back changes are not modelled.
    """

    _PAUSE_S: Final = 0.15
    _WINDOW_TOKENS: Final = 2048 - 3
    _MAX_TOKENS: Final = 60

    def __init__(self, server: ModelServer) -> None:
        super().__init__(server)
        self._running: asyncio.Task[None] | None = None

    def key(self, inserted: str) -> None:
        """Drop what runs and begin again."""
        del inserted
        if self._running is not None:
            self._running.cancel()
        self._running = self.spawn(self._provide(self.document.version))

    async def _provide(self, version: int) -> None:
        await asyncio.sleep(self._PAUSE_S)
        lines = lines_around(self.document)
        if lines.after[:1].strip():
            return
        prefix, suffix = self._window()
        is_block = not (lines.before + lines.after).strip()
        answer = await self.ask_whole(fim(prefix, suffix), max_tokens=self._MAX_TOKENS)
        self.offer(version, answer if is_block else answer.partition("\n")[0])

    def _window(self) -> tuple[str, str]:
        """Take lines before and after the cursor in turn until the next would not fit."""
        above = self.document.before.splitlines(keepends=True)[::-1]
        below = self.document.after.splitlines(keepends=True)
        left = self._WINDOW_TOKENS * _CHARACTERS_PER_TOKEN
        before, after = "", ""
        for number in range(max(len(above), len(below))):
            for side, is_above in ((above, True), (below, False)):
                line = side[number] if number < len(side) else ""
                if len(line) > left:
                    return before, after
                left -= len(line)
                before, after = (line + before, after) if is_above else (before, after + line)
        return before, after
