"""What the ranker looks at: one row of figures for each candidate.

The names are the keys of `ranker_weights.json`; a change here needs a new fit
(`bench/embedded_fit.py`), and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log, log1p

from fimble.engine.embedded.cursor_context import CursorContext
from fimble.engine.embedded.lexer import split_pieces
from fimble.engine.embedded.matching import Scope
from fimble.engine.embedded.surroundings import Surroundings, look_around
from fimble.engine.embedded.vocabulary import Vocabulary
from fimble.engine.embedded.voting import VIEWS, Candidate, Election

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
    "longest_above",
    "longest_below",
    "longest_nearness",
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
    "names_known_nearby",
    "names_known_here",
    "names_unknown",
    "numbers_unknown",
    "ending_usual",
    "header_unfinished",
    "colon_unexpected",
    "equals_next_line",
    "equals_previous_line",
    "repeats_close_above",
    "repeats_above",
    "repeats_close_below",
    "repeats_below",
    "pairs_known",
    "first_pair_known",
    "first_is_name",
    "first_is_quote",
    "first_closes",
    "first_opens",
    "one_token",
    "unfinished_word",
    "typed_length",
    "finished_despite_words",
    "at_line_start",
    "nothing_below",
    "log_escape",
    "same_start_share",
    "extended_share",
    "ends_line",
    "share_of_long_match",
    "characters_times_gap",
    "behind_best",
    "best_of_others",
    "rank",
    "candidates",
    "longest_of_all",
    *VIEWS,
    *(f"starts_{view}" for view in VIEWS),
)

_NEARNESS_TOKENS = 400.0
_LONG = 20.0
_SHORT_MATCH = 4
_MAX_GAP = 10
_CLOSE_LINES = 3
_UNSEEN = 1 << 30


def feature_rows(
    candidates: Sequence[Candidate],
    election: Election,
    context: CursorContext,
    vocabulary: Vocabulary,
) -> list[list[float]]:
    """Return the figures of each candidate, in the order of `FEATURES`."""
    around = look_around(context, vocabulary)
    pieces = [[piece.strip() for piece in split_pieces(c.text)] for c in candidates]
    starts: dict[str, float] = {}
    views: dict[str, list[float]] = {}
    for candidate, words in zip(candidates, pieces, strict=True):
        first = words[0] if words else ""
        starts[first] = starts.get(first, 0.0) + candidate.share
        known = views.get(first)
        views[first] = (
            list(candidate.views)
            if known is None
            else list(map(float.__add__, known, candidate.views))
        )
    shares = sorted((candidate.share for candidate in candidates), reverse=True)
    words_expected = any(candidate.hypothesis.typed for candidate in candidates)
    rows: list[list[float]] = []
    for candidate, words in zip(candidates, pieces, strict=True):
        text = candidate.text
        extended = sum(
            other.share
            for other in candidates
            if other is not candidate and other.text.startswith(text)
        )
        rows.append(
            [
                1.0,
                *_vote_features(candidate, election),
                *_copy_features(candidate),
                *_token_features(candidate, words, around, context, vocabulary),
                *_reading_features(candidate, words_expected=words_expected, context=context),
                log(election.escape_share + 1e-4),
                starts[words[0] if words else ""],
                extended,
                *_joint_features(candidate, election),
                *_rank_features(candidate, shares),
                election.longest / _LONG,
                *candidate.views,
                *views[words[0] if words else ""],
            ]
        )
    return rows


def _vote_features(candidate: Candidate, election: Election) -> list[float]:
    length = sources = longest = 0
    nearest = longest_nearest = _UNSEEN
    scopes: set[Scope] = set()
    at_longest: set[Scope] = set()
    texts: set[int] = set()
    for match in candidate.supporters:
        scope = match.scope
        scopes.add(scope)
        texts.add(id(match.text))
        length = max(length, match.length)
        near = match.distance if scope is Scope.BEFORE else _UNSEEN
        nearest = min(nearest, near)
        if match.length == election.longest:
            longest += 1
            at_longest.add(scope)
            longest_nearest = min(longest_nearest, near)
    sources = len(texts)
    return [
        candidate.share,
        log(candidate.share + 1e-3),
        longest / max(1, election.longest_count),
        length / _LONG,
        max(0, _SHORT_MATCH - length) / _SHORT_MATCH,
        min(_MAX_GAP, election.longest - length) / _MAX_GAP,
        log1p(len(candidate.text)),
        len(candidate.tokens) / 10,
        log1p(len(candidate.supporters)),
        log1p(sources),
        float(Scope.BEFORE in scopes),
        float(Scope.AFTER in scopes),
        float(Scope.OPEN in scopes or Scope.DIRECTORY in scopes),
        float(scopes == {Scope.WORKSPACE}),
        exp(-nearest / _NEARNESS_TOKENS),
        float(Scope.BEFORE in at_longest),
        float(Scope.AFTER in at_longest),
        exp(-longest_nearest / _NEARNESS_TOKENS),
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


def _token_features(
    candidate: Candidate,
    words: list[str],
    around: Surroundings,
    context: CursorContext,
    vocabulary: Vocabulary,
) -> list[float]:
    """Return how the candidate's tokens fit what stands around."""
    typed = candidate.hypothesis.typed
    before = context.line_tokens[:-1] if typed else context.line_tokens
    tokens = candidate.tokens or _tokens_of(typed + candidate.text, vocabulary)
    is_name = vocabulary.is_name
    names = [token for token in tokens if is_name[ord(token)]]
    nearby = sum(name in around.nearby for name in names)
    here = sum(name in around.here for name in names)
    depth, lowest, quotes, numbers = _balance(words, around.open_brackets)
    known_numbers = sum(vocabulary.known(word) in around.near for word in numbers)
    line = before[1:] + tokens
    complete = depth <= 0 and bool(words)
    ends_in_colon = bool(words) and words[-1] == ":"
    pairs = [before[-1:] + tokens[:1], *map(str.__add__, tokens, tokens[1:])] if tokens else []
    known_pairs = [pair in around.near for pair in pairs]
    above = around.lines_above.get(line, _UNSEEN)
    below = around.lines_below.get(line, _UNSEEN)
    first = words[0] if words else ""
    return [
        float(bool(candidate.copy_rank) and nearby < len(names)),
        float(max(0, -lowest)),
        float(max(0, depth)),
        float(quotes != around.odd_quotes),
        nearby / len(names) if names else 1.0,
        here / len(names) if names else 1.0,
        float(len(names) - nearby),
        float(len(numbers) - known_numbers),
        around.endings.get(tokens[-1:], 0.0) if tokens else 0.0,
        float(around.ends_in_colons and around.is_header and complete and not ends_in_colon),
        float(around.ends_in_colons and not around.is_header and complete and ends_in_colon),
        float(line == around.next_line),
        float(line == around.previous_line),
        float(above < _CLOSE_LINES),
        float(_CLOSE_LINES <= above < _UNSEEN),
        float(below < _CLOSE_LINES),
        float(_CLOSE_LINES <= below < _UNSEEN),
        sum(known_pairs) / len(pairs) if pairs else 0.0,
        float(bool(known_pairs) and known_pairs[0]),
        float(first[:1].isalpha() or first[:1] == "_"),
        float(first[:1] in ("'", '"', "`")),
        float(bool(first) and first in ")]}"),
        float(bool(first) and first in "([{"),
        float(len(words) == 1),
    ]


def _tokens_of(text: str, vocabulary: Vocabulary) -> str:
    return "".join([vocabulary.known(piece) for piece in split_pieces(text)])


def _balance(words: list[str], open_brackets: int) -> tuple[int, int, bool, list[str]]:
    """Return the depth of brackets behind the words, the least of it, odd quotes, and numbers."""
    depth = lowest = open_brackets
    quotes = 0
    numbers: list[str] = []
    for word in words:
        if word in "([{":
            depth += 1
        elif word in ")]}":
            depth -= 1
            lowest = min(lowest, depth)
        elif word in ("'", '"', "`"):
            quotes += 1
        elif word[0].isdigit():
            numbers.append(word)
    return depth, lowest, quotes % 2 == 1, numbers


def _reading_features(
    candidate: Candidate, *, words_expected: bool, context: CursorContext
) -> list[float]:
    typed = candidate.hypothesis.typed
    return [
        float(bool(typed)),
        min(len(typed), 8) / 8,
        float(words_expected and not typed),
        float(len(context.line_tokens) == 1),
        float(not context.hole.after.tokens),
    ]


def _joint_features(candidate: Candidate, election: Election) -> list[float]:
    length = max((match.length for match in candidate.supporters), default=0)
    gap = min(_MAX_GAP, election.longest - length) / _MAX_GAP
    return [
        float(not candidate.text.strip()),
        candidate.share * min(1.0, election.longest / _LONG),
        log1p(len(candidate.text)) * gap,
    ]


def _rank_features(candidate: Candidate, shares: list[float]) -> list[float]:
    """Return how the candidate's share of the votes stands beside the others'."""
    best = shares[0]
    others = shares[1] if candidate.share == best and len(shares) > 1 else best
    others = 0.0 if len(shares) == 1 else others
    return [
        best - candidate.share,
        others,
        min(shares.index(candidate.share), _MAX_GAP) / _MAX_GAP,
        len(shares) / _MAX_GAP,
    ]
