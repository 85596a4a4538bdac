"""What Fimble sends to /api/generate: every body is made here, so that load options never differ.

Two requests that differ in `num_ctx` or another load option make Ollama load the model again,
17 GB from disk (ollama/ollama:server/sched.go `needsReload`); so does giving `num_ctx` in one and
not in the other. Completion, warming, preload and chat therefore share `load_options`.
`truncate: false` makes a prompt over the window an error instead of a silent cut. `shift` is a
load option too and is never sent: the `ollama` package, which chat goes through, cannot send it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from fimble.engine.profiles import Sampling

if TYPE_CHECKING:
    from fimble.config.schema import OllamaSettings
    from fimble.engine.chat_protocol import ChatRequest
    from fimble.engine.protocol import GenerateRequest


def load_options(settings: OllamaSettings) -> dict[str, int]:
    """The options that decide how a model is loaded: the same in every request of any kind."""
    return {"num_ctx": settings.num_ctx}


def generate_body(settings: OllamaSettings, request: GenerateRequest, sampling: Sampling) -> bytes:
    """Return the body of one streamed raw generation.

    Every sampling option is given, since a model file may set its own (a presence penalty of 1.5
    suits a chat and ruins code). Lone surrogates, which JSON in UTF-8 cannot carry, become "?".
    """
    return _encode(
        {
            "model": settings.model,
            "prompt": request.prompt,
            "raw": True,
            "think": False,
            "stream": True,
            "truncate": False,
            "keep_alive": settings.keep_alive,
            "logprobs": request.logprobs,
            "options": load_options(settings)
            | {
                "num_predict": request.max_tokens,
                "stop": request.stop,
                "temperature": request.temperature,
                "top_p": request.top_p,
                "top_k": sampling.top_k,
                "min_p": sampling.min_p,
                "presence_penalty": sampling.presence_penalty,
                "frequency_penalty": sampling.frequency_penalty,
                "repeat_penalty": sampling.repeat_penalty,
            },
        }
    )


def chat_body(settings: OllamaSettings, request: ChatRequest) -> bytes:
    """Return the body of one streamed chat answer, rendered by the server.

    A last message by the assistant is continued, not answered (ollama/ollama:model/renderers).
    Sampling that nobody chose is left to the model file: its maker tuned it for chats.
    """
    messages = [{"role": each.role.value, "content": each.text} for each in request.messages]
    if request.begun:
        messages.append({"role": "assistant", "content": request.begun})
    chosen = {"temperature": request.temperature, "top_p": request.top_p}
    return _encode(
        {
            "model": settings.model,
            "messages": messages,
            "think": request.think,
            "stream": True,
            "truncate": False,
            "keep_alive": settings.keep_alive,
            "options": load_options(settings)
            | {"num_predict": request.max_tokens, "stop": request.stop}
            | {name: value for name, value in chosen.items() if value is not None},
        }
    )


def preload_body(settings: OllamaSettings) -> bytes:
    """Return the body that loads the model and generates nothing (an empty prompt does that)."""
    return _encode(
        {
            "model": settings.model,
            "stream": False,
            "keep_alive": settings.keep_alive,
            "options": load_options(settings),
        }
    )


def unload_body(settings: OllamaSettings) -> bytes:
    """Return the body that makes the server drop the model from memory."""
    return _encode({"model": settings.model, "stream": False, "keep_alive": 0})


def show_body(model: str, *, verbose: bool = False) -> bytes:
    """Return the body of /api/show; verbose answers hold the whole vocabulary."""
    return _encode({"model": model, "verbose": verbose})


def _encode(body: dict[str, object]) -> bytes:
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:
        clean = {
            key: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
            for key, value in body.items()
        }
        return msgspec.json.encode(clean)
