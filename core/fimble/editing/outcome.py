"""From an answer to the change of a file: what is replaced, how, and what to say of it."""

from __future__ import annotations

from dataclasses import dataclass

from fimble.chat.fences import Fence
from fimble.chat.proposal import added_errors, extended, propose
from fimble.editing.answer import EditRefusedError, code_of, refuse_gaps, refuse_hidden
from fimble.editing.changes import TextChange, minimal_changes
from fimble.editing.fitting import fitted
from fimble.editing.gate import SyntaxGate
from fimble.syntax.tree import SyntaxTree
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An edit of one document, the smallest that does it."""

    edits: tuple[TextChange, ...]
    adds_errors: int = 0
    """Syntax errors that it adds, as far as the grammar can tell."""

    @property
    def warning(self) -> str:
        """What whoever confirms the edit has to know; empty when there is nothing."""
        if not self.adds_errors:
            return ""
        errors = "a syntax error" if self.adds_errors == 1 else f"{self.adds_errors} syntax errors"
        return f"Look closely: it adds {errors}."


def replacement(
    answer: str, snapshot: Snapshot, span: Range, tree: SyntaxTree | None, *, cut: bool
) -> Change:
    """Return what an answer makes of the part of a document that it was asked to replace.

    Args:
        answer: The whole answer, Markdown.
        snapshot: The document as it was when the model was asked.
        span: The part.
        tree: The document's syntax tree, where there is one.
        cut: Whether the answer ended because it was as long as it may be.

    Raises:
        EditRefusedError: There is nothing to change, or nothing that may be used.
    """
    fence = code_of(answer, cut=cut)
    refuse_hidden(fence.text, snapshot.text)
    if fence.is_diff:
        return _patched(fence, snapshot)
    selection = snapshot.slice(span)
    refuse_gaps(fence.text, selection)
    gate = SyntaxGate(tree, span)
    text = fitted(fence.text, selection, line_ending=snapshot.line_ending, errors=gate.errors)
    return _change(snapshot, span, text, gate.added(text))


def joined_file(answer: str, current: Snapshot | None, path: str, *, cut: bool) -> Change:
    """Return what an answer makes of a file that it is to become, or to join.

    Args:
        answer: The whole answer, Markdown.
        current: The file as it is; None when there is none.
        path: The file's, inside the workspace; its name tells the language.
        cut: Whether the answer ended because it was as long as it may be.

    Raises:
        EditRefusedError: There is nothing that may be used.
    """
    fence = code_of(answer, cut=cut)
    text = "" if current is None else current.text
    refuse_hidden(fence.text, text)
    if fence.is_diff or not fence.text.strip():
        raise EditRefusedError("The answer is no file, so nothing was written.", hint="Ask again.")
    refuse_gaps(fence.text, text)
    if current is None or not text.strip():
        errors = added_errors(None, fence.text, path=path)
        start = Position(0, 0)
        whole = Range(start, start if current is None else current.end)
        change = TextChange(range=whole, text=fence.text)
        return Change(edits=(change,), adds_errors=errors)
    proposal = extended(fence, text, path=path)
    whole = Range(Position(0, 0), current.end)
    return _change(current, whole, proposal.text, proposal.adds_errors)


def _patched(fence: Fence, snapshot: Snapshot) -> Change:
    proposal = propose(fence, snapshot.text, path=snapshot.uri)
    if proposal.unplaced:
        raise EditRefusedError(
            "A part of the answer has no place in the file, so nothing was changed.",
            hint="Ask again.",
        )
    whole = Range(Position(0, 0), snapshot.end)
    return _change(snapshot, whole, proposal.text, proposal.adds_errors)


def _change(snapshot: Snapshot, span: Range, text: str, adds_errors: int) -> Change:
    edits = minimal_changes(snapshot, span, text)
    if not edits:
        raise EditRefusedError("The model found nothing to change here.")
    return Change(edits=edits, adds_errors=adds_errors)
