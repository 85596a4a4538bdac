"""Which language a document is in. The rows of the registry are in `fimble.syntax.rows`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from fimble.syntax.language import Language
from fimble.syntax.rows import ROWS

__all__ = ["Language", "language_for", "language_for_shebang", "language_named", "languages"]


class _Index(NamedTuple):
    by_name: Mapping[str, Language]
    by_id: Mapping[str, Language]
    by_filename: Mapping[str, Language]
    by_suffix: Mapping[str, Language]
    by_interpreter: Mapping[str, Language]


@cache
def _index() -> _Index:
    return _Index(
        by_name={row.name: row for row in ROWS},
        by_id={each: row for row in ROWS for each in row.lsp_ids},
        by_filename={each: row for row in ROWS for each in row.filenames},
        by_suffix={each: row for row in ROWS for each in row.suffixes},
        by_interpreter={each: row for row in ROWS for each in row.interpreters},
    )


def languages() -> tuple[Language, ...]:
    """Return every language that Fimble parses."""
    return ROWS


def language_named(name: str) -> Language | None:
    """Find a language by Fimble's own name, such as "csharp"."""
    return _index().by_name.get(name)


def language_for(language_id: str, path: str) -> Language | None:
    """Find the language of a document; None when no grammar is known and plain text must do.

    An identifier that an editor sent and we know is believed. Otherwise the file name decides,
    then its longest known ending.

    Args:
        language_id: What the editor calls the language; may be empty.
        path: A path or URI; only its last part is looked at. May be empty.
    """
    index = _index()
    if found := index.by_id.get(language_id.lower()):
        return found
    name = path.replace("\\", "/").rpartition("/")[2].lower()
    if found := index.by_filename.get(name):
        return found
    dot = name.find(".")
    while dot != -1:
        if found := index.by_suffix.get(name[dot:]):
            return found
        dot = name.find(".", dot + 1)
    return None


def language_for_shebang(first_line: str) -> Language | None:
    """Find the language of a script by its first line, such as "#!/usr/bin/env -S python3 -u"."""
    if not first_line.startswith("#!"):
        return None
    words = first_line[2:].split()
    if words and words[0].rpartition("/")[2] == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    if not words:
        return None
    program = words[0].rpartition("/")[2].rstrip("0123456789.")
    return _index().by_interpreter.get(program)
