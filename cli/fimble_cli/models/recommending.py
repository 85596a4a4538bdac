"""`fimble models recommend`: load the models that are there, measure them, and say which to use.

The measured prompt is invented code with a number that no server has seen, so that no cache
answers for the model. What lies in video memory is what the server says of a loaded model.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from argparse import Namespace
from collections.abc import Sequence
from contextlib import aclosing

import msgspec

from fimble.config.schema import ModelServerSettings, Settings
from fimble.engine.model_advice import Advice, MeasuredModel, advise
from fimble.engine.model_server import make_administration, make_engine
from fimble.engine.ollama.administration import RunningModel
from fimble.engine.profiles import profile_for
from fimble.engine.protocol import GenerateRequest, GenerationStatistics
from fimble.errors import EngineError, FimbleError
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.models.listing import ListedModel, is_same, listed_models, size_words
from fimble_cli.output import Output

_ANSWER_TOKENS = 48
_FUNCTIONS = 30


def run(
    arguments: Namespace, settings: Settings, output: Output, diagnostics: Diagnostics
) -> ExitCode:
    """Measure and advise; exit code 1 when no model that is there is good."""
    measured, failed = asyncio.run(_measure_all(arguments, settings, diagnostics))
    if failed and not measured:
        return diagnostics.report(failed[-1])
    advice = advise(measured)
    if arguments.json:
        output.write_line(json.dumps(_as_json(measured, advice, settings), indent=2))
    else:
        for line in _table(measured):
            output.write_line(line)
        output.write_line(_sentence(advice, settings))
    return ExitCode.OK if advice.use else ExitCode.NOTHING_FOUND


async def _measure_all(
    arguments: Namespace, settings: Settings, diagnostics: Diagnostics
) -> tuple[list[MeasuredModel], list[FimbleError]]:
    listed = await listed_models(settings)
    names = _wanted(arguments.names, listed, settings)
    measured: list[MeasuredModel] = []
    failed: list[FimbleError] = []
    for number, name in enumerate(names, start=1):
        size = next(
            (size_words(one.model.size_bytes) for one in listed if one.model.name == name), ""
        )
        diagnostics.note(
            f"measuring {name}{f' ({size})' if size else ''}, {number} of {len(names)}; "
            "loading it may take minutes."
        )
        try:
            measured.append(await _measure(name, listed, settings))
        except EngineError as error:
            failed.append(error)
            diagnostics.note(str(error))
    return measured, failed


def _wanted(
    named: Sequence[str], listed: Sequence[ListedModel], settings: Settings
) -> Sequence[str]:
    """Return what to measure; of an OpenAI-compatible server only what it is set to serve us."""
    if named:
        return named
    if settings.asks_openai:
        return [settings.openai.model]
    known = [one for one in listed if one.fills_gaps_by in ("fill-in-the-middle", "chat")]
    return [one.model.name for one in sorted(known, key=lambda one: -one.model.size_bytes)]


async def _measure(name: str, listed: Sequence[ListedModel], settings: Settings) -> MeasuredModel:
    own = msgspec.structs.replace(settings.model_server, model=name)
    family = next((one.model.family for one in listed if is_same(one.model.name, name)), "")
    profile = profile_for(name, family)
    said = await _answered(own)
    async with make_administration(own) as server:
        running = await server.running_models()
    return _measured(
        name,
        said,
        next((one for one in running if is_same(one.name, name)), None),
        fills_gaps=bool(profile.fim_tokens) or profile.chat is not None,
    )


async def _answered(settings: ModelServerSettings) -> GenerationStatistics:
    """Load the model and have it go on with code that is new to it."""
    request = GenerateRequest(prompt=invented_code(), max_tokens=_ANSWER_TOKENS)
    async with aclosing(make_engine(settings)) as engine:
        await engine.preload()
        async with aclosing(engine.generate(request)) as events:
            said = [event async for event in events if isinstance(event, GenerationStatistics)]
    return said[-1]


def _measured(
    name: str, said: GenerationStatistics, running: RunningModel | None, *, fills_gaps: bool
) -> MeasuredModel:
    return MeasuredModel(
        name=name,
        size_bytes=running.size_bytes if running else 0,
        vram_bytes=running.vram_bytes if running else 0,
        read_per_s=said.prompt_tokens / said.prompt_eval_s if said.prompt_eval_s else 0.0,
        written_per_s=said.generated_tokens / said.eval_s if said.eval_s else 0.0,
        first_token_s=said.prompt_eval_s,
        fills_gaps=fills_gaps,
    )


def invented_code() -> str:
    """Return about 700 tokens of code that no server has read before, ending where one goes on."""
    first = secrets.randbelow(900_000) + 100_000
    functions = (
        f"def area_{number}(width, height):\n    total = width * height + {number}\n"
        "    return total\n\n\n"
        for number in range(first, first + _FUNCTIONS)
    )
    return "".join(functions) + "def border(width, height):\n    "


def _table(measured: Sequence[MeasuredModel]) -> Sequence[str]:
    rows = [("model", "in memory", "outside video memory", "reads tok/s", "writes tok/s", "")]
    rows += [
        (
            each.name,
            size_words(each.size_bytes) or "not told",
            f"{each.spilled_share:.0%}" if each.size_bytes else "not told",
            f"{each.read_per_s:.0f}",
            f"{each.written_per_s:.0f}",
            each.standing,
        )
        for each in measured
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _sentence(advice: Advice, settings: Settings) -> str:
    if advice.use and is_same(advice.use, settings.model_server.model):
        return f"{advice.use} is what you use, and it suits this machine. {advice.reason}"
    if advice.use:
        setting = f'{settings.model_server_section}.model = "{advice.use}"'
        return f"Use {advice.use}: set {setting}. {advice.reason}"
    if settings.asks_openai:
        return "The server is too slow for ghost text, or its model cannot fill a gap."
    return f"Fetch {advice.pull}: `fimble models pull {advice.pull}`. {advice.reason}"


def _as_json(
    measured: Sequence[MeasuredModel], advice: Advice, settings: Settings
) -> dict[str, object]:
    return {
        "configured": settings.model_server.model,
        "use": advice.use or None,
        "pull": None if settings.asks_openai else advice.pull or None,
        "reason": advice.reason,
        "measured": [
            {
                "name": each.name,
                "standing": each.standing,
                "size_bytes": each.size_bytes or None,
                "vram_bytes": each.vram_bytes if each.size_bytes else None,
                "spilled_share": round(each.spilled_share, 4) if each.size_bytes else None,
                "read_tokens_per_s": round(each.read_per_s, 1),
                "written_tokens_per_s": round(each.written_per_s, 1),
                "first_token_s": round(each.first_token_s, 4),
            }
            for each in measured
        ],
    }
