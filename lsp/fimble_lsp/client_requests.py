"""What the server asks of its client, which may refuse anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from fimble_lsp.log import LOGGER
from fimble_lsp.protocol.crash import crash_summary
from fimble_lsp.protocol.parameters import member_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fimble_lsp.client_hello import ClientHello
    from fimble_lsp.server import FimbleServer


async def ask(server: FimbleServer, method: str, params: object) -> None:
    """Ask the client for something that it may refuse."""
    try:
        await server.rpc.send_request_async(method, params)
    except Exception as error:  # noqa: BLE001 - whatever the client answers with
        LOGGER.warning("The client refused %s: %s", method, crash_summary(error))


def is_registered_late(hello: ClientHello, room: str, name: str) -> bool:
    """Whether the client wants to be told of an ability after `initialize`."""
    return member_at(hello.capabilities, room, name, "dynamicRegistration") is True


async def register_later(server: FimbleServer, registrations: Sequence[types.Registration]) -> None:
    """Tell the client of abilities that `initialize` did not name."""
    params = types.RegistrationParams(registrations=registrations)
    await ask(server, types.CLIENT_REGISTER_CAPABILITY, params)
