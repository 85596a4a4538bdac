"""Where comments and strings begin and end, per language: all that the token lexer must know.

The lexer reads words and operators alike in every language; only comments (dropped), docstrings
(one token) and strings that run over several lines need rules. A language without rules here is
read as plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

_DOUBLE = r'"(?:[^"\\]|\\.)*"?'
_SINGLE = r"'(?:[^'\\]|\\.)*'?"
_CHARACTER = r"'(?:[^'\\]|\\.[^']*)'"
"""A character literal only: Rust's lifetimes and Scala's symbols are no open strings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LexicalRules:
    """The comment and string rules of one group of languages."""

    line_comment: str = ""
    """A regular expression for what begins a comment to the end of the line; empty for none."""
    block_comments: tuple[tuple[str, str], ...] = ()
    """Opening and closing text of comments that may run over lines."""
    long_strings: tuple[tuple[str, str], ...] = ()
    """Opening and closing text of strings that may run over lines."""
    strings: tuple[str, ...] = (_DOUBLE, _SINGLE)
    """Regular expressions of the strings that end on their line."""
    docstrings: bool = False
    """Whether a long string that begins a line is documentation, and so one token."""

    def delimiter_pattern(self) -> re.Pattern[str]:
        """Build the pattern that finds the next comment or string on a line.

        Its groups are named `line`, `block`, `long` and `string`.
        """
        parts: list[str] = []
        if self.block_comments:
            parts.append(f"(?P<block>{_any_of(self.block_comments)})")
        if self.line_comment:
            parts.append(f"(?P<line>{self.line_comment})")
        if self.long_strings:
            parts.append(f"(?P<long>{_any_of(self.long_strings)})")
        if self.strings:
            parts.append(f"(?P<string>{'|'.join(self.strings)})")
        return re.compile("|".join(parts) or r"(?!)")

    def marker_pattern(self) -> re.Pattern[str]:
        """Build the pattern without which a line needs no look at its strings at all."""
        parts = [_any_of(pairs) for pairs in (self.block_comments, self.long_strings) if pairs]
        if self.line_comment:
            parts.append(self.line_comment)
        return re.compile("|".join(parts) or r"(?!)")

    def closing(self, opening: str) -> str:
        """Say what ends the comment or long string that `opening` begins."""
        return dict(self.block_comments + self.long_strings)[opening]


def _any_of(pairs: tuple[tuple[str, str], ...]) -> str:
    return "|".join(re.escape(opening) for opening, _ in pairs)


_SLASHES = (("/*", "*/"),)
_TRIPLE = (('"""', '"""'), ("'''", "'''"))
_SPACED_HASH = r"(?:(?<=\s)|^)\#"
"""A hash inside a word is none in shells and YAML (`$#`, `${x#y}`, `a#b`)."""

_C = LexicalRules(line_comment="//", block_comments=_SLASHES)
_RUST = LexicalRules(line_comment="//", block_comments=_SLASHES, strings=(_DOUBLE, _CHARACTER))
_SCRIPT = LexicalRules(line_comment="//", block_comments=_SLASHES, long_strings=(("`", "`"),))
_TRIPLE_C = LexicalRules(
    line_comment="//",
    block_comments=_SLASHES,
    long_strings=(('"""', '"""'),),
    strings=(_DOUBLE, _CHARACTER),
)
_PYTHON = LexicalRules(line_comment=r"\#", long_strings=_TRIPLE, docstrings=True)
_HASH = LexicalRules(line_comment=_SPACED_HASH)
_TOML = LexicalRules(line_comment=r"\#", long_strings=_TRIPLE)
_PHP = LexicalRules(line_comment=r"//|\#(?!\[)", block_comments=_SLASHES)
_LUA = LexicalRules(
    line_comment=r"--(?!\[\[)", block_comments=(("--[[", "]]"),), long_strings=(("[[", "]]"),)
)
_SQL = LexicalRules(line_comment="--", block_comments=_SLASHES)
_CSS = LexicalRules(block_comments=_SLASHES)
_MARKUP = LexicalRules(block_comments=(("<!--", "-->"),), strings=())
_PLAIN = LexicalRules(strings=())

_BY_LANGUAGE: dict[str, LexicalRules] = {
    "python": _PYTHON,
    "javascript": _SCRIPT,
    "javascriptreact": _SCRIPT,
    "typescript": _SCRIPT,
    "typescriptreact": _SCRIPT,
    "go": _SCRIPT,
    "rust": _RUST,
    "java": _TRIPLE_C,
    "kotlin": _TRIPLE_C,
    "scala": _TRIPLE_C,
    "swift": _TRIPLE_C,
    "csharp": _C,
    "c": _C,
    "cpp": _C,
    "dart": _C,
    "php": _PHP,
    "ruby": _HASH,
    "shellscript": _HASH,
    "bash": _HASH,
    "yaml": _HASH,
    "dockerfile": _HASH,
    "makefile": _HASH,
    "toml": _TOML,
    "lua": _LUA,
    "sql": _SQL,
    "css": _CSS,
    "scss": _C,
    "less": _C,
    "html": _MARKUP,
    "xml": _MARKUP,
    "markdown": _MARKUP,
    "json": _PLAIN,
    "jsonc": _C,
}

_BY_SUFFIX: dict[str, LexicalRules] = {
    ".py": _PYTHON, ".pyi": _PYTHON, ".pyx": _PYTHON,
    ".js": _SCRIPT, ".jsx": _SCRIPT, ".mjs": _SCRIPT, ".cjs": _SCRIPT,
    ".ts": _SCRIPT, ".tsx": _SCRIPT, ".mts": _SCRIPT, ".cts": _SCRIPT,
    ".go": _SCRIPT, ".rs": _RUST, ".java": _TRIPLE_C, ".kt": _TRIPLE_C, ".kts": _TRIPLE_C,
    ".scala": _TRIPLE_C, ".swift": _TRIPLE_C, ".cs": _C, ".c": _C, ".h": _C, ".cc": _C,
    ".cpp": _C, ".cxx": _C, ".hpp": _C, ".hh": _C, ".dart": _C, ".php": _PHP, ".rb": _HASH,
    ".sh": _HASH, ".bash": _HASH, ".zsh": _HASH, ".yaml": _HASH, ".yml": _HASH, ".mk": _HASH,
    ".toml": _TOML, ".lua": _LUA, ".sql": _SQL, ".css": _CSS, ".scss": _C, ".less": _C,
    ".html": _MARKUP, ".htm": _MARKUP, ".xml": _MARKUP, ".md": _MARKUP,
    ".json": _PLAIN,
}  # fmt: skip

CODE_SUFFIXES = frozenset(_BY_SUFFIX)
"""The file name endings that we have rules for."""


def rules_for(language_id: str, path: str) -> LexicalRules:
    """Choose the rules of a document by the editor's language id, else by its file name."""
    by_language = _BY_LANGUAGE.get(language_id.lower())
    if by_language is not None:
        return by_language
    return _BY_SUFFIX.get(PurePosixPath(path).suffix.lower(), _PLAIN)


@cache
def delimiters_of(rules: LexicalRules) -> re.Pattern[str]:
    """Return the compiled delimiter pattern of `rules`."""
    return rules.delimiter_pattern()


@cache
def markers_of(rules: LexicalRules) -> re.Pattern[str]:
    """Return the compiled marker pattern of `rules`."""
    return rules.marker_pattern()
