"""What a llama-server slot can reuse of a prompt, for dense and for hybrid (recurrent) models.

A replica of the rules in ``ggml-org/llama.cpp:tools/server/server-context.cpp`` (b10488:
``update_slots``, ``create_checkpoint``, ``get_available_slot``) and ``server-task.cpp``
(``server_prompt_cache``), with the values that Ollama passes: one slot, batch = micro-batch,
32 checkpoints, 8192 tokens of checkpoint spacing when the list is full, 8 GiB of host prompt
cache. Nothing is measured here: the rules *are* the model, and
`tests/unit/support/test_prefix_cache.py` holds them against figures of the real server.

Two things in the source are easy to get wrong. The far checkpoint lies at
``N - min(n_batch, 4 + n_ubatch)``, which with Ollama's equal batch sizes is ``N - n_batch``.
And a slot holds the prompt plus all generated tokens but the last, which was never decoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from support.stub_ollama.tokens import Tokens, common_prefix

CacheKind = Literal["dense", "hybrid"]
"""Attention only, or with recurrent layers whose state cannot be rolled back."""

MAX_CHECKPOINTS = 32
CHECKPOINT_MIN_STEP = 8192
SLOT_SIMILARITY = 0.1
"""`--slot-prompt-similarity`: below it the slot counts as chosen by age and its state is saved."""
HOST_CACHE_MIB = 8192.0
RECURRENT_STATE_MIB = 149.6
"""One checkpoint of Qwen3.6-27B."""
KV_MIB_PER_TOKEN = 64 / 1024
"""16 attention layers of Qwen3.6-27B at f16."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The recurrent state after the first `tokens` tokens of a slot."""

    tokens: int
    task: int
    """The request that made it; those of the running request are not thinned out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotState:
    """What a slot, or an entry of the host prompt cache, holds."""

    tokens: Tokens = ()
    checkpoints: tuple[Checkpoint, ...] = ()


@dataclass(slots=True, kw_only=True)
class PromptEvaluation:
    """The work one prompt needs, done batch by batch so that it can be cancelled in between."""

    prompt: Tokens
    cached: int
    """Tokens taken over from the slot."""
    batches: tuple[int, ...]
    """How many tokens each batch evaluates; their sum is `evaluated`."""

    @property
    def evaluated(self) -> int:
        """Tokens that have to be computed."""
        return len(self.prompt) - self.cached


@dataclass(slots=True, kw_only=True)
class PrefixCache:
    """The slot of one loaded model with its checkpoints and the host prompt cache behind it."""

    kind: CacheKind
    n_batch: int = 512
    checkpoint_mib: float = RECURRENT_STATE_MIB
    kv_mib_per_token: float = KV_MIB_PER_TOKEN
    slot: SlotState = field(default_factory=SlotState)
    saved: list[SlotState] = field(default_factory=list[SlotState])
    """The host prompt cache, oldest first."""
    _task: int = 0

    def begin(self, prompt: Tokens) -> PromptEvaluation:
        """Choose what to reuse for `prompt` and cut the slot back to it."""
        if not prompt:
            raise ValueError("an empty prompt never reaches llama-server")
        self._task += 1
        self._swap_states(prompt)
        reused = self._reusable(prompt)
        # Off by one in the source: `pos_max > pos_next` spares a checkpoint one token too far.
        kept = tuple(it for it in self.slot.checkpoints if it.tokens <= reused + 1)
        if reused == len(prompt):
            reused -= 1  # at least one token must be evaluated to have logits
        self.slot = SlotState(tokens=self.slot.tokens[:reused], checkpoints=kept)
        batches = tuple(self._batch_sizes(reused, len(prompt)))
        return PromptEvaluation(prompt=prompt, cached=reused, batches=batches)

    def advance(self, evaluation: PromptEvaluation, batch_tokens: int) -> None:
        """Evaluate the next batch: the slot now holds these tokens too, cancelled or not."""
        start = len(self.slot.tokens)
        end = start + batch_tokens
        total = len(evaluation.prompt)
        near_end = end == total or total < end + self.n_batch
        if self.kind == "hybrid" and start > 0 and near_end:
            self._add_checkpoint(start)
        self.slot = replace(self.slot, tokens=evaluation.prompt[:end])

    def evaluate(self, prompt: Tokens) -> PromptEvaluation:
        """`begin` and all batches at once."""
        evaluation = self.begin(prompt)
        for batch_tokens in evaluation.batches:
            self.advance(evaluation, batch_tokens)
        return evaluation

    def generated(self, token: str) -> None:
        """Take in one token of the answer; call it when the *next* one is being computed."""
        self.slot = replace(self.slot, tokens=(*self.slot.tokens, token))

    def generated_all(self, tokens: Tokens) -> None:
        """Take in a finished answer: every token but the last."""
        self.slot = replace(self.slot, tokens=self.slot.tokens + tokens[:-1])

    def shift(self, keep_tokens: int) -> int:
        """Throw away the older half behind the first `keep_tokens` to make room; how many went."""
        tokens = self.slot.tokens
        discarded = max(1, (len(tokens) - keep_tokens) // 2)
        kept = tokens[:keep_tokens] + tokens[keep_tokens + discarded :]
        self.slot = SlotState(tokens=kept)
        return discarded

    def _reusable(self, prompt: Tokens) -> int:
        """How many tokens of the slot serve for `prompt`, before the at-least-one-token rule."""
        common = common_prefix(self.slot.tokens, prompt)
        if self.kind == "dense" or common == 0:
            return common
        has_new_tokens = common < len(prompt)
        if common == len(self.slot.tokens) and has_new_tokens:
            return common  # the whole slot is a prefix of the prompt: no roll-back needed
        limit = common if has_new_tokens else common - 1
        for checkpoint in reversed(self.slot.checkpoints):
            if checkpoint.tokens <= limit:
                return checkpoint.tokens
        return 0

    def _batch_sizes(self, start: int, total: int) -> Iterator[int]:
        """Batches of at most `n_batch` that also break where a checkpoint shall lie."""
        breaks = sorted({total - min(self.n_batch, 4 + self.n_batch), total - 4, total})
        if self.kind == "dense":
            breaks = [total]
        for end in breaks:
            while start < end:
                size = min(self.n_batch, end - start)
                yield size
                start += size

    def _add_checkpoint(self, at_tokens: int) -> None:
        """Keep the state at `at_tokens`; makes room as ``create_checkpoint`` does."""
        kept = list(self.slot.checkpoints)
        if len(kept) + 1 >= MAX_CHECKPOINTS:
            kept = self._thinned(kept)
        while len(kept) >= MAX_CHECKPOINTS:
            kept.pop(0)
        kept = [it for it in kept if it.tokens != at_tokens]
        kept.append(Checkpoint(tokens=at_tokens, task=self._task))
        self.slot = replace(self.slot, checkpoints=tuple(kept))

    def _thinned(self, checkpoints: list[Checkpoint]) -> list[Checkpoint]:
        """Drop older requests' checkpoints that lie close together, while the list is full."""
        kept: list[Checkpoint] = []
        last = -1
        for index, checkpoint in enumerate(checkpoints):
            full = len(kept) + len(checkpoints) - index + 1 >= MAX_CHECKPOINTS
            close = last >= 0 and checkpoint.tokens <= last + CHECKPOINT_MIN_STEP
            if full and close and checkpoint.task != self._task:
                continue
            kept.append(checkpoint)
            last = checkpoint.tokens
        return kept

    def _swap_states(self, prompt: Tokens) -> None:
        """Save the slot to host memory and load a better one when much of it would be lost."""
        common = common_prefix(self.slot.tokens, prompt)
        similar = bool(self.slot.tokens) and common / len(prompt) > SLOT_SIMILARITY
        if similar and common / len(self.slot.tokens) >= 0.5:
            return
        self._save()
        self._load(prompt)

    def _save(self) -> None:
        tokens = self.slot.tokens
        if not tokens or any(common_prefix(it.tokens, tokens) == len(tokens) for it in self.saved):
            return
        size = self._mib(self.slot)
        if size > HOST_CACHE_MIB:
            return
        self.saved = [it for it in self.saved if common_prefix(it.tokens, tokens) < len(it.tokens)]
        while self.saved and sum(map(self._mib, self.saved)) + size > HOST_CACHE_MIB:
            self.saved.pop(0)
        self.saved.append(self.slot)

    def _load(self, prompt: Tokens) -> None:
        common = common_prefix(self.slot.tokens, prompt)
        best_keep = common / len(self.slot.tokens) if self.slot.tokens else -1.0
        best_similarity = common / len(prompt)
        best: SlotState | None = None
        for state in self.saved:
            common = common_prefix(state.tokens, prompt)
            keep = common / len(state.tokens)
            similarity = common / len(prompt)
            if keep >= 0.25 and keep > best_keep and similarity > best_similarity:
                best, best_keep, best_similarity = state, keep, similarity
        if best is not None:
            self.saved.remove(best)
            self.slot = best

    def _mib(self, state: SlotState) -> float:
        states = len(state.checkpoints) + 1 if self.kind == "hybrid" else 0
        return len(state.tokens) * self.kv_mib_per_token + states * self.checkpoint_mib
