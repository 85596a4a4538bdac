"""Measured prompt caches, kept on disk: a model is measured once, not at every start.

One small file for each server, version, model and context window, in the user's cache directory,
for the user's eyes only. A file that cannot be read, or says something else than it should, is as
good as none; a disk that cannot be written to costs a new measurement and nothing else.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from fimble.completion.measured_cache import ProbeResult
from fimble.private_files import own_folder, write_private

_FORMAT = 1
"""Raised when the probe changes so much that old results mislead."""

_MAX_BYTES = 16 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeKey:
    """What a measurement holds for."""

    endpoint: str
    """Two servers may run the same model at different speeds."""
    server_version: str
    model_digest: str
    num_ctx: int
    """Decides the server's batch size, and with it the distance of its checkpoints."""


class _Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The content of one file."""

    format: int
    key: ProbeKey
    result: ProbeResult


class ProbeStore:
    """Reads and writes results; never raises for what it finds on disk.

    Args:
        folder: Where the files are; the user's cache directory when None.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def load(self, key: ProbeKey) -> ProbeResult | None:
        """Return what was measured for `key`, or None."""
        try:
            with self._path(key).open("rb") as file:
                record = msgspec.json.decode(file.read(_MAX_BYTES), type=_Record)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
        if record.format != _FORMAT or record.key != key or not _is_plausible(record.result):
            return None
        return record.result

    def save(self, key: ProbeKey, result: ProbeResult) -> None:
        """Keep `result` for `key`, in one step: a reader sees the old file or the new one."""
        content = msgspec.json.encode(_Record(format=_FORMAT, key=key, result=result))
        path = self._path(key)
        with suppress(OSError):
            own_folder(path.parent)
            write_private(path, content)

    def _path(self, key: ProbeKey) -> Path:
        name = hashlib.sha256(msgspec.json.encode(key)).hexdigest()[:32]
        return (self._folder or _default_folder()) / f"{name}.json"


def _default_folder() -> Path:
    from platformdirs import user_cache_path  # noqa: PLC0415 - only those who measure need it

    return user_cache_path("fimble", appauthor=False) / "probes"


def _is_plausible(result: ProbeResult) -> bool:
    """Whether nothing in `result` could make budgets or predictions absurd."""
    counts = (
        result.append_tokens,
        result.suffix_key_tokens,
        result.middle_edit_tokens,
        result.warm_suffix_tokens,
        result.whole_tokens,
        result.suffix_tokens,
    )
    return (
        result.certain
        and result.prompt_tokens_per_s > 0
        and result.overhead_s >= 0
        and all(count is None or count >= 0 for count in counts)
    )
