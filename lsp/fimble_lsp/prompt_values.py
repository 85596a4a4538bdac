"""What variables of a template stand for at the moment: in the code beside it.

Only open documents that completion may see are looked at. From disk come the project's rules and
nothing else, as far as the user has reviewed them (`fimble trust`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fimble.context.project_rules import ProjectRules, project_rules
from fimble.errors import TrustError
from fimble.policy.control_tokens import neutralise
from fimble.policy.printable import printable_line
from fimble.prompt_files.ambient import ambient_values
from fimble.prompting.guards import CountTokens
from fimble.prompting.place_values import PlaceInDocument, place_values
from fimble.prompting.render import Renderer
from fimble.text.position import Position
from fimble.trust.granted import trust_of
from fimble_lsp.prompt_documents import Visited, path_of

LARGEST_BYTES: Final = 262_144
"""A document over this is not taken for values: they would hold the loop for too long."""


def renderer(count_tokens: CountTokens) -> Renderer:
    """Return a renderer with the house's own guard against control tokens."""
    return Renderer(neutralise=neutralise, count_tokens=count_tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveValues:
    """The values at one place."""

    values: dict[str, str]
    place: str
    """`path:line:column`, printable."""
    withheld: tuple[str, ...] = ()
    """Files of rules that wait for the user's review."""


def live_values(
    beside: Visited | None, folders: Sequence[Path], count_tokens: CountTokens
) -> LiveValues:
    """Return what is known in the code beside a template, or without any what is known anyway."""
    workspace = _folder_of(beside, folders)
    values = ambient_values(workspace.name if workspace else "")
    withheld: tuple[str, ...] = ()
    if workspace is not None:
        document = path_of(beside.document.snapshot.uri) if beside else None
        rules = _rules(workspace, document, count_tokens)
        values["rules"], withheld = rules.text, rules.withheld
    if beside is None or not _fits(beside):
        return LiveValues(values=values, place="no document", withheld=withheld)
    snapshot = beside.document.snapshot
    path = path_of(snapshot.uri)
    shown = next(
        (path.relative_to(each).as_posix() for each in folders if path.is_relative_to(each)),
        path.name,
    )
    where = PlaceInDocument(snapshot=snapshot, cursor=beside.cursor, path=shown)
    values |= place_values(where, beside.document.parser.tree_for(beside.cursor))
    return LiveValues(values=values, place=_place(shown, beside.cursor), withheld=withheld)


def _folder_of(beside: Visited | None, folders: Sequence[Path]) -> Path | None:
    """Return the folder of the workspace that the code lies in, or else the first."""
    path = path_of(beside.document.snapshot.uri) if beside else None
    around = [folder for folder in folders if path is not None and path.is_relative_to(folder)]
    return max(around, key=lambda each: len(each.parts), default=next(iter(folders), None))


def _rules(workspace: Path, document: Path | None, count_tokens: CountTokens) -> ProjectRules:
    """Return the rules that hold for a document, without what the user has not reviewed."""
    try:
        trust = trust_of(workspace)
    except TrustError:
        return ProjectRules()
    return project_rules(workspace, document, allows=trust.allows, count_tokens=count_tokens)


def _fits(beside: Visited) -> bool:
    snapshot = beside.document.snapshot
    return snapshot.byte_offset(snapshot.end) <= LARGEST_BYTES


def _place(path: str, cursor: Position) -> str:
    return f"{printable_line(path)}:{cursor.line + 1}:{cursor.character + 1}"
