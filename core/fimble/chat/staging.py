"""A change that is looked at before it is written: its hunks, and the text that some of them make.

Values only. Whoever shows it keeps the numbers of the staged hunks; the file's text is the one
that the preview was made from, and `conversation.applying` refuses to write over another one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from fimble.chat.fences import Fence
from fimble.chat.hunks import Hunk, assemble, hunks
from fimble.chat.proposal import Proposal, added_errors, propose


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a block would change in one file."""

    path: str
    """From the workspace's root, with slashes."""
    current: str | None
    """The file's text that the preview was made from; None when there is no such file."""
    proposal: Proposal
    hunks: tuple[Hunk, ...]
    """Empty when the file is like that already."""

    @property
    def all(self) -> frozenset[int]:
        """The numbers of all hunks."""
        return frozenset(range(len(self.hunks)))

    def text(self, staged: Collection[int]) -> str:
        """Return the file with the staged hunks."""
        return assemble(self.current or "", self.hunks, staged)

    def adds_errors(self, staged: Collection[int]) -> int:
        """Return how many syntax errors the staged hunks add, as far as the grammar can tell."""
        if len(staged) == len(self.hunks):
            return self.proposal.adds_errors
        return added_errors(self.current, self.text(staged), path=self.path)

    def lines(self, staged: Collection[int]) -> tuple[int, int]:
        """Return how many lines the staged hunks add and remove."""
        taken = [hunk for hunk in self.hunks if hunk.number in staged]
        return sum(len(it.new_lines) for it in taken), sum(len(it.old_lines) for it in taken)


def preview(fence: Fence, current: str | None, *, path: str) -> Preview:
    """Return what `fence` would change in the file at `path`, whose text is `current`.

    Raises:
        NoPlaceError: It has no safe place in the file.
    """
    proposal = propose(fence, current, path=path)
    changes = hunks(current or "", proposal.text)
    return Preview(path=path, current=current, proposal=proposal, hunks=changes)
