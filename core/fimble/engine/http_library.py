"""Importing httpx without its command line, late and off the event loop.

`import httpx` also imports its command-line client when click and rich happen to be installed, as
they are beside Textual: more than half of the import time, for a `main` that nobody calls, and
rich inside a language server that promises not to load it. httpx treats a missing `httpx._main` as
"not installed" (encode/httpx:httpx/__init__.py); a None entry in `sys.modules` is Python's way of
saying that a module is missing.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
from typing import cast

_COMMAND_LINE = "httpx._main"


async def ensure_imported(*more: str) -> None:
    """Import httpx, and the modules `more`, in a thread; the event loop goes on meanwhile."""
    wanted = ("httpx", *more)
    if any(name not in sys.modules for name in wanted):
        await asyncio.to_thread(_import, wanted)


def _import(wanted: tuple[str, ...]) -> None:
    modules = cast("dict[str, object]", sys.modules)
    if "httpx" not in modules and _COMMAND_LINE not in modules:
        modules[_COMMAND_LINE] = None
    try:
        for name in wanted:
            importlib.import_module(name)
    finally:
        if _COMMAND_LINE in modules and modules[_COMMAND_LINE] is None:
            del modules[_COMMAND_LINE]
