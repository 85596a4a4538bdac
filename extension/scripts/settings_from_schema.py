"""Write the extension's settings into its manifest, from the one configuration schema.

`python extension/scripts/settings_from_schema.py` rewrites what is generated of package.json and
package.nls.json; tests/packaging/test_extension_manifest.py fails when they differ from it.
"""  # noqa: INP001 - a script, in a folder that is no Python package

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from fimble.config.classification import REPOSITORY_RULES, RepositoryRule
from fimble.config.keys import SettingKey, setting_keys

EXTENSION: Final = Path(__file__).parents[1]
MANIFEST: Final = EXTENSION / "package.json"
STRINGS: Final = EXTENSION / "package.nls.json"

NOT_FOR_EDITORS: Final[Mapping[str, str]] = {
    "chat": "The chat is a program of the terminal and reads no editor's settings.",
}
"""Sections that are not declared, and why."""

_STRING_PREFIX: Final = "settings."

_OWN: Final[Mapping[str, tuple[str, dict[str, Any]]]] = {
    "fimble.server.path": (
        (
            "Full path of the command `fimble`; empty looks into the trusted workspace's virtual "
            "environment, then where `uv tool` and pipx install, then on PATH."
        ),
        {"type": "string", "default": "", "scope": "machine"},
    ),
    "fimble.trace.server": (
        (
            "What is written to the log of the messages between editor and server, while its "
            "level is Trace. Verbose messages hold your code."
        ),
        {
            "type": "string",
            "enum": ["off", "messages", "verbose"],
            "default": "off",
            "scope": "machine",
        },
    ),
}
"""Settings of the extension itself."""


def editor_key(key: str) -> str:
    """Return a key as editors spell it: "fimble.ollama.numCtx" for "ollama.num_ctx"."""
    camel = re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), key)
    return f"fimble.{camel}"


def declared_settings() -> dict[str, SettingKey]:
    """Return the settings that the extension declares, by their key in editors."""
    return {
        editor_key(key): setting
        for key, setting in setting_keys().items()
        if key.partition(".")[0] not in NOT_FOR_EDITORS
    }


def scope_of(key: str) -> str:
    """Return who may make a setting: what is the user's alone, no workspace can set (T4)."""
    is_users = REPOSITORY_RULES[key] is RepositoryRule.USER_ONLY
    return "machine" if is_users else "window"


def sections() -> list[dict[str, object]]:
    """Return `contributes.configuration`."""
    properties: dict[str, dict[str, object]] = {}
    for key, setting in declared_settings().items():
        section = key.split(".")[1]
        properties.setdefault(section, {})[key] = {
            **_json_schema(setting),
            "scope": scope_of(setting.name),
            "description": f"%{_STRING_PREFIX}{key}%",
        }
    own = {
        key: {**schema, "description": f"%{_STRING_PREFIX}{key}%"}
        for key, (_, schema) in _OWN.items()
    }
    titled = {"server": own, **properties}
    return [{"title": f"Fimble: {name}", "properties": entries} for name, entries in titled.items()]


def restricted() -> list[str]:
    """Return the settings that a workspace cannot make before it is trusted: every one.

    What a repository may lower, add or switch off in `.fimble/config.toml` is merged by us; the
    editor's own workspace settings replace the user's, and so could raise, empty or switch on.
    """
    return [*_OWN, *declared_settings()]


def strings() -> dict[str, str]:
    """Return the descriptions, by their key in package.nls.json."""
    described = {key: text for key, (text, _) in _OWN.items()}
    described |= {key: _description(setting) for key, setting in declared_settings().items()}
    return {f"{_STRING_PREFIX}{key}": text for key, text in described.items()}


def _json_schema(setting: SettingKey) -> dict[str, object]:
    schema: dict[str, Any] = msgspec.json.schema(setting.annotation)
    schema.pop("description", None)
    if "enum" in schema:
        schema = {"type": "string", **schema}
    default = list(setting.default) if isinstance(setting.default, tuple) else setting.default
    return {**schema, "default": default}


def _description(setting: SettingKey) -> str:
    """Return the schema's own words."""
    text = msgspec.json.schema(setting.annotation).get("description")
    if not isinstance(text, str):
        raise TypeError(f"{setting.name} has no description")
    return text


def with_settings(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the manifest with the generated parts in place."""
    untrusted = manifest["capabilities"]["untrustedWorkspaces"]
    return {
        **manifest,
        "capabilities": {
            **manifest["capabilities"],
            "untrustedWorkspaces": {**untrusted, "restrictedConfigurations": restricted()},
        },
        "contributes": {**manifest["contributes"], "configuration": sections()},
    }


def with_strings(table: dict[str, str]) -> dict[str, str]:
    """Return the strings with the generated ones behind the others."""
    others = {key: text for key, text in table.items() if not key.startswith(_STRING_PREFIX)}
    return others | strings()


def main() -> None:
    """Rewrite both files."""
    for path, generated in ((MANIFEST, with_settings), (STRINGS, with_strings)):
        before = json.loads(path.read_text(encoding="utf-8"))
        text = json.dumps(generated(before), indent=2, ensure_ascii=False)
        path.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
