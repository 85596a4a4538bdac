"""Nothing leaves this machine (T6, T7): every connection that is not to a loopback address fails.

An audit hook (PEP 578) sees each connection, datagram, listening socket and look-up of a name that
goes through Python's `socket`. What leaves the machine is refused and written down, because a
program under test may well swallow the refusal. `tests/sitecustomize.py` installs it in the
processes that tests start; it imports next to nothing, being part of every start-up that is tested.
"""

from __future__ import annotations

import os
import re
import sys
from typing import cast

LOG_VARIABLE = "FIMBLE_TEST_SOCKET_LOG"
"""Names the file in which violations are written down."""
_LOCAL = re.compile(r"localhost|::1|(?:::ffff:)?127(?:\.\d{1,3}){3}")


def is_local(host: object) -> bool:
    """Whether a host is this machine by its very name."""
    if isinstance(host, bytes):
        host = host.decode("latin-1")
    if not isinstance(host, str):
        return host is None  # getaddrinfo(None, …) is the loopback address, or any for a listener
    return _LOCAL.fullmatch(host.lower().partition("%")[0]) is not None


def forbidden(event: str, arguments: tuple[object, ...]) -> str:
    """Return what an audit event would reach outside of this machine; empty when nothing."""
    if event in {"socket.connect", "socket.sendto", "socket.bind"}:
        address = arguments[1]
        if not isinstance(address, tuple):
            return ""  # A path: a socket of the file system.
        host = cast("object", address[0])
        return "" if is_local(host) else f"{event} {address}"
    if event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        return "" if is_local(arguments[0]) else f"{event} {arguments[0]}"
    return ""


def install() -> None:
    """Refuse, from now on and for good, what `forbidden` names."""

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if not event.startswith("socket."):
            return
        reached = forbidden(event, arguments)
        if reached:
            log = os.environ.get(LOG_VARIABLE)
            if log:
                line = f"{' '.join(sys.argv[:2])}: {reached}\n"
                descriptor = os.open(log, os.O_WRONLY | os.O_APPEND)
                os.write(descriptor, line.encode())
                os.close(descriptor)
            raise PermissionError(f"a test may not reach the network: {reached}")

    sys.addaudithook(watch)
