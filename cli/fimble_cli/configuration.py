"""The settings in force for a command that works on one workspace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fimble.config.load import (
    LoadedSettings,
    SettingSources,
    load_settings,
    repository_config_file,
    user_config_file,
    workspace_root,
)


def sources_for(path: Path, command_line: Sequence[tuple[str, object]] = ()) -> SettingSources:
    """Return where settings come from for a command about `path`, a file or a folder."""
    return SettingSources(
        user_file=user_config_file(),
        repository_file=repository_config_file(workspace_root(path)),
        command_line=tuple(command_line),
    )


def settings_for(path: Path, command_line: Sequence[tuple[str, object]] = ()) -> LoadedSettings:
    """Return the settings for a command about `path`; raises the first `ConfigError`, if any.

    A command that was asked for by hand does not go on with half of its settings.
    """
    loaded = load_settings(sources_for(path, command_line))
    if loaded.errors:
        raise loaded.errors[0]
    return loaded
