"""Code actions that ask the model once they are chosen: made of the snapshot at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from fimble.editing.instructions import written_instruction
from fimble.editing.offers import UNTESTED, ActionKind, Offer, fixes, own_offers, rewrites
from fimble.syntax.languages import language_for
from fimble_lsp.action import reported
from fimble_lsp.convert import range_for_client, span_at
from fimble_lsp.edit_targets import may_offer, target_of
from fimble_lsp.features.code_actions import knows_literals

if TYPE_CHECKING:
    from fimble.text.snapshot import Snapshot
    from fimble_lsp.documents import OpenDocument
    from fimble_lsp.server import FimbleServer

_KINDS: Final = {
    ActionKind.EXPLAIN: "fimble.explain",
    ActionKind.FIX: "quickfix",
    ActionKind.DOCUMENT: "refactor.rewrite.fimble.document",
    ActionKind.TEST: "refactor.fimble.test",
    ActionKind.REFACTOR: "refactor.rewrite.fimble.refactor",
    ActionKind.EDIT: "refactor.rewrite.fimble.edit",
    ActionKind.PROMPT: "refactor.rewrite.fimble.prompt",
}
_MOST_PROBLEMS: Final = 8
_OWN_SOURCE: Final = "fimble"
"""Our own diagnostics, of templates, have fixes of their own."""


def offered(
    server: FimbleServer, document: OpenDocument, params: types.CodeActionParams
) -> list[types.CodeAction | types.Command]:
    """Return what the model can do at a place; nothing where no model may see the document."""
    snapshot, context = document.snapshot, params.context
    configuration = server.configuration
    if configuration is None or configuration.settings.engine.kind == "embedded":
        return []
    folders = [Path(folder) for folder in server.hello.folders]
    target = target_of(snapshot.uri, folders)
    allowed = may_offer(target, configuration.settings.completion.ignore)
    if not allowed.read:
        return []
    entries: list[tuple[Offer, list[types.Diagnostic]]] = []
    mended = [each for each in context.diagnostics if each.source != _OWN_SOURCE][:_MOST_PROBLEMS]
    if allowed.change:
        entries += [(offer, mended) for offer in fixes([reported(each) for each in mended])]
    if context.trigger_kind is not types.CodeActionTriggerKind.Automatic:
        others = _asked_for(server, document, params, target.folder, change=allowed.change)
        entries += [(offer, []) for offer in others]
    return [
        _entry(server, snapshot, params.range, offer, problems)
        for offer, problems in entries
        if _is_wanted(_KINDS[offer.kind], context.only)
    ]


def _asked_for(
    server: FimbleServer,
    document: OpenDocument,
    params: types.CodeActionParams,
    folder: Path | None,
    *,
    change: bool,
) -> Iterator[Offer]:
    yield Offer(title="Explain with Fimble", kind=ActionKind.EXPLAIN)
    snapshot = document.snapshot
    found = language_for(snapshot.language_id, snapshot.uri)
    language = found.name if found else ""
    if change:
        span = span_at(snapshot, params.range, server.encoding)
        tree = document.parser.tree_for(span.start)
        written = written_instruction(snapshot, span, tree)
        catalogue = server.workspace_prompts.catalogue(folder)
        own = own_offers(catalogue.entries if catalogue else (), language)
        yield from rewrites(written, server.recent_instructions, own)
    if language and language not in UNTESTED:
        yield Offer(title="Write tests with Fimble", kind=ActionKind.TEST)


def _is_wanted(kind: str, only: Sequence[types.CodeActionKind | str] | None) -> bool:
    """Whether a client that asks for some kinds asks for this one: kinds are trees of words."""
    if only is None:
        return True
    return any(
        not wanted or kind == wanted or kind.startswith(f"{wanted}.")
        for wanted in map(_kind_name, only)
    )


def _kind_name(kind: types.CodeActionKind | str) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else kind


def _entry(
    server: FimbleServer,
    snapshot: Snapshot,
    place: types.Range,
    offer: Offer,
    problems: list[types.Diagnostic],
) -> types.CodeAction | types.Command:
    about = offer.about
    span = range_for_client(snapshot, about.range, server.encoding) if about else place
    argument: dict[str, object] = {
        "uri": snapshot.uri,
        "version": snapshot.version,
        "range": span,
    }
    if offer.instruction:
        argument["instruction"] = offer.instruction
    meant = _meant(offer, problems)
    if meant:
        argument["diagnostics"] = meant
    if offer.prompt:
        argument |= {"prompt": offer.prompt, "inputs": dict(offer.inputs)}
    command = types.Command(
        title=offer.title, command=f"fimble.{offer.kind.value}", arguments=[argument]
    )
    if not knows_literals(server.hello):
        return command
    return types.CodeAction(
        title=offer.title, kind=_KINDS[offer.kind], diagnostics=meant or None, command=command
    )


def _meant(offer: Offer, problems: Sequence[types.Diagnostic]) -> list[types.Diagnostic]:
    """Return the diagnostics that an offer mends."""
    return [each for each in problems if reported(each) in offer.problems]
