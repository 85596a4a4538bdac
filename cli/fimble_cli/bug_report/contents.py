"""The parts of a report: versions, the doctor's findings, settings, and the kept logs."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Final

from fimble.config.keys import SettingValue, setting_keys, value_of
from fimble.config.load import LoadedSettings
from fimble.kept_log import kept_files
from fimble.version import VERSION
from fimble_cli.bug_report.redaction import Redaction
from fimble_cli.checks.finding import Finding

_MOST_LOGS: Final = 5
_LONGEST_LOG_BYTES: Final = 200_000
_TOLD_IN_FULL: Final = frozenset(
    {"engine.kind", "ollama.model", "openai.dialect", "completion.layout", "log.level"}
)
"""Texts that a defect may depend on and that are nobody's secret; of others only that they are."""

README: Final = """\
A report of a bug in Fimble, made by `fimble bugreport`. Nothing was sent anywhere: you decide who
gets this file. It holds no code and no prompt. Names of you, your machine and the workspace,
addresses of other machines and what looks like a secret were taken out; have a look yourself, they
are all texts:

versions.json   Fimble, Python, the system, and the packages that Fimble needs
doctor.json     what `fimble doctor` found
settings.json   the settings that are not the built-in ones, and which kind of source they have
logs/           warnings and errors of the last language servers
"""


def contents(
    findings: Sequence[Finding], loaded: LoadedSettings, redaction: Redaction, logs: Path
) -> Iterator[tuple[str, str]]:
    """Yield name and text of every file of the bundle."""
    yield "README.txt", README
    yield "versions.json", _json(_versions())
    rows = [
        {"check": it.check, "state": it.state.value, "sentence": it.sentence, "fix": it.fix}
        for it in findings
    ]
    yield "doctor.json", redaction.text(_json(rows))
    yield "settings.json", redaction.text(_json(_settings(loaded)))
    for number, path in enumerate(kept_files(logs)[:_MOST_LOGS], start=1):
        yield f"logs/{number}.jsonl", redaction.text(_end_of(path))


def _versions() -> Mapping[str, object]:
    return {
        "fimble": VERSION,
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": _packages(),
    }


def _packages() -> Mapping[str, str]:
    """Return the versions of what Fimble needs, as installed."""
    try:
        needed = metadata.requires("fimble") or []
    except metadata.PackageNotFoundError:
        return {}
    names = sorted({re.split(r"[^\w.-]", requirement, maxsplit=1)[0] for requirement in needed})
    found: dict[str, str] = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def _settings(loaded: LoadedSettings) -> Mapping[str, object]:
    told: dict[str, object] = {}
    for key, known in setting_keys().items():
        value = value_of(loaded.settings, key)
        if value != known.default:
            layers = [origin.layer.value for origin in loaded.origins[key]]
            told[key] = {"value": _told(key, value), "from": layers}
    return told


def _told(key: str, value: SettingValue) -> object:
    if isinstance(value, tuple):
        return f"<{len(value)} entries>"
    if isinstance(value, str) and key not in _TOLD_IN_FULL:
        return "<set>" if value else ""
    return value


def _end_of(path: Path) -> str:
    """Return the end of a log, from the beginning of a line."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _LONGEST_LOG_BYTES))
            data = file.read(_LONGEST_LOG_BYTES)
    except OSError as error:
        return f"could not be read: {error.strerror}\n"
    if size > _LONGEST_LOG_BYTES:
        data = data.partition(b"\n")[2]
    return data.decode("utf-8", "replace")


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
