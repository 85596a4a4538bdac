"""What Fimble sends to /v1/completions and /v1/chat/completions: every body is made here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from fimble.engine.chat_protocol import ChatRequest
    from fimble.engine.openai.dialects import Dialect
    from fimble.engine.profiles import Sampling
    from fimble.engine.protocol import GenerateRequest


def completion_body(
    model: str, request: GenerateRequest, sampling: Sampling, dialect: Dialect
) -> bytes:
    """Return the body of one streamed raw completion.

    Penalties are given, since a server may have defaults of its own (a model's
    `generation_config.json` is vLLM's), and what suits a chat ruins code.
    """
    body: dict[str, object] = {
        "model": model,
        "prompt": _sendable(request.prompt),
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "presence_penalty": sampling.presence_penalty,
        "frequency_penalty": sampling.frequency_penalty,
        **dialect.sampling(sampling),
        **_stops(request.stop, dialect),
    }
    if request.logprobs:
        body["logprobs"] = 1
    return _encode(body, dialect)


def chat_body(model: str, request: ChatRequest, dialect: Dialect) -> bytes:
    """Return the body of one streamed chat answer, rendered by the server."""
    messages = [
        {"role": each.role.value, "content": _sendable(each.text)} for each in request.messages
    ]
    chosen = {"temperature": request.temperature, "top_p": request.top_p}
    body: dict[str, object] = {
        "model": model,
        "messages": messages,
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": request.max_tokens,
        **{name: value for name, value in chosen.items() if value is not None},
        **_stops(request.stop, dialect),
    }
    if dialect.template_arguments:
        body["chat_template_kwargs"] = {"enable_thinking": request.think}
    if request.begun:
        messages.append({"role": "assistant", "content": _sendable(request.begun)})
        body |= dict(dialect.continues_by)
    return _encode(body, dialect)


def _stops(stop: tuple[str, ...], dialect: Dialect) -> dict[str, object]:
    """Return the stop strings in the server's number; none at all where there are none."""
    return {"stop": stop[: dialect.most_stops]} if stop else {}


def _encode(body: dict[str, object], dialect: Dialect) -> bytes:
    """Add what the server wants in every request."""
    if dialect.shows_control_tokens:
        body["skip_special_tokens"] = False
    if dialect.keeps_cache:
        body["cache_prompt"] = True
    return msgspec.json.encode(body)


def _sendable(text: str) -> str:
    """Return `text` with lone surrogates, which JSON in UTF-8 cannot carry, as "?"."""
    return text.encode("utf-8", "replace").decode()
