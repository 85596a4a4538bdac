"""An editor's buffer: its own text, its own idea of lines and columns, nothing of ours.

Written as plainly as possible, so that it can serve as the reference for what the server must
have understood: positions are made by encoding the text of a line.
"""

from __future__ import annotations

import re
from typing import Any, TypedDict

_LINE_END = re.compile(r"\r\n|\n|\r")
_CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


class LspPosition(TypedDict):
    """A position on the wire."""

    line: int
    character: int


class EditorBuffer:
    """A text with a cursor, an offset in code points into the whole text."""

    def __init__(self, text: str, *, uri: str, language_id: str, encoding: str = "utf-16") -> None:
        self.text = text
        self.uri = uri
        self.language_id = language_id
        self.encoding = encoding
        self.version = 1
        self.cursor = len(text)

    def position(self, offset: int) -> LspPosition:
        """Return where an offset is, in the agreed units."""
        line, start = 0, 0
        for ending in _LINE_END.finditer(self.text):
            if ending.end() > offset:
                break
            line, start = line + 1, ending.end()
        codec, width = _CODECS[self.encoding]
        column = len(self.text[start:offset].encode(codec, "surrogatepass")) // width
        return {"line": line, "character": column}

    def offset(self, position: LspPosition) -> int:
        """Return the offset of a position; positions inside the text only."""
        starts = [0, *(ending.end() for ending in _LINE_END.finditer(self.text))]
        codec, width = _CODECS[self.encoding]
        start = starts[position["line"]]
        units = self.text[start:].encode(codec, "surrogatepass")[: position["character"] * width]
        return start + len(units.decode(codec, "surrogatepass"))

    def replace(self, start: int, end: int, text: str) -> dict[str, Any]:
        """Replace a span, move the cursor behind it, and return the content change."""
        span = {"start": self.position(start), "end": self.position(end)}
        self.text = self.text[:start] + text + self.text[end:]
        self.cursor = start + len(text)
        self.version += 1
        return {"range": span, "text": text}

    def accept(self, item: dict[str, Any]) -> dict[str, Any]:
        """Insert an inline completion item as an editor does; return the content change."""
        span = item["range"]
        start, end = self.offset(span["start"]), self.offset(span["end"])
        return self.replace(start, end, item["insertText"])

    def accept_menu(self, item: dict[str, Any]) -> dict[str, Any]:
        """Insert an entry of a completion menu as an editor does; return the content change."""
        edit = item["textEdit"]
        span = edit["range"]
        return self.replace(self.offset(span["start"]), self.offset(span["end"]), edit["newText"])
