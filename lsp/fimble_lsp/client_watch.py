"""Ends with the client: a server whose editor was killed must not keep a model busy.

End of input tells most of the time; not when another process has inherited the pipe. Therefore
the process that `initialize` names is watched as well (LSP 3.18, "InitializeParams.processId").
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Final

_PERIOD_S: Final = 1.0


async def client_gone(process_id: int | None) -> None:
    """Return when the client's process has ended; wait for ever when it cannot be watched.

    A process that is not there now is not watched: an editor outside a container names its
    process by a number that means nothing inside.
    """
    if process_id is None or process_id <= 0 or not _is_alive(process_id):
        await asyncio.Event().wait()
        return
    while _is_alive(process_id):  # noqa: ASYNC110 - no event tells of another's process
        await asyncio.sleep(_PERIOD_S)


def _is_alive(process_id: int) -> bool:
    if sys.platform == "win32":
        return _is_alive_on_windows(process_id)
    try:
        os.kill(process_id, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _is_alive_on_windows(process_id: int) -> bool:
    """Ask for a handle: `os.kill` with signal 0 would end the process on Windows."""
    if sys.platform != "win32":
        raise NotImplementedError
    import ctypes  # noqa: PLC0415 - its Windows half exists on that system only

    synchronize, still_running, inherit = 0x00100000, 0x00000102, 0
    kernel = ctypes.WinDLL("kernel32")
    handle = kernel.OpenProcess(synchronize, inherit, process_id)
    if not handle:
        return False
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) == still_running)
    finally:
        kernel.CloseHandle(handle)
