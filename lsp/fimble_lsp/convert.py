"""The border between the protocol's types and the house's; nobody else crosses it.

Outside, columns count the units agreed in `initialize`; inside, code points. Every conversion
needs the text that the column refers to, so all of these take the snapshot it belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from fimble.engine.protocol import Hole
from fimble.policy.printable import printable
from fimble.text.changes import position_in_client_units, position_in_code_points
from fimble.text.encoding import PositionEncoding
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot

if TYPE_CHECKING:
    from fimble.pipeline.result import Suggestion
    from fimble.prompting.authoring.completing import Proposal
    from fimble.prompting.authoring.findings import Finding

_LABEL_CHARACTERS: Final = 60
_PROPOSAL_KINDS: Final = {
    "KEY": types.CompletionItemKind.Property,
    "WORD": types.CompletionItemKind.EnumMember,
    "VARIABLE": types.CompletionItemKind.Variable,
    "ROLE": types.CompletionItemKind.Keyword,
    "PARTIAL": types.CompletionItemKind.File,
}
_WORD_BEFORE = re.compile(r"\w*\Z")


def changes_of(
    params: types.DidChangeTextDocumentParams,
) -> list[tuple[Range | None, str]]:
    """Return the changes in order: a range in the client's units, or None for a new whole text."""
    changes: list[tuple[Range | None, str]] = []
    for change in params.content_changes:
        if isinstance(change, types.TextDocumentContentChangePartial):
            start, end = change.range.start, change.range.end
            span = Range(Position(start.line, start.character), Position(end.line, end.character))
            changes.append((span, change.text))
        else:
            changes.append((None, change.text))
    return changes


def hole_at(snapshot: Snapshot, position: types.Position, encoding: PositionEncoding) -> Hole:
    """Return the place to complete; a position outside the document is clamped into it."""
    outside = Position(position.line, position.character)
    return Hole(snapshot=snapshot, cursor=position_in_code_points(snapshot, outside, encoding))


def span_at(snapshot: Snapshot, span: types.Range, encoding: PositionEncoding) -> Range:
    """Return a range of the client's in code points, clamped into the document."""
    start = Position(span.start.line, span.start.character)
    end = Position(span.end.line, span.end.character)
    return Range(
        position_in_code_points(snapshot, start, encoding),
        position_in_code_points(snapshot, end, encoding),
    )


def range_for_client(snapshot: Snapshot, span: Range, encoding: PositionEncoding) -> types.Range:
    """Return a range of `snapshot` in the client's units."""
    start = position_in_client_units(snapshot, span.start, encoding)
    end = position_in_client_units(snapshot, span.end, encoding)
    return types.Range(
        start=types.Position(line=start.line, character=start.character),
        end=types.Position(line=end.line, character=end.character),
    )


def inline_items(
    hole: Hole, suggestions: Sequence[Suggestion], encoding: PositionEncoding
) -> types.InlineCompletionList:
    """Return suggestions as ghost text."""
    items = [
        types.InlineCompletionItem(
            insert_text=suggestion.text,
            range=range_for_client(hole.snapshot, suggestion.replace, encoding),
        )
        for suggestion in suggestions
    ]
    return types.InlineCompletionList(items=items)


def menu_items(
    hole: Hole, suggestions: Sequence[Suggestion], encoding: PositionEncoding
) -> types.CompletionList:
    """Return suggestions as entries of a completion menu, for clients without ghost text.

    The list is never final: what fits changes with every key.
    """
    items = [_menu_item(hole, suggestion, encoding) for suggestion in suggestions]
    return types.CompletionList(is_incomplete=True, items=items)


def _menu_item(
    hole: Hole, suggestion: Suggestion, encoding: PositionEncoding
) -> types.CompletionItem:
    """Make an entry of one suggestion.

    Menus filter by the word before the cursor, so the entry begins with that word and replaces
    it by itself; a suggestion that begins at the cursor would be filtered away.
    """
    line = hole.snapshot.line(hole.cursor.line)
    start = _word_start(line, hole.cursor.character)
    if suggestion.replace.start < hole.cursor:
        start = min(start, suggestion.replace.start.character)
    kept = line[start : suggestion.replace.start.character]
    text = kept + suggestion.text
    first_line, _, more = text.strip().partition("\n")
    label = first_line.strip()
    if more or len(label) > _LABEL_CHARACTERS:
        label = f"{label[:_LABEL_CHARACTERS]} …"
    span = Range(Position(hole.cursor.line, start), suggestion.replace.end)
    return types.CompletionItem(
        label=label,
        kind=types.CompletionItemKind.Text,
        detail=f"Fimble ({suggestion.engine})",
        documentation=types.MarkupContent(kind=types.MarkupKind.PlainText, value=text),
        filter_text=text.partition("\n")[0].rstrip("\r"),
        sort_text="0",
        insert_text_format=types.InsertTextFormat.PlainText,
        insert_text_mode=types.InsertTextMode.AsIs,
        text_edit=types.TextEdit(
            range=range_for_client(hole.snapshot, span, encoding), new_text=text
        ),
    )


def proposal_list(
    snapshot: Snapshot, proposals: Sequence[Proposal], encoding: PositionEncoding
) -> types.CompletionList:
    """Return what may be written in a template as a menu, in the order given."""
    items = [
        types.CompletionItem(
            label=proposal.label,
            kind=_PROPOSAL_KINDS[proposal.kind.name],
            detail=proposal.detail,
            documentation=types.MarkupContent(
                kind=types.MarkupKind.PlainText, value=printable(proposal.meaning)
            ),
            filter_text=proposal.text.strip(),
            sort_text=f"{int(proposal.late)}{number:03}",
            insert_text_format=types.InsertTextFormat.PlainText,
            text_edit=types.TextEdit(
                range=range_for_client(snapshot, proposal.replace, encoding),
                new_text=proposal.text,
            ),
        )
        for number, proposal in enumerate(proposals)
    ]
    return types.CompletionList(is_incomplete=False, items=items)


def diagnostics_for_client(
    snapshot: Snapshot, findings: Sequence[Finding], encoding: PositionEncoding
) -> list[types.Diagnostic]:
    """Return what is wrong with a template; all of it keeps the template from being used."""
    return [
        types.Diagnostic(
            range=range_for_client(snapshot, finding.range, encoding),
            message=printable(finding.message),
            severity=types.DiagnosticSeverity.Error,
            code=finding.rule.value,
            source="fimble",
        )
        for finding in findings
    ]


def quick_fixes(
    snapshot: Snapshot, findings: Sequence[Finding], encoding: PositionEncoding
) -> list[types.CodeAction]:
    """Return the fixes of findings; the first of each is the one that an editor may choose."""
    return [
        types.CodeAction(
            title=fix.title,
            kind=types.CodeActionKind.QuickFix,
            diagnostics=diagnostics_for_client(snapshot, [finding], encoding),
            is_preferred=fix is finding.fixes[0],
            edit=types.WorkspaceEdit(
                changes={
                    snapshot.uri: [
                        types.TextEdit(
                            range=range_for_client(snapshot, fix.replace, encoding),
                            new_text=fix.text,
                        )
                    ]
                }
            ),
        )
        for finding in findings
        for fix in finding.fixes
    ]


def start_of_document() -> types.Range:
    """Return the empty range before everything, which is the same in all units."""
    return types.Range(
        start=types.Position(line=0, character=0), end=types.Position(line=0, character=0)
    )


def ends_with_word(hole: Hole) -> bool:
    """Whether the cursor stands right behind a character of a word."""
    line = hole.snapshot.line(hole.cursor.line)
    return _word_start(line, hole.cursor.character) < hole.cursor.character


def _word_start(line: str, end: int) -> int:
    """Return where the word that ends at `end` begins; `end` itself when there is none."""
    found = _WORD_BEFORE.search(line[:end])
    return end if found is None else found.start()
