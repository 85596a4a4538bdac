"""The requests of one connection, one after the other, with an eye on a client that leaves."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from support.stub_ollama.http_wire import ClientClosedError, Connection, HttpRequest

Handle = Callable[[Connection, HttpRequest], Coroutine[Any, Any, bool]]
"""Answers one request; whether the connection goes on. Cancelled when its client leaves."""


async def serve_requests(connection: Connection, handle: Handle) -> None:
    """Answer requests of one connection until it closes."""
    try:
        while (request := await connection.read_request()) is not None:
            if not await _watched(connection, request, handle):
                break
    except (ClientClosedError, ConnectionError):
        pass
    except asyncio.CancelledError:
        connection.reset()
        raise
    finally:
        await connection.close()


async def _watched(connection: Connection, request: HttpRequest, handle: Handle) -> bool:
    """Handle one request while watching its client; whether the connection goes on."""
    handling = asyncio.create_task(handle(connection, request))
    watching = asyncio.create_task(connection.watch())
    try:
        await asyncio.wait({handling, watching}, return_when=asyncio.FIRST_COMPLETED)
        if handling.done():
            return handling.result()
        handling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await handling
        return False
    finally:
        for task in (handling, watching):
            task.cancel()
        await asyncio.gather(handling, watching, return_exceptions=True)
