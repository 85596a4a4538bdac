"""The keys of a front matter while it is being typed: lenient where the checker is strict.

YAML that is half written does not parse, and that is when completion is wanted. So the lines are
read by their indentation and brackets alone; what cannot be made sense of is skipped, and nothing
is ever refused. Whether the front matter is right, `fimble.prompting.front_matter` decides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from fimble.prompting.parse import MAX_FRONT_MATTER_CHARACTERS

KeyPath = tuple[str, ...]
"""Keys from the top down; an item of a list is `[0]`, `[1]` and so on."""

_MAX_DEPTH = 32
"""Levels of nesting; the checker refuses less, and the work for a key grows with its depth."""

_KEY = re.compile(r"([A-Za-z_][\w.\-]*)[ \t]*:(?=[ \t]|\Z)")
_FLOW_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*"?|'[^']*'?)|(?P<mark>[{}\[\],])|(?P<comment>\#.*)"""
    r"""|(?P<colon>:(?=[ \t,{}\[\]]|\Z))|(?P<word>[^\s,{}\[\]:"'\#]+|:)"""
)
_BLOCK_TEXT = re.compile(r"[|>][-+0-9]{0,2}[ \t]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontKey:
    """One key and where its name stands."""

    path: KeyPath
    """The key's own name is the last."""
    line: int
    """Zero-based, of the file."""
    start: int
    end: int
    value_start: int
    """Where the value begins, should it stand on the same line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontPlace:
    """What may be written at the end of the lines that were read."""

    path: KeyPath
    in_value: bool
    """The value of `path` is wanted; else a key below `path`, or an item without keys."""


_NOWHERE = FrontPlace(path=("",), in_value=False)
"""A place that the front matter does not have."""


@dataclass(slots=True)
class _Block:
    """What a line of less indentation opened."""

    indent: int
    path: KeyPath
    is_item: bool


@dataclass(slots=True)
class _Flow:
    """An open bracket or brace."""

    is_map: bool
    path: KeyPath
    key: str = ""
    item: int = 0

    @property
    def value_path(self) -> KeyPath:
        return (*self.path, self.key if self.is_map else f"[{self.item}]")


@dataclass(slots=True)
class FrontOutline:
    """Reads lines one after the other; the lines between the two `---`."""

    keys: list[FrontKey] = field(default_factory=list[FrontKey])
    place: FrontPlace = FrontPlace(path=(), in_value=False)
    """Where the last line that was read leaves its writer."""
    _blocks: list[_Block] = field(default_factory=list[_Block])
    _flows: list[_Flow] = field(default_factory=list[_Flow])
    _items: Counter[KeyPath] = field(default_factory=Counter[KeyPath])
    _text_indent: int | None = None
    """Deeper lines than this belong to a text in block style."""
    _lost: bool = False
    """Nothing more is read: what came is too long or nested too deep to be a front matter."""
    _length: int = 0

    @classmethod
    def of(cls, lines: Sequence[str], *, first_line: int) -> FrontOutline:
        """Read all of `lines`, of which the first is line `first_line` of the file."""
        outline = cls()
        for number, line in enumerate(lines, first_line):
            outline.read(number, line)
        return outline

    def names_below(self, path: KeyPath) -> tuple[str, ...]:
        """Return the keys directly below `path`, in the order of the file."""
        return tuple(key.path[-1] for key in self.keys if key.path[:-1] == path)

    def read(self, number: int, line: str) -> None:
        """Take the next line."""
        self._read(number, line)
        if self._lost:
            self.place = _NOWHERE

    def _read(self, number: int, line: str) -> None:
        self._length += len(line) + 1
        self._lost = self._lost or self._length > MAX_FRONT_MATTER_CHARACTERS
        if self._lost:
            return
        if self._flows:
            self._read_flow(number, line, 0)
            return
        column = len(line) - len(line.lstrip(" "))
        if self._text_indent is not None and (column > self._text_indent or not line.strip()):
            return
        self._text_indent = None
        while (
            not self._lost
            and line.startswith("-", column)
            and line[column + 1 : column + 2] in ("", " ")
        ):
            self._open_item(column)
            rest = line[column + 1 :]
            column += 1 + len(rest) - len(rest.lstrip(" "))
        found = _KEY.match(line, column)
        if found is not None:
            self._open_key(number, line, found)
        else:
            self._close(column)
            self.place = FrontPlace(path=self._path, in_value=False)
            self._read_value(number, line, column)

    @property
    def _path(self) -> KeyPath:
        return self._blocks[-1].path if self._blocks else ()

    def _close(self, column: int) -> None:
        while self._blocks and self._blocks[-1].indent >= column:
            self._blocks.pop()

    def _open_item(self, column: int) -> None:
        """Open an item; its list may begin in the column of the key that it belongs to."""
        while self._blocks and (
            self._blocks[-1].indent > column
            or (self._blocks[-1].is_item and self._blocks[-1].indent == column)
        ):
            self._blocks.pop()
        parent = self._path
        path = (*parent, f"[{self._items[parent]}]")
        self._items[parent] += 1
        self._blocks.append(_Block(column, path, is_item=True))
        self._lost = len(self._blocks) > _MAX_DEPTH

    def _open_key(self, number: int, line: str, found: re.Match[str]) -> None:
        self._close(found.start())
        path = (*self._path, found.group(1))
        rest = line[found.end() :]
        value_start = found.end() + len(rest) - len(rest.lstrip())
        self._note(path, number, found.start(1), found.end(1), value_start)
        self._blocks.append(_Block(found.start(), path, is_item=False))
        self._lost = len(self._blocks) > _MAX_DEPTH
        self.place = FrontPlace(path=path, in_value=True)
        if _BLOCK_TEXT.match(line, value_start):
            self._text_indent = found.start()
        self._read_value(number, line, value_start)

    def _note(self, path: KeyPath, line: int, start: int, end: int, value_start: int) -> None:
        key = FrontKey(path=path, line=line, start=start, end=end, value_start=value_start)
        self.keys.append(key)

    def _read_value(self, number: int, line: str, column: int) -> None:
        if line[column : column + 1] in ("{", "["):
            self._read_flow(number, line, column)

    def _read_flow(self, number: int, line: str, column: int) -> None:
        word: re.Match[str] | None = None
        for token in _FLOW_TOKEN.finditer(line, column):
            top = self._flows[-1] if self._flows else None
            if token.lastgroup == "colon" and word and top and top.is_map and not top.key:
                top.key = word.group()
                self._note(top.value_path, number, word.start(), word.end(), token.end() + 1)
            elif token.lastgroup == "mark":
                self._mark(token.group(), top)
            word = token if token.lastgroup == "word" else None
            if not self._flows:
                return
        top = self._flows[-1]
        if top.is_map and not top.key:
            self.place = FrontPlace(path=top.path, in_value=False)
        else:
            self.place = FrontPlace(path=top.value_path, in_value=True)

    def _mark(self, mark: str, top: _Flow | None) -> None:
        if mark in "{[":
            path = top.value_path if top else self.place.path
            self._flows.append(_Flow(is_map=mark == "{", path=path))
        elif mark == "," and top:
            top.key = ""
            top.item += 1
        elif mark in "}]" and top:
            self._flows.pop()
        if len(self._flows) > _MAX_DEPTH:
            self._flows.clear()
            self._lost = True
