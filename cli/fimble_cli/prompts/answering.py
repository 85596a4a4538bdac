"""`fimble prompts test --model`: the answers of a real model to the prompts of the tests.

Prompts go where all of Fimble's text goes, through the same engine and its locality check. The
model is loaded before the first clock starts; an engine that cannot answer ends the run with its
own exit code, since it says nothing about the prompts.
"""

from __future__ import annotations

import asyncio
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

import msgspec

from fimble.chat.messages import ChatMessage, ChatRole
from fimble.config.schema import ModelServerSettings
from fimble.engine.chat_protocol import ChatRequest
from fimble.engine.model_server import ModelServerEngine, make_engine
from fimble.engine.protocol import GenerationStatistics, TextChunk
from fimble.prompting.cases.answer_checks import AnswerContext, ModelAnswer, check_answer
from fimble.prompting.cases.runner import CaseResult, Failure
from fimble.prompting.rendered import Rendered
from fimble.prompting.template import FrontMatter, Role
from fimble_cli.configuration import settings_for
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.prompts.case_results import FileResult
from fimble_cli.prompts.options import counted, workspace_of

_ANSWER_TOKENS = 4_096
"""For templates that set no `budget.answer`."""

_SHOWN_LINES = 12


def ask_model(
    found: Sequence[FileResult],
    arguments: Namespace,
    diagnostics: Diagnostics,
    tell: Callable[[FileResult], None] | None,
) -> list[FileResult]:
    """Send the prompts of all cases that say something of an answer, and judge the answers.

    Args:
        found: The tests as they came out without a model.
        arguments: Those of the command: `model` (empty takes the configured one) and `workspace`.
        diagnostics: Says what is being asked.
        tell: Is given each file's results as soon as they are whole.

    Raises:
        EngineError: Nobody answered, or not to the end.
        EngineNotLocalError: The settings would send the prompts off this machine.
    """
    settings = settings_for(workspace_of(arguments)).settings.model_server
    if arguments.model:
        settings = msgspec.structs.replace(settings, model=str(arguments.model))
    cases = sum(_is_asked(result) for each in found for result in each.results)
    if cases:
        diagnostics.note(f"asking {settings.model} for {counted(cases, 'answer')}.")
    return asyncio.run(_ask_all(found, settings, tell))


async def _ask_all(
    found: Sequence[FileResult],
    settings: ModelServerSettings,
    tell: Callable[[FileResult], None] | None,
) -> list[FileResult]:
    answered: list[FileResult] = []
    async with aclosing(make_engine(settings)) as engine:
        for each in found:
            whole = await _answered(engine, each)
            answered.append(whole)
            if tell is not None:
                tell(whole)
    return answered


async def _answered(engine: ModelServerEngine, file: FileResult) -> FileResult:
    results: list[CaseResult] = []
    answers: dict[str, ModelAnswer] = {}
    for result in file.results:
        if file.template is None or not _is_asked(result) or result.rendered is None:
            results.append(result)
            continue
        front = file.template.front
        answer = await _ask(engine, _request(front, result.rendered))
        answers[result.case.name] = answer
        results.append(replace(result, failures=_failures(result, answer, front)))
    return replace(file, results=tuple(results), answers=answers)


def _is_asked(result: CaseResult) -> bool:
    """Whether the case says something of an answer and its prompt is right so far."""
    return bool(result.case.answer) and not result.failures and result.rendered is not None


def _failures(result: CaseResult, answer: ModelAnswer, front: FrontMatter) -> tuple[Failure, ...]:
    context = AnswerContext(values=result.values, own_schema=front.output.schema)
    found = [
        Failure(sentence=sentence, line=assertion.place.line)
        for assertion in result.case.answer
        if (sentence := check_answer(assertion, answer, context))
    ]
    if found:
        found.append(Failure(sentence=_beginning(answer), line=result.case.place.line))
    return tuple(found)


def _request(front: FrontMatter, rendered: Rendered) -> ChatRequest:
    """Return the request that a chat would make; `think: auto` asks without thinking."""
    messages = [(message.role, message.text) for message in rendered.messages]
    begun = messages.pop()[1] if messages[-1][0] is Role.ASSISTANT else ""
    return ChatRequest(
        messages=tuple(ChatMessage(ChatRole(role.value), text) for role, text in messages),
        begun=begun,
        think=front.think == "on",
        max_tokens=front.answer_tokens or _ANSWER_TOKENS,
        temperature=front.sampling.temperature,
        top_p=front.sampling.top_p,
        stop=front.sampling.stop,
    )


async def _ask(engine: ModelServerEngine, request: ChatRequest) -> ModelAnswer:
    await engine.preload()
    began = time.monotonic()
    first: float | None = None
    texts: list[str] = []
    statistics: GenerationStatistics | None = None
    async with aclosing(engine.chat(request)) as pieces:
        async for piece in pieces:
            if isinstance(piece, TextChunk):
                first = time.monotonic() - began if first is None else first
                texts.append(piece.text)
            elif isinstance(piece, GenerationStatistics):
                statistics = piece
    seconds = time.monotonic() - began
    return ModelAnswer(
        text=request.begun + "".join(texts),
        seconds=seconds,
        first_text_s=seconds if first is None else first,
        tokens=statistics.generated_tokens if statistics else 0,
        complete=statistics is not None and statistics.finish == "stop",
    )


def _beginning(answer: ModelAnswer) -> str:
    """Return what people need to see of an answer that does not hold."""
    lines: Sequence[str] = answer.text.strip().split("\n")
    cut = "" if answer.complete else ", cut off by `budget.answer`"
    head = f"The answer{cut}:" if answer.text.strip() else f"The answer is empty{cut}."
    if len(lines) > _SHOWN_LINES:
        lines = [*lines[:_SHOWN_LINES], f"… {len(lines) - _SHOWN_LINES} more lines"]
    return "\n".join([head, *lines]) if answer.text.strip() else head
