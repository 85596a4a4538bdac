"""What vLLM and llama-server send, field by field; times and ids are constants."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from support.stub_openai.served import ServedModel

CREATED = 1_764_000_000
LIKELY = -0.105


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What the usage says."""

    prompt_tokens: int
    generated_tokens: int
    cached_tokens: int = 0

    def usage(self, *, flavour: str) -> dict[str, object]:
        """Both servers tell cached tokens only where they have any (vLLM: where it is told to)."""
        usage: dict[str, object] = {
            "prompt_tokens": self.prompt_tokens,
            "total_tokens": self.prompt_tokens + self.generated_tokens,
            "completion_tokens": self.generated_tokens,
        }
        if flavour == "llama-server":
            usage["prompt_tokens_details"] = {"cached_tokens": self.cached_tokens}
        return usage


class Wire:
    """Makes the records of one answer."""

    def __init__(self, served: ServedModel, *, chat: bool, logprobs: bool) -> None:
        self._served = served
        self._chat = chat
        self._logprobs = logprobs
        self._vllm = served.flavour == "vllm"

    def opening(self) -> Sequence[dict[str, object]]:
        """Chat begins with the role; vLLM adds an empty text, llama-server a null."""
        if not self._chat:
            return ()
        content = "" if self._vllm else None
        return (self._chunk({"delta": {"role": "assistant", "content": content}}, None),)

    def piece(self, text: str, finish: str | None = None, thought: str = "") -> dict[str, object]:
        """One token; vLLM ends with the last one, llama-server with a record of its own."""
        if self._chat:
            delta = {"reasoning_content": thought} if thought else {"content": text}
            return self._chunk({"delta": delta}, finish)
        return self._chunk({"text": text, "logprobs": self._token_logprobs(text)}, finish)

    def ending(self, finish: str, counts: Counts) -> Sequence[dict[str, object]]:
        """What follows the last token."""
        usage = counts.usage(flavour=self._served.flavour)
        if self._vllm:
            return ({**self._record(), "choices": [], "usage": usage},)
        timings = {
            "cache_n": counts.cached_tokens,
            "prompt_n": counts.prompt_tokens - counts.cached_tokens,
            "prompt_ms": 12.5,
            "predicted_n": counts.generated_tokens,
            "predicted_ms": 40.0,
        }
        if self._chat:
            end = self._chunk({"delta": {}}, finish)
            return (end, {**self._record(), "choices": [], "usage": usage, "timings": timings})
        end = self._chunk({"text": "", "logprobs": None}, finish)
        return ({**end, "usage": usage, "timings": timings},)

    def whole(self, text: str) -> dict[str, object]:
        """The answer without streaming, as gateways' health checks ask for it."""
        told = {"message": {"role": "assistant", "content": text}} if self._chat else {"text": text}
        usage = Counts(prompt_tokens=1, generated_tokens=1).usage(flavour=self._served.flavour)
        return {**self._chunk(told, "stop"), "usage": usage}

    def _token_logprobs(self, text: str) -> object:
        if not self._logprobs:
            return None
        if self._vllm:
            return {
                "text_offset": [0],
                "token_logprobs": [LIKELY],
                "tokens": [text],
                "top_logprobs": [{text: LIKELY}],
            }
        others: list[object] = []
        return {"content": [{"id": 1, "token": text, "logprob": LIKELY, "top_logprobs": others}]}

    def _chunk(self, choice: Mapping[str, object], finish: str | None) -> dict[str, object]:
        whole: dict[str, object] = {"index": 0, **choice, "finish_reason": finish}
        if self._vllm:
            whole["stop_reason"] = None
        return {**self._record(), "choices": [whole]}

    def _record(self) -> dict[str, object]:
        kind = "chat.completion.chunk" if self._chat else "text_completion"
        record: dict[str, object] = {
            "id": "cmpl-1",
            "object": kind,
            "created": CREATED,
            "model": self._served.name,
        }
        if not self._vllm:
            record["system_fingerprint"] = "b10630-stub"
        return record


def models(served: ServedModel) -> dict[str, object]:
    """GET /v1/models."""
    entry: dict[str, object] = {"id": served.name, "object": "model", "created": CREATED}
    if served.flavour == "vllm":
        entry |= {
            "owned_by": "vllm",
            "root": served.name,
            "parent": None,
            "max_model_len": served.window_tokens,
        }
    else:
        meta = {"n_ctx": served.window_tokens, "n_ctx_train": 131_072, "n_vocab": 511}
        entry |= {"owned_by": "llamacpp", "aliases": [], "tags": [], "meta": meta}
    return {"object": "list", "data": [entry]}


def properties(served: ServedModel) -> dict[str, object]:
    """llama-server's GET /props."""
    return {
        "default_generation_settings": {"n_ctx": served.window_tokens},
        "total_slots": served.slots,
        "model_path": f"/models/{served.name}.gguf",
        "build_info": "b10630-stub",
    }


def error(status: int, message: str, kind: str) -> bytes:
    """An error's body."""
    told = {"message": message, "type": kind, "param": None, "code": status}
    return json.dumps({"error": told}).encode()


def event(data: object) -> bytes:
    """One server-sent event."""
    return b"data: " + json.dumps(data, ensure_ascii=False).encode() + b"\n\n"
