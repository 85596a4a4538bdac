"""What the model server will have to evaluate again: our model of its prompt cache.

The server reports no cached-token count (Ollama's `prompt_eval_count` includes cached tokens), so
we keep the rules of llama-server's cache ourselves: a dense model re-reads from the first
difference; a hybrid one (Gated DeltaNet) goes on only from its whole content or from a
checkpoint, made four tokens and `4 + n_ubatch` tokens before the end of each prompt
(ggml-org/llama.cpp:tools/server/server-context.cpp). Used for `--why`, for the predicted time to
first token, and for choosing a layout; never for correctness.
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


class CacheKind(StrEnum):
    """How a model's prompt cache behaves."""

    DENSE = "dense"
    """Rolls back to any token."""
    HYBRID = "hybrid"
    """Rolls back to checkpoints only."""


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
        return max(1, self._count(prompt[self._reusable(prompt) :]))

    def sent(self, prompt: str, generated: str) -> None:
        """Record that `prompt` was evaluated and `generated` followed it in the slot."""
        shared = shared_prefix_length(self._content, prompt)
        kept = [place for place in self._checkpoints if place <= shared]
        near = _characters(_CHECKPOINT_TOKENS)
        far = near + _characters(self._batch)
        kept += [len(prompt) - gap for gap in (far, near) if gap < len(prompt)]
        self._checkpoints = sorted(set(kept))[-_MAX_CHECKPOINTS:]
        self._content = prompt + generated

    def forget(self) -> None:
        """The model was loaded anew: its cache is empty."""
        self._content = ""
        self._checkpoints = []

    def _reusable(self, prompt: str) -> int:
        """Return how many characters of `prompt` the slot still holds in usable form."""
        if prompt.startswith(self._content):
            return len(self._content)
        shared = shared_prefix_length(self._content, prompt)
        if self.kind is CacheKind.DENSE:
            return shared
        return max((place for place in self._checkpoints if place <= shared), default=0)


def _characters(tokens: int) -> int:
    return int(tokens * _CHARACTERS_PER_TOKEN)
