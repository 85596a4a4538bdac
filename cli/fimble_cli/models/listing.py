"""`fimble models list`: what is there, how it runs, and what Fimble can do with it."""

from __future__ import annotations

import asyncio
import json
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass

from fimble.config.schema import Settings
from fimble.engine.model_server import make_administration
from fimble.engine.ollama.administration import InstalledModel, RunningModel
from fimble.engine.ollama.model_facts import full_name
from fimble.engine.profiles import profile_for
from fimble.errors import EngineNotLocalError
from fimble.policy.model_locality import check_model_name
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedModel:
    """A model, and how it runs when it does."""

    model: InstalledModel
    running: RunningModel | None

    @property
    def fills_gaps_by(self) -> str:
        """How a gap is put to it: by its own tokens, as a chat, or not at all; "" in a cloud."""
        try:
            check_model_name(self.model.name)
        except EngineNotLocalError:
            return ""
        profile = profile_for(self.model.name, self.model.family)
        if profile.fim_tokens:
            return "fill-in-the-middle"
        return "chat" if profile.chat is not None and profile.chat.tokens else "plain text"


def run(
    arguments: Namespace, settings: Settings, output: Output, diagnostics: Diagnostics
) -> ExitCode:
    """Print the models; exit code 1 when the configured one is not among them."""
    configured = settings.model_server.model
    found = asyncio.run(listed_models(settings))
    there = any(is_same(each.model.name, configured) for each in found)
    if arguments.json:
        output.write_line(json.dumps(_as_json(found, settings), indent=2, ensure_ascii=False))
        return ExitCode.OK if there else ExitCode.NOTHING_FOUND
    for line in _table(found, configured):
        output.write_line(line)
    if not there:
        fix = "" if settings.asks_openai else f" `fimble models pull {configured}` fetches it."
        diagnostics.note(f"the configured model {configured} is not on the server.{fix}")
        return ExitCode.NOTHING_FOUND
    return ExitCode.OK


async def listed_models(settings: Settings) -> Sequence[ListedModel]:
    """Ask the server.

    Raises:
        EngineError: It did not answer.
        EngineNotLocalError: The settings name another host without its being allowed.
    """
    async with make_administration(settings.model_server) as server:
        installed = await server.list_models()
        running = {full_name(each.name): each for each in await server.running_models()}
    return [
        ListedModel(model=each, running=running.get(full_name(each.name))) for each in installed
    ]


def is_same(name: str, other: str) -> bool:
    """Whether two names mean one model; the tag `latest` may be left out."""
    return full_name(name) == full_name(other)


def size_words(size_bytes: int) -> str:
    """Return a size as Ollama writes it; empty where it is not known."""
    if not size_bytes:
        return ""
    if size_bytes >= 10**9:
        return f"{size_bytes / 1e9:.1f} GB"
    return f"{size_bytes / 1e6:.0f} MB"


def memory_words(running: RunningModel | None) -> str:
    """Return where a model lies now; empty when it is not in memory."""
    if running is None:
        return ""
    outside = running.size_bytes - running.vram_bytes
    if running.size_bytes and outside > 0:
        return f"in memory, {outside / running.size_bytes:.0%} of it outside video memory"
    return "in memory"


def _table(found: Sequence[ListedModel], configured: str) -> list[str]:
    rows = [
        (
            "*" if is_same(each.model.name, configured) else " ",
            each.model.name,
            size_words(each.model.size_bytes),
            each.model.quantization,
            each.fills_gaps_by or "in a cloud: never asked",
            memory_words(each.running),
        )
        for each in found
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(6)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _as_json(found: Sequence[ListedModel], settings: Settings) -> dict[str, object]:
    server = settings.model_server
    return {
        "engine": settings.model_server_section,
        "endpoint": server.endpoint,
        "configured": server.model,
        "models": [
            {
                "name": each.model.name,
                "configured": is_same(each.model.name, server.model),
                "digest": each.model.digest or None,
                "size_bytes": each.model.size_bytes or None,
                "parameter_size": each.model.parameter_size or None,
                "quantization": each.model.quantization or None,
                "family": each.model.family or None,
                "fills_gaps_by": each.fills_gaps_by or None,
                "in_memory": None
                if each.running is None
                else {
                    "size_bytes": each.running.size_bytes,
                    "vram_bytes": each.running.vram_bytes,
                    "context_tokens": each.running.context_tokens,
                },
            }
            for each in found
        ],
    }
