"""What is wrong and what to do next, above the prompt, as long as it is true."""

from __future__ import annotations

from typing import Final

from fimble.chat.events import ServerState, ServerStatus
from fimble_tui.sinks import PlainText

_ADVICE: Final = {
    ServerState.OFFLINE: "The model server does not answer. Start it with `ollama serve`; "
    "what you ask now waits here and is sent when it is back.",
    ServerState.MODEL_MISSING: "The server does not have {model}. "
    "Get it with `ollama pull {model}`, or choose another with /model.",
    ServerState.LOADING: "The server reads the model from disk; your question is sent after that.",
    ServerState.FAILING: "The server answers with errors. `fimble doctor` finds out why.",
}
_SPILLED: Final = (
    "{share} % of the model is not in video memory, which makes it slow: "
    "close what else uses the card, or choose a smaller context or model."
)


class Banner(PlainText):
    """Hidden while there is nothing to say."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.display = False
        self._store_problem = ""
        self._advice = ""

    def show_status(self, status: ServerStatus) -> None:
        """Say what the state of the server asks of the user."""
        self._advice = advice(status)
        self.set_class(status.state is ServerState.LOADING or status.spilled_share > 0, "-mild")
        self._renew()

    def show_store_problem(self, sentence: str) -> None:
        """Say that what is written now is kept in memory only."""
        self._store_problem = sentence
        self._renew()

    def _renew(self) -> None:
        lines = [line for line in (self._store_problem, self._advice) if line]
        self.display = bool(lines)
        self.show("\n".join(lines))


def advice(status: ServerStatus) -> str:
    """Return the sentence that goes with a state; empty when all is well."""
    if status.message:
        return status.message
    if status.state in _ADVICE:
        return _ADVICE[status.state].format(model=status.model or "a model")
    if status.spilled_share > 0:
        return _SPILLED.format(share=round(status.spilled_share * 100))
    return ""
