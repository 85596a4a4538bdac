"""Who counts the tokens of templates: the model's own tokenizer, once the server has stated it.

The server is asked what the model is and gets nothing of any document. It is asked when somebody
looks at a template, never on the way of a completion; until it answers, counts are estimates.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from fimble.engine.token_estimate import TokenEstimator
from fimble.errors import FimbleError
from fimble_lsp.background import in_daemon_thread

if TYPE_CHECKING:
    from fimble.config.schema import ModelServerSettings
    from fimble.engine.tokens.counter import TokenCounter
    from fimble_lsp.server import FimbleServer

_LEARNING_S: Final = 10.0
"""How long the server may take to state a vocabulary that is not on disk yet."""

_AGAIN_S: Final = 60.0
"""When a server that did not answer is asked again, at the earliest."""


class PromptTokens:
    """The best counter for the model that is configured."""

    def __init__(self, server: FimbleServer) -> None:
        self._server = server
        self._counter: TokenCounter = TokenEstimator()
        self._asked: ModelServerSettings | None = None
        self._ask_again_at = 0.0
        """Time of the loop."""

    def current(self) -> TokenCounter:
        """Return what counts now; the first call for a model begins to learn its tokenizer."""
        configuration = self._server.configuration
        if configuration is None or configuration.settings.engine.kind == "embedded":
            return self._counter
        wanted = configuration.settings.model_server
        due = not self._counter.exact and asyncio.get_running_loop().time() >= self._ask_again_at
        if wanted != self._asked or due:
            if wanted != self._asked:
                self._counter = TokenEstimator()
            self._asked = wanted
            self._ask_again_at = asyncio.get_running_loop().time() + _AGAIN_S
            self._server.spawn(self._learn(wanted), name="learn tokenizer")
        return self._counter

    async def _learn(self, settings: ModelServerSettings) -> None:
        try:
            counter = await _learnt(settings)
        except (FimbleError, TimeoutError):
            return  # The estimate stays, and says that it is one.
        if settings == self._asked:
            self._counter = counter


async def _learnt(settings: ModelServerSettings) -> TokenCounter:
    await in_daemon_thread(_load)
    from fimble.engine.model_server import make_engine  # noqa: PLC0415 - start-up does without

    engine = make_engine(settings)
    try:
        async with asyncio.timeout(_LEARNING_S):
            return await engine.own_tokens.learn()
    finally:
        await engine.aclose()


def _load() -> None:
    """Import the HTTP client; a completer has done so long before, unless it could not be built."""
    import fimble.engine.ollama.client  # noqa: PLC0415 - as above

    _ = fimble.engine.ollama.client
