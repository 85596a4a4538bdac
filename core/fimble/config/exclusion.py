"""Whether the settings leave a document out of completion, in one place for editor and terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fimble.policy.globs import IgnoreRules

if TYPE_CHECKING:
    from collections.abc import Collection

    from fimble.config.schema import CompletionSettings


class Exclusion:
    """The rules of one set of completion settings."""

    def __init__(self, completion: CompletionSettings) -> None:
        self._completion = completion
        self._ignored = IgnoreRules(completion.ignore)

    def reason(self, *, language_ids: Collection[str], relative: str) -> str:
        """Return the setting that excludes a document, or "" when none does.

        `language_ids` are all names of its language, since editors differ ("sh", "shellscript").
        `relative` is the path from the workspace's folder, with slashes; empty for a document
        that lies in no workspace.
        """
        if not self._completion.enabled:
            return "completion.enabled is false"
        for disabled in self._completion.disabled_languages:
            if disabled in language_ids:
                return f'completion.disabled_languages names "{disabled}"'
        if relative and self._ignored.decide(relative):
            return "completion.ignore has a pattern for this file"
        return ""
