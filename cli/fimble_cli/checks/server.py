"""Checks of the model server and its model, in the order in which one thing needs another."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from fimble.completion.measured_cache import ProbeResult
from fimble.config.schema import Settings
from fimble.engine.ollama.administration import (
    InstalledModel,
    OllamaAdministration,
    RunningModel,
)
from fimble.engine.ollama.client import OllamaEngine
from fimble.engine.ollama.model_facts import full_name
from fimble.engine.profiles import ModelProfile
from fimble.engine.protocol import EngineHealth
from fimble.errors import EngineNotLocalError, FimbleError, ModelMissing
from fimble.pipeline.cache_knowledge import measurement_for, probe_key
from fimble.pipeline.probe_store import ProbeStore
from fimble.pipeline.prompt_choices import PromptChoices, choose_prompts
from fimble_cli.checks.finding import Finding, command_in, ok, problem, skipped, warning
from fimble_cli.checks.generation import CHECKS as GENERATION
from fimble_cli.checks.generation import check_generation
from fimble_cli.checks.known_versions import check_version
from fimble_cli.checks.prompt_cache import MEASURE, check_cache

Tell = Callable[[str], None]
"""Says one sentence to the user while a check takes its time."""

_AFTER_SERVER = ("model", "locality", "prompts")
_AFTER_MODEL = ("context", "memory", "prompt cache", "prompt speed", *GENERATION)
_SHOWN_DIGEST = 12
_NAMED_MODELS = 5
_GIGABYTE = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    """The model as far as the server knows it."""

    health: EngineHealth
    profile: ModelProfile
    entry: InstalledModel | None


class ServerChecks:
    """Examines one server; the settings' endpoint is one that may be asked.

    Args:
        probe: Load the model and measure its prompt cache now.
    """

    def __init__(
        self, settings: Settings, *, probe: bool, tell: Tell, store: ProbeStore | None = None
    ) -> None:
        self._settings = settings
        self._probe = probe
        self._tell = tell
        self._store = store or ProbeStore()

    async def findings(self) -> AsyncIterator[Finding]:
        """Yield what is found as it is found."""
        async with AsyncExitStack() as stack:
            try:
                engine = OllamaEngine(self._settings.ollama)
            except EngineNotLocalError as error:
                yield problem("locality", error.sentence, command_in(error.hint))
                return
            stack.push_async_callback(engine.aclose)
            administration = await stack.enter_async_context(
                OllamaAdministration(self._settings.ollama)
            )
            health = await engine.health()
            try:
                profile = await engine.profile()
            except FimbleError as error:
                for finding in self._without_model(error, health, await _installed(administration)):
                    yield finding
                return
            yield self._server(health)
            installed = await _installed(administration)
            entry = next((one for one in installed if self._is_ours(one.name)), None)
            async for finding in self._with_model(
                engine, administration, _Model(health=health, profile=profile, entry=entry)
            ):
                yield finding

    def _server(self, health: EngineHealth) -> Finding:
        return check_version(health.server_version, health.family)

    def _without_model(
        self, error: FimbleError, health: EngineHealth, installed: Sequence[InstalledModel]
    ) -> Iterator[Finding]:
        """Say what stands in the way: the server, the model, or where the model is."""
        fix = command_in(error.hint)
        if not health.server_version:
            yield problem("server", error.sentence, fix)
            rest = (*_AFTER_SERVER, *_AFTER_MODEL)
        elif isinstance(error, EngineNotLocalError):
            yield self._server(health)
            yield ok("model", f"The server knows {self._settings.ollama.model}.")
            yield problem("locality", error.sentence, fix)
            rest = ("prompts", *_AFTER_MODEL)
        else:
            yield self._server(health)
            there = ", ".join(one.name for one in installed[:_NAMED_MODELS]) or "none"
            others = f" It has: {there}." if isinstance(error, ModelMissing) else ""
            yield problem("model", f"{error.sentence}{others}", fix)
            rest = ("locality", "prompts", *_AFTER_MODEL)
        for check in rest:
            yield skipped(check, "That can be looked at when the problem above is solved.")

    async def _with_model(
        self, engine: OllamaEngine, administration: OllamaAdministration, model: _Model
    ) -> AsyncIterator[Finding]:
        yield self._presence(model)
        yield ok("locality", "The model runs on the server itself, no cloud behind it.")
        measured, trouble = await self._measured(engine, model)
        choices = choose_prompts(self._settings, model.profile, measured)
        yield self._prompts(model.profile, choices)
        try:
            running = await administration.running_models()
        except FimbleError as error:
            yield problem("context", error.sentence, command_in(error.hint))
            yield skipped("memory", "The server does not say what is in memory.")
        else:
            ours = next((one for one in running if self._is_ours(one.name)), None)
            yield self._context(ours)
            yield self._memory(ours)
        if trouble is not None:
            yield problem("prompt cache", trouble.sentence, command_in(trouble.hint))
            for check in ("prompt speed", *GENERATION):
                yield skipped(check, "Could not be measured.")
            return
        for finding in check_cache(measured, choices):
            yield finding
        if not self._probe:
            for check in GENERATION:
                yield skipped(check, "Not measured without being asked to.", MEASURE)
            return
        async for finding in check_generation(engine):
            yield finding

    async def _measured(
        self, engine: OllamaEngine, model: _Model
    ) -> tuple[ProbeResult | None, FimbleError | None]:
        """Return what is known of the cache, measured now if asked for; or why it cannot be."""
        ollama = self._settings.ollama
        key = probe_key(ollama, model.health)
        if not self._probe:
            return None if key is None else self._store.load(key), None
        try:
            if model.health.state != "ready":
                self._tell(f"loading {ollama.model}, which may take minutes.")
                await engine.preload()
            self._tell("measuring the prompt cache: about ten short requests.")
            result = await measurement_for(engine, ollama, model.profile).measure_clearly()
        except FimbleError as error:
            return None, error
        if key is not None and result.certain:
            self._store.save(key, result)
        return result, None

    def _presence(self, model: _Model) -> Finding:
        facts = [f"digest {model.health.model_digest[:_SHOWN_DIGEST] or 'unknown'}"]
        if model.entry is not None:
            entry = model.entry
            facts = [entry.parameter_size, entry.quantization, _size(entry.size_bytes), *facts]
        described = ", ".join(fact for fact in facts if fact not in ("", "unknown"))
        return ok("model", f"{self._settings.ollama.model} is there ({described}).")

    def _prompts(self, profile: ModelProfile, choices: PromptChoices) -> Finding:
        wanted = self._settings.completion.layout
        layout = f"layout {choices.layout.value}"
        if wanted not in ("auto", choices.layout.value):
            return warning(
                "prompts",
                f"completion.layout asks for {wanted}, which a {profile.family} model does not "
                f"know; {layout} is used.",
                'set completion.layout = "auto" in your configuration',
            )
        if profile.fim_tokens:
            return ok("prompts", f"Family {profile.family}, fill-in-the-middle tokens; {layout}.")
        if profile.chat is not None and profile.chat.tokens:
            return ok("prompts", f"Family {profile.family}, by its chat template; {layout}.")
        return warning(
            "prompts",
            "Nothing is known of this model's way to fill a gap: it only continues the text "
            "before the cursor.",
            "use a model that was trained on code, such as `ollama pull qwen3.6:27b`",
        )

    def _context(self, running: RunningModel | None) -> Finding:
        wanted = self._settings.ollama.num_ctx
        if running is None or running.context_tokens is None:
            return self._not_loaded("context")
        held = running.context_tokens
        if held == wanted:
            return ok(
                "context", f"The model is loaded with a window of {held} tokens, as Fimble asks."
            )
        if self._probe and held < wanted:
            return warning(
                "context",
                f"Fimble asks for {wanted} tokens, the model is loaded with {held}: more it "
                "cannot do.",
                f"set ollama.num_ctx = {held} in your configuration",
            )
        return warning(
            "context",
            f"The model is loaded with {held} tokens, Fimble asks for {wanted}: the next "
            "completion loads it again. Another program uses it with other options.",
            f"have every program ask for the same, or set ollama.num_ctx = {held}",
        )

    def _memory(self, running: RunningModel | None) -> Finding:
        if running is None or running.size_bytes <= 0:
            return self._not_loaded("memory")
        share = running.vram_bytes / running.size_bytes
        size = _size(running.size_bytes)
        if share >= 1:
            return ok("memory", f"All {size} of the model are in graphics memory.")
        where = f"{1 - share:.0%} of {size}" if share > 0 else f"All {size}"
        return warning(
            "memory",
            f"{where} of the model are outside graphics memory, where it is many times slower.",
            "lower ollama.num_ctx, or use a smaller model",
        )

    def _not_loaded(self, check: str) -> Finding:
        return skipped(check, "The model is not in memory; the first completion loads it.", MEASURE)

    def _is_ours(self, name: str) -> bool:
        return full_name(name) == full_name(self._settings.ollama.model)


async def _installed(administration: OllamaAdministration) -> Sequence[InstalledModel]:
    """Return the server's models; none where it does not say."""
    try:
        return await administration.list_models()
    except FimbleError:
        return ()


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= _GIGABYTE else f"{size_bytes / 1e6:.0f} MB"
