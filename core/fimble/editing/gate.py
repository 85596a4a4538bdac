"""Whether an edit breaks a document that was whole: counted in the document's own tree."""

from __future__ import annotations

from fimble.syntax.insertion import Errors, InsertionCheck
from fimble.syntax.tree import SyntaxTree
from fimble.text.position import Range

_BUDGET_US = 20_000
"""For each parse; incremental from the document's tree, so that 1 ms is usual."""
_LINES_BESIDE = 100


class SyntaxGate:
    """Counts what one replaced part does to the errors of a document.

    Args:
        tree: The document's; None when there is no grammar, and then nothing is known.
        span: The part that is replaced.
    """

    def __init__(self, tree: SyntaxTree | None, span: Range) -> None:
        self._span = span
        self._check: InsertionCheck | None = None
        covered = tree is not None and (
            tree.covered.start <= span.start and span.end <= tree.covered.end
        )
        if tree is not None and covered:
            lines = span.end.line - span.start.line + 2 * _LINES_BESIDE
            self._check = InsertionCheck(tree, span.start, budget_us=_BUDGET_US, lines=lines)

    def errors(self, text: str) -> int | None:
        """Return how many errors there are with `text` in the part's place; None: unknown."""
        found = self._with(text)
        return None if found is None else found.total

    def added(self, text: str) -> int:
        """Return how many errors `text` adds, as far as the grammar can tell."""
        found = self._with(text)
        before = None if self._check is None else self._check.errors_without()
        if found is None or before is None:
            return 0
        return max(0, found.total - before.total)

    def _with(self, text: str) -> Errors | None:
        return None if self._check is None else self._check.errors_replacing(self._span.end, text)
