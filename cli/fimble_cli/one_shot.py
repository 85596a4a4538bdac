"""One completion for one command: the editor's pipeline, started, asked and closed again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fimble.completion.planning import Trigger
from fimble.config.schema import Settings
from fimble.context.retrieval.records import ContextItem
from fimble.engine.protocol import EngineHealth, Hole
from fimble.errors import EngineError, EngineFailed, EngineUnavailable, FimbleError
from fimble.pipeline.assembly import CompletionService
from fimble.pipeline.chosen_layouts import CompletionPrompts
from fimble.pipeline.result import CompletionResult
from fimble.prompting.fingerprint import Fingerprint, prompt_fingerprint
from fimble.prompting.template import Role
from fimble.syntax.one_shot import parse, parse_window

INDEX_S = 3.0
"""How long the embedded engine may read the workspace before it answers with what it has."""
_PARSE_MS = 500.0
"""Nobody types meanwhile; editors get a tenth of it."""

Tell = Callable[[str], None]
"""Says one sentence to the user while the command goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPrompt:
    """What would be sent."""

    text: str = ""
    fingerprint: Fingerprint | None = None
    """What it was made of; None when nothing would be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneShot:
    """Where and how to answer."""

    settings: Settings
    folder: Path
    """The workspace of the document."""
    hole: Hole
    tell: Tell
    prompts: CompletionPrompts = field(default_factory=CompletionPrompts)
    """What user and team bring."""
    detailed: bool = False
    """Whether the trail shall list what each part of the prompt costs."""

    async def complete(self) -> CompletionResult:
        """Answer as an editor would get it on demand.

        Raises:
            EngineError: Nobody can answer: the engine that was asked for, or all of them.
            EngineNotLocalError: The settings would send code off this machine.
        """
        async with self._service() as service:
            health = await self._prepare(service)
            by_server = health is not None and service.router.current is service.router.server
            if by_server:
                result = await self._ask(service)
                health = service.router.health
                if result.items or health is None or health.state == "ready":
                    return result
            if service.router.current is None:
                raise _failure(health)
            if health is not None:
                self.tell(f"{health.message} The embedded engine answers instead.")
            await _index(service)
            return await self._ask(service)

    async def prompt(self) -> ShownPrompt:
        """Return exactly what would be sent for the place; empty when nothing would be.

        The model server is asked what the model is, and gets none of the document.
        """
        async with self._service() as service:
            if service.server is None:
                return ShownPrompt()
            health = await service.router.check_now()
            if health is not None and health.state in ("ready", "loading"):
                await service.learn_profile()
            await service.context_for(self.hole)
            text = service.prompt_for(self.hole)
            prompt = prompt_fingerprint([(Role.RAW, text)])
            made_of = Fingerprint(template=service.layout_fingerprint, prompt=prompt)
            return ShownPrompt(text=text, fingerprint=made_of)

    async def context(self) -> Sequence[ContextItem]:
        """Return what other code a prompt for the place shows, of a workspace that is trusted.

        No server is asked anything.
        """
        async with self._service() as service:
            service.trust(granted=True)
            return await service.context_for(self.hole)

    @asynccontextmanager
    async def _service(self) -> AsyncGenerator[CompletionService]:
        service = CompletionService(self.settings, (str(self.folder),), detailed=self.detailed)
        service.use_prompts(self.prompts)
        try:
            yield service
        finally:
            await service.aclose()

    async def _prepare(self, service: CompletionService) -> EngineHealth | None:
        """Bring the server to where it can answer, if it can; None when it is not wanted."""
        if service.server is None:
            return None
        health = await service.router.check_now()
        try:
            if health is not None and health.state == "loading":
                self.tell(f"{health.message} Waiting until it is loaded.")
                await service.server.preload()
                health = await service.router.check_now()
            if health is not None and health.state == "ready":
                await service.learn_profile()
                if self.detailed:
                    await service.server.own_tokens.learn()
        except FimbleError as error:
            service.router.note_failure(error)
        return service.router.health

    async def _ask(self, service: CompletionService) -> CompletionResult:
        snapshot, cursor = self.hole.snapshot, self.hole.cursor
        tree = parse(snapshot, deadline_ms=_PARSE_MS) or parse_window(
            snapshot, cursor, deadline_ms=_PARSE_MS
        )
        return await service.complete(self.hole, tree=tree, trigger=Trigger.INVOKED)


async def _index(service: CompletionService) -> None:
    """Let the embedded engine read the workspace, for a while."""
    try:
        async with asyncio.timeout(INDEX_S):
            await service.index_workspace()
    except TimeoutError:
        return


def _failure(health: EngineHealth | None) -> EngineError:
    if health is None:
        return EngineUnavailable(
            "the embedded engine is switched off.", hint="Set embedded.enabled to true."
        )
    kind = EngineUnavailable if health.state == "offline" else EngineFailed
    return kind(health.message, engine=health.engine)
