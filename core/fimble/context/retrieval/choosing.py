"""Chooses from ranked items within a budget, and lays out what was chosen as text. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

from fimble.context.retrieval.records import ContextItem, ItemKind

SIGNATURE_SHARE: Final = 0.45
"""Of a budget; 15 to 50 % cost no recall of identifiers and add half again to definitions."""
_HEADING_TOKENS: Final = 12
"""What a file's first item costs besides its own."""

Key = tuple[str, str]


def choose(
    signatures: Sequence[ContextItem],
    chunks: Sequence[ContextItem],
    budget: int,
    count: Callable[[str], int],
    *,
    known: Collection[Key] = (),
) -> list[ContextItem]:
    """Return the best items that fit, so ordered that each beginning has its share of both kinds.

    Args:
        signatures: Best first; they get their share and what chunks leave over.
        chunks: Best first.
        budget: In tokens, headings included.
        count: Tokens of a text.
        known: Keys of what is shown already and is not chosen again.
    """
    choice = _Choice(budget, count, known)
    left = choice.fill(signatures, int(budget * SIGNATURE_SHARE))
    choice.fill(chunks, budget)
    choice.fill(left, budget)
    return _mixed(choice.items)


def _mixed(items: list[ContextItem]) -> list[ContextItem]:
    """Order items by how much of their kind comes before them: less room gets less of both."""
    spent = dict.fromkeys(ItemKind, 0)
    total = {kind: sum(it.tokens for it in items if it.kind is kind) for kind in ItemKind}
    ranked: list[tuple[float, int, ContextItem]] = []
    for place, item in enumerate(items):
        ranked.append((spent[item.kind] / total[item.kind], place, item))
        spent[item.kind] += item.tokens
    return [item for _, _, item in sorted(ranked, key=lambda it: it[:2])]


class _Choice:
    """What was chosen so far."""

    def __init__(self, budget: int, count: Callable[[str], int], known: Collection[Key]) -> None:
        self.items: list[ContextItem] = []
        self._budget = budget
        self._count = count
        self._keys = set(known)
        self._texts: set[str] = set()
        self._paths: set[str] = set()
        self._lines: dict[str, list[tuple[int, int]]] = {}
        self._spent = 0

    def fill(self, items: Iterable[ContextItem], limit: int) -> list[ContextItem]:
        """Take what fits; return what was not looked at or did not."""
        left: list[ContextItem] = []
        misses = 0
        for item in items:
            if misses > _PATIENCE:
                left.append(item)
            elif not self._take(item, min(limit, self._budget)):
                left.append(item)
                misses += 1
        return left

    def _take(self, item: ContextItem, limit: int) -> bool:
        if item.key in self._keys or item.text in self._texts or self._stands_in_a_chunk(item):
            return True
        tokens = self._count(item.text) + 1
        heading = 0 if item.path in self._paths else _HEADING_TOKENS
        if self._spent + tokens + heading > limit:
            return False
        self._spent += tokens + heading
        self._keys.add(item.key)
        self._texts.add(item.text)
        self._paths.add(item.path)
        if item.kind is ItemKind.CHUNK:
            self._lines.setdefault(item.path, []).append((item.first_line, item.last_line))
        self.items.append(replace(item, tokens=tokens + heading))
        return True

    def _stands_in_a_chunk(self, item: ContextItem) -> bool:
        if item.kind is not ItemKind.SIGNATURE:
            return False
        return any(a <= item.first_line <= b for a, b in self._lines.get(item.path, ()))


_PATIENCE: Final = 24
"""Items in a row that do not fit before the rest is not tried."""


def by_file(items: Iterable[ContextItem]) -> list[tuple[str, str]]:
    """Lay items out: a file's together, files in the order in which they were chosen.

    Returns:
        Each path with its text: definitions by their lines, then pieces as they stand.
    """
    files: dict[str, list[ContextItem]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    return [(path, _file(its)) for path, its in files.items()]


def _file(items: list[ContextItem]) -> str:
    lines: list[str] = []
    container = ""
    for item in sorted(items, key=_in_text):
        if item.kind is ItemKind.CHUNK:
            lines += ["", item.text] if lines else [item.text]
            continue
        if item.container and item.container != container:
            lines.append(item.container)
        container = item.container
        lines.append(f"    {item.text}" if container else item.text)
    return "\n".join(lines)


def _in_text(item: ContextItem) -> tuple[bool, int, str]:
    return item.kind is ItemKind.CHUNK, item.first_line, item.text
