"""The one error tree: everything Fimble raises on purpose derives from `FimbleError`.

```
FimbleError
├── ConfigError            a setting is unknown, of the wrong type or not allowed here
├── TemplateError          a prompt template is wrong (file, line, column)
├── PathRefusedError       a path leaves the workspace or is not a plain file
├── RevisionError          a revision of the workspace's repository cannot be read
├── TrustError             the record of trust cannot be read or written, or must not be where it is
├── StatisticsError        the file of local counts cannot be read or written
├── SessionStoreError      the chat's sessions cannot be read or written
│   └── SessionStoreTooNew   a newer Fimble wrote them; this one only refuses
├── SymbolIndexError       the index of the workspace's symbols cannot be read or written
├── EngineNotLocalError    the endpoint or the model would send text off this machine
└── EngineError            a model server did not do its work
    ├── EngineUnavailable    refused, reset, DNS, TLS: nobody answers
    ├── EngineTimeout        connect, first token, inter-token or total deadline passed
    ├── EngineBusy           503: the queue is full
    ├── ModelMissing         404: the model is not on the server
    ├── EngineRejected       other 4xx: the request itself was refused
    ├── PromptTooLong        400: more tokens than the context window holds
    ├── EngineFailed         5xx or an error line inside a stream: load failure, out of memory
    ├── EngineProtocolError  the answer is not what the wire format promises
    └── EngineTruncated      the stream ended without its `done` record
```

Foreign exceptions (httpx, ollama, msgspec, OSError) are mapped to this tree at one border
(`fimble.engine.error_border`); nothing above the engine room catches a foreign class.
Each error carries a sentence for people and, where there is one, the next step (`hint`).
"""

from __future__ import annotations

from typing import Literal

TimeoutStage = Literal["connect", "first token", "inter-token", "total"]


class FimbleError(Exception):
    """An expected failure: `sentence` says what happened and where, `hint` what to do next."""

    def __init__(self, sentence: str, *, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint

    def __str__(self) -> str:
        """Sentence and hint as one line for a status bar or stderr."""
        return f"{self.sentence} {self.hint}".rstrip()


class ConfigError(FimbleError):
    """A setting is unknown, of the wrong type, out of range or not allowed at its layer."""

    def __init__(
        self, sentence: str, *, source: str, key: str = "", line: int | None = None, hint: str = ""
    ) -> None:
        where = f"{source}:{line}" if line is not None else source
        super().__init__(f"{where}: {sentence}", hint=hint)
        self.source = source
        self.key = key
        self.line = line


class TemplateError(FimbleError):
    """A prompt template is wrong; lines and columns count from 1, in code points."""

    def __init__(
        self, sentence: str, *, source: str, line: int = 1, column: int = 1, hint: str = ""
    ) -> None:
        super().__init__(f"{source}:{line}:{column}: {sentence}", hint=hint)
        self.source = source
        self.line = line
        self.column = column


class PathRefusedError(FimbleError):
    """A path leaves the workspace, follows a link out of it, or is not a regular file."""

    def __init__(self, sentence: str, *, path: str, hint: str = "") -> None:
        super().__init__(sentence, hint=hint)
        self.path = path


class RevisionError(FimbleError):
    """A revision cannot be read: no repository, no such revision, or its objects are not here."""


class TrustError(FimbleError):
    """The record of what a user trusts is unsafe, unreadable or cannot be written."""


class StatisticsError(FimbleError):
    """The file of local counts cannot be read or written; completions go on without it."""


class SessionStoreError(FimbleError):
    """The chat's sessions cannot be read or written; the chat goes on in memory."""


class SessionStoreTooNew(SessionStoreError):
    """The sessions were written by a newer version; they are left exactly as they are."""


class SymbolIndexError(FimbleError):
    """The index of the workspace's symbols cannot be read or written; files still can."""


class EngineNotLocalError(FimbleError):
    """The endpoint or the model would take code off this machine without the user's word."""


class EngineError(FimbleError):
    """A model server did not do its work; `engine` names which."""

    def __init__(self, sentence: str, *, engine: str = "", hint: str = "") -> None:
        super().__init__(sentence, hint=hint)
        self.engine = engine


class EngineUnavailable(EngineError):
    """Nobody answers at the endpoint (refused, reset, DNS, TLS)."""


class EngineTimeout(EngineError):
    """A deadline passed; `stage` says which one and `deadline_s` its length in seconds."""

    def __init__(
        self,
        sentence: str,
        *,
        stage: TimeoutStage,
        deadline_s: float,
        engine: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(sentence, engine=engine, hint=hint)
        self.stage: TimeoutStage = stage
        self.deadline_s = deadline_s


class EngineBusy(EngineError):
    """The server's queue is full (429, 503); worth another try after a pause."""

    retry_after_s: float | None = None
    """The pause that the server asks for, in seconds."""


class ModelMissing(EngineError):
    """The server does not have the model (404)."""

    def __init__(self, sentence: str, *, model: str, engine: str = "", hint: str = "") -> None:
        super().__init__(sentence, engine=engine, hint=hint)
        self.model = model


class EngineRejected(EngineError):
    """The server refused the request itself (4xx); sending it again changes nothing."""

    def __init__(self, sentence: str, *, status: int, engine: str = "", hint: str = "") -> None:
        super().__init__(sentence, engine=engine, hint=hint)
        self.status = status


class PromptTooLong(EngineRejected):
    """The prompt holds more tokens than the context window; nothing was generated."""


class EngineFailed(EngineError):
    """The server tried and failed: load failure, out of memory, a runner that died."""


class EngineProtocolError(EngineError):
    """The answer is not what the wire format promises; `offset` is the byte where it broke."""

    def __init__(self, sentence: str, *, offset: int, engine: str = "", hint: str = "") -> None:
        super().__init__(sentence, engine=engine, hint=hint)
        self.offset = offset


class EngineTruncated(EngineError):
    """The stream ended without its `done` record; what came before is not a whole answer."""
