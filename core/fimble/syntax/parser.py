"""The one place that runs the parser and knows its traps (tree-sitter 0.25.2).

* `timeout_micros` is the only way to stop a parse of bytes; it is deprecated, and gone in 0.26,
  where the calls that replace it crash or leak (tests/unit/syntax/test_tree_sitter_defects.py).
* A parse that was given up must be reset, or the next one silently goes on with the old text.
* A parser is no thread's but its owner's: each user makes its own.
"""

from __future__ import annotations

import warnings

import tree_sitter

from fimble.syntax.grammars import compiled
from fimble.syntax.language import Language


class SlicedParser:
    """A parser that works for a while, then returns, and can be asked to go on or to give up."""

    __slots__ = ("_budget_us", "_parser", "_unfinished")

    def __init__(self, language: Language) -> None:
        self._parser = tree_sitter.Parser(compiled(language))
        self._budget_us = 0
        self._unfinished = False

    def run(
        self, source: bytes, old_tree: tree_sitter.Tree | None, *, budget_us: int
    ) -> tree_sitter.Tree | None:
        """Parse for about `budget_us` microseconds.

        Args:
            source: The text; to go on with a parse, the same text again.
            old_tree: A tree edited to fit `source`, or None; to go on, the same again.
            budget_us: When to return; the last step of a parse may overrun it (16 ms were
                measured for a full parse of 1.7 MB, 2 ms for a reparse). Zero means no limit.

        Returns:
            The tree, or None when there is more to do.
        """
        if budget_us != self._budget_us:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                self._parser.timeout_micros = budget_us  # pyright: ignore[reportDeprecated]
            self._budget_us = budget_us
        try:
            if old_tree is None:
                tree = self._parser.parse(source)
            else:
                tree = self._parser.parse(source, old_tree)
        except ValueError:
            # The binding's only word for "the time is up"; a parser with a language has no other
            # reason to fail (tree-sitter/py-tree-sitter:tree_sitter/binding/parser.c).
            self._unfinished = True
            return None
        self._unfinished = False
        return tree

    def give_up(self) -> None:
        """Forget an unfinished parse; without one, nothing happens."""
        if self._unfinished:
            self._parser.reset()
            self._unfinished = False
