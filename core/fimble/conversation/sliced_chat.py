"""Chat over raw prompts in segments, so that completions of any editor come through in between."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

from fimble.chat.chat_template import ChatTemplate, ThinkingSplitter
from fimble.chat.slicing import SegmentPace
from fimble.engine.chat_protocol import ChatPiece, ChatRequest
from fimble.engine.protocol import (
    Engine,
    GenerateRequest,
    GenerationStatistics,
    TextChunk,
    ThinkingChunk,
)
from fimble.errors import PromptTooLong
from fimble.policy.control_tokens import neutralise

_THINKING_SAMPLING = (0.6, 0.95)
_PLAIN_SAMPLING = (0.7, 0.8)
"""Temperature and top-p of Qwen3.6's model card, with thinking for precise coding and without."""


class SlicedChat:
    """A `ChatEngine` over an engine's raw generation and a template that we render ourselves."""

    def __init__(
        self, engine: Engine, template: ChatTemplate, *, sliced: Callable[[], bool] = lambda: True
    ) -> None:
        """Take the engine.

        Args:
            engine: Generates raw.
            template: Its model's.
            sliced: Whether to slice, asked for each answer; else it is one piece.
        """
        self._engine = engine
        self._template = template
        self._sliced = sliced
        self._pace = SegmentPace()

    def prompt(self, request: ChatRequest) -> str:
        """Return the exact prompt of the first segment."""
        return self._template.prompt(
            request.messages,
            think=request.think,
            begun=request.begun,
            begun_thinking=request.begun_thinking,
        )

    async def chat(self, request: ChatRequest) -> AsyncGenerator[ChatPiece, None]:
        """Stream the answer; the statistics are those of all segments together.

        Raises:
            EngineError: From any segment; what came before stays valid.
        """
        prompt = self.prompt(request)
        split = ThinkingSplitter(
            self._template.thinking_end, thinking=request.think and not request.begun
        )
        whole: GenerationStatistics | None = None
        left = request.max_tokens
        while True:
            raw: list[str] = []
            part: GenerationStatistics | None = None
            try:
                async with aclosing(self._segment(request, prompt, left)) as events:
                    async for event in events:
                        if isinstance(event, GenerationStatistics):
                            part = event
                            continue
                        raw.append(event.text)
                        for piece in _pieces(split.feed(event.text)):
                            yield piece
            except PromptTooLong:
                if whole is None:
                    raise
                break  # What came so far fills the window: the answer is as long as it can be.
            if part is None:
                return
            self._pace = self._pace.after(
                generated=part.generated_tokens, eval_s=part.eval_s, waited_s=part.waited_s
            )
            whole = part if whole is None else _joined(whole, part)
            left -= max(part.generated_tokens, 1)
            if part.finish == "stop" or left < 1 or not raw:
                break
            prompt += self._as_prompt("".join(raw))
        for piece in _pieces((split.end(), "")):
            yield piece
        yield whole

    def _as_prompt(self, generated: str) -> str:
        """Return text of the model's own as the next prompt holds it: only its think mark is one.

        Control tokens that a model emits are not sent as text, so what looks like one was spelled
        in letters and must not become a token when it is read again.
        """
        mark = self._template.thinking_end.strip()
        parts = generated.split(mark, 1) if mark else [generated]
        return mark.join(neutralise(part) for part in parts)

    def _segment(
        self, request: ChatRequest, prompt: str, left: int
    ) -> AsyncGenerator[TextChunk | GenerationStatistics, None]:
        temperature, top_p = _THINKING_SAMPLING if request.think else _PLAIN_SAMPLING
        segment = GenerateRequest(
            prompt=prompt,
            max_tokens=min(left, self._pace.tokens()) if self._sliced() else left,
            stop=request.stop,
            temperature=temperature if request.temperature is None else request.temperature,
            top_p=top_p if request.top_p is None else request.top_p,
        )
        return self._engine.generate(segment)


def _pieces(parts: tuple[str, str]) -> tuple[ThinkingChunk | TextChunk, ...]:
    thought, answer = parts
    found: list[ThinkingChunk | TextChunk] = []
    if thought:
        found.append(ThinkingChunk(thought))
    if answer:
        found.append(TextChunk(answer))
    return tuple(found)


def _joined(whole: GenerationStatistics, part: GenerationStatistics) -> GenerationStatistics:
    """Add a segment; the prompt that counts is the first one's."""
    return replace(
        part,
        prompt_tokens=whole.prompt_tokens,
        generated_tokens=whole.generated_tokens + part.generated_tokens,
        load_s=whole.load_s + part.load_s,
        prompt_eval_s=whole.prompt_eval_s + part.prompt_eval_s,
        eval_s=whole.eval_s + part.eval_s,
        total_s=whole.total_s + part.total_s,
        segments=whole.segments + 1,
    )
