"""What Ollama sends, as typed records: only the fields that Fimble reads, everything else skipped.

Field names and units are those of ollama/ollama:api/types.go; zero-valued fields are left out by
the server, hence a default for each. Durations are nanoseconds.
"""

from __future__ import annotations

from msgspec import Struct, field


class TokenLogprob(Struct, frozen=True):
    """One generated token and the natural logarithm of its probability."""

    token: str = ""
    logprob: float = 0.0


class GenerateChunk(Struct, frozen=True):
    """One line of an /api/generate stream."""

    response: str = ""
    thinking: str = ""
    done: bool = False
    done_reason: str = ""
    error: str | None = None
    """Set alone, inside a stream whose status was 200."""
    remote_host: str = ""
    remote_model: str = ""
    logprobs: tuple[TokenLogprob, ...] | None = None
    total_duration: int = 0
    load_duration: int = 0
    prompt_eval_count: int = 0
    prompt_eval_duration: int = 0
    eval_count: int = 0
    eval_duration: int = 0


class Version(Struct, frozen=True):
    """GET /api/version."""

    version: str


class ListedModel(Struct, frozen=True):
    """One model of GET /api/tags."""

    name: str = ""
    model: str = ""
    digest: str = ""
    remote_host: str = ""
    remote_model: str = ""


class Tags(Struct, frozen=True):
    """GET /api/tags."""

    models: tuple[ListedModel, ...] | None = ()


class LoadedModel(Struct, frozen=True):
    """One model of GET /api/ps."""

    name: str = ""
    model: str = ""
    digest: str = ""
    size: int = 0
    size_vram: int = 0
    context_length: int = 0
    """The context window that it was loaded with, in tokens."""


class Processes(Struct, frozen=True):
    """GET /api/ps."""

    models: tuple[LoadedModel, ...] | None = ()


class ModelDetails(Struct, frozen=True):
    """Part of `Show`."""

    family: str = ""
    parameter_size: str = ""
    quantization_level: str = ""


class ShowInfo(Struct, frozen=True):
    """The part of `Show.model_info` that Fimble reads."""

    architecture: str = field(name="general.architecture", default="")
    tokens: tuple[str, ...] | None = field(name="tokenizer.ggml.tokens", default=None)
    """The whole vocabulary; only with `verbose`, else null."""


class Show(Struct, frozen=True):
    """POST /api/show, for what it is typed for; locality reads the raw object."""

    details: ModelDetails = ModelDetails()
    model_info: ShowInfo | None = None
    capabilities: tuple[str, ...] | None = ()


class ErrorBody(Struct, frozen=True):
    """The body of an answer whose status is an error."""

    error: str
