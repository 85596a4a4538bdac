"""What Ollama sends, as typed records: only the fields that Fimble reads, everything else skipped.

Field names and units are those of ollama/ollama:api/types.go; zero-valued fields are left out by
the server, hence a default for each. Durations are nanoseconds.
"""

from __future__ import annotations

from typing import TypeVar

from msgspec import MsgspecError, Raw, Struct
from msgspec.json import decode

from fimble.engine.tokens.vocabulary import StatedVocabulary, VocabularyRefusedError

Metadatum = TypeVar("Metadatum")


class TokenLogprob(Struct, frozen=True):
    """One generated token and the natural logarithm of its probability."""

    token: str = ""
    logprob: float = 0.0


class StreamRecord(Struct, frozen=True):
    """What a line of a stream holds beside its text."""

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


class GenerateChunk(StreamRecord, frozen=True):
    """One line of an /api/generate stream."""

    response: str = ""
    thinking: str = ""

    @property
    def text(self) -> str:
        """Its part of the answer."""
        return self.response

    @property
    def thinking_text(self) -> str:
        """Its part of what the model thinks; a completion shows none."""
        return ""


class ChatChunkMessage(Struct, frozen=True):
    """Part of `ChatChunk`."""

    content: str = ""
    thinking: str = ""


class ChatChunk(StreamRecord, frozen=True):
    """One line of an /api/chat stream."""

    message: ChatChunkMessage = ChatChunkMessage()

    @property
    def text(self) -> str:
        """Its part of the answer."""
        return self.message.content

    @property
    def thinking_text(self) -> str:
        """Its part of what the model thinks."""
        return self.message.thinking


class Version(Struct, frozen=True):
    """GET /api/version."""

    version: str


class ListedModel(Struct, frozen=True):
    """One model of GET /api/tags."""

    name: str = ""
    model: str = ""
    digest: str = ""
    size: int = 0
    """Bytes on disk."""
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


class Show(Struct, frozen=True):
    """POST /api/show."""

    details: ModelDetails = ModelDetails()
    model_info: dict[str, Raw] | None = None
    """Metadata of the model file by key; read through the methods below."""
    capabilities: tuple[str, ...] | None = ()
    remote_host: str = ""
    remote_model: str = ""

    @property
    def architecture(self) -> str:
        """Architecture of the model file, such as "qwen35"; the family when it is not told."""
        return self._metadata("general.architecture", str) or self.details.family

    @property
    def trained_context_tokens(self) -> int | None:
        """Longest context that the model was trained for, where the server tells."""
        return self._metadata(f"{self.architecture}.context_length", int)

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """All tokens; empty unless the question was verbose."""
        return self._metadata("tokenizer.ggml.tokens", tuple[str, ...]) or ()

    def stated_vocabulary(self) -> StatedVocabulary:
        """All that the model file says of its tokenizer; empty unless the question was verbose.

        Raises:
            VocabularyRefusedError: The server says it in a form that is not Ollama's.
        """
        try:
            return StatedVocabulary(
                model=self._metadata("tokenizer.ggml.model", str) or "",
                pre=self._metadata("tokenizer.ggml.pre", str) or "",
                tokens=self.vocabulary,
                merges=self._metadata("tokenizer.ggml.merges", tuple[str, ...]) or (),
                token_types=self._metadata("tokenizer.ggml.token_type", tuple[int, ...]) or (),
                begins=self._metadata("tokenizer.ggml.add_bos_token", bool),
            )
        except (MsgspecError, UnicodeDecodeError) as error:
            raise VocabularyRefusedError("the server states its vocabulary wrongly") from error

    def _metadata(self, key: str, kind: type[Metadatum]) -> Metadatum | None:
        raw = (self.model_info or {}).get(key)
        return None if raw is None else decode(raw, type=kind | None)
