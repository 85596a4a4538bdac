"""Which open documents the pipeline may see: not those that hold secrets, nor those left out.

One gate in front of completing and of learning alike (security T15): what it refuses, the pipeline
never hears of.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from fimble.config.exclusion import Exclusion
from fimble.config.schema import Settings
from fimble.policy.secrets import is_secret_file, is_secret_path
from fimble.syntax.languages import language_for


class Admission:
    """The rules of one set of settings in one workspace; answers are kept by document."""

    def __init__(self, settings: Settings, folders: Sequence[str]) -> None:
        self._exclusion = Exclusion(settings.completion)
        self._folders = [Path(folder) for folder in folders]
        self._known: dict[tuple[str, str], bool] = {}

    def admits(self, uri: str, language_id: str) -> bool:
        """Whether the document may be completed and learned from."""
        key = (uri, language_id)
        if key not in self._known:
            self._known[key] = self._decide(uri, language_id)
        return self._known[key]

    def _decide(self, uri: str, language_id: str) -> bool:
        parts = urlsplit(uri)
        is_file = parts.scheme == "file"
        written = url2pathname(parts.path) if is_file else unquote(parts.path)
        if is_secret_file(written) if is_file else is_secret_path(written):
            return False
        language = language_for(language_id, uri)
        ids = {language_id} if language is None else {language_id, *language.lsp_ids}
        relative = self._relative(Path(written)) if is_file else ""
        return not self._exclusion.reason(language_ids=ids, relative=relative)

    def _relative(self, path: Path) -> str:
        for folder in self._folders:
            if path.is_relative_to(folder):
                return path.relative_to(folder).as_posix()
        return ""
