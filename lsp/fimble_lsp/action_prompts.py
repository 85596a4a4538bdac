"""The prompt of an action: a template, and all that is known of the place and may be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fimble.context.project_rules import project_rules
from fimble.editing.answer import EditRefusedError
from fimble.editing.offers import ActionKind
from fimble.editing.reported import reported_text
from fimble.editing.request import EditPrompt, edit_prompt, edit_values, missing_value
from fimble.errors import TemplateError
from fimble.policy.control_tokens import neutralise
from fimble.prompt_files.ambient import ambient_values
from fimble.prompting.render import Renderer
from fimble.prompting.variables import INPUT_PREFIX, Kind
from fimble_lsp.action_definitions import ActionDefinitions
from fimble_lsp.background import in_daemon_thread

if TYPE_CHECKING:
    from fimble.config.schema import Settings
    from fimble.prompting.template import Template
    from fimble.prompting.values import Value
    from fimble.syntax.tree import SyntaxTree
    from fimble.text.position import Range
    from fimble_lsp.action import Action
    from fimble_lsp.edit_targets import Target
    from fimble_lsp.server import FimbleServer

_NOTHING_REPORTED: Final = (
    "Nothing was reported by a tool: find what is wrong in the selection, and mend that."
)


class ActionPrompts:
    """Makes prompts; keeps the indexes that definitions come from."""

    def __init__(self, server: FimbleServer) -> None:
        self._server = server
        self._definitions = ActionDefinitions(server)

    async def prompt(
        self,
        action: Action,
        *,
        template: Template,
        target: Target,
        span: Range,
        tree: SyntaxTree | None,
        settings: Settings,
    ) -> EditPrompt:
        """Return the prompt of an action on a part of a document.

        Raises:
            EditRefusedError: Something is missing or too long, as a sentence for the user.
        """
        count = self._server.prompt_tokens.current().count
        folder = target.folder
        values: dict[str, Value] = {**ambient_values(folder.name if folder else "")}
        values |= edit_values(action.snapshot, span, target.name, tree)
        values["diagnostics"] = reported_text(target.name, action.problems)
        values |= {INPUT_PREFIX + name: value for name, value in action.inputs.items()}
        values |= _input(action, template)
        if "rules" in template.variables:
            values["rules"] = await self._rules(target)
        if "definitions" in template.variables and tree is not None:
            values["definitions"] = await self._definitions.of(target, action.snapshot, span, tree)
        try:
            return edit_prompt(
                template,
                values,
                Renderer(neutralise=neutralise, count_tokens=count),
                window_tokens=settings.model_server.num_ctx,
                replaces=template.front.kind is Kind.EDIT
                and template.front.output.format != "diff"
                and action.kind is not ActionKind.TEST,
            )
        except TemplateError as error:
            raise EditRefusedError(missing_value(template, error)) from error

    async def aclose(self) -> None:
        """Close the indexes."""
        await self._definitions.aclose()

    async def _rules(self, target: Target) -> str:
        """Return the rules that the user has reviewed, of the document's own folder."""
        folder = target.folder
        if folder is None:
            return ""
        prompts = await self._server.workspace_prompts.of(folder)
        allows = prompts.layers.allows
        if allows is None:
            return ""
        count = self._server.prompt_tokens.current().count
        found = await in_daemon_thread(
            lambda: project_rules(folder, target.path, allows=allows, count_tokens=count)
        )
        return found.text


def _input(action: Action, template: Template) -> dict[str, Value]:
    """Return what the user said; nothing where the template needs it and nobody said anything."""
    said = action.instruction
    if action.kind is ActionKind.FIX and not (action.problems or said):
        said = _NOTHING_REPORTED
    return {"input": said} if said or "input" in template.front.optional else {}
