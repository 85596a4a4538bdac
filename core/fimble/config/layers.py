"""One layer of configuration: the settings one source makes, validated, with their places.

Nothing here raises for a mistake in the source: a wrong line becomes a `ConfigError` in
`Layer.errors` and its key is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import cast

from fimble.config.configuration_file import read_configuration_file
from fimble.config.keys import SettingValue, did_you_mean, section_names, setting_keys
from fimble.config.toml_lines import key_lines, line_of
from fimble.errors import ConfigError

_EDITOR_OWN_SECTIONS = frozenset({"server", "trace"})
"""Sections that belong to the editor's extension, not to us; clients send them along."""


class LayerName(StrEnum):
    """Where a value can come from, weakest first."""

    BUILT_IN = "built-in"
    USER = "user file"
    REPOSITORY = "repository file"
    EDITOR = "editor settings"
    COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One setting made by a layer."""

    key: str
    value: SettingValue
    line: int | None = None
    """Counted from 1; None where the source has no lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What one source says."""

    name: LayerName
    source: str
    """A path, or the layer's name where there is no file."""
    entries: tuple[Entry, ...] = ()
    errors: tuple[ConfigError, ...] = ()
    further: bool = False
    """Whether it is of a further folder of the workspace, which may only restrict."""


def file_layer(name: LayerName, path: Path) -> Layer:
    """Return the layer in the TOML file at `path`; empty when there is no such file."""
    try:
        text, table = read_configuration_file(path)
    except ConfigError as error:
        return Layer(name=name, source=str(path), errors=(error,))
    return _table_layer(name, str(path), table, key_lines(text) if table else {})


def editor_layer(options: Mapping[str, object]) -> Layer:
    """Return the layer an editor sends as initializationOptions or as its "fimble" section.

    Both the bare section and `{"fimble": {…}}` are taken, keys may be nested or dotted, in
    snake_case or camelCase; null means "not set", as editors send it for untouched settings.
    """
    inner = options.get("fimble", options)
    if not isinstance(inner, Mapping):
        inner = {"fimble": inner}
    table: dict[str, object] = {}
    for name, value in _editor_leaves(cast("Mapping[object, object]", inner), ""):
        section, _, field = name.partition(".")
        if section in _EDITOR_OWN_SECTIONS:
            continue
        fields = table.setdefault(section, {} if field else value)
        if field and isinstance(fields, dict):
            cast("dict[str, object]", fields)[field] = value
    return _table_layer(LayerName.EDITOR, LayerName.EDITOR.value, table, {})


def command_line_layer(assignments: Sequence[tuple[str, object]]) -> Layer:
    """Return the layer of pairs of dotted key and value given on the command line."""
    source = LayerName.COMMAND_LINE.value
    checked = [_entry(key, value, source, None) for key, value in assignments]
    return _sorted_layer(LayerName.COMMAND_LINE, source, checked)


def _table_layer(
    name: LayerName, source: str, table: Mapping[str, object], lines: Mapping[str, int]
) -> Layer:
    checked: list[Entry | ConfigError] = []
    for section, fields in table.items():
        if section in section_names() and isinstance(fields, Mapping):
            for field, value in cast("Mapping[str, object]", fields).items():
                key = f"{section}.{field}"
                checked.append(_entry(key, value, source, line_of(lines, key)))
        elif section in section_names():
            checked.append(
                ConfigError(
                    f'"{section}" is a section, not a setting.',
                    source=source,
                    key=section,
                    line=line_of(lines, section),
                    hint=f"Write [{section}] and its settings below.",
                )
            )
        else:
            checked.append(_unknown(section, source, line_of(lines, section)))
    return _sorted_layer(name, source, checked)


def _sorted_layer(name: LayerName, source: str, checked: Sequence[Entry | ConfigError]) -> Layer:
    return Layer(
        name=name,
        source=source,
        entries=tuple(item for item in checked if isinstance(item, Entry)),
        errors=tuple(item for item in checked if isinstance(item, ConfigError)),
    )


def _entry(key: str, value: object, source: str, line: int | None) -> Entry | ConfigError:
    known = setting_keys().get(key)
    if known is None:
        return _unknown(key, source, line)
    try:
        return Entry(key=key, value=known.validate(value), line=line)
    except ValueError as error:
        return ConfigError(f'"{key}" {error}.', source=source, key=key, line=line)


def _unknown(key: str, source: str, line: int | None) -> ConfigError:
    hint = did_you_mean(key) or "`fimble config` lists all settings."
    return ConfigError(
        f'there is no setting "{key}".', source=source, key=key, line=line, hint=hint
    )


def _editor_leaves(table: Mapping[object, object], path: str) -> Iterator[tuple[str, object]]:
    """Yield dotted snake_case names with the values of a section and its settings."""
    for name, value in table.items():
        snake = re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: f"_{found[1].lower()}", str(name))
        dotted = f"{path}.{snake}" if path else snake
        if isinstance(value, Mapping) and "." not in dotted:
            yield from _editor_leaves(cast("Mapping[object, object]", value), dotted)
        elif value is not None:
            yield dotted, value
