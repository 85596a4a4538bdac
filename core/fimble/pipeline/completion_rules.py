"""The project's rules as the head of a completion prompt may show them: off unless asked for.

They cost their tokens at every new prompt: 500 tokens are a third to a half of what a 27B model
on one GPU reads in the time that a new place may take, so `completion.rules_tokens` is 0 by
default. Read when a prompt begins, once for each folder, and frozen in it like all of the head.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fimble.completion.window import CountTokens
    from fimble.prompt_files.folder import Allows


class CompletionRules:
    """Finds the rules that hold for a document.

    Args:
        folders: The workspace's folders.
        max_tokens: Of all rules together; 0 reads no file.
        count: What they are counted with.
    """

    def __init__(self, folders: Sequence[Path], *, max_tokens: int, count: CountTokens) -> None:
        self._folders = tuple(folders)
        self._max_tokens = max_tokens
        self._count = count
        self._allows: Allows | None = None
        self._known: dict[Path, str] = {}

    def use(self, allows: Allows | None) -> None:
        """Take what the user has reviewed, and read the files again when they are next wanted."""
        self._allows = allows
        self._known.clear()

    def of(self, document: Path | None) -> str:
        """Return the rules for the file at `document`; empty when there are none to show."""
        if document is None or not self._max_tokens or self._allows is None:
            return ""
        # Templates trust the first folder alone, and so do rules: a record is of one workspace.
        folder = next(iter(self._folders), None)
        if folder is None or not document.is_relative_to(folder):
            return ""
        if document.parent not in self._known:
            self._known[document.parent] = self._read(folder, document, self._allows)
        return self._known[document.parent]

    def _read(self, folder: Path, document: Path, allows: Allows) -> str:
        from fimble.context.project_rules import project_rules  # noqa: PLC0415 - off by default

        return project_rules(
            folder,
            document,
            allows=allows,
            count_tokens=self._count,
            max_tokens=self._max_tokens,
        ).text
