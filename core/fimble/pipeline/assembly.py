"""From settings to completions: the one place that knows which engines and templates there are.

Building opens no connection, reads no workspace file and imports no HTTP library; `start` begins
that work on the event loop.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from fimble.completion.planning import TokenLimits, Trigger
from fimble.engine.embedded.engine import EmbeddedEngine
from fimble.engine.model_server import make_engine
from fimble.engine.profiles import profile_for
from fimble.engine.token_estimate import TokenEstimator
from fimble.errors import FimbleError
from fimble.pipeline.cache_knowledge import CacheKnowledge
from fimble.pipeline.chosen_layouts import ChosenLayouts, CompletionPrompts
from fimble.pipeline.completer import Completer
from fimble.pipeline.completion_context import CompletionContext, OnIndexing
from fimble.pipeline.completion_rules import CompletionRules
from fimble.pipeline.completions_first import CompletionsFirst
from fimble.pipeline.document_names import DocumentNames, document_path
from fimble.pipeline.engine_router import EngineRouter, EngineStatus, OnStatus
from fimble.pipeline.first_drafts import FirstDrafts
from fimble.pipeline.probing import IDLE_S
from fimble.pipeline.prompt_builder import PromptBuilder
from fimble.pipeline.prompt_choices import PromptChoices, choose_prompts
from fimble.pipeline.result import CompletionResult
from fimble.prompting.fingerprint import template_fingerprint

if TYPE_CHECKING:
    from fimble.completion.measured_cache import ProbeResult
    from fimble.config.schema import CompletionSettings, Settings
    from fimble.context.retrieval.records import ContextItem
    from fimble.engine.protocol import Hole
    from fimble.pipeline.probe_store import ProbeStore
    from fimble.pipeline.statistics import StatisticsRecorder
    from fimble.syntax.promise import Tree
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
        probes: ProbeStore | None = None,
        idle_s: float = IDLE_S,
        detailed: bool = False,
    ) -> None:
        self._settings = settings
        self._statistics = statistics
        self._names = DocumentNames([Path(folder) for folder in folders])
        self._on_status = on_status
        self._detailed = detailed
        self._tasks: set[asyncio.Task[None]] = set()
        self._profile = profile_for(settings.model_server.model)
        self._profiled_digest = ""
        self._idle_s = idle_s
        self.server = (
            None if settings.engine.kind == "embedded" else make_engine(settings.model_server)
        )
        self._turns = None if self.server is None else CompletionsFirst(self.server)
        self._cache = (
            None
            if self.server is None
            else CacheKnowledge(self.server, settings.model_server, probes)
        )
        self.embedded = _embedded(settings)
        self.router = EngineRouter(
            kind=settings.engine.kind,
            server=self._turns,
            embedded=self.embedded,
            model=settings.model_server.model,
            on_status=self._status_changed,
            recover=None if self.server is None else self.server.recover,
        )
        self._layouts = ChosenLayouts()
        self._rules = CompletionRules(
            self._names.folders,
            max_tokens=settings.completion.rules_tokens,
            count=self._estimator.count,
        )
        self.context = None if self.server is None else self._make_context()
        self._choices = self._choose()
        self._completer = self._make_completer(settings.completion)
        wanted = self.embedded is not None and settings.embedded.draft
        self._drafts = FirstDrafts(self.embedded.draft) if wanted and self.embedded else None

    def _make_completer(self, completion: CompletionSettings) -> Completer:
        debounce = completion.debounce_ms
        return Completer(
            router=self.router,
            prompts=self._prompts(self._choices),
            limits=TokenLimits(line=completion.max_line_tokens, block=completion.max_block_tokens),
            debounce_s=None if debounce == "adaptive" else debounce / 1000,
            temperature=completion.temperature,
            prefetch=completion.prefetch,
            min_mean_logprob=_gate(completion.logprob_gate),
            explain_embedded=self._explain_embedded,
            on_asked=None if self._statistics is None else self._statistics.asked,
            context=self.context,
        )

    def _make_context(self) -> CompletionContext:
        completion = self._settings.completion
        return CompletionContext(
            self._names.folders,
            exclude=completion.ignore,
            max_tokens=min(completion.context_tokens, self._settings.model_server.num_ctx // 4),
            count=self._estimator.count,
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

    @property
    def measured(self) -> ProbeResult | None:
        """What the server's prompt cache was measured to do; None while it is not known."""
        return None if self._cache is None else self._cache.measured

    async def learn_profile(self) -> None:
        """Fit the prompts to the model's vocabulary, and to its cache where it was measured."""
        health, server, cache = self.router.health, self.server, self._cache
        if server is None or cache is None or health is None:
            return
        if health.model_digest != self._profiled_digest:
            self._profiled_digest = health.model_digest
            self._profile = await server.profile()
        cache.recall(health)
        self._renew_prompts()

    def _renew_prompts(self) -> None:
        """Build prompts another way where what has been learnt asks for it."""
        choices = self._choose()
        if choices != self._choices:
            self._choices = choices
            self._completer.use_prompts(self._prompts(choices))

    def use_prompts(self, prompts: CompletionPrompts) -> None:
        """Take what user and team bring: from the next new prompt on, never in an open one."""
        self._layouts = prompts.layouts
        self._rules.use(prompts.allows)
        self.trust(granted=prompts.allows is not None)
        self._completer.use_templates(self._layouts.of(self._choices.layout))

    def trust(self, *, granted: bool) -> None:
        """Show code of other files of the workspace in prompts, or none."""
        if self.context is not None:
            self.context.use(trusted=granted)

    async def context_for(self, hole: Hole) -> Sequence[ContextItem]:
        """Find what other code a new prompt for `hole` shows, however long that takes."""
        if self.context is None:
            return ()
        await self.context.prepare(hole, self._completer.window_of(hole), patience_s=None)
        return self.context.items(hole)

    def follow_indexing(self, tell: OnIndexing) -> None:
        """Have somebody told, from a thread, how far the workspace's index is."""
        if self.context is not None:
            self.context.on_indexing = tell

    def stop_indexing(self) -> None:
        """End the build of the workspace's index early; what was read is kept."""
        if self.context is not None:
            self.context.stop_indexing()

    @property
    def layout_fingerprint(self) -> str:
        """The name of the template that the next new prompt begins with."""
        return template_fingerprint(self._layouts.of(self._choices.layout).first)

    def document_changed(self, snapshot: Snapshot, edits: Sequence[ByteEdit | None]) -> None:
        """Follow the edits that led to `snapshot`; None stands for a whole new text."""
        self._sign_of_life()
        if self.embedded is not None:
            self.embedded.observe(snapshot)
        if self.context is not None:
            self.context.document_changed(snapshot, typed=None not in edits)
        self._completer.document_changed(snapshot, edits)
        if self._statistics is not None:
            self._statistics.changed(snapshot, edits)

    def document_saved(self, path: Path) -> None:
        """Have the embedded engine read a file again that has just been written."""
        self.files_changed((path,))

    def files_changed(self, paths: Sequence[Path]) -> None:
        """Do the same for files that somebody else wrote, made or deleted."""
        if self.context is not None:
            self.context.files_changed(paths)
        if self.embedded is None:
            return
        for path in paths:
            self.embedded.refresh(path)
        self._spawn(_read_waiting(self.embedded), "fimble-index")

    def document_closed(self, uri: str) -> None:
        """Forget a document."""
        if self.embedded is not None:
            self.embedded.forget(uri)
        if self.context is not None:
            self.context.document_closed(uri)
        self._completer.document_closed(uri)
        if self._drafts is not None:
            self._drafts.forget(uri)
        if self._statistics is not None:
            self._statistics.closed(uri)

    async def complete(
        self, hole: Hole, *, tree: Tree, trigger: Trigger, drafts: bool = False
    ) -> CompletionResult:
        """Answer one request; never raises for an engine's failure.

        With `drafts` the first request for a place may be answered with a draft, and the caller
        promises to ask again. Who asks by key gets the model's answer alone.
        """
        self._sign_of_life()
        result = None
        if drafts and self._drafts is not None and trigger is Trigger.AUTOMATIC:
            started = time.monotonic()
            result = self._drafts.at(hole, lambda: self._completer.unanswered(hole, tree=tree))
            if result is not None:
                self._completer.draft_shown(hole)
                result.why.total_s = time.monotonic() - started
        if result is None:
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
        if self.context is not None:
            await self.context.aclose()
        await self._completer.aclose()
        if self._statistics is not None:
            await self._statistics.aclose()

    def _sign_of_life(self) -> None:
        """The user is there: whatever measures the server in a pause gives way."""
        if self._turns is not None:
            self._turns.user_active()

    def _choose(self) -> PromptChoices:
        return choose_prompts(self._settings, self._profile, self.measured)

    def _prompts(self, choices: PromptChoices) -> PromptBuilder:
        return PromptBuilder(
            templates=self._layouts.of(choices.layout),
            layout=choices.layout,
            profile=choices.profile,
            budgets=choices.budgets,
            estimator=self._estimator,
            names=self._names.names,
            cache=choices.cache,
            detailed=self._detailed,
            context=self.context,
            rules=lambda uri: self._rules.of(document_path(uri)),
            counter=None if self.server is None else self.server.own_tokens.counter,
        )

    @property
    def _estimator(self) -> TokenEstimator:
        return TokenEstimator() if self.server is None else self.server.tokens

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
            await self._measure_in_pauses()
        except FimbleError as error:
            self._profiled_digest = ""
            self.router.note_failure(error)

    async def _measure_in_pauses(self) -> None:
        """Find out what the cache does, where the choice of a layout is left to us."""
        cache, turns = self._cache, self._turns
        if cache is None or turns is None or self._settings.completion.layout != "auto":
            return
        if await cache.measure_in_pauses(turns, self._profile, idle_s=self._idle_s):
            self._renew_prompts()

    async def _index(self, embedded: EmbeddedEngine) -> None:
        for folder in self._names.folders:
            embedded.index_workspace(folder)
        await _read_waiting(embedded)

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _gate(setting: float | Literal["off"]) -> float | None:
    return None if setting == "off" else setting


async def _read_waiting(embedded: EmbeddedEngine) -> None:
    """Read what waits to be read, and let others run in between."""
    for _ in embedded.index_steps():
        await asyncio.sleep(0)


def _embedded(settings: Settings) -> EmbeddedEngine | None:
    if settings.engine.kind in ("ollama", "openai") or not settings.embedded.enabled:
        return None
    return EmbeddedEngine(
        confidence=settings.embedded.confidence, exclude=settings.completion.ignore
    )
