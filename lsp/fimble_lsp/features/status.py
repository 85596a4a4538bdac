"""`fimble/status`: what a status bar shows; the only way a trouble reaches the user.

There are no popups: a model server that is down while somebody types is a state and not a piece
of news. Sent when something changed, and never before `initialized`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fimble.pipeline.engine_router import EngineStatus

METHOD: Final = "fimble/status"

_LONGEST_PART: Final = 300
"""Characters of each thing there is to say: a long one must not push the others out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The parameters of the notification."""

    state: str
    """"starting", "ready", "loading", "offline", "failing", "embedded" or "off"."""
    engine: str
    """What answers completions now; empty when nothing does."""
    model: str
    message: str
    """A sentence for people when something wants their attention, else empty."""
    bytes: int = 0
    """While "loading" the size of the model, if it is known, else 0."""


class StatusReporter:
    """Joins the engine's state with what the user should look at, and sends what is new."""

    def __init__(self, send: Callable[[dict[str, str | int]], None]) -> None:
        self._send = send
        self._engine = Status(state="starting", engine="", model="", message="")
        self._mistake = ""
        self._prompts: Sequence[str] = ()
        self._sent: Status | None = None
        self._open = False

    def open(self) -> None:
        """Begin to send; the client is initialized."""
        self._open = True
        self._publish()

    def engine_changed(self, status: EngineStatus) -> None:
        """Take the engine's new state."""
        self._engine = Status(
            state=status.state,
            engine=status.engine,
            model=status.model,
            message=status.message,
            bytes=status.model_bytes if status.state == "loading" else 0,
        )
        self._publish()

    def mistake(self, sentence: str) -> None:
        """Take what is wrong with the configuration; empty when it is right again."""
        self._mistake = sentence
        self._publish()

    def prompts(self, sentences: Sequence[str]) -> None:
        """Take what is to be said of the prompts; nothing when there is nothing to do."""
        self._prompts = sentences
        self._publish()

    def failed(self, sentence: str) -> None:
        """Take that there will be no completions at all."""
        self._engine = Status(state="failing", engine="", model="", message=sentence)
        self._publish()

    def _publish(self) -> None:
        now = self._engine
        parts = (self._mistake, now.message, *self._prompts)
        message = " ".join(_cut(part) for part in parts if part)
        status = replace(now, message=message)
        if self._open and status != self._sent:
            self._sent = status
            self._send(asdict(status))


def _cut(part: str) -> str:
    """Return a part of the message, without its middle where it is too long.

    Paths are what is long, and what happened stands behind them: a cut at the end would hide it.
    """
    if len(part) <= _LONGEST_PART:
        return part
    half = _LONGEST_PART // 2
    return f"{part[: half - 1]}…{part[-half:]}"
