"""`fimble index`: the workspace's symbols, built, searched and outlined from the command line."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fimble.config.load import workspace_root
from fimble.context.index.lookups import SymbolLookups
from fimble.context.index.processes import usable_cores
from fimble.context.index.records import BuildProgress, BuildReport, IndexedSymbol
from fimble.context.index.search import WorkspaceSearch
from fimble.context.index.symbol_index import SymbolIndex
from fimble.engine.token_estimate import TokenEstimator
from fimble_cli.configuration import settings_for
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.usage import CommandParser, UsageError

_WORKERS: Final = 2
_BAR: Final = 24
_EVERY_S: Final = 0.1
_CALLERS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Action:
    """One subcommand of `fimble index`."""

    name: str
    summary: str
    declare: Callable[[ArgumentParser], None]
    run: Callable[[SymbolIndex, Namespace, Output, Diagnostics], ExitCode]


def add_arguments(parser: CommandParser) -> None:
    """Declare the subcommands."""
    choices = parser.add_subparsers(dest="action", metavar="ACTION", title="actions")
    for action in _ACTIONS:
        prog, summary = f"{parser.prog} {action.name}", f"{action.summary}."
        added = choices.add_parser(action.name, prog=prog, description=summary, help=action.summary)
        action.declare(added)
        added.add_argument("--workspace", metavar="DIR", help="the workspace (default: here)")
        added.add_argument("--json", action="store_true", help="print JSON")
        parser.actions[action.name] = added
    parser.epilog = f"`{parser.prog} ACTION --help` shows what an action takes."


def run(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Do what the subcommand says."""
    action = next((each for each in _ACTIONS if each.name == arguments.action), None)
    if action is None:
        names = ", ".join(each.name for each in _ACTIONS)
        raise UsageError("say what to do with the index.", hint=f"One of: {names}.")
    here = Path(arguments.workspace or ".")
    if not here.is_dir():
        raise UsageError(f"there is no folder {here}.")
    workspace = here if arguments.workspace else workspace_root(here)
    exclude = settings_for(here).settings.completion.ignore
    index = SymbolIndex(workspace, exclude=exclude)
    try:
        return action.run(index, arguments, output, diagnostics)
    finally:
        index.close()


def _build(
    index: SymbolIndex, arguments: Namespace, output: Output, diagnostics: Diagnostics
) -> ExitCode:
    if arguments.fresh:
        index.clear()
    started = time.perf_counter()
    report = _built(index, diagnostics)
    seconds = time.perf_counter() - started
    if arguments.json:
        output.write_line(json.dumps(_build_json(report, seconds)))
        return ExitCode.OK
    output.write_line(
        f"{report.files:,} files parsed ({report.lines:,} lines, {report.symbols:,} symbols) "
        f"in {seconds:.1f} s; {report.unchanged:,} unchanged, {report.removed:,} removed."
    )
    if report.skipped:
        output.write_line(f"Left out: {_reasons(report.skipped)}.")
    if report.exhausted:
        diagnostics.note(f"the walk ended early at its limit of {report.exhausted}.")
    return ExitCode.OK


def _status(
    index: SymbolIndex, arguments: Namespace, output: Output, diagnostics: Diagnostics
) -> ExitCode:
    if not index.exists:
        if arguments.json:
            output.write_line("null")
        diagnostics.note("this workspace is not indexed; `fimble index build` does it.")
        return ExitCode.NOTHING_FOUND
    status = index.status()
    if arguments.json:
        shown = {
            "path": str(status.path),
            "files": status.files,
            "lines": status.lines,
            "symbols": status.symbols,
            "skipped": status.skipped,
            "bytes": status.bytes,
            "built_at": status.built_at,
        }
        output.write_line(json.dumps(shown))
        return ExitCode.OK
    built = (
        "never finished"
        if status.built_at is None
        else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(status.built_at))
    )
    for name, value in (
        ("workspace", str(index.workspace)),
        ("files", f"{status.files:,}, and {status.skipped:,} left out"),
        ("lines", f"{status.lines:,}"),
        ("symbols", f"{status.symbols:,}"),
        ("built", built),
        ("size", f"{status.bytes / 1e6:.1f} MB in {status.path}"),
    ):
        output.write_line(f"{name:<10} {value}")
    return ExitCode.OK


def _search(
    index: SymbolIndex, arguments: Namespace, output: Output, diagnostics: Diagnostics
) -> ExitCode:
    _built(index, diagnostics)
    search = WorkspaceSearch(
        index.workspace,
        exclude=index.exclude,
        index=index,
        count_tokens=TokenEstimator().count,
    )
    found = [it for it in search.find(arguments.text, arguments.limit) if it.place[0]]
    if arguments.json:
        rows = [
            {
                "kind": it.kind,
                "name": it.label,
                "path": it.place[0],
                "first_line": it.place[1] or None,
                "last_line": it.place[2] or None,
                "mention": it.mention_text,
                "tokens": it.tokens,
            }
            for it in found
        ]
        output.write_line(json.dumps(rows, ensure_ascii=False))
    else:
        for it in found:
            output.write_line(f"{it.kind:<10} {it.label}  {it.detail}".rstrip())
    return ExitCode.OK if found else ExitCode.NOTHING_FOUND


def _callers(
    index: SymbolIndex, arguments: Namespace, output: Output, diagnostics: Diagnostics
) -> ExitCode:
    _built(index, diagnostics)
    lookups = SymbolLookups(index)
    definitions = lookups.definitions(arguments.name)
    callers = lookups.callers(arguments.name.rpartition(".")[2], _CALLERS)
    if arguments.json:
        shown = {
            "definitions": [_symbol_json(it) for it in definitions],
            "callers": [it._asdict() for it in callers],
        }
        output.write_line(json.dumps(shown, ensure_ascii=False))
    else:
        for symbol in definitions:
            output.write_line(f"{symbol.place}: {symbol.signature}")
        for caller in callers:
            inside = f"  (in {caller.inside})" if caller.inside else ""
            output.write_line(f"  {caller.path}:{caller.line}: {caller.text}{inside}")
    return ExitCode.OK if definitions or callers else ExitCode.NOTHING_FOUND


def _map(
    index: SymbolIndex, arguments: Namespace, output: Output, diagnostics: Diagnostics
) -> ExitCode:
    _built(index, diagnostics)
    found = index.repo_map(arguments.tokens, TokenEstimator().count)
    if arguments.json:
        shown = {
            "text": found.text,
            "shown": found.shown,
            "files": found.files,
            "tokens": found.tokens,
        }
        output.write_line(json.dumps(shown, ensure_ascii=False))
    else:
        output.write(found.text)
    if not found.shown:
        diagnostics.note("there is nothing to outline, or the budget is too small for one file.")
        return ExitCode.NOTHING_FOUND
    diagnostics.note(
        f"{found.shown} of {found.files} files, about {found.tokens:,} tokens at most."
    )
    return ExitCode.OK


def _clear(
    index: SymbolIndex, arguments: Namespace, output: Output, diagnostics: Diagnostics
) -> ExitCode:
    existed = index.exists
    index.clear()
    if arguments.json:
        output.write_line(json.dumps({"cleared": existed, "path": str(index.path)}))
    diagnostics.note(f"deleted {index.path}." if existed else "there was no index.")
    return ExitCode.OK


def _built(index: SymbolIndex, diagnostics: Diagnostics) -> BuildReport:
    """Bring the index up to date, with a bar where a person waits."""
    shown_at = 0.0

    def show(progress: BuildProgress) -> None:
        nonlocal shown_at
        now = time.monotonic()
        if now - shown_at >= _EVERY_S:
            shown_at = now
            diagnostics.progress(_bar(progress))

    try:
        return index.build(show, processes=min(_WORKERS, usable_cores()))
    finally:
        diagnostics.progress("")


def _bar(progress: BuildProgress) -> str:
    share = progress.done / max(1, progress.found)
    filled = int(share * _BAR) if progress.complete else 0
    bar = "#" * filled + "." * (_BAR - filled)
    of = f"{progress.found:,}" if progress.complete else f"{progress.found:,}+"
    return f"[{bar}] {progress.done:,} of {of} files, {progress.lines:,} lines"


def _reasons(skipped: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in sorted(skipped.items()))


def _build_json(report: BuildReport, seconds: float) -> dict[str, object]:
    return {
        "files": report.files,
        "lines": report.lines,
        "symbols": report.symbols,
        "unchanged": report.unchanged,
        "removed": report.removed,
        "skipped": dict(report.skipped),
        "exhausted": report.exhausted,
        "processes": report.processes,
        "seconds": round(seconds, 3),
    }


def _symbol_json(symbol: IndexedSymbol) -> dict[str, object]:
    return {**symbol._asdict(), "qualified": symbol.qualified}


def _build_options(parser: ArgumentParser) -> None:
    parser.add_argument("--fresh", action="store_true", help="forget what is known and start anew")


def _search_options(parser: ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", help="some letters of a path or a symbol")
    parser.add_argument("--limit", type=int, default=20, help="how many at most (default: 20)")


def _callers_options(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="as in total or Cart.total")


def _map_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--tokens", type=int, default=2_000, help="what it may cost at most (default: 2000)"
    )


def _no_options(_parser: ArgumentParser) -> None:
    """Declare nothing."""


_ACTIONS: Final = (
    _Action(
        name="build",
        summary="Bring the index up to date with the files",
        declare=_build_options,
        run=_build,
    ),
    _Action(
        name="status", summary="Say what is indexed, and where", declare=_no_options, run=_status
    ),
    _Action(
        name="search",
        summary="Find files, folders and symbols by some of their letters",
        declare=_search_options,
        run=_search,
    ),
    _Action(
        name="callers",
        summary="Show where a symbol is defined and which lines name it",
        declare=_callers_options,
        run=_callers,
    ),
    _Action(
        name="map",
        summary="Outline the project, what is used most first",
        declare=_map_options,
        run=_map,
    ),
    _Action(name="clear", summary="Delete the index", declare=_no_options, run=_clear),
)
