"""Ends with the client: a server whose editor was killed must not keep a model busy.

End of input tells most of the time; not when another process has inherited the pipe. Therefore
the process that `initialize` names is watched as well (LSP 3.18, "InitializeParams.processId").
"""

from __future__ import annotations

import asyncio
from typing import Final

from fimble.process_life import is_alive

_PERIOD_S: Final = 1.0


async def client_gone(process_id: int | None) -> None:
    """Return when the client's process has ended; wait for ever when it cannot be watched.

    A process that is not there now is not watched: an editor outside a container names its
    process by a number that means nothing inside.
    """
    if process_id is None or process_id <= 0 or not is_alive(process_id):
        await asyncio.Event().wait()
        return
    while is_alive(process_id):  # noqa: ASYNC110 - no event tells of another's process
        await asyncio.sleep(_PERIOD_S)
