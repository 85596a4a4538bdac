"""What a stub is told to be: its models, its speed and what it answers.

A `Script` is a plain value, given at the start. What changes while a test runs (faults, another
answer) goes through the methods of `support.stub_ollama.StubOllama`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal

from support.stub_ollama.answers import Answer, fixed
from support.stub_ollama.prefix_cache import CacheKind

Capability = Literal["completion", "tools", "insert", "vision", "thinking"]

QWEN_SPECIAL_TOKENS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|fim_prefix|>",
    "<|fim_middle|>",
    "<|fim_suffix|>",
    "<|fim_pad|>",
    "<|repo_name|>",
    "<|file_sep|>",
    "<think>",
    "</think>",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StubModel:
    """A model in the stub's library; the default looks like `qwen3.6:27b`."""

    name: str = "qwen3.6:27b"
    family: str = "qwen35"
    cache: CacheKind = "hybrid"
    capabilities: tuple[Capability, ...] = ("completion", "tools", "vision", "thinking")
    parameter_size: str = "27.8B"
    quantization_level: str = "Q4_K_M"
    size_bytes: int = 17_200_000_000
    trained_context: int = 262_144
    default_num_ctx: int = 4096
    """What the server chooses when a request names no `num_ctx`."""
    embedding_length: int = 5120
    special_tokens: tuple[str, ...] = QWEN_SPECIAL_TOKENS
    """End of the vocabulary that a verbose show returns; FIM tokens among them or not."""
    vocabulary_size: int = 2000
    """How many ordinary tokens a verbose show invents before the special ones; 256 or more."""
    splitting: str = "qwen35"
    """`tokenizer.ggml.pre`."""
    template: str = "{{ .Prompt }}"
    modelfile_extra: str = "RENDERER qwen3.5\nPARSER qwen3.5\n"
    remote_host: str = ""
    remote_model: str = ""
    vram_share: float = 1.0
    """`size_vram` as a part of `size` in /api/ps."""

    @property
    def full_name(self) -> str:
        """The name with its tag, as the server lists it."""
        return self.name if ":" in self.name.rsplit("/", 1)[-1] else f"{self.name}:latest"

    @property
    def digest(self) -> str:
        """64 hex digits, the same for the same model description."""
        return hashlib.sha256(repr(self).encode()).hexdigest()

    @property
    def thinks(self) -> bool:
        """Whether leaving `think` out means thinking."""
        return "thinking" in self.capabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How fast the stub is, in real seconds; the default is as fast as it can be."""

    base_s: float = 0.0
    """Time to first token that no cache can save; ends at once when the request is cancelled."""
    per_prompt_token_s: float = 0.0
    """For each evaluated (not cached) prompt token."""
    per_generated_token_s: float = 0.0
    """Between two tokens of the answer."""
    load_s: float = 0.0
    """Reading a model into memory."""
    cancel_poll_s: float = 0.0
    """llama-server looks for a closed connection this often while it evaluates a prompt.

    It then still ends the running batch. The real value is 1.0 (`HTTP_POLLING_SECONDS`).
    """
    pull_step_s: float = 0.0
    """Between two progress lines of a pull."""
    scale: float = 1.0
    """Multiplies all of the above."""

    def seconds(self, unscaled: float) -> float:
        """A duration of this script in real seconds."""
        return unscaled * self.scale


def graphics_card_timing(*, scale: float = 1.0) -> Timing:
    """Qwen3.6-27B Q4_K_M on a 24 GB card: 1,700 prompt tokens/s, 38 generated tokens/s."""
    return Timing(
        base_s=0.03,
        per_prompt_token_s=1 / 1700,
        per_generated_token_s=1 / 38,
        load_s=8.0,
        cancel_poll_s=1.0,
        pull_step_s=0.06,
        scale=scale,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Everything a stub is started with."""

    answer: Answer = field(default_factory=lambda: fixed("return value\n"))
    models: tuple[StubModel, ...] = field(default_factory=lambda: (StubModel(),))
    timing: Timing = field(default_factory=Timing)
    version: str = "0.33.0"
    cloud_disabled: bool = True
    max_pending: int = 512
    """Requests that may wait for a load (`OLLAMA_MAX_QUEUE`); one more gets 503."""
    max_loaded: int = 3
    keep_alive_s: float = 300.0
    load_error: str = ""
    """When set, every load fails with 500 and this text."""
