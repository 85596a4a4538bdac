"""The effective settings: layers put on top of each other, the origin of every value kept.

Built-in < user file < repository file < editor settings < command line. The repository's layer
counts only as far as `classification` lets it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from fimble.config.classification import REPOSITORY_RULES, RepositoryRule
from fimble.config.keys import SettingValue, build_settings, setting_keys
from fimble.config.layers import (
    Entry,
    Layer,
    LayerName,
    command_line_layer,
    editor_layer,
    file_layer,
)
from fimble.config.schema import Settings
from fimble.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Which source set a value."""

    layer: LayerName
    source: str = ""
    """A path for files, else empty."""
    line: int | None = None

    def __str__(self) -> str:
        """Return the place as people write it: `path:line`, or the layer's name."""
        if not self.source:
            return self.layer.value
        return self.source if self.line is None else f"{self.source}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingSources:
    """Everything settings are read from, apart from the built-in values."""

    user_file: Path | None = None
    repository_file: Path | None = None
    is_trusted: Callable[[str, SettingValue], bool] | None = None
    """Whether the user has reviewed a repository's value for a key; None: nothing was reviewed."""
    further_files: tuple[Path, ...] = ()
    """Of further folders of a workspace; of these only what restricts counts: limits, switches
    and globs, but not what the first folder alone may choose."""
    editor: Mapping[str, object] = field(default_factory=dict[str, object])
    """The "fimble" section, or initializationOptions as they came."""
    command_line: tuple[tuple[str, object], ...] = ()
    """Pairs of dotted key and value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedSettings:
    """The effective settings, where each value came from, and what was wrong."""

    settings: Settings
    origins: Mapping[str, tuple[Origin, ...]]
    """For every dotted key the sources of its value, the deciding one last; several for lists
    to which the repository added."""
    errors: tuple[ConfigError, ...] = ()
    """Mistakes found; the settings they concern are left out."""
    withheld: tuple[tuple[str, Origin], ...] = ()
    """Keys that the repository sets and that wait for `fimble trust`, with their places."""


def load_settings(sources: SettingSources) -> LoadedSettings:
    """Read all of `sources`; mistakes are returned in `errors`, never raised."""
    values = {name: key.default for name, key in setting_keys().items()}
    origins: dict[str, tuple[Origin, ...]] = dict.fromkeys(
        values, (Origin(layer=LayerName.BUILT_IN),)
    )
    errors: list[ConfigError] = []
    withheld: list[tuple[str, Origin]] = []
    for layer in _layers(sources):
        errors.extend(layer.errors)
        has_file = layer.name in (LayerName.USER, LayerName.REPOSITORY)
        for entry in layer.entries:
            origin = Origin(
                layer=layer.name, source=layer.source if has_file else "", line=entry.line
            )
            if layer.name is not LayerName.REPOSITORY:
                values[entry.key], origins[entry.key] = entry.value, (origin,)
                continue
            if REPOSITORY_RULES[entry.key] is RepositoryRule.ONCE_TRUSTED and layer.further:
                continue
            if _is_withheld(entry, sources):
                withheld.append((entry.key, origin))
                continue
            try:
                merged = _repository_value(entry, values[entry.key], layer.source)
            except ConfigError as error:
                errors.append(error)
                continue
            if merged != values[entry.key]:
                kept = origins[entry.key] if isinstance(merged, tuple) else ()
                values[entry.key], origins[entry.key] = merged, (*kept, origin)
    return LoadedSettings(
        settings=build_settings(values),
        origins=MappingProxyType(origins),
        errors=tuple(errors),
        withheld=tuple(withheld),
    )


def user_config_file() -> Path:
    """Return where the user's own configuration file is, whether or not it exists."""
    from platformdirs import user_config_path  # noqa: PLC0415 - keeps importing this room cheap

    return user_config_path("fimble", appauthor=False) / "config.toml"


def repository_config_file(root: Path) -> Path:
    """Return where the configuration of the repository at `root` is."""
    return root / ".fimble" / "config.toml"


def workspace_root(path: Path) -> Path:
    """Return the nearest folder at or above `path` that holds `.fimble` or `.git`.

    Without one it is the folder of `path` itself.
    """
    absolute = path.absolute()
    folder = absolute if absolute.is_dir() else absolute.parent
    for candidate in (folder, *folder.parents):
        if (candidate / ".fimble").is_dir() or (candidate / ".git").exists():
            return candidate
    return folder


def _layers(sources: SettingSources) -> Iterator[Layer]:
    if sources.user_file is not None:
        yield file_layer(LayerName.USER, sources.user_file)
    if sources.repository_file is not None:
        yield repository_layer(sources.repository_file)
    for path in sources.further_files:
        yield replace(repository_layer(path), further=True)
    if sources.editor:
        yield editor_layer(sources.editor)
    if sources.command_line:
        yield command_line_layer(sources.command_line)


def repository_layer(path: Path) -> Layer:
    """Return the repository's layer; a link would let it name a file of another's choice (T2)."""
    if path.is_symlink() or path.parent.is_symlink():
        sentence = "a repository's configuration is not read through a link."
        error = ConfigError(sentence, source=str(path))
        return Layer(name=LayerName.REPOSITORY, source=str(path), errors=(error,))
    return file_layer(LayerName.REPOSITORY, path)


def _is_withheld(entry: Entry, sources: SettingSources) -> bool:
    if REPOSITORY_RULES[entry.key] is not RepositoryRule.ONCE_TRUSTED:
        return False
    return sources.is_trusted is None or not sources.is_trusted(entry.key, entry.value)


def _repository_value(entry: Entry, current: SettingValue, source: str) -> SettingValue:
    """Return what the repository's `entry` makes of the `current` value."""
    rule = REPOSITORY_RULES[entry.key]
    match rule, entry.value, current:
        case RepositoryRule.SWITCH_OFF, bool() as wanted, bool():
            return wanted and current
        case RepositoryRule.LOWER, int() | float() as wanted, int() | float():
            return min(wanted, current)
        case RepositoryRule.ADD, tuple() as wanted, tuple():
            return tuple(dict.fromkeys((*current, *wanted)))
        case RepositoryRule.ONCE_TRUSTED, wanted, _:
            return wanted
        case _:
            raise ConfigError(
                f'a repository may not set "{entry.key}".',
                source=source,
                key=entry.key,
                line=entry.line,
                hint="Set it in your own configuration file or in the editor.",
            )
