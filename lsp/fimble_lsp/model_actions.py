"""Actions that ask the model: from a command to the edit or the text that comes of it.

Loaded by the first of them. One runs at a time: the model has one slot, and ghost text must get
through. An answer belongs to the document as it was when the action began; when that changes, the
stream is closed at once and nothing is applied (F9).
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from fimble.conversation.model_server import ModelServer, chat_server
from fimble.conversation.one_answer import WholeAnswer, answer_request, loaded, whole_answer
from fimble.editing.answer import EditRefusedError
from fimble.editing.instructions import with_recent
from fimble.editing.offers import TEMPLATE_OF, ActionKind
from fimble.editing.outcome import replacement
from fimble.editing.place import edit_range
from fimble.editing.request import EditPrompt
from fimble.errors import FimbleError
from fimble.prompting.variables import Kind
from fimble_lsp.action_prompts import ActionPrompts
from fimble_lsp.answer_pages import AnswerPage, show
from fimble_lsp.edit_targets import Target, refuse_to_change, refuse_to_read, target_of
from fimble_lsp.file_of_tests import FileOfTests
from fimble_lsp.workspace_edits import FileEdit, apply, can_apply, can_confirm

if TYPE_CHECKING:
    from fimble.config.schema import Settings
    from fimble.editing.outcome import Change
    from fimble.prompting.template import Template
    from fimble.syntax.tree import SyntaxTree
    from fimble.text.snapshot import Snapshot
    from fimble_lsp.action import Action
    from fimble_lsp.server import FimbleServer
    from fimble_lsp.work_progress import WorkProgress

_CUT = "*(The answer was cut here: it is as long as the template allows, see `budget.answer`.)*"


class ModelActions:
    """What actions share: the model, its turn, and what was asked before."""

    def __init__(self, server: FimbleServer) -> None:
        self._server = server
        self._turn = asyncio.Lock()
        self._model: ModelServer | None = None
        self._model_of: Settings | None = None
        self._prompts = ActionPrompts(server)
        self._waiting: dict[str, set[asyncio.Event]] = {}
        """By document, who is to be told of its changes."""

    async def run(self, action: Action, progress: WorkProgress) -> dict[str, object]:
        """Do what was chosen; returns what a client that waits may do with it.

        Raises:
            FimbleError: It cannot be done, as a sentence for the user; nothing was changed.
        """
        settings = await self._settings()
        target = target_of(action.snapshot.uri, [Path(it) for it in self._server.hello.folders])
        refuse_to_read(target, settings.completion.ignore)
        template = await self._template(action, target)
        changes = _edits(template)
        if changes and action.kind is not ActionKind.TEST:
            refuse_to_change(target)
        if changes and not can_apply(self._server):
            raise EditRefusedError("This editor takes no edits from a language server.")
        if action.kind is ActionKind.EDIT:
            self._server.recent_instructions = with_recent(
                self._server.recent_instructions, action.instruction
            )
        tree = self._tree(action)
        span = edit_range(
            action.snapshot,
            action.span,
            tree,
            widen=action.kind is ActionKind.FIX,
            words=action.kind is ActionKind.EDIT,
        )
        prompt = await self._prompts.prompt(
            action, template=template, target=target, span=span, tree=tree, settings=settings
        )
        if not changes:
            return await self._explain(action, prompt, settings, progress)
        if action.kind is ActionKind.TEST:
            tests = FileOfTests(self._server, target, tree, settings)
            await tests.find()
            answer = await self._ask(action, prompt, settings, progress)
            edit, change = await tests.edit(answer)
        else:
            answer = await self._ask(action, prompt, settings, progress)
            change = replacement(answer.text, action.snapshot, span, tree, cut=answer.cut)
            edit = self._edit(action, change)
        progress.end()
        return await self._apply(action, edit, change, settings)

    async def aclose(self) -> None:
        """Close the connections to the model, and the indexes of symbols."""
        await self._close_model()
        await self._prompts.aclose()

    async def _close_model(self) -> None:
        model, self._model = self._model, None
        if model is not None:
            await model.aclose()

    async def _settings(self) -> Settings:
        await self._server.completions.settled()
        configuration = self._server.configuration
        if configuration is None:
            raise EditRefusedError("Fimble's settings could not be read.")
        if configuration.settings.engine.kind == "embedded":
            raise EditRefusedError(
                "There is no model to ask: `engine.kind` is embedded.",
                hint="Set it to auto or ollama.",
            )
        return configuration.settings

    async def _template(self, action: Action, target: Target) -> Template:
        prompts = await self._server.workspace_prompts.of(target.folder)
        name = action.prompt or TEMPLATE_OF[action.kind]
        template = prompts.catalogue.find(name).require()
        if template.front.kind not in (Kind.EDIT, Kind.CHAT):
            raise EditRefusedError(f"`{name}` is no template for an action.")
        return template

    def _tree(self, action: Action) -> SyntaxTree | None:
        document = self._server.documents.find(action.snapshot.uri)
        if document is None or document.snapshot is not action.snapshot:
            raise _changed()
        return document.parser.tree_for(action.span.start)

    async def _ask(
        self,
        action: Action,
        prompt: EditPrompt,
        settings: Settings,
        progress: WorkProgress,
        page: AnswerPage | None = None,
    ) -> WholeAnswer:
        """Ask when nobody else does; where an edit is to come of it, the text must stay."""
        if page is not None:
            return await self._answer(prompt, settings, progress, page)
        asking = asyncio.ensure_future(self._answer(prompt, settings, progress, None))
        changed = asyncio.Event()
        self._waiting.setdefault(action.snapshot.uri, set()).add(changed)
        try:
            while not asking.done():
                if not self._is_present(action.snapshot):
                    raise _changed()
                change = asyncio.ensure_future(changed.wait())
                try:
                    await asyncio.wait([asking, change], return_when=asyncio.FIRST_COMPLETED)
                finally:
                    # Also when this action is cancelled here: a task nobody waits for would stay.
                    change.cancel()
                changed.clear()
            return asking.result()
        finally:
            self._waiting[action.snapshot.uri].discard(changed)
            if not asking.done():
                asking.cancel()
                await asyncio.wait([asking])

    def document_changed(self, uri: str) -> None:
        """Have whoever writes an edit for a document look whether it may go on."""
        for waiting in self._waiting.get(uri, ()):
            waiting.set()

    async def _answer(
        self,
        prompt: EditPrompt,
        settings: Settings,
        progress: WorkProgress,
        page: AnswerPage | None,
    ) -> WholeAnswer:
        if self._turn.locked():
            progress.report("waiting for the other action")
        async with self._turn:
            model = await self._model_for(settings)
            await loaded(model, on_loading=lambda: progress.report(f"loads {model.model}"))
            progress.report(f"{model.model} reads")

            def on_text(text: str, thinking: bool) -> None:  # noqa: FBT001 - as `whole_answer` says
                progress.report("thinking" if thinking else _amount(text))
                if page is not None:
                    page.grow(text)

            request = answer_request(prompt, think=settings.chat.think)
            return await whole_answer(model, request, on_text=on_text)

    async def _model_for(self, settings: Settings) -> ModelServer:
        if self._model is None or self._model_of != settings:
            await self._close_model()
            self._model = chat_server(settings, settings.model_server.model)
            self._model_of = settings
        return self._model

    async def _explain(
        self, action: Action, prompt: EditPrompt, settings: Settings, progress: WorkProgress
    ) -> dict[str, object]:
        page = AnswerPage(self._server, action.kind.value, action.snapshot.uri)
        answer = await self._ask(action, prompt, settings, progress, page)
        progress.end()
        text = f"{answer.text}\n\n{_CUT}" if answer.cut else answer.text
        return {"markdown": text, "uri": await page.finish(text)}

    def _edit(self, action: Action, change: Change) -> FileEdit:
        present = self._server.documents.find(action.snapshot.uri)
        if present is None or not self._is_present(action.snapshot):
            raise _changed()
        return FileEdit(
            snapshot=action.snapshot, version=present.snapshot.version, changes=change.edits
        )

    async def _apply(
        self, action: Action, edit: FileEdit, change: Change, settings: Settings
    ) -> dict[str, object]:
        told = " ".join(
            part for part in (f"By {settings.model_server.model}.", change.warning) if part
        )
        applied = await apply(self._server, edit, label=action.title, description=told)
        if not applied.done and applied.reason:
            raise FimbleError(f"The editor did not make the change: {applied.reason}.")
        if applied.done and change.warning and not can_confirm(self._server):
            self._server.tell(f"{action.title}: {change.warning}", warning=True)
        if applied.done and edit.snapshot.uri != action.snapshot.uri:
            show(self._server, edit.snapshot.uri)
        return {"applied": applied.done}

    def _is_present(self, snapshot: Snapshot) -> bool:
        """Whether the document still has the text that it had."""
        document = self._server.documents.find(snapshot.uri)
        if document is None or not document.completable:
            return False
        return document.snapshot is snapshot or document.snapshot.text == snapshot.text


def _edits(template: Template) -> bool:
    """Whether the answer changes a document; all others are shown."""
    front = template.front
    return front.kind is Kind.EDIT and front.output.format != "json"


def _changed() -> EditRefusedError:
    return EditRefusedError(
        "The document changed while the model was writing, so nothing was changed.",
        hint="Ask again.",
    )


def _amount(text: str) -> str:
    lines = text.count("\n") + 1
    return f"{lines} line{'' if lines == 1 else 's'}, {len(text):,} characters"
