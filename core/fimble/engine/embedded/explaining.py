"""Names the place that a suggestion was copied from; computed only for what is shown."""

from __future__ import annotations

from fimble.engine.embedded.cursor_context import CursorContext
from fimble.engine.embedded.document_tokens import TokenRun
from fimble.engine.embedded.gate import Decision
from fimble.engine.embedded.matching import Match, OpenDocument, Scope
from fimble.engine.embedded.rendering import render
from fimble.engine.embedded.suggestion import Explanation
from fimble.engine.embedded.vocabulary import NEWLINES, Vocabulary

_SCOPE_WORDS = {
    Scope.BEFORE: "this file, above the cursor",
    Scope.AFTER: "this file, below the cursor",
    Scope.OPEN: "an open file",
    Scope.DIRECTORY: "the same directory",
    Scope.WORKSPACE: "the workspace",
}
_MAX_MATCHED = 8
"""Tokens of the match that are shown."""


def explain_decision(
    decision: Decision,
    context: CursorContext,
    own_path: str,
    open_documents: tuple[OpenDocument, ...],
    vocabulary: Vocabulary,
) -> Explanation:
    """Say where a decision comes from."""
    candidate = decision.candidate
    if not candidate.supporters:
        return _explain_copy(decision, context, own_path, vocabulary)
    match = candidate.supporters[0]
    return Explanation(
        text=decision.text,
        confidence=decision.confidence,
        scope=_SCOPE_WORDS[match.scope],
        source=_source_of(match, own_path, open_documents),
        line=match.text.line_of(match.offset) + 1,
        matched=_matched_text(match, candidate.hypothesis.typed, vocabulary),
        supporters=len(candidate.supporters),
        way="copied",
    )


def _source_of(match: Match, own_path: str, open_documents: tuple[OpenDocument, ...]) -> str:
    if not isinstance(match.text, TokenRun):
        return match.text.source
    for document in open_documents:
        if document.run is match.text:
            return document.source
    return own_path


def _matched_text(match: Match, typed: str, vocabulary: Vocabulary) -> str:
    """Write out the end of what agrees, at most back to the start of its line."""
    length = match.length - (1 if typed else 0)
    start = max(0, match.offset - min(length, _MAX_MATCHED))
    tokens = match.text.tokens[start : match.offset]
    blanks = match.text.blanks[start : match.offset]
    after_newline = max((tokens.rfind(newline) for newline in NEWLINES), default=-1) + 1
    text = render(
        tokens[after_newline:],
        blanks[after_newline:],
        vocabulary,
        typed="",
        text_before="",
    )
    if typed and text and match.text.blanks[match.offset]:
        text += " "
    return f"{text}{typed}" or "the start of a line"


def _explain_copy(
    decision: Decision, context: CursorContext, own_path: str, vocabulary: Vocabulary
) -> Explanation:
    hole = context.hole
    offset = decision.candidate.copy_source_offset
    in_before = offset < len(hole.before.tokens)
    run = hole.before if in_before else hole.after
    offset = offset if in_before else offset - len(hole.before.tokens)
    start = offset
    while start > 0 and run.tokens[start] not in NEWLINES:
        start -= 1
    end = start + 1
    while end < len(run.tokens) and run.tokens[end] not in NEWLINES:
        end += 1
    return Explanation(
        text=decision.text,
        confidence=decision.confidence,
        scope=_SCOPE_WORDS[Scope.BEFORE if in_before else Scope.AFTER],
        source=own_path,
        line=run.line_of(start) + 1,
        matched=render(
            run.tokens[start + 1 : end],
            run.blanks[start + 1 : end],
            vocabulary,
            typed="",
            text_before="",
        ),
        supporters=1,
        way="adapted",
    )
