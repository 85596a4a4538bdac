"""What an HTTP status, or an error inside a stream, of an OpenAI-compatible server means."""

from __future__ import annotations

from http import HTTPStatus

from fimble.engine.error_border import UNKNOWN_STATUS, redirected
from fimble.errors import (
    EngineBusy,
    EngineError,
    EngineFailed,
    EngineProtocolError,
    EngineRejected,
    EngineUnavailable,
    ModelMissing,
    PromptTooLong,
)

ENGINE = "openai"
TITLE = "The model server"
START_HINT = "Start it, or look at openai.endpoint."
TOO_LONG_HINT = "Lower openai.num_ctx or completion.max_prefix_tokens."
_TOO_LONG_TEXTS = (
    "context length",
    "context size",
    "exceed_context_size",
    "maximum context",
    "context window",
    "longer than the model's",
)
_UPSTREAM_STATUSES = (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)
_SERVERS = HTTPStatus.INTERNAL_SERVER_ERROR
_UPSTREAM_TEXT = "apiconnectionerror"
"""LiteLLM's word, with a status of 500, for a server behind it that it cannot connect to: it opens
a streamed completion too late for its own fallback (litellm/main.py, `_async_streaming`)."""
_TOO_LONG_STATUSES = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, UNKNOWN_STATUS)


def error_for_status(status: int, text: str, *, model: str, endpoint: str) -> EngineError:
    """Return the error for an answer with an error `status`.

    Args:
        status: The HTTP status, or `UNKNOWN_STATUS` for an error inside a stream of 200.
        text: What the server says, already fit for showing.
        model: The model that the request named.
        endpoint: Where it was sent.
    """
    said = f": {text}" if text else ""
    folded = text.casefold()
    if status in _TOO_LONG_STATUSES and any(part in folded for part in _TOO_LONG_TEXTS):
        return PromptTooLong(
            f"The prompt is longer than the context window of `{model}`{said}.",
            status=status,
            engine=ENGINE,
            hint=TOO_LONG_HINT,
        )
    if status == UNKNOWN_STATUS:
        return EngineFailed(f"The model server failed while answering{said}.", engine=ENGINE)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return EngineRejected(
            f"The model server at {endpoint} refuses the key (status {status}){said}.",
            status=status,
            engine=ENGINE,
            hint="Look at openai.api_key_env or openai.api_key_in_keyring.",
        )
    if status == HTTPStatus.NOT_FOUND:
        return _not_found(text, model, endpoint)
    if status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS):
        return EngineBusy(
            f"The model server at {endpoint} is busy (status {status}){said}.", engine=ENGINE
        )
    return _by_class(status, said, endpoint)


def model_missing(model: str, endpoint: str, served: tuple[str, ...] = ()) -> ModelMissing:
    """Return the error of a model that the server does not have."""
    names = ", ".join(served[:5]) or "none that it tells"
    return ModelMissing(
        f"The model `{model}` is not on the server at {endpoint}; it has: {names}.",
        model=model,
        engine=ENGINE,
        hint=f'Set openai.model = "{served[0]}" in your own configuration.' if served else "",
    )


def _by_class(status: int, said: str, endpoint: str) -> EngineError:
    if status in _UPSTREAM_STATUSES or (status >= _SERVERS and _UPSTREAM_TEXT in said.casefold()):
        return EngineUnavailable(
            f"What the gateway at {endpoint} hands on to does not answer (status {status}){said}.",
            engine=ENGINE,
            hint="Look at the servers behind it.",
        )
    if status >= _SERVERS:
        return EngineFailed(
            f"The model server at {endpoint} failed (status {status}){said}.", engine=ENGINE
        )
    if status >= HTTPStatus.BAD_REQUEST:
        return EngineRejected(
            f"The model server at {endpoint} refused the request (status {status}){said}.",
            status=status,
            engine=ENGINE,
        )
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        return redirected(status, endpoint, engine=ENGINE)
    return EngineProtocolError(
        f"What answers at {endpoint} does not speak OpenAI's protocol: status {status}{said}.",
        offset=0,
        engine=ENGINE,
        hint="Is another program listening there?",
    )


def _not_found(text: str, model: str, endpoint: str) -> EngineError:
    """A missing model (vLLM, SGLang and LiteLLM say so), or a route that the server has not."""
    if "model" in text.casefold():
        return model_missing(model, endpoint)
    said = f" ({text})" if text else ""
    return EngineRejected(
        f"What answers at {endpoint} does not know the request{said}.",
        status=HTTPStatus.NOT_FOUND,
        engine=ENGINE,
        hint="Is another program listening there, or does openai.endpoint lack a path?",
    )
