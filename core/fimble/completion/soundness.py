"""Whether a document with a suggestion in it is as whole as it was without."""

from __future__ import annotations

from fimble.completion.draft import Draft
from fimble.completion.surroundings import Surroundings
from fimble.syntax.insertion import Errors, InsertionCheck


class Soundness:
    """Compares the errors of one document with and without one suggestion or another."""

    def __init__(self, around: Surroundings) -> None:
        tree = around.tree
        self._check = (
            None
            if tree is None
            else InsertionCheck(tree, around.cursor, budget_us=around.parse_budget_us)
        )
        self._before = 0 if self._check is None else self._check.errors_without()
        self._not_ours: int | None = None

    def _count(self, draft: Draft) -> Errors | None:
        if self._check is None:
            return None
        return self._check.errors_with(draft.text, replaced_characters=draft.replaced_characters)

    def not_ours(self) -> int:
        """Return the errors that the cursor's line is not to blame for."""
        if self._check is not None and self._not_ours is None:
            self._not_ours = self._check.errors_without_line()
        return self._before if self._not_ours is None else self._not_ours

    def is_sound(self, draft: Draft) -> bool:
        """Whether the line at the cursor would be whole, or its errors are out of reach."""
        errors = self._count(draft)
        if errors is None or errors.total == 0:
            return True
        return errors.total <= min(self._before, self.not_ours())

    def is_tolerable(self, draft: Draft) -> bool:
        """Whether there would be no more errors than there are, and none in the suggestion."""
        errors = self._count(draft)
        return errors is None or (errors.total <= self._before and not errors.inside)
