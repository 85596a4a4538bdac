"""The configuration in force while a program runs, and how it changes: whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fimble.config.load import LoadedSettings, SettingSources, load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fimble.config.schema import Settings
    from fimble.errors import ConfigError


class ConfigurationHolder:
    """Keeps the last good configuration.

    At the start there is no earlier configuration to keep, so what is right in the sources counts
    and wrong lines are left out; `current.errors` names them. Readers take `settings` once at the
    border of a request: the value never changes under them.
    """

    def __init__(self, sources: SettingSources) -> None:
        self._sources = sources
        self._current = load_settings(sources)

    @property
    def current(self) -> LoadedSettings:
        """The configuration in force with its origins."""
        return self._current

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._current.settings

    @property
    def editor(self) -> Mapping[str, object]:
        """The settings that the editor sent last."""
        return self._sources.editor

    def reload(self, *, editor: Mapping[str, object] | None = None) -> list[ConfigError]:
        """Read every source again, with new `editor` settings if given.

        Returns what was wrong; then nothing has changed and the last good configuration stays in
        force. The new editor settings are remembered all the same: they are what the editor has.
        """
        if editor is not None:
            self._sources = replace(self._sources, editor=editor)
        loaded = load_settings(self._sources)
        if not loaded.errors:
            self._current = loaded
        return list(loaded.errors)
