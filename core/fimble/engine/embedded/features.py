"""What the ranker looks at: one row of figures for each candidate.

The names are the keys of `ranker_weights.json`; a change here needs a new fit
(`bench/embedded_fit.py`), and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, log1p

from fimble.engine.embedded.cursor_context import CursorContext
from fimble.engine.embedded.lexer import split_pieces
from fimble.engine.embedded.matching import Scope
from fimble.engine.embedded.token_corpus import rest_of_line
from fimble.engine.embedded.vocabulary import NEWLINES, Vocabulary
from fimble.engine.embedded.voting import Candidate, Election

FEATURES = (
    "bias",
    "share",
    "log_share",
    "longest_share",
    "match_length",
    "short_match",
    "gap",
    "log_characters",
    "tokens",
    "log_supporters",
    "log_sources",
    "above",
    "below",
    "near_files",
    "only_far_files",
    "nearness",
    "copy_first",
    "copy_second",
    "copy_third",
    "copy_agreement",
    "copy_substitutes",
    "copy_alone",
    "copy_alone_agreement",
    "new_name",
    "closes_too_much",
    "leaves_open",
    "quote_left_open",
    "equals_next_line",
    "equals_previous_line",
    "names_known_nearby",
    "unfinished_word",
    "typed_length",
    "finished_despite_words",
    "at_line_start",
    "log_escape",
    "same_start_share",
    "extended_share",
    "ends_line",
    "share_of_long_match",
    "characters_times_gap",
)

_NEAR_TOKENS_ABOVE = 1_500
_NEAR_TOKENS_BELOW = 500
_NEARNESS_TOKENS = 400.0
_LONG = 20.0
_SHORT_MATCH = 4
_MAX_GAP = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Surroundings:
    """What all candidates of a place share."""

    nearby: frozenset[str]
    """The names close to the cursor."""
    open_brackets: int
    typed_line: str
    next_line: str
    previous_line: str
    odd_quotes: bool


def feature_rows(
    candidates: Sequence[Candidate],
    election: Election,
    context: CursorContext,
    vocabulary: Vocabulary,
) -> list[list[float]]:
    """Return the figures of each candidate, in the order of `FEATURES`."""
    around = _look_around(context, vocabulary)
    starts: dict[str, float] = {}
    pieces = [[piece.strip() for piece in split_pieces(c.text)] for c in candidates]
    for candidate, words in zip(candidates, pieces, strict=True):
        first = words[0] if words else ""
        starts[first] = starts.get(first, 0.0) + candidate.share
    words_expected = any(hypothesis.typed for hypothesis in context.hypotheses)
    rows: list[list[float]] = []
    for candidate, words in zip(candidates, pieces, strict=True):
        extended = sum(
            other.share
            for other in candidates
            if other is not candidate and other.text.startswith(candidate.text)
        )
        rows.append(
            [
                1.0,
                *_vote_features(candidate, election),
                *_copy_features(candidate),
                *_text_features(candidate, words, around),
                *_reading_features(candidate, words_expected=words_expected, context=context),
                log(election.escape_share + 1e-4),
                starts[words[0] if words else ""],
                extended,
                *_joint_features(candidate, election),
            ]
        )
    return rows


def _vote_features(candidate: Candidate, election: Election) -> list[float]:
    supporters = candidate.supporters
    length = max((match.length for match in supporters), default=0)
    longest = sum(match.length == election.longest for match in supporters)
    scopes = {match.scope for match in supporters}
    nearest = min((m.distance for m in supporters if m.scope is Scope.BEFORE), default=1 << 30)
    return [
        candidate.share,
        log(candidate.share + 1e-3),
        longest / max(1, election.longest_count),
        length / _LONG,
        max(0, _SHORT_MATCH - length) / _SHORT_MATCH,
        min(_MAX_GAP, election.longest - length) / _MAX_GAP,
        log1p(len(candidate.text)),
        len(candidate.tokens) / 10,
        log1p(len(supporters)),
        log1p(len({id(match.text) for match in supporters})),
        float(Scope.BEFORE in scopes),
        float(Scope.AFTER in scopes),
        float(Scope.OPEN in scopes or Scope.DIRECTORY in scopes),
        float(scopes == {Scope.WORKSPACE}),
        exp(-nearest / _NEARNESS_TOKENS),
    ]


def _copy_features(candidate: Candidate) -> list[float]:
    rank = candidate.copy_rank
    alone = bool(rank) and not candidate.supporters
    return [
        float(rank == 1),
        float(rank == 2),  # noqa: PLR2004  (ranks are one to three)
        float(rank == 3),  # noqa: PLR2004
        candidate.copy_agreement,
        float(candidate.copy_substitutions > 0),
        float(alone),
        candidate.copy_agreement if alone else 0.0,
    ]


def _text_features(candidate: Candidate, words: list[str], around: _Surroundings) -> list[float]:
    names = [word for word in words if word[0].isalpha() or word[0] == "_"]
    known = sum(name in around.nearby for name in names)
    depth = lowest = around.open_brackets
    for word in words:
        if word in "([{":
            depth += 1
        elif word in ")]}":
            depth -= 1
            lowest = min(lowest, depth)
    quotes = sum(word in ("'", '"', "`") for word in words) % 2 == 1
    line = around.typed_line + candidate.text.replace(" ", "")
    return [
        float(bool(candidate.copy_rank) and known < len(names)),
        float(max(0, -lowest)),
        float(max(0, depth)),
        float(quotes != around.odd_quotes),
        float(line == around.next_line),
        float(line == around.previous_line),
        known / len(names) if names else 1.0,
    ]


def _reading_features(
    candidate: Candidate, *, words_expected: bool, context: CursorContext
) -> list[float]:
    typed = candidate.hypothesis.typed
    return [
        float(bool(typed)),
        min(len(typed), 8) / 8,
        float(words_expected and not typed),
        float(len(context.line_tokens) == 1),
    ]


def _joint_features(candidate: Candidate, election: Election) -> list[float]:
    length = max((match.length for match in candidate.supporters), default=0)
    gap = min(_MAX_GAP, election.longest - length) / _MAX_GAP
    return [
        float(not candidate.text.strip()),
        candidate.share * min(1.0, election.longest / _LONG),
        log1p(len(candidate.text)) * gap,
    ]


def _look_around(context: CursorContext, vocabulary: Vocabulary) -> _Surroundings:
    before, after = context.hole.before.tokens, context.hole.after.tokens
    near = before[-_NEAR_TOKENS_ABOVE:] + context.line_tokens + after[:_NEAR_TOKENS_BELOW]
    is_name, texts = vocabulary.is_name, vocabulary.texts
    nearby = frozenset(texts[ord(token)] for token in set(near) if is_name[ord(token)])
    depth = 0
    for token in context.line_tokens:
        text = texts[ord(token)]
        if text and text in "([{":
            depth += 1
        elif text and text in ")]}":
            depth = max(0, depth - 1)
    typed = "".join(context.text_before.split())
    quotes = sum(texts[ord(token)] in ("'", '"', "`") for token in context.line_tokens)
    start = max((before.rfind(newline) for newline in NEWLINES), default=-1)
    return _Surroundings(
        nearby=nearby,
        open_brackets=depth,
        typed_line=typed,
        next_line=_plain(rest_of_line(after, 1), texts),
        previous_line=_plain(before[start + 1 :], texts),
        odd_quotes=quotes % 2 == 1,
    )


def _plain(tokens: str, texts: list[str]) -> str:
    return "".join([texts[ord(token)] for token in tokens])
