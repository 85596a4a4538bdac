"""What the engine knows of a place: the tokens before it, and the word being typed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fimble.engine.embedded.document_tokens import Hole
from fimble.engine.embedded.lexer import Inside, newline_at
from fimble.engine.embedded.vocabulary import Vocabulary

CONTEXT_TOKENS = 20
"""The longest match that is looked for."""
_MAX_WORDS = 2_000
_WORD_AT_END = re.compile(r"[^\W\d]\w*\Z")
_ONLY_CLOSERS = re.compile(r"[\s)\]}>\"'`;,:]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """One reading of the text before the cursor."""

    context: str
    """At most `CONTEXT_TOKENS` tokens that are finished, the last one nearest."""
    typed: str = ""
    """The beginning of the next token, when the word at the cursor is unfinished."""
    next_tokens: frozenset[str] = frozenset()
    """The words that begin with `typed`; empty when any token may come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CursorContext:
    """A place in a document, as the engine sees it."""

    hole: Hole
    text_before: str
    """The cursor's line up to the cursor."""
    line_tokens: str
    """The newline token and the tokens of the cursor's line."""
    hypotheses: tuple[Hypothesis, ...]


def read_context(
    hole: Hole, line: str, character: int, vocabulary: Vocabulary
) -> CursorContext | None:
    """Read the place at `character` of `line`; None where the engine has nothing to say.

    That is inside comments and documentation, and before text other than closing marks.
    """
    before, after = line[:character], line[character:]
    inside = hole.current.after.inside
    if hole.current.in_comment or inside in (Inside.COMMENT, Inside.DOCSTRING):
        return None
    if _ONLY_CLOSERS.match(after) is None:
        return None
    tokens = hole.current.tokens or newline_at(before, hole.state)
    context = (hole.before.tokens[-CONTEXT_TOKENS:] + tokens)[-CONTEXT_TOKENS:]
    hypotheses = [Hypothesis(context=context)]
    word = _WORD_AT_END.search(before)
    if word is not None and len(tokens) > 1:
        words = vocabulary.starting_with(word.group(), limit=_MAX_WORDS)
        if words:
            finished = (hole.before.tokens[-CONTEXT_TOKENS:] + tokens[:-1])[-CONTEXT_TOKENS:]
            hypotheses.append(Hypothesis(context=finished, typed=word.group(), next_tokens=words))
    return CursorContext(
        hole=hole, text_before=before, line_tokens=tokens, hypotheses=tuple(hypotheses)
    )
