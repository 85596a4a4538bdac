"""`@errors`: syntax errors in what was changed lately. It says itself that it knows no others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fimble.chat.transcript import Attachment, AttachmentKind
from fimble.context.index.summarise import code_language
from fimble.context.workspace_files import ScanLimits, WorkspaceFiles
from fimble.conversation.git_changes import GitChanges, GitError
from fimble.errors import FimbleError
from fimble.syntax.one_shot import parse
from fimble.text.snapshot import Snapshot

if TYPE_CHECKING:
    from fimble.chat.mentions import Mention

_LATELY_S: Final = 24 * 3600.0
_MOST_FILES: Final = 200
_MOST_ERRORS: Final = 50
_ERRORS_OF_A_FILE: Final = 10
_LINE: Final = 160
_DEADLINE_MS: Final = 500.0


class ErrorsSource:
    """Answers `@errors` for one workspace."""

    def __init__(
        self, workspace: Path, *, exclude: tuple[str, ...], now: Callable[[], float] = time.time
    ) -> None:
        self._workspace = workspace.absolute()
        self._exclude = exclude
        self._now = now

    def attachments(self, mention: Mention, /) -> Iterable[Attachment] | None:
        """Return the errors; None for other mentions.

        Raises:
            FimbleError: No file changed, or those that did have no syntax error.
        """
        if mention.kind is not AttachmentKind.ERRORS:
            return None
        paths, which = self._changed()
        if not paths:
            raise FimbleError(f"@errors: there is no file of code that {which}.")
        files = WorkspaceFiles(self._workspace, exclude=self._exclude)
        lines: list[str] = []
        looked_at = 0
        for path in paths[:_MOST_FILES]:
            found = files.read(self._workspace / path)
            if found is None:
                continue
            looked_at += 1
            lines += _errors(path, found.text)
        number = f"{looked_at} file{'' if looked_at == 1 else 's'}"
        if len(paths) > _MOST_FILES:
            number = f"the first {looked_at} of {len(paths)} files"
        if not lines:
            raise FimbleError(
                f"@errors: {number} that {which}: no syntax error. "
                "Types and names are not checked; paste what your compiler or tests say."
            )
        shown = lines[:_MOST_ERRORS]
        more = f"\n… {len(lines) - len(shown)} more" if len(lines) > len(shown) else ""
        text = (
            f"Syntax errors (by tree-sitter; types and names are not checked) in {number} "
            f"that {which}:\n\n" + "\n".join(shown) + more + "\n"
        )
        return [Attachment(kind=AttachmentKind.ERRORS, label="@errors", text=text)]

    def _changed(self) -> tuple[list[str], str]:
        """Return paths of code, and what they have in common."""
        try:
            touched = GitChanges(self._workspace).touched()
        except GitError:
            return sorted(self._lately()), "changed within a day"
        # What git does not know yet is among those that were written lately.
        found = {*touched, *self._lately()}
        code = sorted(path for path in found if code_language(path) is not None)
        return code, "differ from the last commit or changed within a day"

    def _lately(self) -> Iterator[str]:
        limits = ScanLimits(max_files=50_000, max_seconds=5.0)
        oldest = self._now() - _LATELY_S
        for path in WorkspaceFiles(self._workspace, limits=limits, exclude=self._exclude).names():
            try:
                changed = code_language(path) and (self._workspace / path).lstat().st_mtime
            except (OSError, ValueError):
                continue
            if changed and changed >= oldest:
                yield path


def _errors(path: str, text: str) -> list[str]:
    """Return one entry for each line with an error, with the line itself."""
    snapshot = Snapshot.from_text(text, uri=path)
    tree = parse(snapshot, language=code_language(path), deadline_ms=_DEADLINE_MS)
    if tree is None:
        return []
    found: dict[int, str] = {}
    for place, missing in tree.errors():
        said = f'"{missing}" is missing' if missing else "does not parse"
        found.setdefault(place.line, said)
        if len(found) >= _ERRORS_OF_A_FILE:
            break
    return [
        f"{path}:{line + 1}: {said}\n    {snapshot.line(line).strip()[:_LINE]}"
        for line, said in sorted(found.items())
    ]
