"""What a typed question mentions: files, folders, symbols, changes; found in the text as typed.

```
why does @src/shop.py:10-40 fail?     explain @"my file.py"     @src/ @Cart.total @diff @staged
```

A mention begins at the start or behind white space or an opening bracket, so an e-mail address or
a decorator inside code is none; code in backticks and fences is left alone; punctuation behind a
mention is the sentence's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from fimble.chat.transcript import AttachmentKind

SPECIAL: Final = {
    "diff": AttachmentKind.DIFF,
    "staged": AttachmentKind.STAGED,
    "errors": AttachmentKind.ERRORS,
    "map": AttachmentKind.MAP,
}
"""Mentions that are no names."""

_MENTION: Final = re.compile(
    r"""
    (?:(?<=^)|(?<=[\s(\[{"']))
    @(?:
        "(?P<quoted>[^"\n]{1,4096})"
      | (?P<bare>[^\s"'`@()\[\]{}<>,;!?|]{1,4096})
    )
    """,
    re.VERBOSE,
)
_LINES: Final = re.compile(r":(\d{1,9})(?:-(\d{1,9}))?$")
_LINES_BEHIND_QUOTE: Final = re.compile(r":(\d{1,9})(?:-(\d{1,9}))?")
_CODE: Final = re.compile(r"(?ms)^ {0,3}(```+|~~~+).*?(?:^ {0,3}\1|\Z)|(`+)(?!`).+?(?<!`)\2(?!`)")
_PLAIN: Final = re.compile(r"[\w./\\+-]+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One mention."""

    start: int
    """Where its `@` stands in the text."""
    end: int
    """Where it ends."""
    name: str
    """The path, the symbol, or the word of a special one."""
    kind: AttachmentKind | None = None
    """Set for a special one; what a name is, the workspace tells."""
    first_line: int | None = None
    """From 1."""
    last_line: int | None = None
    """Included; None takes the one line."""

    @property
    def looks_like_path(self) -> bool:
        """Whether it can hardly be a symbol."""
        return "/" in self.name or "\\" in self.name


def mentions(text: str) -> tuple[Mention, ...]:
    """Return what `text` mentions, in order."""
    code = [match.span() for match in _CODE.finditer(text)]
    found: list[Mention] = []
    for match in _MENTION.finditer(text):
        if any(start <= match.start() < end for start, end in code):
            continue
        mention = _quoted(match, text) if match["quoted"] is not None else _bare(match)
        if mention is not None:
            found.append(mention)
    return tuple(found)


def mention_text(name: str, *, first_line: int | None = None, last_line: int | None = None) -> str:
    """Return the mention that `mentions` reads back as this name and these lines."""
    lines = "" if first_line is None else f":{first_line}"
    if lines and last_line is not None and last_line != first_line:
        lines += f"-{last_line}"
    plain = _PLAIN.match(name) and not name.endswith(".") and not _LINES.search(name)
    return f"@{name}{lines}" if plain else f'@"{name}"{lines}'


def _quoted(match: re.Match[str], text: str) -> Mention:
    lines = _LINES_BEHIND_QUOTE.match(text, match.end())
    end = lines.end() if lines else match.end()
    return _mention(match.start(), end, match["quoted"], lines)


def _bare(match: re.Match[str]) -> Mention | None:
    name = match["bare"].rstrip(".:")
    if not name:
        return None
    end = match.start("bare") + len(name)
    lines = _LINES.search(name)
    if lines:
        name = name[: lines.start()]
    if not name:
        return None
    return _mention(match.start(), end, name, lines)


def _mention(start: int, end: int, name: str, lines: re.Match[str] | None) -> Mention:
    first = int(lines[1]) if lines else None
    last = int(lines[2]) if lines and lines[2] else first
    if first is not None and last is not None and last < first:
        first, last = last, first
    return Mention(
        start=start,
        end=end,
        name=name,
        kind=SPECIAL.get(name) if lines is None else None,
        first_line=first,
        last_line=last,
    )
