"""A document, a cursor and a completer, driven as an editor drives them; no server, no socket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from fimble.completion.layout import Layout
from fimble.completion.planning import TokenLimits, Trigger
from fimble.engine.profile_table import QWEN3_5
from fimble.engine.protocol import Hole
from fimble.engine.token_estimate import TokenEstimator
from fimble.pipeline.completer import Completer, OnAsked
from fimble.pipeline.engine_router import EngineKind, EngineRouter
from fimble.pipeline.hole_renderer import PathNames
from fimble.pipeline.layout_templates import layout_templates
from fimble.pipeline.prompt_builder import PromptBuilder
from fimble.pipeline.prompt_sizes import PromptBudgets
from fimble.pipeline.result import CompletionResult
from fimble.syntax.one_shot import parse
from fimble.text.position import Position, Range
from support.fake_engine import FakeEngine
from support.marked import marked


class Editor:
    """A document, a cursor and a completer, as an editor drives them."""

    def __init__(
        self,
        source: str,
        *,
        layout: Layout = Layout.SPM,
        idle_s: float = 3_600.0,
        min_mean_logprob: float | None = None,
        debounce_s: float | None = 0.0,
        kind: EngineKind = "auto",
        on_asked: OnAsked | None = None,
        recover: Callable[[], Awaitable[None]] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.server = FakeEngine("ollama")
        self.embedded = FakeEngine("embedded")
        self.router = EngineRouter(
            kind=kind, server=self.server, embedded=self.embedded, recover=recover
        )
        self.completer = Completer(
            router=self.router,
            prompts=PromptBuilder(
                templates=layout_templates(layout),
                layout=layout,
                profile=QWEN3_5,
                budgets=PromptBudgets(context_window=8_192, answer=256, prefix=2_000, suffix=500),
                estimator=TokenEstimator(),
                names=lambda _: PathNames(repository="demo", path="a.py"),
            ),
            limits=TokenLimits(line=64, block=256),
            debounce_s=debounce_s,
            idle_s=idle_s,
            min_mean_logprob=min_mean_logprob,
            on_asked=on_asked,
            now=now,
        )
        self.snapshot, self.cursor = marked(source)

    def type(self, text: str, *, closers: str = "") -> None:
        """Insert `text` at the cursor; `closers` is what the editor adds behind it."""
        at = Range(self.cursor, self.cursor)
        after, edit = self.snapshot.replace(at, text + closers, version=self.snapshot.version + 1)
        end = after.position_at_byte(edit.new_end_byte)
        self.snapshot, self.cursor = after, Position(end.line, end.character - len(closers))
        self.completer.document_changed(after, [edit])

    def ask(self, trigger: Trigger = Trigger.AUTOMATIC) -> asyncio.Task[CompletionResult]:
        """Ask for a completion at the cursor."""
        hole = Hole(snapshot=self.snapshot, cursor=self.cursor)
        tree = parse(self.snapshot)
        return asyncio.create_task(self.completer.complete(hole, tree=tree, trigger=trigger))

    async def asked(self, trigger: Trigger = Trigger.AUTOMATIC) -> list[str]:
        """Ask, and return the texts of the items."""
        return texts(await self.ask(trigger))

    async def accept(self, task: asyncio.Task[CompletionResult]) -> str:
        """Take the first item over; return the text of the document."""
        item = (await task).items[0]
        after, edit = self.snapshot.replace(item.replace, item.text, version=9)
        self.snapshot, self.cursor = after, after.position_at_byte(edit.new_end_byte)
        self.completer.document_changed(after, [edit])
        return after.text


def texts(result: CompletionResult) -> list[str]:
    """Return what would be shown."""
    return [item.text for item in result.items]
