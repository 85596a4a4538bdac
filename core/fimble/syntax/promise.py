"""A syntax tree that is made when somebody first asks for it.

Most keys are answered, or asked about, without a look at the tree; a parse is the dearest part of
a key, so it waits until a question needs it. Whoever promises a tree answers for its text: the
tree is of the document as it was when the promise was made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from fimble.syntax.tree import SyntaxTree


class TreePromise:
    """A tree that may not have been made yet; `tree` makes it, once."""

    __slots__ = ("__weakref__", "_make", "_tree")

    def __init__(self, make: Callable[[], SyntaxTree | None]) -> None:
        """Promise what `make` returns; it is called at most once, and None is an answer too."""
        self._make: Callable[[], SyntaxTree | None] | None = make
        self._tree: SyntaxTree | None = None

    @property
    def tree(self) -> SyntaxTree | None:
        """The tree; None where there is none for this document, or not in time."""
        self.keep()
        return self._tree

    def keep(self) -> None:
        """Make the tree if that has not been done: its text is about to go, or there is time."""
        make, self._make = self._make, None
        if make is not None:
            self._tree = make()


Tree: TypeAlias = SyntaxTree | TreePromise | None
"""What a request may bring along: a tree, the promise of one, or nothing."""


def tree_of(tree: Tree) -> SyntaxTree | None:
    """Return the tree itself; makes it where it was only promised."""
    return tree.tree if isinstance(tree, TreePromise) else tree
