"""Whether another process of this machine still runs; nothing here can end one."""

from __future__ import annotations

import os
import sys


def is_alive(process_id: int) -> bool:
    """Return whether a process with this number runs now; another user's counts as well."""
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
