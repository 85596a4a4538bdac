"""Checks of what surrounds us: variables that mislead, folders that cannot be written."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fimble.config.schema import Settings
from fimble_cli.checks.finding import Finding, ok, problem, warning
from fimble_cli.configuration import EDITOR_SETTINGS

_PROXIES: Final = ("http_proxy", "https_proxy", "all_proxy")
_OLLAMA_PORT: Final = 11434
_ANY_ADDRESS: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - read, not bound
_LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_LEAST_FREE_BYTES: Final = 200_000_000
"""The index, the vocabularies and the chats of a large workspace fit in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder of ours."""

    holds: str
    path: Path
    private: bool
    """Whether what is in it is nobody else's business."""


def check_environment(settings: Settings, environment: Mapping[str, str]) -> Finding:
    """Say which variables of the environment matter, and which name something else than we do."""
    check = "environment"
    named = environment.get("OLLAMA_HOST", "").strip()
    ours = _address(settings.ollama.endpoint)
    asks_ollama = settings.engine.kind != "embedded" and not settings.asks_openai
    if named and asks_ollama and _address(named) != ours:
        return warning(
            check,
            f"OLLAMA_HOST names {named}, Fimble asks {settings.ollama.endpoint}: `ollama` in this "
            "terminal talks to another server than Fimble.",
            "set ollama.endpoint in your configuration to the server that you mean",
        )
    told: list[str] = []
    proxies = sorted(name for name in environment if name.lower() in _PROXIES)
    if proxies:
        told.append(f"{' and '.join(proxies)}: not used, the model server is asked directly")
    if environment.get(EDITOR_SETTINGS):
        told.append("settings of the editor that started this terminal")
    return ok(check, f"{'; '.join(told)}." if told else "Nothing in it changes what Fimble does.")


def check_folders(folders: Sequence[Folder]) -> Iterator[Finding]:
    """Look whether our folders can be written, are ours alone, and have room.

    Folders that are not there yet are looked at by the nearest one above them.
    """
    troubles = [trouble for each in folders if (trouble := _trouble_of(each)) is not None]
    yield from troubles
    if not troubles:
        free = min(
            shutil.disk_usage(_nearest(path)).free for path in (each.path for each in folders)
        )
        yield ok("folders", f"All can be written; {free / 1e9:,.1f} GB are free.")


def _trouble_of(folder: Folder) -> Finding | None:
    what, path = folder.holds, folder.path
    nearest = _nearest(path)
    if not os.access(nearest, os.W_OK | os.X_OK):
        return problem(
            "folders", f"{nearest} cannot be written ({what}).", f"chmod u+rwx '{nearest}'"
        )
    free = shutil.disk_usage(nearest).free
    if free < _LEAST_FREE_BYTES:
        room = f"{free / 1e6:,.0f} MB are free"
        return warning("folders", f"Only {room} for {what} ({nearest}).", "make room on that disk")
    if (
        os.name == "posix"
        and folder.private
        and path.exists()
        and stat.S_IMODE(path.stat().st_mode) & 0o077
    ):
        return warning(
            "folders",
            f"Others on this machine can look into {path} ({what}).",
            f"chmod 700 '{path}'",
        )
    return None


def _nearest(path: Path) -> Path:
    return next(each for each in (path, *path.parents) if each.exists())


def _address(text: str) -> tuple[str, int]:
    """Return host and port as Ollama reads its OLLAMA_HOST: scheme and port may be left out."""
    parts = urlsplit(text if "://" in text else f"http://{text}")
    try:
        port = parts.port
    except ValueError:
        port = None
    standard = {"http": 80, "https": 443}.get(parts.scheme) if "://" in text else None
    host = parts.hostname or ""
    if host in _ANY_ADDRESS or host in _LOCAL_NAMES:
        host = "localhost"
    return host, port or standard or _OLLAMA_PORT
