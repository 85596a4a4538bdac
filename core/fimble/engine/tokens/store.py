"""Vocabularies on disk, one file for each version of a model: the server sends megabytes.

In the user's cache directory, for the user's eyes only, compressed. A file that cannot be read,
or says something else than it should, is as good as none; a disk that cannot be written to costs
a new question to the server and nothing else. The oldest go when there are many.
"""

from __future__ import annotations

import hashlib
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec

from fimble.engine.tokens.splitting import SPLITTINGS
from fimble.engine.tokens.vocabulary import Vocabulary
from fimble.private_files import own_folder, read_private, write_private

_FORMAT = 1
"""Raised with every change of `Vocabulary` or of how one is made."""

_MAX_FILE_BYTES = 32 << 20
_MAX_BYTES = 128 << 20
"""Unpacked; the largest vocabulary that we know has 280,000 merges in 5 MB."""

_KEPT = 8
_SUFFIX = ".vocabulary"


class _Record(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """The content of one file, in MessagePack."""

    format: Literal[1]
    digest: str
    vocabulary: Vocabulary


class VocabularyStore:
    """Reads and writes vocabularies; never raises for what it finds on disk.

    All of it takes up to 0.2 s: call it off the event loop.

    Args:
        folder: Where the files are; the user's cache directory when None.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def load(self, digest: str) -> Vocabulary | None:
        """Return the vocabulary of the model with this digest, or None."""
        try:
            packed = read_private(self._path(digest), _MAX_FILE_BYTES)
            if packed is None:
                return None
            unpacking = zlib.decompressobj()
            content = unpacking.decompress(packed, _MAX_BYTES)
            if not unpacking.eof:
                return None
            record = msgspec.msgpack.decode(content, type=_Record)
        except (OSError, zlib.error, msgspec.MsgspecError, UnicodeDecodeError):
            return None
        vocabulary = record.vocabulary
        known = record.digest == digest and vocabulary.splitting in SPLITTINGS
        return vocabulary if known else None

    def save(self, digest: str, vocabulary: Vocabulary) -> None:
        """Keep a vocabulary, in one step: a reader sees the old file or the new one."""
        record = _Record(format=_FORMAT, digest=digest, vocabulary=vocabulary)
        packed = zlib.compress(msgspec.msgpack.encode(record), 1)
        path = self._path(digest)
        with suppress(OSError):
            own_folder(path.parent)
            write_private(path, packed)
            self._drop_oldest(path.parent)

    def _path(self, digest: str) -> Path:
        name = hashlib.sha256(digest.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return (self._folder or _default_folder()) / f"{name}{_SUFFIX}"

    def _drop_oldest(self, folder: Path) -> None:
        files = sorted(folder.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime)
        for path in files[:-_KEPT]:
            path.unlink()


def _default_folder() -> Path:
    from platformdirs import user_cache_path  # noqa: PLC0415 - only those who count need it

    return user_cache_path("fimble", appauthor=False) / "vocabularies"
