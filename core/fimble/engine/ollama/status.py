"""What an HTTP status, or an error line inside a stream, of Ollama means.

Texts and statuses: ollama/ollama:server/routes.go, server/sched.go, llm/status.go,
llm/llama_server.go.
"""

from __future__ import annotations

import re
from http import HTTPStatus

from fimble.engine.error_border import UNKNOWN_STATUS, redirected
from fimble.errors import (
    EngineBusy,
    EngineError,
    EngineFailed,
    EngineProtocolError,
    EngineRejected,
    ModelMissing,
    PromptTooLong,
)

ENGINE = "ollama"
START_HINT = "Start it with `ollama serve`."
TOO_LONG_HINT = "Raise ollama.num_ctx, or lower completion.max_prefix_tokens."
_TOO_LONG_TEXTS = ("context length", "context window", "available context", "exceed_context_size")
_TOO_LONG_COUNTS = re.compile(r"request \((\d{1,9}) tokens\)\D{1,60}\((\d{1,9}) tokens\)")
"""llama-server's own words, which Ollama passes on as they are."""
_CLIENT_CLOSED_REQUEST = 499


def pull_hint(model: str) -> str:
    """The next step when a model is not there."""
    return f"Run `ollama pull {model}`."


def error_for_status(status: int, text: str, *, model: str, endpoint: str) -> EngineError:
    """Return the error for an answer with an error `status`.

    Args:
        status: The HTTP status, or `UNKNOWN_STATUS` for an error line inside a stream of 200.
        text: What the server says, already fit for showing.
        model: The model that the request named.
        endpoint: Where it was sent.
    """
    said = f": {text}" if text else ""
    if _says_too_long(status, text):
        counts = _TOO_LONG_COUNTS.search(text)
        if counts:
            said = f": {int(counts[1]):,} tokens for {int(counts[2]):,}"
        return PromptTooLong(
            f"The prompt is longer than the context window of `{model}`{said}.",
            status=status,
            engine=ENGINE,
            hint=TOO_LONG_HINT,
        )
    if status == UNKNOWN_STATUS:
        return EngineFailed(f"Ollama failed while answering{said}.", engine=ENGINE)
    if status == HTTPStatus.NOT_FOUND:
        return _not_found(text, model, endpoint)
    if status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS):
        return EngineBusy(f"Ollama has too many requests waiting{said}.", engine=ENGINE)
    return _by_class(status, said, endpoint)


def _says_too_long(status: int, text: str) -> bool:
    refused = status in (HTTPStatus.BAD_REQUEST, UNKNOWN_STATUS)
    folded = text.casefold()
    return (refused or status >= HTTPStatus.INTERNAL_SERVER_ERROR) and any(
        part in folded for part in _TOO_LONG_TEXTS
    )


def _by_class(status: int, said: str, endpoint: str) -> EngineError:
    """Judge a status that means nothing particular by its hundreds."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == _CLIENT_CLOSED_REQUEST:
        return EngineFailed(f"Ollama failed (status {status}){said}.", engine=ENGINE)
    if status >= HTTPStatus.BAD_REQUEST:
        return EngineRejected(
            f"Ollama refused the request (status {status}){said}.", status=status, engine=ENGINE
        )
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        return redirected(status, endpoint, engine=ENGINE)
    return EngineProtocolError(
        f"What answers at {endpoint} does not speak as Ollama does: status {status}{said}.",
        offset=0,
        engine=ENGINE,
        hint="Is another program listening there?",
    )


def _not_found(text: str, model: str, endpoint: str) -> EngineError:
    """A missing model, or a server that does not know the route at all."""
    if "model" in text.casefold():
        return ModelMissing(
            f"The model `{model}` is not on the server at {endpoint}.",
            model=model,
            engine=ENGINE,
            hint=pull_hint(model),
        )
    said = f" ({text})" if text else ""
    return EngineRejected(
        f"What answers at {endpoint} does not know the request{said}.",
        status=HTTPStatus.NOT_FOUND,
        engine=ENGINE,
        hint="Is another program listening there, or is this Ollama very old?",
    )
