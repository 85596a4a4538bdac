"""Takes out of a text what tells of a person, a machine or a company."""

from __future__ import annotations

import getpass
import ipaddress
import platform
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fimble.policy.masking import mask_secrets
from fimble.policy.printable import printable

_URL: Final = re.compile(r"\b(https?)://([^\s/\"'`)>]+)")
_ADDRESS: Final = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\w)")
_OUR_HOSTS: Final = frozenset({"localhost", "ollama.com", "github.com"})
_SHORTEST_NAME: Final = 3
"""Shorter names of users and machines stand in too many words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """Replaces the names of one user, machine and workspace."""

    names: tuple[tuple[str, str], ...]
    """Texts and what stands for them, the longest first."""

    @classmethod
    def here(cls, workspace: Path, hosts: Iterable[str] = ()) -> Redaction:
        """Return the redaction for this user, machine and workspace, and for named hosts."""
        home = str(Path.home())
        pairs = [
            (str(workspace.absolute()), "<workspace>"),
            (str(workspace.resolve()), "<workspace>"),
        ]
        if home != "/":
            pairs.append((home, "~"))
        pairs += [(name, "<user>") for name in _user()]
        pairs += [(name, "<machine>") for name in _machine()]
        pairs += [(host, "<another machine>") for host in hosts if host not in _OUR_HOSTS]
        long_enough = {pair for pair in pairs if len(pair[0]) >= _SHORTEST_NAME}
        return cls(names=tuple(sorted(long_enough, key=lambda pair: -len(pair[0]))))

    def text(self, text: str) -> str:
        """Return `text` without names, addresses of other machines, and secrets."""
        # Addresses first: a name taken out of one would hide that it is one.
        text = _URL.sub(_without_host, text)
        for name, shown in self.names:
            text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", shown, text)
        text = _ADDRESS.sub(_without_address, text)
        return printable(mask_secrets(text)[0])


def _without_host(match: re.Match[str]) -> str:
    host = match[2].rpartition("@")[2]
    name = host.rpartition(":")[0] if re.search(r":\d+$", host) else host
    if name in _OUR_HOSTS or _is_loopback(name.strip("[]")):
        return f"{match[1]}://{host}"
    return f"{match[1]}://<another machine>"


def _without_address(match: re.Match[str]) -> str:
    return match[0] if _is_loopback(match[0]) else "<address>"


def _is_loopback(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _user() -> Iterable[str]:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        return ()
    return () if name == "root" else (name,)


def _machine() -> Iterable[str]:
    name = platform.node()
    return {name, name.partition(".")[0]} - {"", "localhost"}
