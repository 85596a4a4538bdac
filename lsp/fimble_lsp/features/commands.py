"""`workspace/executeCommand`: one command for each action that asks the model, and the preview.

A client that follows its request, by a progress token of its own, gets the answer when all is done.
Everybody else gets it at once and hears of the rest by progress, edit or message: clients that
wait for a command block the user (Emacs) or give up after some seconds (Helix), and a model is
slower than that.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from fimble_lsp.features.prompts import RENDER
from fimble_lsp.protocol.parameters import InvalidParameters, member_at

if TYPE_CHECKING:
    from fimble_lsp.client_hello import ClientHello
    from fimble_lsp.server import FimbleServer

MODEL_COMMANDS: Final = (
    "fimble.explain",
    "fimble.fix",
    "fimble.document",
    "fimble.test",
    "fimble.refactor",
    "fimble.edit",
    "fimble.prompt",
)
"""In the order of `fimble.editing.offers.ActionKind`, which start-up does not load."""

WHY: Final = "fimble.why"
"""Shows how the last suggestion came about, or why there was none, and what was asked."""


def register(server: FimbleServer) -> None:
    """Run commands, and stop what the user does not want any more."""
    server.route(types.WORKSPACE_EXECUTE_COMMAND, lambda params: _execute(server, params))
    server.route(
        types.WINDOW_WORK_DONE_PROGRESS_CANCEL, lambda params: _cancel(server, params.token)
    )


def command_capabilities(hello: ClientHello) -> dict[str, object]:
    """Return what `initialize` says of commands, for clients that can run any."""
    if not runs_commands(hello):
        return {}
    options = {"commands": [*MODEL_COMMANDS, WHY, RENDER], "workDoneProgress": True}
    return {"executeCommandProvider": options}


def runs_commands(hello: ClientHello) -> bool:
    """Whether the client can run commands: Neovim runs those of lenses and does not say so."""
    return isinstance(member_at(hello.capabilities, "workspace", "executeCommand"), dict) or any(
        isinstance(member_at(hello.capabilities, "textDocument", name), dict)
        for name in ("codeLens", "codeAction")
    )


def _execute(
    server: FimbleServer, params: types.ExecuteCommandParams
) -> Awaitable[object] | object:
    if params.command == RENDER:
        from fimble_lsp.features import prompt_rendering  # noqa: PLC0415 - loads YAML

        return prompt_rendering.execute(server, params)
    if params.command == WHY:
        from fimble_lsp.features import why  # noqa: PLC0415 - seldom asked for

        return why.execute(server)
    if params.command not in MODEL_COMMANDS:
        raise InvalidParameters("There is no such command.")
    from fimble_lsp.features import model_commands  # noqa: PLC0415 - the first action loads it

    return model_commands.execute(server, params)


def _cancel(server: FimbleServer, token: int | str) -> None:
    cancel = server.on_work_cancelled.get(token)
    if cancel is not None:
        cancel()
