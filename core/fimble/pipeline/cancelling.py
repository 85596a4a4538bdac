"""Cancelling a task that holds a connection, once."""

from __future__ import annotations

import asyncio


async def cancel_once(task: asyncio.Task[None]) -> None:
    """Cancel `task` and wait until it has ended, and with it its connection.

    A second `Task.cancel` would interrupt the closing itself and leave the connection open.
    """
    if task.done():
        return
    if not task.cancelling():
        task.cancel()
    await asyncio.wait([task])
