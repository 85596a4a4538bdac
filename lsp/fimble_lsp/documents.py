"""The documents the editor has open: one immutable snapshot each, and its parse.

Replaces the workspace of pygls, which splits lines where editors do not, changes under a waiting
handler, and reads a document that was never opened from disk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimble.text.changes import apply_change
from fimble.text.edit import ByteEdit
from fimble.text.encoding import PositionEncoding
from fimble.text.position import Range
from fimble.text.snapshot import Snapshot
from fimble_lsp.parsing import DocumentParser


class OpenDocument:
    """One open document; its state changes only in the handlers of open, change and close."""

    __slots__ = ("_binary", "_snapshot", "in_step", "parser")

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._binary = "\0" in snapshot.text
        self.in_step = True
        """False after a change that could not be understood: our text may differ from the
        editor's until it sends the whole text again."""
        self.parser = DocumentParser(snapshot)

    @property
    def snapshot(self) -> Snapshot:
        """The text as of the last change."""
        return self._snapshot

    @property
    def completable(self) -> bool:
        """Whether the text is known for certain and is text at all."""
        return self.in_step and not self._binary

    def change(
        self,
        changes: Sequence[tuple[Range | None, str]],
        *,
        version: int,
        encoding: PositionEncoding,
    ) -> list[ByteEdit | None]:
        """Apply changes in order; return them as byte edits, None for a whole new text."""
        edits: list[ByteEdit | None] = []
        snapshot = self._snapshot.at_version(version) if not changes else self._snapshot
        for span, text in changes:
            snapshot, edit = apply_change(snapshot, span, text, encoding, version)
            if edit is None:
                self.in_step = True
                self._binary = False
            self._binary = self._binary or "\0" in text
            edits.append(edit)
        self._snapshot = snapshot
        self.parser.follow(snapshot, edits)
        return edits


class OpenDocuments:
    """All open documents by the editor's name for them."""

    def __init__(self) -> None:
        self._by_uri: dict[str, OpenDocument] = {}

    def __iter__(self) -> Iterator[OpenDocument]:
        """Walk over the documents, the one opened last at the end."""
        return iter(tuple(self._by_uri.values()))

    def open(self, snapshot: Snapshot) -> OpenDocument:
        """Take a document; an open one of that name is replaced."""
        self._by_uri.pop(snapshot.uri, None)
        document = OpenDocument(snapshot)
        self._by_uri[snapshot.uri] = document
        return document

    def find(self, uri: str) -> OpenDocument | None:
        """Return an open document; None, and never a file, when it is not open."""
        return self._by_uri.get(uri)

    def close(self, uri: str) -> None:
        """Forget a document."""
        self._by_uri.pop(uri, None)
