"""`fimble bench [PATH]`: how completion feels on the user's own code, in figures.

Cuts holes into files of the repository (in memory; nothing on disk is changed), types them in
again at human speed through the real server, and reports what was asked, computed and shown.
"""

from __future__ import annotations

import asyncio
import json
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from fimble.config.load import workspace_root
from fimble_cli.configuration import settings_for
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.usage import CommandParser, UsageError

if TYPE_CHECKING:
    from fimble.config.schema import Settings
    from fimble_cli.bench.session import Outcome


def add_arguments(parser: CommandParser) -> None:
    """Declare what to type, with which engine, and how to report."""
    parser.add_argument(
        "path", nargs="?", default=".", help="repository, folder or file (default: here)"
    )
    parser.add_argument("--engine", choices=("auto", "ollama", "openai", "embedded"))
    parser.add_argument("--model", help="the model's name (default: the setting ollama.model)")
    parser.add_argument("--layout", choices=("auto", "psm", "spm", "prefill"))
    parser.add_argument(
        "--template",
        action="append",
        default=[],
        metavar="FILE",
        help="measure this completion layout in place of the one in force; once more for its -next",
    )
    parser.add_argument("--endpoint", help="the model server (default: ollama.endpoint)")
    parser.add_argument(
        "--habits",
        choices=("everyday", "through"),
        default="everyday",
        help="everyday: slips, jumps, accepts and rejects; through: types everything",
    )
    parser.add_argument("--traces", type=int, default=4, help="files to type in (default: 4)")
    parser.add_argument("--seed", default="1", help="the same seed types the same (default: 1)")
    parser.add_argument("--json", action="store_true", help="print as JSON")


def run(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Measure and report."""
    path = Path(arguments.path)
    if not path.exists():
        raise UsageError(f"{path} does not exist.", hint="Name a repository, a folder or a file.")
    if arguments.traces < 1:
        raise UsageError("--traces must be at least 1.")
    templates = [Path(each) for each in arguments.template]
    if templates:
        from fimble_cli.bench import drafts  # noqa: PLC0415 - others need no templates

        layout = drafts.layout_of(templates)
        if arguments.layout not in {None, layout.value}:
            raise UsageError(f"The template is for the layout {layout}, not {arguments.layout}.")
        arguments.layout = layout.value
        with drafts.environment_with(templates) as environment:
            return _measure(path, arguments, output, diagnostics, environment)
    return _measure(path, arguments, output, diagnostics, None)


def _measure(
    path: Path,
    arguments: Namespace,
    output: Output,
    diagnostics: Diagnostics,
    environment: Mapping[str, str] | None,
) -> ExitCode:
    chosen = {
        "engine.kind": arguments.engine,
        "ollama.model": arguments.model,
        "ollama.endpoint": arguments.endpoint,
        "completion.layout": arguments.layout,
    }
    command_line = [(key, value) for key, value in chosen.items() if value is not None]
    settings = settings_for(path, command_line).settings
    from fimble_cli.bench import session  # noqa: PLC0415 - mistakes above do not need it

    sections: dict[str, dict[str, object]] = {}
    for key, value in command_line:
        section, _, name = key.partition(".")
        sections.setdefault(section, {})[name] = value
    plan = session.Plan(
        folder=path,
        workspace=workspace_root(path),
        settings=sections,
        endpoint=_observed_endpoint(settings),
        traces=arguments.traces,
        seed=arguments.seed,
        habits=session.HABITS[arguments.habits],
        environment=environment,
    )
    outcome = asyncio.run(session.run(plan, diagnostics.note))
    embedded = settings.engine.kind == "embedded"
    model = "embedded" if embedded else settings.model_server.model
    _report(outcome, arguments, output, model=model, layout=settings.completion.layout)
    return ExitCode.OK


def _observed_endpoint(settings: Settings) -> str | None:
    """Return where requests can be watched on their way: the recording proxy speaks Ollama only."""
    if settings.engine.kind == "embedded" or settings.asks_openai:
        return None
    return settings.ollama.endpoint


def _report(
    outcome: Outcome, arguments: Namespace, output: Output, *, model: str, layout: str
) -> None:
    from fimble_cli.bench import report  # noqa: PLC0415 - as above

    if arguments.json:
        content = {
            "model": model,
            "layout": layout,
            "templates": arguments.template,
            "seed": arguments.seed,
            "habits": arguments.habits,
            "files": outcome.files,
            "typing": report.as_json_object(outcome.figures),
            "holes": report.holes_as_json(outcome.holes),
        }
        output.write_line(json.dumps(content, indent=2))
        return
    output.write_line(report.markdown_table("model", [(model, outcome.figures)]))
    output.write_line()
    output.write_line(report.holes_line(outcome.holes))
    output.write_line()
    output.write_line(report.LEGEND)
