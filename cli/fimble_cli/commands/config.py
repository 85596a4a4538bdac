"""`fimble config`: the settings in force, and for each one the source that set it."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fimble.config.classification import REPOSITORY_RULES
from fimble.config.keys import SettingValue, setting_keys, value_of
from fimble.config.layers import LayerName
from fimble.config.load import LoadedSettings, Origin, SettingSources, load_settings
from fimble_cli.configuration import sources_for
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.usage import CommandParser


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arguments:
    path: str
    schema: bool
    json: bool


def add_arguments(parser: CommandParser) -> None:
    """Declare what can be shown, and for which workspace."""
    parser.add_argument(
        "path", nargs="?", default=".", help="a file or folder of the workspace (default: here)"
    )
    parser.add_argument(
        "--schema", action="store_true", help="print the JSON Schema of the configuration file"
    )
    parser.add_argument("--json", action="store_true", help="print as JSON")


def run(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Show the settings; mistakes in a file go to stderr and into the exit code."""
    wanted = _Arguments(path=arguments.path, schema=arguments.schema, json=arguments.json)
    if wanted.schema:
        from fimble.config.json_schema import configuration_schema  # noqa: PLC0415

        output.write_line(json.dumps(configuration_schema(), indent=2, ensure_ascii=False))
        return ExitCode.OK
    sources = sources_for(Path(wanted.path))
    loaded = load_settings(sources)
    if wanted.json:
        output.write_line(json.dumps(_as_json(loaded, sources), indent=2, ensure_ascii=False))
    else:
        output.write("".join(f"{line}\n" for line in _as_toml(loaded, sources)))
    for key, origin in loaded.withheld:
        diagnostics.note(f'{origin}: "{key}" waits for your review (`fimble trust`).')
    for error in loaded.errors:
        diagnostics.report(error)
    return ExitCode.USAGE if loaded.errors else ExitCode.OK


def _values(loaded: LoadedSettings) -> Iterator[tuple[str, SettingValue, tuple[Origin, ...]]]:
    for key in setting_keys():
        yield key, value_of(loaded.settings, key), loaded.origins[key]


def _as_toml(loaded: LoadedSettings, sources: SettingSources) -> Iterator[str]:
    """Yield a valid configuration file with the origin of each value as its comment."""
    for layer, path in _files(sources):
        state = "" if path.is_file() else " (not there)"
        yield f"# {layer.value}: {path}{state}"
    rows = [
        (*key.split("."), _toml_value(value), " and ".join(map(str, origins)))
        for key, value, origins in _values(loaded)
    ]
    width = max(len(field) + len(value) for _, field, value, _ in rows if len(value) <= _WIDE)
    section = ""
    for name, field, value, origin in rows:
        if name != section:
            yield f"\n[{name}]"
            section = name
        yield f"{field} = {value}{' ' * (width - len(field) - len(value))}  # {origin}"


_WIDE = 40
"""Longer values do not push all comments to the right."""


def _as_json(loaded: LoadedSettings, sources: SettingSources) -> dict[str, object]:
    return {
        "files": {layer.value: str(path) for layer, path in _files(sources)},
        "settings": {
            key: {
                "value": value,
                "origins": [
                    {"layer": origin.layer.value, "source": origin.source, "line": origin.line}
                    for origin in origins
                ],
                "repository": REPOSITORY_RULES[key].value,
            }
            for key, value, origins in _values(loaded)
        },
        "withheld": [
            {"key": key, "source": origin.source, "line": origin.line}
            for key, origin in loaded.withheld
        ],
        "errors": [
            {"source": error.source, "line": error.line, "key": error.key, "message": str(error)}
            for error in loaded.errors
        ],
    }


def _files(sources: SettingSources) -> Iterator[tuple[LayerName, Path]]:
    if sources.user_file is not None:
        yield LayerName.USER, sources.user_file
    if sources.repository_file is not None:
        yield LayerName.REPOSITORY, sources.repository_file


def _toml_value(value: SettingValue) -> str:
    """Return `value` as TOML writes it; JSON's strings are TOML's, but for DEL."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml_value, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
