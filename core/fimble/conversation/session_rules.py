"""The project's written rules as one session has them: fixed by its first question, read once.

AGENTS.md of the workspace's root and of the nearest folder above the first file that was attached.
They stand at the beginning of the prompt, so they never change while a session runs: a changed
file counts from the next session on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fimble.chat.transcript import Attachment, AttachmentKind, Question
from fimble.context.project_rules import project_rules
from fimble.errors import PathRefusedError
from fimble.policy.containment import contain

if TYPE_CHECKING:
    from fimble.prompt_files.folder import Allows

_OF_FILES: Final = frozenset({AttachmentKind.FILE, AttachmentKind.SYMBOL})


@dataclass(slots=True, kw_only=True)
class SessionRules:
    """Reads rules and keeps what it read until the next session."""

    workspace: Path
    allows: Callable[[], Allows | None]
    """Which files may take part now; None: none."""
    count_tokens: Callable[[str], int]
    _texts: dict[Path | None, str] = field(default_factory=dict[Path | None, str])

    def __call__(self, opening: Question) -> str:
        """Return the rules of a session that begins with `opening`; empty when none count."""
        document = self._first_file(opening)
        folder = document.parent if document else None
        if folder not in self._texts:
            self._texts[folder] = self._read(document)
        return self._texts[folder]

    def forget(self) -> None:
        """Read again for the next question; call when a session begins."""
        self._texts.clear()

    def _read(self, document: Path | None) -> str:
        allows = self.allows()
        if allows is None:
            return ""
        rules = project_rules(
            self.workspace, document, allows=allows, count_tokens=self.count_tokens
        )
        return rules.text

    def _first_file(self, question: Question) -> Path | None:
        for attachment in question.attachments:
            if attachment.kind in _OF_FILES:
                try:
                    contain(self.workspace, _path(attachment))
                except PathRefusedError:
                    continue
                return self.workspace.absolute() / _path(attachment)
        return None


def _path(attachment: Attachment) -> str:
    """Return the path in a label, which may end with lines or the name of a symbol."""
    return attachment.label.partition(":")[0]
