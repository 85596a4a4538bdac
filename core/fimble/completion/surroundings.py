"""What the pure completion rules know about the place of a completion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

from fimble.completion.indentation import IndentStyle, leading, read_indentation
from fimble.syntax.languages import language_for
from fimble.syntax.promise import tree_of
from fimble.syntax.tree import SyntaxTree
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot

if TYPE_CHECKING:
    from fimble.syntax.language import Language
    from fimble.syntax.promise import Tree

_LINES_AROUND = 12
"""Non-blank lines below and above the cursor that a suggestion is compared with."""

_LINES_SEARCHED = 120
"""How far they are looked for."""

PARSE_BUDGET_US = 10_000
"""0.1 to 1 ms are usual; code that is broken in the worst ways takes a thousand times as long."""

CLOSERS = frozenset(")]}>'\"`;,:")
"""Characters that editors close by themselves or that end a statement; no reason to stay silent."""


class Extent(StrEnum):
    """How much a completion may say."""

    LINE = "line"
    """The rest of the cursor's line."""
    BLOCK = "block"
    """Whole lines, until the scope at the cursor is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The document around the cursor, cut to what stop and post-processing rules look at."""

    snapshot: Snapshot
    cursor: Position
    maybe_tree: Tree
    """What came with the request; `tree` makes of it what can be relied on."""
    before: str
    """The cursor's line up to the cursor."""
    rest: str
    """The cursor's line from the cursor on, without its ending."""
    below: tuple[str, ...]
    """The next non-blank lines under the cursor's line, without endings."""
    above: tuple[str, ...]
    """The non-blank lines over the cursor's line, nearest first, without endings."""
    indentation: str
    """White space that the cursor's line begins with; on a blank line, what stands before it."""
    language: Language | None
    line_ending: str
    parse_budget_us: int
    """When a parse on behalf of a rule is given up, and with it the rule."""

    @property
    def tree(self) -> SyntaxTree | None:
        """The syntax tree of the text, where one is to be had in time.

        To ask may cost a parse: rules first look at what the text alone can say.
        A tree of another version of the text is no help.
        """
        tree = tree_of(self.maybe_tree)
        return tree if tree is not None and _is_tree_of(tree, self.snapshot) else None

    @property
    def indent_style(self) -> IndentStyle | None:
        """How the document is indented around the cursor; None where nothing shows it.

        Read when a rule asks, which is after the request has gone out and not before.
        """
        return read_indentation(self.snapshot, self.cursor.line)[0]

    @property
    def tab_columns(self) -> int:
        """What a tab counts for where depths are compared."""
        return read_indentation(self.snapshot, self.cursor.line)[1]

    @property
    def mid_line(self) -> bool:
        """Whether something other than closing characters follows on the line."""
        return any(c not in CLOSERS and not c.isspace() for c in self.rest)

    @property
    def line_is_blank(self) -> bool:
        """Whether nothing but white space stands before the cursor on its line."""
        return not self.before.strip()


def look_around(
    snapshot: Snapshot,
    cursor: Position,
    tree: Tree,
    *,
    parse_budget_us: int = PARSE_BUDGET_US,
) -> Surroundings:
    """Collect the surroundings of `cursor`; a tree that was only promised is not made for it."""
    line = snapshot.line(cursor.line)
    before = line[: cursor.character]
    last = min(snapshot.line_count, cursor.line + 1 + _LINES_SEARCHED)
    first = max(-1, cursor.line - 1 - _LINES_SEARCHED)
    return Surroundings(
        snapshot=snapshot,
        cursor=cursor,
        maybe_tree=tree,
        before=before,
        rest=line[cursor.character :],
        below=_non_blank(snapshot, range(cursor.line + 1, last)),
        above=_non_blank(snapshot, range(cursor.line - 1, first, -1)),
        indentation=leading(before),
        language=tree.language
        if isinstance(tree, SyntaxTree)
        else language_for(snapshot.language_id, snapshot.uri),
        line_ending=snapshot.line_ending,
        parse_budget_us=parse_budget_us,
    )


def _is_tree_of(tree: SyntaxTree, snapshot: Snapshot) -> bool:
    parsed = tree.snapshot
    return parsed is snapshot or (parsed.uri, parsed.version) == (snapshot.uri, snapshot.version)


def _non_blank(snapshot: Snapshot, numbers: Iterable[int]) -> tuple[str, ...]:
    def lines() -> Iterator[str]:
        for number in numbers:
            line = snapshot.line(number)
            if line.strip():
                yield line

    return tuple(islice(lines(), _LINES_AROUND))
