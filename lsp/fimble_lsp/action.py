"""An action as somebody chose it: read from a command's argument, bound to a document's version.

The argument is one object: `uri`, `range`, and if wanted `version` (of the document that the range
counts in), `instruction` (in the user's words), `diagnostics` (of LSP, to be mended), `prompt`
(the full name of a template, such as `edit/ours`) and `inputs` (what that template asks for).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar, cast

from lsprotocol import types

from fimble.editing.instructions import LONGEST, title_of
from fimble.editing.offers import ActionKind
from fimble.editing.reported import Reported
from fimble.prompting.values import one_line
from fimble_lsp.convert import span_at
from fimble_lsp.protocol.dispatch import RequestRefused
from fimble_lsp.protocol.parameters import InvalidParameters, member_at

if TYPE_CHECKING:
    from fimble.text.position import Range
    from fimble.text.snapshot import Snapshot
    from fimble_lsp.server import FimbleServer

Value = TypeVar("Value")

_TITLES: Final = {
    ActionKind.EXPLAIN: "Explain",
    ActionKind.FIX: "Fix",
    ActionKind.DOCUMENT: "Document",
    ActionKind.TEST: "Write tests",
    ActionKind.REFACTOR: "Refactor",
    ActionKind.EDIT: "Edit",
    ActionKind.PROMPT: "Prompt",
}
_MOST_PROBLEMS: Final = 50
_LONGEST_SOURCE: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What somebody chose."""

    kind: ActionKind
    title: str
    """Of its progress and of its edit."""
    snapshot: Snapshot
    """The document when it was chosen."""
    span: Range
    """The selection or cursor."""
    instruction: str
    """Empty when nothing was said."""
    problems: tuple[Reported, ...]
    prompt: str
    """The full name of the template; empty takes the action's own."""
    inputs: Mapping[str, str]


def read_action(server: FimbleServer, kind: ActionKind, argument: object) -> Action:
    """Read a command's argument; call it before the first await.

    Raises:
        InvalidParameters: It is not what it should be.
        RequestRefused: The document is not the one that the range counts in.
    """
    uri = member_at(argument, "uri")
    document = server.documents.find(uri) if isinstance(uri, str) else None
    if document is None:
        raise InvalidParameters("The first argument must name an open document by its `uri`.")
    if not document.completable:
        raise RequestRefused("Fimble does not know this document's text: close and open it again.")
    snapshot = document.snapshot
    version = member_at(argument, "version")
    if isinstance(version, int) and version != snapshot.version:
        raise RequestRefused("The document changed since this was offered: choose it again.")
    span = _structured(server, member_at(argument, "range"), types.Range)
    instruction = _text(argument, "instruction")
    if kind is ActionKind.EDIT and not instruction:
        raise InvalidParameters("An edit needs its `instruction`.")
    prompt = _text(argument, "prompt")
    if kind is ActionKind.PROMPT and not prompt:
        raise InvalidParameters("This command needs the `prompt`, such as edit/ours.")
    return Action(
        kind=kind,
        title=_title(kind, instruction, prompt),
        snapshot=snapshot,
        span=span_at(snapshot, span, server.encoding),
        instruction=instruction,
        problems=_problems(server, member_at(argument, "diagnostics")),
        prompt=prompt if kind is ActionKind.PROMPT else "",
        inputs=_inputs(member_at(argument, "inputs")),
    )


def reported(diagnostic: types.Diagnostic) -> Reported:
    """Return what another tool says of a place."""
    severity = diagnostic.severity or types.DiagnosticSeverity.Error
    code = "" if diagnostic.code is None else str(diagnostic.code)
    source = " ".join(part for part in (diagnostic.source or "", code) if part)
    return Reported(
        line=diagnostic.range.start.line,
        severity=severity.name.lower(),
        message=diagnostic.message,
        source=one_line(source)[:_LONGEST_SOURCE],
    )


def _title(kind: ActionKind, instruction: str, prompt: str) -> str:
    if kind is ActionKind.PROMPT:
        return f"Fimble: {title_of(prompt)}"
    words = f": {title_of(instruction)}" if instruction else ""
    return f"{_TITLES[kind]} with Fimble{words}"


def _text(argument: object, name: str) -> str:
    value = member_at(argument, name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST:
        raise InvalidParameters(f"`{name}` must be a text of at most {LONGEST} characters.")
    return value.strip()


def _problems(server: FimbleServer, given: object) -> tuple[Reported, ...]:
    listed = cast("list[object]", given) if isinstance(given, list) else []
    return tuple(
        reported(_structured(server, each, types.Diagnostic)) for each in listed[:_MOST_PROBLEMS]
    )


def _inputs(given: object) -> dict[str, str]:
    if not isinstance(given, dict):
        return {}
    items = cast("Mapping[object, object]", given).items()
    return {str(name): value for name, value in items if isinstance(value, str)}


def _structured(server: FimbleServer, raw: object, wanted: type[Value]) -> Value:
    try:
        return server.rpc.converter.structure(raw, wanted)
    except Exception:  # noqa: BLE001 - as in `protocol.parameters`: it raises whatever it likes
        raise InvalidParameters(f"This is no {wanted.__name__} of LSP.") from None
