"""Whether a document with a suggestion in it is as whole as it was without."""

from __future__ import annotations

from functools import cached_property

from fimble.completion.draft import Draft
from fimble.completion.surroundings import Surroundings
from fimble.syntax.insertion import Errors, InsertionCheck

_BROKEN = 8
"""From so many errors around on, the grammar does not understand the code, and cannot judge."""


class Soundness:
    """Compares the errors of one document with and without one suggestion or another.

    Where there is no tree, no time, or too much that is broken anyway, everything is sound.
    """

    def __init__(self, around: Surroundings) -> None:
        self._check = None
        if around.tree is not None:
            budget_us = around.parse_budget_us
            self._check = InsertionCheck(around.tree, around.cursor, budget_us=budget_us)

    def is_sound(self, draft: Draft) -> bool:
        """Whether the line at the cursor would be whole, or its errors are out of reach."""
        errors = self._count(draft)
        if errors is None or not errors.total:
            return True
        before, not_ours = self._before, self._not_ours
        if before is None or not_ours is None or not_ours.total >= _BROKEN:
            return True
        if errors.total <= min(before.total, not_ours.total):
            return True
        # What was hidden in skipped text shows when less of it is skipped: that was there before.
        hidden = min(before.skipped_bytes, not_ours.skipped_bytes)
        return not errors.inside and errors.skipped_bytes < hidden

    def is_tolerable(self, draft: Draft) -> bool:
        """Whether there would be no more errors than there are, and none in the suggestion."""
        errors = self._count(draft)
        if errors is None or self._before is None:
            return True
        return errors.total <= self._before.total and not errors.inside

    def _count(self, draft: Draft) -> Errors | None:
        if self._check is None:
            return None
        return self._check.errors_with(draft.text, replaced_characters=draft.replaced_characters)

    @cached_property
    def _before(self) -> Errors | None:
        return None if self._check is None else self._check.errors_without()

    @cached_property
    def _not_ours(self) -> Errors | None:
        return None if self._check is None else self._check.errors_without_line()
