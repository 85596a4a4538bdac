"""The settings in force for a command that works on one workspace."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, cast

from fimble.config.keys import SettingValue
from fimble.config.load import (
    LoadedSettings,
    SettingSources,
    load_settings,
    repository_config_file,
    user_config_file,
    workspace_root,
)
from fimble.errors import ConfigError

EDITOR_SETTINGS: Final = "FIMBLE_EDITOR_SETTINGS"
"""The variable in which an editor hands its settings to the commands that it starts: JSON, as it
would send them to the language server. What is started by hand does not have it."""


def sources_for(path: Path, command_line: Sequence[tuple[str, object]] = ()) -> SettingSources:
    """Return where settings come from for a command about `path`, a file or a folder.

    Raises:
        ConfigError: The settings that an editor handed over are no JSON object.
        TrustError: What the user reviewed in the workspace cannot be read.
    """
    workspace = workspace_root(path)
    repository_file = repository_config_file(workspace)
    return SettingSources(
        user_file=user_config_file(),
        repository_file=repository_file,
        is_trusted=_trusted_settings(workspace) if repository_file.exists() else None,
        editor=_editor_settings(),
        command_line=tuple(command_line),
    )


def _editor_settings() -> Mapping[str, object]:
    given = os.environ.get(EDITOR_SETTINGS, "")
    if not given:
        return {}
    try:
        settings: object = json.loads(given)
    except (ValueError, RecursionError):
        settings = None
    if not isinstance(settings, dict):
        raise ConfigError(
            "the settings that the editor handed over are no JSON object.",
            source=EDITOR_SETTINGS,
            hint=f"Unset {EDITOR_SETTINGS} to go without them.",
        )
    return cast("dict[str, object]", settings)


def _trusted_settings(workspace: Path) -> Callable[[str, SettingValue], bool]:
    from fimble.trust.granted import trust_of  # noqa: PLC0415 - only who has such a file

    return trust_of(workspace).allows_setting


def settings_for(path: Path, command_line: Sequence[tuple[str, object]] = ()) -> LoadedSettings:
    """Return the settings for a command about `path`; raises the first `ConfigError`, if any.

    A command that was asked for by hand does not go on with half of its settings.
    """
    loaded = load_settings(sources_for(path, command_line))
    if loaded.errors:
        raise loaded.errors[0]
    return loaded
