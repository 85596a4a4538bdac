"""The commands that ask the model: begun with what their argument says, ended with one word."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from fimble.editing.offers import ActionKind
from fimble.errors import FimbleError
from fimble_lsp.action import read_action
from fimble_lsp.background import in_daemon_thread
from fimble_lsp.protocol.dispatch import RequestRefused
from fimble_lsp.work_progress import WorkProgress

if TYPE_CHECKING:
    from lsprotocol import types

    from fimble_lsp.action import Action
    from fimble_lsp.model_actions import ModelActions
    from fimble_lsp.server import FimbleServer


def execute(
    server: FimbleServer, params: types.ExecuteCommandParams
) -> Coroutine[Any, Any, object] | None:
    """Begin an action on the document as it is now; see `features.commands` for the answer."""
    kind = ActionKind(params.command.removeprefix("fimble."))
    argument: object = params.arguments[0] if params.arguments else None
    action = read_action(server, kind, argument)
    token = params.work_done_token
    if token is not None:
        return _followed(server, action, token)
    server.spawn(_unattended(server, action), name=f"action {kind.value}")
    return None


async def _followed(server: FimbleServer, action: Action, token: int | str) -> object:
    """Do an action for a client that waits for it; what goes wrong is the answer."""
    try:
        return await _run(server, action, token)
    except FimbleError as error:
        raise RequestRefused(str(error)) from None


async def _unattended(server: FimbleServer, action: Action) -> None:
    """Do an action whose request has been answered; what goes wrong is told once."""
    try:
        await _run(server, action, None)
    except FimbleError as error:
        server.tell(f"{action.title}: {error}", warning=True)


async def _run(server: FimbleServer, action: Action, token: int | str | None) -> object:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine that runs is a task's
    with WorkProgress(server, action.title, token=token, cancel=task.cancel) as progress:
        actions = server.model_actions
        if actions is None:
            actions = await _load(server)
        return await actions.run(action, progress)


async def _load(server: FimbleServer) -> ModelActions:
    await in_daemon_thread(_import)
    from fimble_lsp.model_actions import ModelActions  # noqa: PLC0415 - loaded by the first action

    if server.model_actions is None:
        server.model_actions = ModelActions(server)
    return server.model_actions


def _import() -> None:
    import fimble_lsp.model_actions  # noqa: PLC0415 - as above

    _ = fimble_lsp.model_actions
