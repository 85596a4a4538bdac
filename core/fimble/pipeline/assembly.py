"""From settings to completions: the one place that knows which engines and templates there are.

Building opens no connection, reads no workspace file and imports no HTTP library; `start` begins
that work on the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fimble.completion.layout import Layout
from fimble.completion.planning import TokenLimits, Trigger
from fimble.engine.embedded.engine import EmbeddedEngine
from fimble.engine.ollama.client import OllamaEngine
from fimble.engine.profiles import ModelProfile, profile_for
from fimble.engine.token_estimate import TokenEstimator
from fimble.errors import FimbleError
from fimble.pipeline.completer import Completer
from fimble.pipeline.document_names import DocumentNames
from fimble.pipeline.engine_router import EngineRouter, EngineStatus, OnStatus
from fimble.pipeline.layout_templates import layout_template
from fimble.pipeline.prompt_builder import PromptBudgets, PromptBuilder
from fimble.pipeline.result import CompletionResult

if TYPE_CHECKING:
    from fimble.config.schema import Settings
    from fimble.engine.protocol import Hole
    from fimble.pipeline.statistics import StatisticsRecorder
    from fimble.syntax.tree import SyntaxTree
    from fimble.text.edit import ByteEdit
    from fimble.text.snapshot import Snapshot


class CompletionService:
    """Completions with their engines: what an editor's server or a command holds on to.

    Raises:
        EngineNotLocalError: The settings name an endpoint or a model that is not on this machine.
    """

    def __init__(
        self,
        settings: Settings,
        folders: Sequence[str] = (),
        on_status: OnStatus | None = None,
        *,
        statistics: StatisticsRecorder | None = None,
        detailed: bool = False,
    ) -> None:
        self._settings = settings
        self._statistics = statistics
        self._names = DocumentNames([Path(folder) for folder in folders])
        self._on_status = on_status
        self._detailed = detailed
        self._tasks: set[asyncio.Task[None]] = set()
        self._profile = profile_for(settings.ollama.model)
        self._profiled_digest = ""
        self.server = None if settings.engine.kind == "embedded" else OllamaEngine(settings.ollama)
        self.embedded = _embedded(settings)
        self.router = EngineRouter(
            kind=settings.engine.kind,
            server=self.server,
            embedded=self.embedded,
            model=settings.ollama.model,
            on_status=self._status_changed,
            recover=None if self.server is None else self.server.recover,
        )
        debounce = settings.completion.debounce_ms
        self._completer = Completer(
            router=self.router,
            prompts=self._prompts(self._profile),
            limits=TokenLimits(
                line=settings.completion.max_line_tokens, block=settings.completion.max_block_tokens
            ),
            debounce_s=None if debounce == "adaptive" else debounce / 1000,
            temperature=settings.completion.temperature,
            prefetch=settings.completion.prefetch,
            explain_embedded=self._explain_embedded,
        )

    def start(self) -> None:
        """Begin to watch the model server and to read the workspace."""
        self.router.start()
        if self.embedded is not None:
            self._spawn(self._index(self.embedded), "fimble-index")
        if self._statistics is not None:
            self._spawn(self._statistics.write_for_ever(), "fimble-statistics")

    async def index_workspace(self) -> None:
        """Read the workspace for the embedded engine now, for commands that answer once."""
        if self.embedded is not None:
            await self._index(self.embedded)

    async def learn_profile(self) -> None:
        """Fit the prompts to what the model's vocabulary really holds."""
        health, server = self.router.health, self.server
        if server is None or health is None or health.model_digest == self._profiled_digest:
            return
        self._profiled_digest = health.model_digest
        profile = await server.profile()
        if profile != self._profile:
            self._profile = profile
            self._completer.use_prompts(self._prompts(profile))

    def document_changed(self, snapshot: Snapshot, edits: Sequence[ByteEdit | None]) -> None:
        """Follow the edits that led to `snapshot`; None stands for a whole new text."""
        if self.embedded is not None:
            self.embedded.observe(snapshot)
        self._completer.document_changed(snapshot, edits)
        if self._statistics is not None:
            self._statistics.changed(snapshot, edits)

    def document_closed(self, uri: str) -> None:
        """Forget a document."""
        if self.embedded is not None:
            self.embedded.forget(uri)
        self._completer.document_closed(uri)
        if self._statistics is not None:
            self._statistics.closed(uri)

    async def complete(
        self, hole: Hole, *, tree: SyntaxTree | None, trigger: Trigger
    ) -> CompletionResult:
        """Answer one request; never raises for an engine's failure."""
        result = await self._completer.complete(hole, tree=tree, trigger=trigger)
        if self._statistics is not None:
            self._statistics.answered(hole, result)
        return result

    def prompt_for(self, hole: Hole) -> str:
        """Return exactly what would be sent for `hole`, without sending it."""
        return self._completer.prompt_for(hole)

    async def aclose(self) -> None:
        """Stop all work and close the engines."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(set(self._tasks))
        await self._completer.aclose()
        if self._statistics is not None:
            await self._statistics.aclose()

    def _prompts(self, profile: ModelProfile) -> PromptBuilder:
        completion, window = self._settings.completion, self._settings.ollama.num_ctx
        layout = _layout(completion.layout, profile)
        return PromptBuilder(
            template=layout_template(layout),
            layout=layout,
            profile=profile,
            budgets=PromptBudgets(
                context_window=window,
                answer=max(completion.max_block_tokens, completion.max_line_tokens),
                prefix=min(completion.max_prefix_tokens, window // 2),
                suffix=min(completion.max_suffix_tokens, window // 4),
            ),
            estimator=TokenEstimator() if self.server is None else self.server.tokens,
            names=self._names.names,
            detailed=self._detailed,
        )

    def _explain_embedded(self) -> str:
        explanation = None if self.embedded is None else self.embedded.explain
        return "" if explanation is None else explanation.sentence()

    def _status_changed(self, status: EngineStatus) -> None:
        self._completer.engine_changed()
        if status.state == "ready":
            self._spawn(self._learn_quietly(), "fimble-profile")
        if self._on_status is not None:
            self._on_status(status)

    async def _learn_quietly(self) -> None:
        try:
            await self.learn_profile()
        except FimbleError as error:
            self._profiled_digest = ""
            self.router.note_failure(error)

    async def _index(self, embedded: EmbeddedEngine) -> None:
        for folder in self._names.folders:
            embedded.index_workspace(folder)
        for _ in embedded.index_steps():
            await asyncio.sleep(0)

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _embedded(settings: Settings) -> EmbeddedEngine | None:
    if settings.engine.kind == "ollama" or not settings.embedded.enabled:
        return None
    return EmbeddedEngine(
        confidence=settings.embedded.confidence, exclude=settings.completion.ignore
    )


def _layout(wanted: str, profile: ModelProfile) -> Layout:
    """Return the wanted layout where the model can do it, else the model's best."""
    if wanted != "auto" and Layout(wanted) in profile.layouts:
        return Layout(wanted)
    return profile.default_layout
