"""Keep a syntax tree in step with a document, in slices short enough for an event loop.

Usage, in the order of an editor's change notice:

    parser.edit(edit)          # for each change; None for a replaced document
    parser.set_text(snapshot)  # the document after all of them
    while parser.pending:
        parser.parse_slice()   # and let others run in between

Threads gain nothing here: the bindings hold the interpreter lock for the whole parse.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import tree_sitter

from fimble.syntax.language import Language
from fimble.syntax.parser import SlicedParser
from fimble.syntax.size import is_too_large
from fimble.syntax.tree import SyntaxTree
from fimble.text.edit import ByteEdit
from fimble.text.snapshot import Snapshot

WORK_LIMIT_S = 2.0
"""When a parse is given up. A MiB of any language takes a tenth of it; but recovering from errors
is quadratic in bad cases (minutes for 200,000 opening braces), and its slices grow longer."""


class IncrementalParser:
    """The parser of one open document; not for several threads."""

    __slots__ = (
        "_abandoned_bytes",
        "_base",
        "_base_bytes",
        "_clock",
        "_edited",
        "_language",
        "_latest",
        "_parser",
        "_pending",
        "_too_large",
        "_worked_s",
    )

    def __init__(
        self, language: Language, *, clock: Callable[[], float] = time.thread_time
    ) -> None:
        """Make a parser without a text.

        Args:
            language: What to parse as.
            clock: The processor time of this thread, in seconds: what others take on a busy
                machine is no sign of a bad text.
        """
        self._language = language
        self._parser = SlicedParser(language)
        self._base: tree_sitter.Tree | None = None
        """A copy of the latest tree, moved along by the edits since; what a reparse starts from."""
        self._base_bytes = 0
        """How long the text must be after those edits."""
        self._edited = False
        self._pending: Snapshot | None = None
        self._latest: SyntaxTree | None = None
        self._too_large = False
        self._clock = clock
        self._worked_s = 0.0
        self._abandoned_bytes: int | None = None
        """How long the text was that took too long; None if none did."""

    @property
    def language(self) -> Language:
        """What the document is parsed as."""
        return self._language

    @property
    def latest(self) -> SyntaxTree | None:
        """The last finished tree; it may speak of an older text (see its `snapshot`)."""
        return self._latest

    @property
    def pending(self) -> bool:
        """Whether `parse_slice` has something to do."""
        return self._pending is not None

    @property
    def too_large(self) -> bool:
        """Whether the document is not parsed as a whole: its size forbids it, or it took too long.

        Ask `one_shot.parse_window` instead. A text that took too long is tried again when it was
        replaced or its length has changed by a tenth.
        """
        return self._too_large

    def edit(self, edit: ByteEdit | None) -> None:
        """Take note of a change; None says that the whole text was replaced.

        An unfinished parse is given up. Edits must come in the order they were made.
        """
        self._parser.give_up()
        if edit is None:
            self._base = None
            self._abandoned_bytes = None
            return
        self._edited = True
        if self._base is None:
            return
        self._base_bytes += edit.new_end_byte - edit.old_end_byte
        self._base.edit(
            edit.start_byte,
            edit.old_end_byte,
            edit.new_end_byte,
            edit.start_point,
            edit.old_end_point,
            edit.new_end_point,
        )

    def set_text(self, snapshot: Snapshot) -> None:
        """Say what is to be parsed: the document after all edits so far.

        A text that the edits do not explain (none were made, or the length differs) is parsed
        from scratch, so a forgotten edit costs time, not a wrong tree.
        """
        self._parser.give_up()
        if self._latest is not None and self._latest.snapshot is snapshot and not self._edited:
            self._pending = None
            return
        source = snapshot.utf8
        self._too_large = is_too_large(source) or self._took_too_long_at(len(source))
        if self._too_large or not self._edited or len(source) != self._base_bytes:
            self._base = None
        if self._too_large:
            self._latest = None
        self._edited = False
        self._worked_s = 0.0
        self._pending = None if self._too_large else snapshot

    def parse_slice(self, budget_us: int = 2000) -> SyntaxTree | None:
        """Work on the tree for about `budget_us` microseconds.

        Returns:
            The tree of the text set last, or None: more to do while `pending`, otherwise there is
            no text yet or it is `too_large`.
        """
        if self._pending is None:
            return self._latest
        start = self._clock()
        tree = self._parser.run(self._pending.utf8, self._base, budget_us=budget_us)
        self._worked_s += self._clock() - start
        if tree is None:
            if self._worked_s > WORK_LIMIT_S:
                self._abandon(len(self._pending.utf8))
            return None
        self._latest = SyntaxTree(tree, language=self._language, snapshot=self._pending)
        # Edits go to a copy: whoever holds the finished tree must never see it change.
        self._base = tree.copy()
        self._base_bytes = len(self._pending.utf8)
        self._pending = None
        return self._latest

    def _abandon(self, length: int) -> None:
        self._parser.give_up()
        self._abandoned_bytes = length
        self._too_large = True
        self._pending = self._base = self._latest = None

    def _took_too_long_at(self, length: int) -> bool:
        """Tell whether a text that took too long had about this length."""
        if self._abandoned_bytes is None:
            return False
        if abs(length - self._abandoned_bytes) * 10 < self._abandoned_bytes:
            return True
        self._abandoned_bytes = None
        return False
