"""`fimble trust`: look at what a workspace would have take part, and let it, text by text.

A yes pins the texts that were shown. What changes later waits for the next look, which shows the
difference from what was reviewed.
"""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fimble.config.load import workspace_root
from fimble.policy.printable import printable_line
from fimble.trust.review import Review, ReviewedOffer, ReviewState
from fimble.trust.store import TrustStore
from fimble.trust.workspace import approve, review_of
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.usage import CommandParser, UsageError

_SHOWN_HASH = 12
_YES = frozenset({"y", "yes"})
_SHOWN_DIFF_LINES = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arguments:
    path: str
    yes: bool
    list: bool
    status: bool
    revoke: bool
    json: bool
    only: tuple[str, ...]


def add_arguments(parser: CommandParser) -> None:
    """Declare which workspace, and what to do instead of asking."""
    parser.add_argument(
        "path", nargs="?", default=".", help="a file or folder of the workspace (default: here)"
    )
    parser.add_argument("--yes", action="store_true", help="enable what is shown without asking")
    parser.add_argument(
        "--only",
        action="append",
        metavar="FILE",
        help="look at this file or folder alone; a setting is .fimble/config.toml#its.key",
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--status", action="store_true", help="only show it; ends with 1 while something waits"
    )
    instead.add_argument("--list", action="store_true", help="list all workspaces you trust")
    instead.add_argument("--revoke", action="store_true", help="withdraw all trust in it")
    parser.add_argument("--json", action="store_true", help="print as JSON; never asks")


def run(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Show, ask and pin, or what an option says instead."""
    wanted = _Arguments(
        path=arguments.path,
        yes=arguments.yes,
        list=arguments.list,
        status=arguments.status,
        revoke=arguments.revoke,
        json=arguments.json,
        only=tuple(arguments.only or ()),
    )
    if wanted.list:
        return _list(wanted, output)
    if not Path(wanted.path).exists():
        raise UsageError(f"there is nothing at {wanted.path}.")
    workspace = workspace_root(Path(wanted.path)).resolve()
    if wanted.revoke:
        return _revoke(workspace, wanted, output, diagnostics)
    return _review(workspace, wanted, output, diagnostics)


def _list(wanted: _Arguments, output: Output) -> ExitCode:
    records = TrustStore().records()
    if wanted.json:
        rows = [
            {"workspace": each.workspace, "reviewed": each.reviewed, "files": len(each.pins)}
            for each in records
        ]
        output.write_line(json.dumps(rows, ensure_ascii=False))
    else:
        for each in records:
            what = f"{len(each.pins)} reviewed, last on {each.reviewed}"
            output.write_line(printable_line(f"{each.workspace}  ({what})"))
    return ExitCode.OK if records else ExitCode.NOTHING_FOUND


def _revoke(
    workspace: Path, wanted: _Arguments, output: Output, diagnostics: Diagnostics
) -> ExitCode:
    withdrawn = TrustStore().forget(workspace)
    if wanted.json:
        shown = {"workspace": str(workspace), "withdrawn": withdrawn}
        output.write_line(json.dumps(shown, ensure_ascii=False))
    elif withdrawn:
        diagnostics.note(f"nothing of {workspace} takes part any more.")
    else:
        diagnostics.note(f"{workspace} was not trusted.")
    return ExitCode.OK if withdrawn else ExitCode.NOTHING_FOUND


def _review(
    workspace: Path, wanted: _Arguments, output: Output, diagnostics: Diagnostics
) -> ExitCode:
    record = TrustStore().load(workspace)
    review = _wanted_part(review_of(workspace), wanted.only)
    if wanted.json:
        if wanted.yes and (review.waiting or record is None):
            approve(workspace, review)
            review = _wanted_part(review_of(workspace), wanted.only)
        output.write_line(json.dumps(_as_json(workspace, review), ensure_ascii=False))
        return ExitCode.PROBLEMS if review.waiting else ExitCode.OK
    for line in _lines(review, shows_diffs=record is not None):
        output.write_line(printable_line(line))
    if not review.waiting:
        diagnostics.note(_nothing_waits(workspace, review))
        if record is None and not wanted.only:
            _offer_context(workspace, review, wanted, output, diagnostics)
        return ExitCode.OK
    if wanted.status:
        diagnostics.note(f"{_count(review.waiting)} in {workspace}; `fimble trust` enables them.")
        return ExitCode.PROBLEMS
    agreed = review if wanted.yes else _agreed(review, output)
    if not agreed.waiting:
        diagnostics.note("nothing was enabled.")
        return ExitCode.PROBLEMS
    approve(workspace, agreed)
    diagnostics.note(f"{len(agreed.waiting)} enabled in {workspace}, with the texts shown here.")
    return ExitCode.OK if len(agreed.waiting) == len(review.waiting) else ExitCode.PROBLEMS


def _offer_context(
    workspace: Path, review: Review, wanted: _Arguments, output: Output, diagnostics: Diagnostics
) -> None:
    """Let completions show code of other files, where that is all that trust is about."""
    if not wanted.yes:
        if wanted.status or not (sys.stdin.isatty() and output.is_terminal):
            diagnostics.note("`fimble trust --yes` lets completions show the model other files.")
            return
        asked = "Let completions show the model code of its other files? [y/N] "
        if _answer(asked, output) not in _YES:
            diagnostics.note("completions show the model the current file alone.")
            return
    approve(workspace, review)
    diagnostics.note("completions may show the model code of its other files from now on.")


def _wanted_part(review: Review, only: Sequence[str]) -> Review:
    """Return what `--only` names: files, or all below a folder."""
    if not only:
        return review
    names = [name.removeprefix("./").rstrip("/") for name in only]
    parts = {name: review.part(name) for name in names}
    for name, part in parts.items():
        if not part.offers:
            raise UsageError(
                f"{name} is nothing that `fimble trust` could enable.",
                hint="Write a path as `fimble trust --status` shows it.",
            )
    return review.joined(parts.values())


def _agreed(review: Review, output: Output) -> Review:
    """Ask on the terminal what to enable; without one there is nobody to ask."""
    if not (sys.stdin.isatty() and output.is_terminal):
        raise UsageError(
            "nobody can be asked here.", hint="Look at what is listed, then add --yes."
        )
    several = len(review.waiting) > 1
    answers = "[y/N/e: each by itself]" if several else "[y/N]"
    answer = _answer(f"Enable {_count(review.waiting)}? {answers} ", output)
    if answer in _YES:
        return review
    if not several or answer not in {"e", "each"}:
        return review.joined(())
    paths = [each.offer.path for each in review.waiting]
    return review.joined(
        review.part(path) for path in paths if _answer(f"Enable {path}? [y/N] ", output) in _YES
    )


def _answer(asked: str, output: Output) -> str:
    output.write(printable_line(asked))
    return sys.stdin.readline().strip().casefold()


def _count(waiting: Sequence[ReviewedOffer]) -> str:
    changed = sum(each.state is ReviewState.CHANGED for each in waiting)
    parts = [(len(waiting) - changed, "new"), (changed, "changed")]
    return " and ".join(f"{number} {word}" for number, word in parts if number)


def _nothing_waits(workspace: Path, review: Review) -> str:
    enabled = review.count(ReviewState.ENABLED)
    if enabled:
        return f"all {enabled} of {workspace} are reviewed as they are now."
    return f"{workspace} has nothing to enable: no .fimble/prompts, no AGENTS.md."


def _lines(review: Review, *, shows_diffs: bool) -> Iterator[str]:
    width = max((len(each.offer.kind) for each in review.offers), default=0)
    for each in review.offers:
        offer = each.offer
        shown = f": {offer.refusal}" if offer.refusal else f"  sha256:{each.sha256[:_SHOWN_HASH]}"
        yield f"{each.state:<8} {offer.kind:<{width}}  {offer.path}{shown}"
        if offer.note:
            yield f"         {offer.note}"
    for path in review.gone:
        yield f"{'gone':<8} {path}"
    for each in review.waiting if shows_diffs else ():
        yield ""
        yield from _shortened(list(each.diff()))


def _shortened(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:_SHOWN_DIFF_LINES]
    if len(lines) > _SHOWN_DIFF_LINES:
        yield f"… {len(lines) - _SHOWN_DIFF_LINES} more lines: read the file itself."


def _as_json(workspace: Path, review: Review) -> dict[str, object]:
    return {
        "workspace": str(workspace),
        "trusted": TrustStore().load(workspace) is not None,
        "offers": [
            {
                "kind": each.offer.kind.value,
                "path": each.offer.path,
                "state": each.state.value,
                "sha256": each.sha256 or None,
                "refusal": each.offer.refusal or None,
                "note": each.offer.note or None,
                "diff": list(each.diff()) if each.waits else [],
            }
            for each in review.offers
        ],
        "gone": list(review.gone),
    }
