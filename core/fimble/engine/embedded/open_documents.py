"""The editor's open documents: the newest text of each, and its tokens as far as they are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from fimble.engine.embedded.document_tokens import DocumentTokens
from fimble.engine.embedded.lexer import LineLexer
from fimble.engine.embedded.lexical_rules import rules_for
from fimble.engine.embedded.matching import OpenDocument
from fimble.engine.embedded.vocabulary import Vocabulary
from fimble.text.snapshot import Snapshot

_MAX_SEARCHED = 4
"""Other documents that are searched, those worked on last."""
_MAX_SEARCHED_TOKENS = 200_000
_DRIVE = re.compile(r"/[A-Za-z]:")


class OpenFile:
    """One open document."""

    def __init__(self, snapshot: Snapshot, path: str, vocabulary: Vocabulary) -> None:
        lexer = LineLexer(rules_for(snapshot.language_id, path), vocabulary)
        self.path = path
        self.snapshot = snapshot
        self.tokens = DocumentTokens(lexer, vocabulary)
        self.turn = 0
        """When it was last worked on; higher is later."""

    @property
    def is_read(self) -> bool:
        """Whether all of the newest text has been read."""
        return self.tokens.source is self.snapshot.lines and self.tokens.ready

    def advance(self, open_line: int | None, max_lines: int) -> bool:
        """Read some lines of the newest text; True when all are read."""
        self.tokens.set_lines(self.snapshot.lines, open_line)
        return self.tokens.advance(max_lines)


class OpenFiles:
    """All open documents by URI."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._files: dict[str, OpenFile] = {}
        self._turn = 0

    def observe(self, snapshot: Snapshot) -> OpenFile:
        """Take the newest text of a document; nothing is read yet."""
        file = self._files.get(snapshot.uri)
        if file is None or file.snapshot.language_id != snapshot.language_id:
            file = OpenFile(snapshot, path_of(snapshot.uri), self._vocabulary)
            self._files[snapshot.uri] = file
        if file.snapshot is not snapshot or not file.turn:
            self._turn += 1
            file.turn = self._turn
        file.snapshot = snapshot
        return file

    def forget(self, uri: str) -> None:
        """Drop a document."""
        self._files.pop(uri, None)

    def read_already(self, path: str, text: str) -> OpenFile | None:
        """Return the document of a file whose text it has, as after a save, if it is read."""
        for file in self._files.values():
            if file.path == path and file.is_read and file.snapshot.text == text:
                return file
        return None

    def paths(self) -> frozenset[str]:
        """Return the paths of all open documents; their text on disk is out of date."""
        return frozenset(file.path for file in self._files.values())

    def others(self, file: OpenFile) -> tuple[OpenDocument, ...]:
        """Return the documents worked on last, without `file` and those not read yet."""
        recent = sorted(self._files.values(), key=lambda other: -other.turn)
        chosen: list[OpenDocument] = []
        left = _MAX_SEARCHED_TOKENS
        for other in recent:
            if other is file or not other.tokens.ready or len(chosen) >= _MAX_SEARCHED:
                continue
            run = other.tokens.whole()
            left -= len(run.tokens)
            if left < 0:
                break
            chosen.append(OpenDocument(source=other.path, run=run))
        return tuple(chosen)

    def read_steps(self, max_lines: int) -> Iterator[None]:
        """Read what is new in every document, some lines a step."""
        for file in list(self._files.values()):
            if file.is_read:
                continue
            open_line = file.tokens.open_line
            while self._files.get(file.snapshot.uri) is file:
                done = file.advance(open_line, max_lines)
                yield
                if done:
                    break


def path_of(uri: str) -> str:
    """Return the path of a `file:` URI; any other text is returned as it is."""
    if not uri.startswith("file:"):
        return uri
    path = unquote(urlsplit(uri).path)
    return path[1:] if _DRIVE.match(path) else path
