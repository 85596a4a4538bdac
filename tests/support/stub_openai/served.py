"""What the stub serves, and how fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from support.stub_ollama.answers import Answer

Flavour = Literal["vllm", "llama-server"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedModel:
    """One server with one model."""

    flavour: Flavour = "vllm"
    name: str = "qwen2.5-coder"
    answer: Answer = lambda _prompt: "return a + b\n"
    window_tokens: int = 32_768
    slots: int = 1
    """llama-server's; vLLM batches whatever comes."""
    api_key: str = ""
    first_token_s: float = 0.0
    token_s: float = 0.0
