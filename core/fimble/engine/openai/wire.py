"""What these servers send, as typed records: only the fields that Fimble reads.

Read in vllm-project/vllm:vllm/entrypoints/openai (protocol.py, serving_completion.py) and
ggml-org/llama.cpp:tools/server (server-task.cpp, server-context.cpp). Everything may be absent or
null; servers differ in which.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from fimble.engine.error_border import error_text

_NULL = msgspec.Raw(b"null")


class TokenLogprob(Struct, frozen=True):
    """One token of llama-server's and of chat's form of log-probabilities."""

    logprob: float | None = None


class Logprobs(Struct, frozen=True):
    """Both forms: `token_logprobs` (OpenAI, vLLM, SGLang) and `content` (llama-server)."""

    token_logprobs: tuple[float | None, ...] | None = None
    content: tuple[TokenLogprob, ...] | None = None

    @property
    def values(self) -> tuple[float, ...]:
        """One for each token; empty where one is missing, as a mean of some would mislead."""
        found = self.token_logprobs
        if found is None:
            found = tuple(token.logprob for token in self.content or ())
        return () if None in found else tuple(value for value in found if value is not None)


class Delta(Struct, frozen=True):
    """What a chat's chunk adds."""

    content: str | None = None
    reasoning_content: str | None = None
    """llama-server, SGLang, LiteLLM, vLLM until 0.11."""
    reasoning: str | None = None
    """vLLM since."""


class Choice(Struct, frozen=True):
    """The one answer that was asked for."""

    text: str | None = None
    delta: Delta | None = None
    logprobs: Logprobs | None = None
    finish_reason: str | None = None

    @property
    def answered(self) -> str:
        """Its part of the answer."""
        return self.text or (self.delta.content if self.delta else None) or ""

    @property
    def thought(self) -> str:
        """Its part of what the model thinks."""
        delta = self.delta
        return (delta.reasoning_content or delta.reasoning or "") if delta else ""


class Usage(Struct, frozen=True):
    """Counts of the whole request; comes with the last chunk or in one of its own."""

    prompt_tokens: int = 0
    completion_tokens: int | None = 0


class Timings(Struct, frozen=True):
    """llama-server's own clock (server-task.cpp, `server_slot_stats::to_json`)."""

    prompt_ms: float = 0.0
    """For the tokens that were really evaluated."""
    predicted_ms: float = 0.0


class Chunk(Struct, frozen=True):
    """The data of one event."""

    choices: tuple[Choice, ...] | None = ()
    usage: Usage | None = None
    timings: Timings | None = None
    error: msgspec.Raw = _NULL

    @property
    def failure(self) -> str | None:
        """What an error inside a stream says; None when there is none."""
        if bytes(self.error) == b"null":
            return None
        return error_text(b'{"error":' + bytes(self.error) + b"}") or "it does not say why"


class ModelMeta(Struct, frozen=True):
    """llama-server's description of its model."""

    n_ctx: int | None = None
    """The window of one slot."""


class ServedModel(Struct, frozen=True):
    """One model of GET /v1/models."""

    id: str = ""
    aliases: tuple[str, ...] | None = ()
    owned_by: str | None = ""
    max_model_len: int | None = None
    """vLLM and SGLang: the context window."""
    meta: ModelMeta | None = None


class ServedModels(Struct, frozen=True):
    """GET /v1/models."""

    data: tuple[ServedModel, ...] | None = ()


class SlotDefaults(Struct, frozen=True):
    """Part of `Properties`."""

    n_ctx: int | None = None


class Properties(Struct, frozen=True):
    """llama-server's GET /props."""

    total_slots: int = 1
    build_info: str = ""
    default_generation_settings: SlotDefaults = SlotDefaults()


class Version(Struct, frozen=True):
    """vLLM's GET /version."""

    version: str = ""
