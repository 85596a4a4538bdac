"""The text an editor holds, with its cursor, and positions as they go over the wire.

As plain as possible and independent of the server's own text room: offsets are code points, lines
end with a line feed, and positions are counted from scratch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict


class WirePosition(TypedDict):
    """A position in LSP's default encoding, UTF-16 code units."""

    line: int
    character: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change: `text[start:end]` became `inserted`."""

    start: WirePosition
    end: WirePosition
    """Where the replaced text ended before the change."""
    inserted: str


class Document:
    """A file that is being edited; every change counts its version up."""

    def __init__(self, text: str, *, uri: str, language_id: str) -> None:
        self.text = text
        self.uri = uri
        self.language_id = language_id
        self.version = 1
        self.cursor = 0

    @property
    def before(self) -> str:
        """The text before the cursor."""
        return self.text[: self.cursor]

    @property
    def after(self) -> str:
        """The text after the cursor."""
        return self.text[self.cursor :]

    def position(self, offset: int) -> WirePosition:
        """Return where `offset` is on the wire."""
        start = self.text.rfind("\n", 0, offset) + 1
        units = len(self.text[start:offset].encode("utf-16-le", "surrogatepass")) // 2
        return {"line": self.text.count("\n", 0, offset), "character": units}

    def offset(self, position: WirePosition) -> int:
        """Return the offset of a position that lies in the text."""
        start = 0
        for _ in range(position["line"]):
            start = self.text.index("\n", start) + 1
        line = self.text[start:].partition("\n")[0].encode("utf-16-le", "surrogatepass")
        units = line[: 2 * position["character"]]
        return start + len(units.decode("utf-16-le", "surrogatepass"))

    def replace(self, start: int, end: int, inserted: str) -> Edit:
        """Change the text and put the cursor behind what was inserted."""
        edit = Edit(start=self.position(start), end=self.position(end), inserted=inserted)
        self.text = self.text[:start] + inserted + self.text[end:]
        self.cursor = start + len(inserted)
        self.version += 1
        return edit
