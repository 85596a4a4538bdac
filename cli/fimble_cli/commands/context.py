"""`fimble context FILE:LINE:COLUMN`: what other code a completion's prompt would show, and why.

The pieces go to stdout as the model gets them, masked, each behind its place, its price and the
reason for it. Nothing is sent.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from fimble.config.load import workspace_root
from fimble.policy.printable import printable
from fimble.syntax.languages import language_for
from fimble.trust.granted import trust_of
from fimble_cli.commands.complete import hole_at
from fimble_cli.configuration import settings_for
from fimble_cli.exit_codes import ExitCode
from fimble_cli.place import parse_place

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from fimble.context.retrieval.records import ContextItem
    from fimble_cli.diagnostics import Diagnostics
    from fimble_cli.output import Output
    from fimble_cli.usage import CommandParser


def add_arguments(parser: CommandParser) -> None:
    """Declare the place and how to print."""
    parser.add_argument(
        "place",
        metavar="FILE:LINE:COLUMN",
        help="where the cursor is; lines and columns count from 1 as editors show them",
    )
    parser.add_argument(
        "--tokens",
        type=int,
        metavar="N",
        help="the budget (default: the setting completion.context_tokens)",
    )
    parser.add_argument("--json", action="store_true", help="print as JSON")


def run(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Choose and print."""
    place = parse_place(arguments.place)
    hole = hole_at(place, language_for("", str(place.path)), diagnostics)
    folder = workspace_root(place.path)
    if not trust_of(folder).granted:
        diagnostics.note(
            f"{folder} is not trusted, so the model is shown the current file alone; "
            "`fimble trust` changes that."
        )
        return ExitCode.NOTHING_FOUND
    wanted = arguments.tokens
    given = () if wanted is None else (("completion.context_tokens", wanted),)
    settings = settings_for(place.path, given).settings
    from fimble_cli.one_shot import OneShot  # noqa: PLC0415 - mistakes above need no engine

    shot = OneShot(settings=settings, folder=folder, hole=hole, tell=diagnostics.note)
    items = asyncio.run(shot.context())
    if arguments.json:
        output.write_line(json.dumps([_as_json(item) for item in items], ensure_ascii=False))
    else:
        _show(items, output)
        total = sum(item.tokens for item in items)
        diagnostics.note(
            f"{len(items)} pieces, {total} of {settings.completion.context_tokens} tokens."
        )
    return ExitCode.OK if items else ExitCode.NOTHING_FOUND


def _show(items: Sequence[ContextItem], output: Output) -> None:
    for item in items:
        place = f"{item.path}:{item.first_line}-{item.last_line}"
        output.write_line(printable(f"-- {place}  {item.tokens} tokens  {item.reason}"))
        inside = f"{item.container}\n    " if item.container else ""
        output.write_line(printable(f"{inside}{item.text}"))


def _as_json(item: ContextItem) -> dict[str, object]:
    return {
        "path": item.path,
        "kind": item.kind.value,
        "first_line": item.first_line,
        "last_line": item.last_line,
        "container": item.container,
        "text": item.text,
        "reason": item.reason,
        "score": round(item.score, 4),
        "tokens": item.tokens,
    }
