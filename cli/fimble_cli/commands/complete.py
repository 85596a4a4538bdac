"""`fimble complete FILE:LINE:COLUMN`: what an editor would show there, and why.

Into a pipe goes the completed text with a line feed, and nothing else. A terminal gets the lines
around it. What the user should know besides (who answered, why not) goes to stderr.
"""

from __future__ import annotations

import asyncio
import json
from argparse import Namespace
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fimble.config.exclusion import Exclusion
from fimble.config.load import workspace_root
from fimble.engine.protocol import Hole
from fimble.syntax.languages import Language, language_for
from fimble.text.snapshot import Snapshot
from fimble_cli.configuration import settings_for
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.excerpt import render_excerpt
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.place import Place, parse_place, read_document
from fimble_cli.usage import CommandParser

if TYPE_CHECKING:
    from fimble.pipeline.result import CompletionResult, Suggestion
    from fimble_cli.one_shot import ShownPrompt


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arguments:
    place: Place
    engine: str | None
    show_prompt: bool
    json: bool
    why: bool


def add_arguments(parser: CommandParser) -> None:
    """Declare the place, who should answer, and what to show."""
    parser.add_argument(
        "place",
        metavar="FILE:LINE:COLUMN",
        help="where to complete; lines and columns count from 1 as editors show them",
    )
    parser.add_argument(
        "--engine",
        choices=("auto", "ollama", "openai", "embedded"),
        help="who answers (default: the setting engine.kind)",
    )
    parser.add_argument(
        "--show-prompt", action="store_true", help="print exactly what would be sent; send nothing"
    )
    parser.add_argument("--json", action="store_true", help="print as JSON")
    parser.add_argument("--why", action="store_true", help="tell on stderr how it came about")


def run(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Answer once."""
    wanted = _Arguments(
        place=parse_place(arguments.place),
        engine=arguments.engine,
        show_prompt=arguments.show_prompt,
        json=arguments.json,
        why=arguments.why,
    )
    language = language_for("", str(wanted.place.path))
    hole = hole_at(wanted.place, language, diagnostics)
    command_line = () if wanted.engine is None else (("engine.kind", wanted.engine),)
    settings = settings_for(wanted.place.path, command_line).settings
    folder = workspace_root(wanted.place.path)
    excluded = Exclusion(settings.completion).reason(
        language_ids=language.lsp_ids if language else (),
        relative=wanted.place.path.absolute().relative_to(folder).as_posix(),
    )
    if excluded:
        diagnostics.note(f"no completion: {excluded}.")
        return ExitCode.NOTHING_FOUND
    from fimble_cli.completion_prompts import prompts_of  # noqa: PLC0415 - mistakes above need
    from fimble_cli.one_shot import OneShot  # noqa: PLC0415 - no engine

    shot = OneShot(
        settings=settings,
        folder=folder,
        hole=hole,
        tell=diagnostics.note,
        prompts=prompts_of(folder, diagnostics.note),
        detailed=wanted.why,
    )
    if wanted.show_prompt:
        return _show_prompt(asyncio.run(shot.prompt()), wanted, output, diagnostics)
    result = asyncio.run(shot.complete())
    if wanted.json:
        output.write_line(json.dumps(_as_json(wanted, result), ensure_ascii=False))
    else:
        _show(result, hole, output, diagnostics)
        for line in result.why.lines() if wanted.why else ():
            diagnostics.note(line)
    return ExitCode.OK if result.items else ExitCode.NOTHING_FOUND


def hole_at(place: Place, language: Language | None, diagnostics: Diagnostics) -> Hole:
    """Read the document at a place; raises `PathRefusedError` for a file of secrets."""
    path = place.path.absolute()
    document = read_document(path)
    if document.damaged:
        diagnostics.note(f"{place.path} is not UTF-8 everywhere; what is not is left out.")
    snapshot = Snapshot.from_text(
        document.text, uri=path.as_uri(), language_id=language.name if language else ""
    )
    return Hole(snapshot=snapshot, cursor=place.cursor_in(snapshot))


def _show_prompt(
    prompt: ShownPrompt, wanted: _Arguments, output: Output, diagnostics: Diagnostics
) -> ExitCode:
    if wanted.json:
        made_of = prompt.fingerprint.as_json() if prompt.fingerprint else None
        shown = {"prompt": prompt.text, "fingerprint": made_of}
        output.write_line(json.dumps(shown, ensure_ascii=False))
    else:
        output.write(prompt.text)
    if prompt.text:
        return ExitCode.OK
    diagnostics.note("nothing would be sent: the embedded engine works without a prompt.")
    return ExitCode.NOTHING_FOUND


def _show(result: CompletionResult, hole: Hole, output: Output, diagnostics: Diagnostics) -> None:
    if not result.items:
        diagnostics.note(f"no completion: {result.why.decision}.")
        return
    best = result.items[0]
    if output.is_terminal:
        shown = render_excerpt(hole.snapshot, best.text, best.replace, ghost=output.ghost)
        output.write_rendered(shown)
    else:
        output.write_line(best.text)


def _as_json(wanted: _Arguments, result: CompletionResult) -> dict[str, object]:
    shown: dict[str, object] = {
        "file": str(wanted.place.path),
        "line": wanted.place.line,
        "column": wanted.place.column,
        "decision": result.why.decision,
        "items": [_item(suggestion) for suggestion in result.items],
    }
    if wanted.why:
        shown["why"] = result.why.lines()
    return shown


def _item(suggestion: Suggestion) -> dict[str, object]:
    start, end = suggestion.replace
    return {
        "text": suggestion.text,
        "engine": suggestion.engine,
        "replace": {
            "start": {"line": start.line + 1, "column": start.character + 1},
            "end": {"line": end.line + 1, "column": end.character + 1},
        },
    }
