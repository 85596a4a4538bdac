"""What variables of a template stand for at the moment: in the code beside it.

Only open documents that completion may see are looked at; nothing is read from disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fimble.engine.token_estimate import TokenEstimator
from fimble.policy.control_tokens import neutralise
from fimble.policy.printable import printable_line
from fimble.prompt_files.ambient import ambient_values
from fimble.prompting.place_values import PlaceInDocument, place_values
from fimble.prompting.render import Renderer
from fimble.text.position import Position
from fimble_lsp.prompt_documents import Visited, path_of

if TYPE_CHECKING:
    from pathlib import Path

COUNTED: Final = "estimated from above"
"""Which tokenizer counts, said wherever a count is shown."""

LARGEST_BYTES: Final = 1_048_576
"""A document over this is not taken for values: they would hold the loop for too long."""


def renderer() -> Renderer:
    """Return a renderer that counts without asking a model server."""
    return Renderer(neutralise=neutralise, count_tokens=TokenEstimator().count)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveValues:
    """The values at one place."""

    values: dict[str, str]
    place: str
    """`path:line:column`, printable."""


def live_values(beside: Visited | None, folders: Sequence[Path]) -> LiveValues:
    """Return what is known in the code beside a template, or without any what is known anyway."""
    workspace = folders[0] if folders else None
    values = ambient_values(workspace)
    if beside is None or not _fits(beside):
        return LiveValues(values=values, place="no document")
    snapshot = beside.document.snapshot
    path = path_of(snapshot.uri)
    shown = next(
        (path.relative_to(each).as_posix() for each in folders if path.is_relative_to(each)),
        path.name,
    )
    where = PlaceInDocument(snapshot=snapshot, cursor=beside.cursor, path=shown)
    values |= place_values(where, beside.document.parser.tree_for(beside.cursor))
    return LiveValues(values=values, place=_place(shown, beside.cursor))


def _fits(beside: Visited) -> bool:
    snapshot = beside.document.snapshot
    return snapshot.byte_offset(snapshot.end) <= LARGEST_BYTES


def _place(path: str, cursor: Position) -> str:
    return f"{printable_line(path)}:{cursor.line + 1}:{cursor.character + 1}"
