"""Copies a line of this file that differs from the one being typed only in its names.

After `self._headers = headers`, the line `self._timeout = ` goes on with `timeout`. A line's
shape is its tokens with every name made alike; the shapes of a file are one string, so lines that
begin like the cursor's are found by searching it for the shape of what has been typed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nlargest
from typing import NamedTuple

from fimble.engine.embedded.cursor_context import CursorContext, Hypothesis
from fimble.engine.embedded.document_tokens import TokenRun, shape_of
from fimble.engine.embedded.rendering import speakable
from fimble.engine.embedded.token_corpus import rest_of_line
from fimble.engine.embedded.vocabulary import Vocabulary
from fimble.engine.embedded.word_substitution import WordChange, apply_change, change_between

_MAX_COPIES = 3
_MAX_LOOKED_AT = 40
_MAX_WRITTEN = 10
"""Of the lines found, those most like the cursor's are written out."""
_MIN_TOKENS = 3
"""The newline and two more: with less, every line would do."""
_NEARNESS_TOKENS = 400.0
_NEARNESS = 0.3
_SUBSTITUTED = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class StructuralCopy:
    """A line's rest with the cursor's names in it."""

    text: str
    hypothesis: Hypothesis
    offset: int
    """Where the rest begins, in tokens: above the cursor, then on through those below."""
    agreement: float
    """Of the tokens of the line's beginning, the part that is equal."""
    substitutions: int
    """How many names of the rest were replaced."""
    score: float


def find_copies(context: CursorContext, vocabulary: Vocabulary) -> list[StructuralCopy]:
    """Find the best copies, the best first."""
    best: dict[str, StructuralCopy] = {}
    for hypothesis in context.hypotheses:
        typed = context.line_tokens[:-1] if hypothesis.typed else context.line_tokens
        if len(typed) < _MIN_TOKENS or not speakable(typed):
            continue
        for copy in _copies(typed, hypothesis, context, vocabulary):
            known = best.get(copy.text)
            if known is None or known.score < copy.score:
                best[copy.text] = copy
    return sorted(best.values(), key=lambda copy: -copy.score)[:_MAX_COPIES]


class _Line(NamedTuple):
    """A line that begins in the shape of the cursor's."""

    likeness: float
    """How much of its beginning is equal, and how near it is."""
    run: TokenRun
    start: int
    offset: int
    """Of its rest, in the numbering of `StructuralCopy.offset`."""


def _lines(typed: str, context: CursorContext, vocabulary: Vocabulary) -> Iterator[_Line]:
    """Find lines that begin in the shape of what is typed, each text once."""
    shape = shape_of(typed, vocabulary)
    before, after = context.hole.before, context.hole.after
    seen: set[str] = set()
    for run, base, backwards in ((before, 0, True), (after, len(before.tokens), False)):
        for start in _places(run.shapes, shape, backwards=backwards):
            end = start + len(typed)
            beginning = run.tokens[start + 1 : end]
            line = beginning + rest_of_line(run.tokens, end)
            if line in seen:
                continue
            seen.add(line)
            distance = len(run.tokens) - start if backwards else start
            equal = sum(map(str.__eq__, beginning, typed[1:])) / (len(typed) - 1)
            likeness = equal + _NEARNESS / (1 + distance / _NEARNESS_TOKENS)
            yield _Line(likeness, run, start, base + end)


def _copies(
    typed: str, hypothesis: Hypothesis, context: CursorContext, vocabulary: Vocabulary
) -> Iterator[StructuralCopy]:
    lines = nlargest(_MAX_WRITTEN, _lines(typed, context, vocabulary), key=lambda line: line[0])
    for line in lines:
        copy = _copy(
            line.run,
            line.start,
            typed=typed,
            hypothesis=hypothesis,
            context=context,
            vocabulary=vocabulary,
        )
        if copy is not None:
            text, agreement, substitutions = copy
            yield StructuralCopy(
                text=text,
                hypothesis=hypothesis,
                offset=line.offset,
                agreement=agreement,
                substitutions=substitutions,
                score=line.likeness + _SUBSTITUTED * (substitutions > 0),
            )


def _places(shapes: str, shape: str, *, backwards: bool) -> Iterator[int]:
    left = _MAX_LOOKED_AT
    at = shapes.rfind(shape) if backwards else shapes.find(shape)
    while at >= 0 and left:
        yield at
        left -= 1
        if backwards:
            at = shapes.rfind(shape, 0, at + len(shape) - 1)
        else:
            at = shapes.find(shape, at + 1)


def _copy(
    run: TokenRun,
    start: int,
    *,
    typed: str,
    hypothesis: Hypothesis,
    context: CursorContext,
    vocabulary: Vocabulary,
) -> tuple[str, float, int] | None:
    """Write the rest of one line with the cursor's names; None where they do not fit."""
    source = run.tokens[start : start + len(typed)]
    mapping: dict[str, str] = {}
    equal = 0
    for old, new in zip(source[1:], typed[1:], strict=True):
        if mapping.setdefault(old, new) != new:
            return None
        equal += old == new
    end = start + len(typed)
    rest = rest_of_line(run.tokens, end)
    if not rest or not speakable(rest):
        return None
    changes = _changes(mapping, vocabulary)
    words: list[str] = []
    substitutions = 0
    for token, blank in zip(rest, run.blanks[end : end + len(rest)], strict=True):
        text = vocabulary.text(token)
        if vocabulary.is_name[ord(token)]:
            changed = _substitute(token, text, mapping, changes, vocabulary)
            substitutions += changed != text
            text = changed
        words.append(f" {text}" if blank else text)
    written = "".join(words)
    before = context.text_before
    if hypothesis.typed:
        written = written.lstrip(" ")
        if not written.startswith(hypothesis.typed) or written == hypothesis.typed:
            return None
        written = written[len(hypothesis.typed) :]
        if not written[0].isalnum() and written[0] != "_":
            return None
    elif not before or before[-1] in " \t":
        written = written.lstrip(" ")
    return written, equal / (len(typed) - 1), substitutions


def _changes(mapping: dict[str, str], vocabulary: Vocabulary) -> list[WordChange]:
    changes: list[WordChange] = []
    for old, new in mapping.items():
        if old != new:
            change = change_between(vocabulary.text(old), vocabulary.text(new))
            if change is not None and change not in changes:
                changes.append(change)
    return changes


def _substitute(
    token: str,
    text: str,
    mapping: dict[str, str],
    changes: list[WordChange],
    vocabulary: Vocabulary,
) -> str:
    mapped = mapping.get(token)
    if mapped is not None:
        return vocabulary.text(mapped)
    for change in changes:
        changed = apply_change(text, change)
        if changed is not None:
            return changed
    return text
