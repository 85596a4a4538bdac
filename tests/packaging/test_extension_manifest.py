"""The extension's manifest against the schema of settings and the table of what is sensitive."""

import importlib.util
import json
import re
import subprocess
from pathlib import Path

import pytest

from fimble.config.classification import REPOSITORY_RULES, RepositoryRule
from fimble.config.keys import setting_keys
from fimble.config.layers import editor_layer
from fimble.version import VERSION

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "extension"
MANIFEST = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
STRINGS = json.loads((EXTENSION / "package.nls.json").read_text(encoding="utf-8"))
PROPERTIES = {
    key: schema
    for section in MANIFEST["contributes"]["configuration"]
    for key, schema in section["properties"].items()
}
RESTRICTED = MANIFEST["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]


def load_generator():
    """Import the script that writes the manifest; it lives in no package."""
    path = EXTENSION / "scripts" / "settings_from_schema.py"
    spec = importlib.util.spec_from_file_location("settings_from_schema", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATOR = load_generator()
EDITOR_KEYS = {GENERATOR.editor_key(key): key for key in setting_keys()}


def test_the_manifest_holds_what_the_schema_says():
    """Run `python extension/scripts/settings_from_schema.py` when this fails."""
    assert GENERATOR.with_settings(MANIFEST) == MANIFEST
    assert GENERATOR.with_strings(STRINGS) == STRINGS


def test_every_setting_is_declared_or_left_out_with_a_reason():
    left_out = {key for key in setting_keys() if key.split(".")[0] in GENERATOR.NOT_FOR_EDITORS}
    declared = {EDITOR_KEYS[key] for key in PROPERTIES if key in EDITOR_KEYS}

    assert declared | left_out == set(setting_keys())
    assert not declared & left_out
    assert all(GENERATOR.NOT_FOR_EDITORS.values())


@pytest.mark.parametrize("key", PROPERTIES)
def test_the_server_understands_how_the_editor_spells_it(key):
    name = key.removeprefix("fimble.")
    layer = editor_layer({name: PROPERTIES[key]["default"]})

    assert not layer.errors
    assert [entry.key for entry in layer.entries] == (
        [EDITOR_KEYS[key]] if key in EDITOR_KEYS else []
    )


@pytest.mark.parametrize("key", PROPERTIES)
def test_no_setting_counts_in_an_untrusted_workspace(key):
    """The editor's workspace settings replace the user's: they could raise what we only lower."""
    assert key in RESTRICTED


def test_nothing_is_restricted_that_does_not_exist():
    assert sorted(RESTRICTED) == sorted(PROPERTIES)


@pytest.mark.parametrize(
    "key", [key for key, rule in REPOSITORY_RULES.items() if rule is RepositoryRule.USER_ONLY]
)
def test_what_is_the_users_alone_cannot_be_set_by_any_workspace(key):
    """T4: also a trusted workspace comes with the clone."""
    schema = PROPERTIES.get(GENERATOR.editor_key(key))

    assert schema is None or schema["scope"] == "machine"


def test_the_path_of_the_server_is_the_machines():
    assert PROPERTIES["fimble.server.path"]["scope"] == "machine"


def test_untrusted_workspaces_are_supported_within_limits():
    assert MANIFEST["capabilities"]["untrustedWorkspaces"]["supported"] == "limited"


def test_extension_and_server_have_the_same_version():
    lock = json.loads((EXTENSION / "package-lock.json").read_text(encoding="utf-8"))

    assert MANIFEST["version"] == VERSION
    assert lock["version"] == VERSION
    assert f"## {VERSION}\n" in (EXTENSION / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_licence_is_the_projects():
    assert (EXTENSION / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_no_key_of_the_manifest_takes_one_of_the_others():
    """No key binding of ours is there twice; that none is the editor's, `make e2e` asks it."""
    keys = [binding["key"] for binding in MANIFEST["contributes"]["keybindings"]]

    assert len(keys) == len(set(keys))


def test_the_readme_names_commands_and_keys_that_exist():
    text = (EXTENSION / "README.md").read_text(encoding="utf-8")
    titles = {
        f"Fimble: {STRINGS[command['title'].strip('%')]}"
        for command in MANIFEST["contributes"]["commands"]
    }

    named = set(re.findall(r"\*\*(Fimble: [^*]+)\*\*", text))
    assert named
    assert named <= titles


def test_only_files_of_the_registry_are_locked():
    """A lock file with addresses or without hashes would fetch something else tomorrow."""
    for folder in (EXTENSION, EXTENSION / "e2e"):
        lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
        for name, package in lock["packages"].items():
            if name and not package.get("link"):
                assert package.get("integrity", "").startswith("sha512-"), name
                assert "git" not in package.get("resolved", ""), name


def test_nothing_built_is_in_the_repository():
    listed = subprocess.run(
        ["git", "ls-files", "extension"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()

    assert not [name for name in listed if "/out/" in name or "/node_modules/" in name]
