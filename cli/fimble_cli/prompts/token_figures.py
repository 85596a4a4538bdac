"""Who counts tokens for a command: the model's own tokenizer where the server is there to state it.

The server is asked what the model is and gets nothing of the prompt. Tests and comparisons of
templates do without: their figures must be the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fimble.config.schema import Settings
from fimble.engine.token_estimate import TokenEstimator
from fimble.engine.tokens.counter import TokenCounter
from fimble.errors import FimbleError
from fimble_cli.configuration import settings_for

LEARNING_S = 10.0
"""How long the server may take to state a vocabulary that is not on disk yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFigures:
    """A counter, and what to say of it."""

    counter: TokenCounter
    why_estimated: str = ""
    """Why it is not the model's own; empty when it is."""

    @property
    def described(self) -> str:
        """What the figures are, said wherever they are shown."""
        why = f": {self.why_estimated}" if self.why_estimated else ""
        return f"counted by {self.counter.name}{why}"


def figures_for(path: Path) -> TokenFigures:
    """Return the best counter for the model that is configured at `path`; never raises."""
    import asyncio  # noqa: PLC0415 - 30 ms, which other commands for prompts do without

    try:
        settings = settings_for(path).settings
        if settings.engine.kind == "embedded":
            return _estimate("the setting engine.kind names no model server")
        return asyncio.run(_learnt(settings))
    except FimbleError as error:
        return _estimate(str(error))
    except TimeoutError:
        return _estimate("the model server takes too long to state its vocabulary")


async def _learnt(settings: Settings) -> TokenFigures:
    import asyncio  # noqa: PLC0415 - see above

    from fimble.engine.model_server import make_engine  # noqa: PLC0415 - other commands do without

    engine = make_engine(settings.model_server)
    try:
        async with asyncio.timeout(LEARNING_S):
            counter = await engine.own_tokens.learn()
        return TokenFigures(counter=counter, why_estimated=engine.own_tokens.why_estimated)
    finally:
        await engine.aclose()


def _estimate(why: str) -> TokenFigures:
    return TokenFigures(counter=TokenEstimator(), why_estimated=why.rstrip("."))
