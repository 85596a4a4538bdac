"""A document at one version, as the editor sees it; the only owner of line and byte counting.

A snapshot never changes: a request keeps the one it was made for, while edits make new ones that
share all untouched text with it. Inside, a document differs from the editor's text in nothing
but halves of surrogate pairs that meet, which become one character (see `surrogates`).
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

from fimble.text.edit import ByteEdit, BytePoint, byte_edit
from fimble.text.encoding import PositionEncoding, from_code_points, to_code_points
from fimble.text.line_store import LineStore
from fimble.text.position import ByteOffset, Position, Range
from fimble.text.splitting import split_lines, without_ending
from fimble.text.surrogates import is_high_half, is_low_half, join_halves


class Snapshot:
    """The text of a document at one version; immutable, equal only to itself.

    Construct it with `Snapshot.from_text`; `replace` makes the next one.
    """

    __slots__ = ("_language_id", "_lines", "_text", "_uri", "_utf8", "_version")

    def __init__(self, lines: LineStore, *, uri: str, version: int, language_id: str) -> None:
        self._lines = lines
        self._uri = uri
        self._version = version
        self._language_id = language_id
        self._text: str | None = None
        self._utf8: bytes | None = None

    @classmethod
    def from_text(
        cls, text: str, *, uri: str = "", version: int = 0, language_id: str = ""
    ) -> Snapshot:
        """Take a whole document; any string will do, the empty one has one empty line."""
        lines = LineStore.from_lines(split_lines(join_halves(text)))
        return cls(lines, uri=uri, version=version, language_id=language_id)

    def __repr__(self) -> str:
        """Name the document but show none of its text, which must not reach a log."""
        return f"<Snapshot {self._uri!r} version {self._version}, {self.line_count} lines>"

    @property
    def uri(self) -> str:
        """The editor's name for the document."""
        return self._uri

    @property
    def version(self) -> int:
        """The editor's number for this state of the document."""
        return self._version

    @property
    def language_id(self) -> str:
        """The editor's name for the language, for instance "python"; may be empty."""
        return self._language_id

    @property
    def lines(self) -> Sequence[str]:
        """All lines with their endings; at least one, and the last may be empty."""
        return self._lines

    @property
    def line_count(self) -> int:
        """How many lines there are; text after a last line ending, even none, is a line."""
        return len(self._lines)

    @property
    def text(self) -> str:
        """The whole document; built on first use."""
        if self._text is None:
            self._text = "".join(self._lines)
        return self._text

    @property
    def utf8(self) -> bytes:
        """The whole document in UTF-8, built on first use; a lone surrogate gives three bytes."""
        if self._utf8 is None:
            self._utf8 = self._lines.utf8()
        return self._utf8

    @property
    def line_ending(self) -> str:
        """The most frequent line ending; LF, CRLF, CR if equal, thus LF where there is none."""
        lf, crlf, cr = self._lines.endings()
        return max(((lf, "\n"), (crlf, "\r\n"), (cr, "\r")), key=itemgetter(0))[1]

    @property
    def end(self) -> Position:
        """The place after the last character."""
        last = self.line_count - 1
        return Position(last, len(self._lines[last]))

    def line(self, index: int) -> str:
        """Return line `index` without its ending; raises `IndexError` outside the document."""
        return without_ending(self._lines[index])

    def line_with_ending(self, index: int) -> str:
        """Return line `index` with its ending; raises `IndexError` outside the document."""
        return self._lines[index]

    def clamp(self, position: Position) -> Position:
        """Return the nearest place that exists.

        A line past the last means the end of the document, a character past the end of its line
        the place before the line ending (LSP 3.18, "Position"), a negative one the start.
        """
        if position.line >= self.line_count:
            return self.end
        if position.line < 0:
            return Position(0, 0)
        length = len(self.line(position.line))
        return Position(position.line, max(0, min(position.character, length)))

    def byte_offset(self, position: Position) -> ByteOffset:
        """Count the UTF-8 bytes before `position`, which is clamped."""
        line, character = self.clamp(position)
        column = from_code_points(self._lines[line], character, PositionEncoding.UTF8)
        return ByteOffset(self._lines.byte_start(line) + column)

    def position_at_byte(self, offset: ByteOffset) -> Position:
        """Find the place of a byte offset, clamped.

        Inside a character that is the character's start, inside a line ending the ending's.
        """
        line = self._lines.line_at_byte(offset)
        column = offset - self._lines.byte_start(line)
        return Position(line, to_code_points(self.line(line), column, PositionEncoding.UTF8))

    def slice(self, span: Range) -> str:
        """Return the text of a range, clamped; empty when the range is reversed."""
        start, end = self.clamp(span.start), self.clamp(span.end)
        return self._between(start, end) if start < end else ""

    def replace(self, span: Range, text: str, *, version: int) -> tuple[Snapshot, ByteEdit]:
        """Replace the text of a range, clamped; the ends of a reversed range are swapped.

        Returns:
            The next snapshot, and the edit as tree-sitter wants it. The edit begins or ends one
            code point outside the range where the change joins halves of a surrogate pair.
        """
        start = self.clamp(span.start)
        end = start if span.end == span.start else self.clamp(span.end)
        if end < start:
            start, end = end, start
        head = self._lines[start.line][: start.character]
        tail = self._lines[end.line][end.character :]
        if is_high_half(head[-1:]) and is_low_half((text + tail[:1])[:1]):
            start, head, text = start._replace(character=len(head) - 1), head[:-1], head[-1] + text
        if is_low_half(tail[:1]) and is_high_half(text[-1:]):
            end, tail, text = end._replace(character=end.character + 1), tail[1:], text + tail[0]
        text = join_halves(text)
        line_byte = self._lines.byte_start(start.line)
        start_byte = line_byte + from_code_points(head, len(head), PositionEncoding.UTF8)
        edit = byte_edit(
            start_byte=start_byte,
            start_point=self._byte_point(start.line, line_byte, start_byte),
            removed=self._between(start, end).encode("utf-8", "surrogatepass"),
            inserted=text.encode("utf-8", "surrogatepass"),
        )
        lines = self._spliced(start.line, end.line + 1, head + text + tail)
        return self._next(lines, version), edit

    def at_version(self, version: int) -> Snapshot:
        """Return the same text under another version, for a change notice without changes."""
        return self._next(self._lines, version)

    def _next(self, lines: LineStore, version: int) -> Snapshot:
        return Snapshot(lines, uri=self._uri, version=version, language_id=self._language_id)

    def _spliced(self, first: int, end: int, text: str) -> LineStore:
        """Put `text` in place of whole lines; it is split anew, as endings may have met."""
        # A change at the very start of a line can bring LF behind the CR that ended the line
        # before, and so make one ending of two. Nothing like it happens at the other end: a
        # position cannot lie inside CRLF, so `text` keeps the whole ending of the last line.
        if first > 0 and text.startswith("\n") and self._lines[first - 1].endswith("\r"):
            first -= 1
            text = self._lines[first] + text
        lines = split_lines(text)
        if end < len(self._lines):
            # The empty line after the last ending exists only at the end of a document.
            lines.pop()
        return self._lines.replaced(first, end, lines)

    def _between(self, start: Position, end: Position) -> str:
        """Return the text between two places that exist, the first not after the second."""
        if start.line == end.line:
            return self._lines[start.line][start.character : end.character]
        first = self._lines[start.line][start.character :]
        last = self._lines[end.line][: end.character]
        return "".join((first, *self._lines[start.line + 1 : end.line], last))

    def _byte_point(self, line: int, line_byte: int, offset: int) -> BytePoint:
        """Find what tree-sitter counts for a byte offset in `line`, which starts at `line_byte`."""
        bare = self._lines.bare_cr_before(line)
        if not bare:
            return BytePoint(line, offset - line_byte)
        return BytePoint(line - bare, offset - self.utf8.rfind(b"\n", 0, offset) - 1)
