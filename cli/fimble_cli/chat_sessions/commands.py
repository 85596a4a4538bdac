"""`fimble chat --list`, `--export`, `--purge`: stored sessions, for scripts and for a look.

fimble chat --list --all
fimble chat --export 12 md > talk.md
fimble chat --purge 90d
"""

from __future__ import annotations

import json
import re
import sys
from argparse import Namespace
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fimble.chat.export import ExportFormat, export
from fimble.conversation.export_file import write_export
from fimble.history.sessions.session_store import SessionStore
from fimble.policy.printable import printable_line
from fimble_cli.exit_codes import ExitCode
from fimble_cli.usage import CommandParser, UsageError

if TYPE_CHECKING:
    from fimble_cli.diagnostics import Diagnostics
    from fimble_cli.output import Output

_MOST: Final = 10_000
_DAY_S: Final = 86_400.0
_AGE: Final = re.compile(r"(\d{1,5})d")


def add_arguments(parser: CommandParser) -> None:
    """Declare what can be done with stored sessions."""
    parser.add_argument("--list", action="store_true", help="list this folder's sessions")
    parser.add_argument("--all", action="store_true", help="with --list: those of all folders")
    parser.add_argument("--json", action="store_true", help="with --list: as JSON")
    parser.add_argument(
        "--export",
        nargs="+",
        metavar=("SESSION", "FORMAT"),
        help="write a session as md, json or html, to stdout or to a FILE named third",
    )
    parser.add_argument(
        "--purge",
        metavar="SESSION|DAYS",
        help="delete a session by its number, or with 90d those untouched for 90 days",
    )
    parser.add_argument("--yes", action="store_true", help="with --purge: ask nothing")


def wanted(arguments: Namespace) -> bool:
    """Whether stored sessions are meant, and not the chat."""
    return bool(arguments.list or arguments.export or arguments.purge)


def run(
    arguments: Namespace,
    path: Path,
    workspace: Path,
    output: Output,
    diagnostics: Diagnostics,
) -> ExitCode:
    """Do what the arguments say with the sessions in the file at `path`."""
    if not path.exists():
        diagnostics.note("no session is stored yet.")
        return ExitCode.NOTHING_FOUND
    with SessionStore(path) as store:
        if arguments.list:
            directory = None if arguments.all else str(workspace)
            return _list(store, directory, output, diagnostics, as_json=arguments.json)
        if arguments.export:
            return _export(store, arguments.export, output, diagnostics)
        return _purge(store, arguments.purge, diagnostics, sure=arguments.yes)


def _list(
    store: SessionStore,
    directory: str | None,
    output: Output,
    diagnostics: Diagnostics,
    *,
    as_json: bool,
) -> ExitCode:
    sessions = store.sessions(directory, limit=_MOST)
    if as_json:
        output.write_line(json.dumps([asdict(each) for each in sessions]))
        return ExitCode.OK
    if not sessions:
        where = "" if directory is None else " in this folder; --all lists those of all folders"
        diagnostics.note(f"no session is stored{where}.")
        return ExitCode.NOTHING_FOUND
    for each in sessions:
        day = datetime.fromtimestamp(each.updated_at, tz=UTC).astimezone().strftime("%Y-%m-%d")
        place = f"  {printable_line(each.directory)}" if directory is None else ""
        turns = "1 turn " if each.turns == 1 else f"{each.turns} turns"
        output.write_line(
            f"{each.session_id:>5}  {day}  {turns:>9}  {printable_line(each.name)}{place}"
        )
    return ExitCode.OK


def _export(
    store: SessionStore, words: list[str], output: Output, diagnostics: Diagnostics
) -> ExitCode:
    number, form, *rest = [*words, ""] if len(words) == 1 else words
    if not number.isdecimal() or form not in set(ExportFormat) or len(rest) > 1:
        raise UsageError(
            "--export takes a session, a form and perhaps a file.",
            hint="For instance: fimble chat --export 12 md talk.md",
        )
    session, turns = store.summary(int(number)), store.turns(int(number))
    if rest:
        write_export(Path(rest[0]), session, turns, form=ExportFormat(form))
        diagnostics.note(f"wrote {rest[0]}.")
    else:
        output.write(export(ExportFormat(form), session, turns))
    return ExitCode.OK


def _purge(store: SessionStore, what: str, diagnostics: Diagnostics, *, sure: bool) -> ExitCode:
    age = _AGE.fullmatch(what)
    if age is None and not what.isdecimal():
        raise UsageError(
            f"--purge takes a session's number, or days such as 90d, and not {what!r}.",
            hint="`fimble chat --list` shows the numbers.",
        )
    name = (
        f"every session that nobody touched for {age[1]} days"
        if age
        else f"session {what}, {printable_line(store.summary(int(what)).name)}"
    )
    if not sure and not _agreed(f"Delete {name}, with its turns and attachments, for good?"):
        diagnostics.note("nothing was deleted.")
        return ExitCode.NOTHING_FOUND
    if age:
        count = store.purge_older_than(int(age[1]) * _DAY_S)
        diagnostics.note(f"deleted {count} {'session' if count == 1 else 'sessions'}.")
    else:
        store.purge(int(what))
        diagnostics.note(f"deleted {name}.")
    return ExitCode.OK


def _agreed(question: str) -> bool:
    """Ask on the terminal; without one nobody can agree."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("nobody can be asked here.", hint="Add --yes when you are sure.")
    sys.stderr.write(f"{question} Type yes: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() == "yes"
