"""`fimble doctor`: what is wrong between editor, server and model, and the command that helps.

Looks and does not touch: nothing is loaded, pulled or changed. The language server is started once,
as an editor would, with the embedded engine. Only `--probe` asks the model something, about made-up
code.
"""

from __future__ import annotations

import asyncio
import json
import os
from argparse import Namespace
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fimble.config.load import LoadedSettings, SettingSources, load_settings, user_config_file
from fimble_cli.checks.finding import Finding, State
from fimble_cli.checks.surroundings import Folder, check_environment, check_folders
from fimble_cli.checks.this_side import (
    check_configuration,
    check_embedded,
    check_locality,
    check_versions,
)
from fimble_cli.configuration import sources_for
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.usage import CommandParser

if TYPE_CHECKING:
    from fimble.config.schema import Settings
    from fimble_cli.checks.openai_server import OpenAIServerChecks
    from fimble_cli.checks.server import ServerChecks

_STATE_WIDTH = max(len(state) for state in State)
_CHECK_WIDTH = len("generation speed")


def add_arguments(parser: CommandParser) -> None:
    """Declare the workspace, and how thorough to be."""
    parser.add_argument(
        "path", nargs="?", default=".", help="a file or folder of the workspace (default: here)"
    )
    parser.add_argument(
        "--probe",
        action="store_true",
        help="load the model and measure its prompt cache now (a few seconds on a graphics card)",
    )
    parser.add_argument("--json", action="store_true", help="print as JSON")


def run(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Examine everything; exit code 1 when there is a problem."""
    sources = sources_for(Path(arguments.path))
    probe, as_json = bool(arguments.probe), bool(arguments.json)
    found = asyncio.run(_examine(sources, output, diagnostics, probe=probe, as_json=as_json))
    if as_json:
        output.write_line(json.dumps(_as_json(found), indent=2, ensure_ascii=False))
    else:
        output.write_line(_summary(found))
    return ExitCode.PROBLEMS if _count(found, State.PROBLEM) else ExitCode.OK


def findings_of(
    sources: SettingSources, loaded: LoadedSettings, diagnostics: Diagnostics
) -> list[Finding]:
    """Look at everything, without a probe, and say nothing of it."""

    async def collect() -> list[Finding]:
        return [it async for it in _findings(sources, loaded, diagnostics, probe=False)]

    return asyncio.run(collect())


async def _examine(
    sources: SettingSources,
    output: Output,
    diagnostics: Diagnostics,
    *,
    probe: bool,
    as_json: bool,
) -> list[Finding]:
    """Collect all findings; for people they are shown as they come, skipped ones together."""
    found: list[Finding] = []
    held: list[Finding] = []
    async for finding in _findings(sources, load_settings(sources), diagnostics, probe=probe):
        found.append(finding)
        if as_json:
            continue
        if held and not _belongs(finding, held[-1]):
            output.write(_text(held))
            held = []
        held.append(finding)
        if finding.state is not State.SKIPPED:
            output.write(_text(held))
            held = []
    if held:
        output.write(_text(held))
    return found


def _belongs(finding: Finding, former: Finding) -> bool:
    """Whether two checks were skipped for the same reason."""
    return (finding.state, finding.sentence, finding.fix) == (
        former.state,
        former.sentence,
        former.fix,
    )


async def _findings(
    sources: SettingSources, loaded: LoadedSettings, diagnostics: Diagnostics, *, probe: bool
) -> AsyncIterator[Finding]:
    settings = loaded.settings
    yield check_versions()
    for finding in check_configuration(sources, loaded):
        yield finding
    yield check_environment(settings, os.environ)
    for finding in check_folders(_folders()):
        yield finding
    if settings.engine.kind != "embedded":
        locality = check_locality(settings)
        yield locality
        if locality.state is not State.PROBLEM:
            checks = _server_checks(settings, diagnostics, probe=probe)
            async for finding in checks.findings():
                yield finding
    yield check_embedded(settings)
    for finding in _of_workspace(sources):
        yield finding
    from fimble_cli.checks.editor import check_editor  # noqa: PLC0415 - loads the JSON-RPC pipe

    yield await check_editor()


def _of_workspace(sources: SettingSources) -> Iterator[Finding]:
    from fimble_cli.checks.workspace import check_index, check_trust  # noqa: PLC0415 - loads SQLite

    file = sources.repository_file
    if file is not None:
        workspace = file.parent.parent
        yield check_index(workspace)
        yield check_trust(workspace)


def _folders() -> list[Folder]:
    from platformdirs import user_cache_path, user_state_path  # noqa: PLC0415 - one command's

    return [
        Folder(holds="configuration", path=user_config_file().parent, private=False),
        Folder(
            holds="index and measurements",
            path=user_cache_path("fimble", appauthor=False),
            private=True,
        ),
        Folder(holds="chats and trust", path=user_state_path("fimble"), private=True),
    ]


def _server_checks(
    settings: Settings, diagnostics: Diagnostics, *, probe: bool
) -> ServerChecks | OpenAIServerChecks:
    """Return the checks of the server in use; both load an engine."""
    if settings.asks_openai:
        from fimble_cli.checks.openai_server import OpenAIServerChecks  # noqa: PLC0415

        return OpenAIServerChecks(settings, probe=probe)
    from fimble_cli.checks.server import ServerChecks  # noqa: PLC0415

    return ServerChecks(settings, probe=probe, tell=diagnostics.note)


def _text(alike: list[Finding]) -> str:
    """Return the lines for one finding, or for several skipped ones with one reason."""
    first, *more = alike
    checks = f"{len(alike)} checks" if more else first.check
    names = f"{', '.join(finding.check for finding in alike)}: " if more else ""
    text = f"{first.state:<{_STATE_WIDTH}}  {checks:<{_CHECK_WIDTH}}  {names}{first.sentence}\n"
    if first.fix:
        text += f"{'':<{_STATE_WIDTH}}  {'':<{_CHECK_WIDTH}}  -> {first.fix}\n"
    return text


def _summary(found: list[Finding]) -> str:
    counted = [
        _plural(_count(found, State.PROBLEM), "problem"),
        _plural(_count(found, State.WARNING), "warning"),
        _plural(_count(found, State.SKIPPED), "skipped check"),
    ]
    told = ", ".join(words for words in counted if words)
    return f"{told}." if told else "Nothing is wrong."


def _plural(count: int, word: str) -> str:
    """Return a count in words, nothing for none."""
    return f"{count} {word}{'' if count == 1 else 's'}" if count else ""


def _count(found: list[Finding], state: State) -> int:
    return sum(finding.state is state for finding in found)


def _as_json(found: list[Finding]) -> dict[str, object]:
    return {
        "problems": _count(found, State.PROBLEM),
        "warnings": _count(found, State.WARNING),
        "checks": [
            {
                "check": finding.check,
                "state": finding.state.value,
                "sentence": finding.sentence,
                "fix": finding.fix or None,
            }
            for finding in found
        ],
    }
