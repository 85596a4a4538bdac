"""The code blocks of an answer: what they hold, in which language, and which file they speak of.

Markdown is read by markdown-it (CommonMark 0.31, section 4.5 "Fenced code blocks"); the path is a
hint that models write in several ways: in the info string (`python src/a.py`, `title="src/a.py"`,
`10:24:src/a.py`), alone on the line above, or as a comment in the first line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from fimble.chat.patch import patch_path

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_PATH: Final = r"(?:[\w.@+-]+/)*[\w@+-][\w.@+-]*\.[A-Za-z]\w{0,9}|(?:[\w.@+-]+/)+[\w.@+-]+"
_PLACED_PATH: Final = re.compile(rf"^(?:(\d+):(\d+):)?({_PATH})(?::(\d+)(?:-(\d+))?)?$")
_ATTRIBUTE: Final = re.compile(
    r"(?:title|file|filename|path)\s*=\s*(?:\"([^\"]+)\"|'([^']+)'|(\S+))"
)
_LINE_ABOVE: Final = re.compile(
    rf"^\W*(?:(?:file|in|path|update|edit)\b:?\s*)?[`*]*({_PATH}(?::\d+(?:-\d+)?)?)[`*]*\W*$",
    re.IGNORECASE,
)
_COMMENT: Final = re.compile(rf"^\s*(?:#|//|--|;|/\*|<!--)\s*({_PATH})\s*(?:\*/|-->)?\s*$")
_HINT_LENGTH: Final = 300
"""No path is looked for in a longer line, which bounds the time that an answer can cost."""
_PATCHES: Final = frozenset({"diff", "patch", "udiff"})
_LANGUAGE: Final = re.compile(r"[A-Za-z][\w+#.-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """One code block."""

    text: str
    """Without the fence lines; ends with a line end unless it is empty."""
    language: str
    """First word of the info string, lower-case; empty when there is none."""
    path: str = ""
    """The file that it seems to be about, as the model wrote it: untrusted, to be contained."""
    first_line: int | None = None
    """The line of that file where it begins, from 1, when the model said so."""
    start: int = 0
    """Line of the answer on which the opening fence stands, from 0."""
    end: int = 0
    """Line after the closing fence."""
    closed: bool = True
    """Whether the closing fence is there; the last block of a cut answer may lack it."""

    @property
    def is_diff(self) -> bool:
        """Whether it is a patch rather than code."""
        return self.language in _PATCHES


def fences(markdown: str) -> tuple[Fence, ...]:
    """Return the fenced code blocks of an answer, in order, those in lists and quotes too."""
    if "```" not in markdown and "~~~" not in markdown:
        return ()
    lines = markdown.split("\n")
    return tuple(
        _fence(
            token.content,
            token.info.strip()[:_HINT_LENGTH],
            token.markup,
            lines,
            (token.map[0], token.map[1]),
        )
        for token in _parser().parse(markdown)
        if token.type == "fence" and token.map is not None
    )


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415 - 15 ms that only an answer pays

    return MarkdownIt("commonmark")


def _fence(text: str, info: str, markup: str, lines: Sequence[str], span: tuple[int, int]) -> Fence:
    start, end = span
    language, path, first_line = _read_info(info[:_HINT_LENGTH])
    if not path and language in _PATCHES:
        path = patch_path(text)
    if not path:
        path, first_line = _path_beside(text, lines, start)
    last = lines[end - 1].strip().lstrip("> ") if end - 1 < len(lines) else ""
    return Fence(
        text=text,
        language=language,
        path=path,
        first_line=first_line,
        start=start,
        end=end,
        closed=end - 1 > start and last.startswith(markup) and not last.strip(markup[0]),
    )


def _read_info(info: str) -> tuple[str, str, int | None]:
    """Return language, path and first line as the info string tells them."""
    words = info.split()
    if not words:
        return "", "", None
    attribute = _ATTRIBUTE.search(info)
    if attribute:
        named = next(group for group in attribute.groups() if group)
        path, line = _placed(named)
        return _language(words[0]), path or named, line
    first, *rest = words
    language, colon, behind = first.partition(":")
    if colon and _LANGUAGE.fullmatch(language) and "." not in language:
        path, line = _placed(behind)
        if path:
            return language.lower(), path, line
    path, line = _placed(first)
    if path and ("/" in path or "." in path):
        return "", path, line
    path, line = _placed(rest[0]) if rest else ("", None)
    return _language(first), path, line


def _language(word: str) -> str:
    found = _LANGUAGE.match(word.strip("{}."))
    return found[0].lower() if found else ""


def _placed(word: str) -> tuple[str, int | None]:
    """Return a path and its first line out of `src/a.py:10-20` or `10:20:src/a.py`."""
    match = _PLACED_PATH.match(word.strip("`"))
    if match is None:
        return "", None
    line = match[1] or match[4]
    return match[3], int(line) if line else None


def _path_beside(text: str, lines: Sequence[str], start: int) -> tuple[str, int | None]:
    above = next((line for line in reversed(lines[max(0, start - 2) : start]) if line.strip()), "")
    match = _LINE_ABOVE.match(above.strip()[:_HINT_LENGTH])
    if match:
        return _placed(match[1])
    comment = _COMMENT.match(text[:_HINT_LENGTH].split("\n", 1)[0])
    return (comment[1], None) if comment else ("", None)
