"""/api/generate and /api/chat from the checked body to the last byte.

The order of the checks is the order of ``GenerateHandler`` and ``ChatHandler`` in
``ollama/ollama:server/routes.go``, because it decides which error a request with two faults gets.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from support.stub_ollama.answers import Answer, Reply
from support.stub_ollama.faults import Fault, InStream
from support.stub_ollama.go_json import Json, encode, omit_zero, timestamp
from support.stub_ollama.http_wire import Connection
from support.stub_ollama.journal import Journal, RequestRecord
from support.stub_ollama.llama_slot import Completion, SlotFinished, SlotToken
from support.stub_ollama.options import (
    PredictOptions,
    check_options,
    load_request,
    predict_options,
)
from support.stub_ollama.rendering import rendered_prompt
from support.stub_ollama.reply_stream import JSON_TYPE, FaultStruckError, ReplyStream
from support.stub_ollama.request_body import GenerationBody
from support.stub_ollama.scheduler import LoadFailedError, Runner, Scheduler, ServerBusyError
from support.stub_ollama.script import StubModel
from support.stub_ollama.tokens import Tokens, tokenize

REPEAT_LIMIT = 30
"""More equal tokens in a row than this end the stream without a ``done`` record."""
TOO_LONG = (
    "the prompt is longer than the context length currently available to the model; shorten the "
    "prompt, adjust the context length in settings, or use a model with a longer context length"
)


class RefusedError(Exception):
    """An answer with an error status and a JSON body."""

    def __init__(self, status: int, text: str, *, streamed: bool = False) -> None:
        super().__init__(text)
        self.status = status
        self.streamed = streamed
        """Sent by ``streamResponse``: chunked, and a content type without charset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One generation request with everything that belongs to it."""

    chat: bool
    body: GenerationBody
    model: StubModel
    connection: Connection
    record: RequestRecord
    fault: Fault | None
    received_at: float


class Generations:
    """Runs generation requests against the scheduler's models."""

    def __init__(self, scheduler: Scheduler, journal: Journal, answer: Answer) -> None:
        self._scheduler = scheduler
        self._journal = journal
        self.answer = answer
        """May be replaced at any time; each generation takes the one that is there."""

    async def handle(self, exchange: Exchange) -> None:
        """Answer one request. Raises `RefusedError` before the first byte."""
        body, model = exchange.body, exchange.model
        empty = not body.messages if exchange.chat else not body.prompt
        if empty and body.keep_alive_s == 0:
            self._scheduler.expire(model)
            await _send_single(exchange, "unload")
            return
        _check_request(exchange)
        request = load_request(model, body.options, shift=body.shift)
        try:
            async with self._scheduler.runner(model, request, body.keep_alive_s) as (runner, new):
                exchange.record.loaded = new
                load_s = time.monotonic() - exchange.received_at
                if empty:
                    await _send_single(exchange, "load")
                else:
                    await self._complete(exchange, runner, load_s)
        except ServerBusyError as error:
            raise RefusedError(503, str(error)) from error
        except LoadFailedError as error:
            raise RefusedError(500, str(error)) from error

    async def _complete(self, exchange: Exchange, runner: Runner, load_s: float) -> None:
        prompt = rendered_prompt(exchange.body, exchange.model)
        predict = predict_options(exchange.body.options)
        if exchange.body.bad_format:
            quoted = exchange.body.bad_format
            text = f'invalid format: "{quoted}"; expected "json" or a valid JSON Schema object'
            raise RefusedError(500, text, streamed=exchange.body.stream)
        exchange.record.prompt = prompt
        waited_from = time.monotonic()
        await runner.semaphore.acquire()
        leak = isinstance(exchange.fault, InStream) and exchange.fault.action == "leak"
        completion: Completion | None = None
        try:
            exchange.record.slot_wait_s = time.monotonic() - waited_from
            tokens = _fit_context(exchange, runner, prompt, predict)
            completion = self._start(exchange, runner, tokens, predict)
            await self._stream(exchange, completion, load_s)
        except FaultStruckError:
            if isinstance(exchange.fault, InStream) and exchange.fault.action == "oom":
                self._scheduler.expire(exchange.model)
            raise
        finally:
            if completion is not None:
                completion.cancel()
            if not leak:
                runner.semaphore.release()

    def _start(
        self, exchange: Exchange, runner: Runner, tokens: Tokens, predict: PredictOptions
    ) -> Completion:
        num_ctx = runner.load.runner.num_ctx
        shifts = runner.load.context_shift and exchange.model.cache == "dense"
        exchange.record.prompt_tokens = len(tokens)
        completion = Completion(
            prompt=tokens,
            reply=lambda: self._reply(exchange),
            token_limit=predict.token_limit(num_ctx),
            stop=predict.stop,
            num_ctx=num_ctx,
            num_keep=predict.num_keep if shifts else None,
            record=exchange.record,
        )
        runner.slot.start(completion)
        return completion

    def _reply(self, exchange: Exchange) -> Reply:
        reply = self.answer(exchange.record.prompt)
        reply = Reply(text=reply) if isinstance(reply, str) else reply
        if _thinks_aloud(exchange):
            return replace(reply, text=f"{reply.thinking}</think>\n\n{reply.text}")
        return replace(reply, thinking="")

    async def _stream(self, exchange: Exchange, completion: Completion, load_s: float) -> None:
        body = exchange.body
        out = ReplyStream(
            exchange.connection,
            exchange.record,
            body=body,
            chat=exchange.chat,
            thinking=_thinks_aloud(exchange),
            fault=exchange.fault if isinstance(exchange.fault, InStream) else None,
        )
        repeats, last = 0, ""
        while True:
            event = await completion.events.get()
            if isinstance(event, SlotFinished):
                break
            if isinstance(event, Exception):
                raise event
            repeats, last = _count_repeats(event, repeats, last)
            if repeats > REPEAT_LIMIT:
                exchange.record.detail = "token repeat limit"
                await out.end_without_done()
                return
            if event.text:
                await out.token(event)
        metrics = _metrics(exchange, event, load_s)
        await out.done(event.reason, metrics, _context(exchange))


def _thinks_aloud(exchange: Exchange) -> bool:
    """Whether the answer begins inside a think block that the server will split off."""
    body = exchange.body
    return exchange.model.thinks and not body.raw and (body.thinking or body.think is None)


def _check_request(exchange: Exchange) -> None:
    """The 400s and 500s between finding the model and scheduling it."""
    body, model = exchange.body, exchange.model
    if body.raw and not exchange.chat and (body.template or body.system or body.has_context):
        raise RefusedError(400, "raw mode does not support template, system, or context")
    if body.thinking and not model.thinks:
        raise RefusedError(400, f'"{body.model}" does not support thinking')
    needed = [("completion", True), ("insert", bool(body.suffix)), ("tools", body.wants_tools)]
    missing = [name for name, wanted in needed if wanted and name not in model.capabilities]
    if "completion" in missing:
        verb = "chat" if exchange.chat else "generate"
        raise RefusedError(400, f'"{body.model}" does not support {verb}')
    if missing:
        path = model.full_name if "/" in model.full_name else f"library/{model.full_name}"
        raise RefusedError(400, f"registry.ollama.ai/{path} does not support {missing[0]}")
    try:
        check_options(body.options)
    except ValueError as error:
        raise RefusedError(500, str(error)) from error


def _fit_context(
    exchange: Exchange, runner: Runner, prompt: str, predict: PredictOptions
) -> Tokens:
    """Tokenise, and cut a prompt that is too long as ``completionPromptForRequest`` does."""
    tokens = tokenize(prompt)
    num_ctx = runner.load.runner.num_ctx
    streamed = exchange.body.stream
    if not exchange.body.truncate or len(prompt.encode()) < num_ctx:
        if len(tokens) >= max(num_ctx, 1):
            raise RefusedError(400, _exceeds(len(tokens), num_ctx), streamed=streamed)
        return tokens
    if len(tokens) <= num_ctx - 1:
        return tokens
    if not runner.load.context_shift:
        raise RefusedError(400, TOO_LONG, streamed=streamed)
    keep = len(tokens) if predict.num_keep < 0 else predict.num_keep
    keep = min(keep, num_ctx - 1)
    limit = num_ctx - max((num_ctx - keep) // 2, 1)
    discarded = len(tokens) - limit
    exchange.record.truncated_tokens = discarded
    return tokens[:keep] + tokens[keep + discarded :]


def _exceeds(tokens: int, num_ctx: int) -> str:
    """llama-server's own error body, which Ollama passes on as the error's text."""
    text = (
        f"request ({tokens} tokens) exceeds the available context size ({num_ctx} tokens), "
        "try increasing it"
    )
    detail: dict[str, Json] = {
        "code": 400,
        "message": text,
        "type": "exceed_context_size_error",
        "n_prompt_tokens": tokens,
        "n_ctx": num_ctx,
    }
    return encode({"error": detail}).decode()


def _count_repeats(event: SlotToken, repeats: int, last: str) -> tuple[int, str]:
    text = event.text.strip()
    return (repeats + 1, last) if text == last else (0, text)


def _metrics(exchange: Exchange, finished: SlotFinished, load_s: float) -> dict[str, Json]:
    total_s = time.monotonic() - exchange.received_at
    return omit_zero(
        {
            "total_duration": int(total_s * 1e9),
            "load_duration": int(load_s * 1e9),
            "prompt_eval_count": finished.prompt_tokens,
            "prompt_eval_duration": round(finished.prompt_eval_s * 1e6) * 1000,
            "eval_count": finished.generated_tokens,
            "eval_duration": round(finished.eval_s * 1e6) * 1000,
        }
    )


def _context(exchange: Exchange) -> list[Json]:
    """The deprecated `context` of a rendered /api/generate: invented ids, one for each token."""
    if exchange.chat or exchange.body.raw:
        return []
    text = exchange.record.prompt + exchange.record.generated_text
    return [sum(map(ord, token)) % 200_000 for token in tokenize(text)]


async def _send_single(exchange: Exchange, done_reason: str) -> None:
    """The one record of a load or an unload, as plain JSON even when streaming was asked for."""
    content: dict[str, Json] = (
        {"message": {"role": "assistant", "content": ""}} if exchange.chat else {"response": ""}
    )
    record: dict[str, Json] = {
        "model": exchange.body.model,
        "created_at": timestamp(),
        **content,
        "done": True,
        "done_reason": done_reason,
    }
    exchange.record.status = 200
    exchange.record.detail = done_reason
    await exchange.connection.send_response(200, encode(record), JSON_TYPE)
