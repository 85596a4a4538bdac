"""What the model server will have to evaluate again: our model of its prompt cache.

The server reports no cached-token count (Ollama's `prompt_eval_count` includes cached tokens), so
we keep the rules of llama-server's cache ourselves: a dense model re-reads from the first
difference; a hybrid one (Gated DeltaNet) goes on only from its whole content or from a
checkpoint, made four tokens and one batch before the end of each prompt
(ggml-org/llama.cpp:tools/server/server-context.cpp, measured). Used for `--why`, for the
predicted time to first token, and for choosing a layout; never for correctness.
"""

from __future__ import annotations

from enum import StrEnum

from fimble.completion.overlap import shared_prefix_length
from fimble.completion.window import CountTokens

_CHECKPOINT_TOKENS = 4
_MAX_CHECKPOINTS = 32
"""llama-server `--ctx-checkpoints`."""

_CHARACTERS_PER_TOKEN = 3.5
"""Only to place checkpoints inside a text whose tokens we cannot see."""

FIRST_TOKENS_PER_S = 1_000.0
"""Prompt evaluation of a 27B (Q4_K_M) on a 24 GB card: 670-2470 tokens a second are reported."""

_SMALLEST_EVALUATION = 128
_LEARNING_RATE = 0.4


class CacheKind(StrEnum):
    """How a model's prompt cache behaves."""

    DENSE = "dense"
    """Rolls back to any token."""
    HYBRID = "hybrid"
    """Rolls back to checkpoints only."""
    NONE = "none"
    """Keeps nothing that a completion could go on from."""


class CacheForecast:
    """Follows the prompts that were sent and predicts the cost of the next one."""

    def __init__(self, kind: CacheKind, *, count: CountTokens, batch_tokens: int = 512) -> None:
        self.kind = kind
        self._count = count
        self._batch = batch_tokens
        self._content = ""
        self._checkpoints: list[int] = []

    def expect(self, prompt: str) -> int:
        """Return how many tokens of `prompt` would be evaluated if it were sent now."""
        return max(1, self._count(prompt[self.kept_characters(prompt) :]))

    def holds(self, prompt: str) -> bool:
        """Whether the slot has read `prompt` already and could go on from its end."""
        if self.kind is CacheKind.NONE:
            return False
        if self.kind is CacheKind.DENSE:
            return self._content.startswith(prompt)
        near = len(prompt) - _characters(_CHECKPOINT_TOKENS)
        return self._content.startswith(prompt) and near in self._checkpoints

    def sent(self, prompt: str, generated: str) -> None:
        """Record that `prompt` was evaluated and `generated` followed it in the slot."""
        shared = shared_prefix_length(self._content, prompt)
        kept = [place for place in self._checkpoints if place <= shared]
        near, far = _characters(_CHECKPOINT_TOKENS), _characters(self._batch)
        kept += [len(prompt) - gap for gap in (far, near) if gap < len(prompt)]
        self._checkpoints = sorted(set(kept))[-_MAX_CHECKPOINTS:]
        self._content = prompt + generated

    def forget(self) -> None:
        """The model was loaded anew: its cache is empty."""
        self._content = ""
        self._checkpoints = []

    def kept_characters(self, prompt: str) -> int:
        """Return how many characters of `prompt` the slot still holds in usable form."""
        if self.kind is CacheKind.NONE:
            return 0
        if prompt.startswith(self._content):
            return len(self._content)
        shared = shared_prefix_length(self._content, prompt)
        if self.kind is CacheKind.DENSE:
            return shared
        return max((place for place in self._checkpoints if place <= shared), default=0)


def _characters(tokens: int) -> int:
    return int(tokens * _CHARACTERS_PER_TOKEN)


class PromptSpeed:
    """How fast the server evaluates prompts, in tokens a second; learned from its own figures."""

    def __init__(self, tokens_per_s: float = FIRST_TOKENS_PER_S) -> None:
        self.tokens_per_s = tokens_per_s

    def observe(self, evaluated_tokens: int, seconds: float) -> None:
        """Note one evaluation; small ones say more of overhead than of speed."""
        if evaluated_tokens < _SMALLEST_EVALUATION or seconds <= 0:
            return
        measured = evaluated_tokens / seconds
        self.tokens_per_s += _LEARNING_RATE * (measured - self.tokens_per_s)

    def seconds(self, evaluated_tokens: int) -> float:
        """Predict how long so many tokens take."""
        return evaluated_tokens / self.tokens_per_s
