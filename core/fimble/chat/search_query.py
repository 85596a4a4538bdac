"""What a search over all conversations asks for: words, and `file: lang: has:` beside them.

```
retry policy lang:python file:shop has:code
"connection pool" has:apply
```
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_WORD: Final = re.compile(r'(?:(?P<key>file|lang|has):)?(?:"(?P<quoted>[^"]*)"?|(?P<bare>\S+))')
_HAS: Final = frozenset({"code", "apply", "thinking", "context"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """A parsed search; everything must hold of a turn that is found."""

    words: tuple[str, ...] = ()
    """Parts of the question or the answer, in any case."""
    files: tuple[str, ...] = ()
    """Parts of the path of an attachment, a fence or an applied edit."""
    languages: tuple[str, ...] = ()
    """Languages of the answer's fences."""
    has: frozenset[str] = frozenset()
    """"code", "apply", "thinking", "context"."""
    unknown: tuple[str, ...] = ()
    """`has:` values that mean nothing, to be told."""

    @property
    def empty(self) -> bool:
        """Whether it asks for nothing."""
        return not (self.words or self.files or self.languages or self.has)


def parse_search(text: str) -> SearchQuery:
    """Read a search as it was typed; anything is accepted."""
    found: dict[str, list[str]] = {"word": [], "file": [], "lang": [], "has": []}
    for match in _WORD.finditer(text):
        value = match["quoted"] if match["quoted"] is not None else match["bare"]
        if value:
            found[match["key"] or "word"].append(value)
    has = {value.lower() for value in found["has"]}
    return SearchQuery(
        words=tuple(found["word"]),
        files=tuple(found["file"]),
        languages=tuple(value.lower() for value in found["lang"]),
        has=frozenset(has & _HAS),
        unknown=tuple(sorted(has - _HAS)),
    )
