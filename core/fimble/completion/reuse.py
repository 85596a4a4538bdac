"""Suggestions kept for reuse: typed through, walked back into, accepted in part.

Every suggestion is stored under one key for each place from which it can still be shown: after
the first character of it was typed, after the second, and so on, and a few characters back on
its own line (multi-key LRU, after `ggml-org/llama.vim:autoload/llama.vim`, which stores four
keys and looks 128 characters back). A look-up is one hash; a hit is verified against the text,
costs no request and needs no debounce.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

from fimble.text.position import Position
from fimble.text.snapshot import Snapshot

_KEY_CHARACTERS = 80
"""Characters before the cursor that make a key; verification compares `_VERIFY_CHARACTERS`."""

_VERIFY_CHARACTERS = 1_500
_SUFFIX_CHARACTERS = 120
_BACK_CHARACTERS = 24
"""How far before its own start, on the same line, a suggestion is still offered (backspace)."""

_MAX_KEYS = 512
"""Keys of one suggestion; text beyond is reached through the keys before it."""

_MAX_CLOSERS = 4
_CLOSERS = frozenset(")]}>'\"`;,")


End = Literal["line", "answer", "open"]
"""How a model came to the end of a suggestion: it ended the line there, or its whole answer;
"open" where it would have gone on, or where what is shown is not all that it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSuggestion:
    """A finished suggestion and the text around the place it was made for."""

    uri: str
    before: str
    """Up to `_VERIFY_CHARACTERS` of text before the place."""
    after: str
    """Up to `_SUFFIX_CHARACTERS` of text after it."""
    text: str
    """The whole post-processed suggestion; empty is a remembered "nothing to say"."""
    replaced: str
    """The document's text after the cursor that the suggestion stands in for."""
    complete: bool
    """False while more may follow (only the first unit of a block so far)."""
    engine: str
    """Which engine said it."""
    nothing: str = ""
    """Why there is nothing to say, where `text` is empty."""
    end: End = "open"
    """How its model came to its end."""
    beyond: str = ""
    """What its model has said behind it, as far as that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReuseHit:
    """What a stored suggestion still has to say at a place."""

    text: str
    replaced: str
    typed_characters: int
    """How much of it has been typed already; negative when the user has walked back."""
    complete: bool
    engine: str
    nothing: str = ""
    end: End = "open"
    beyond: str = ""


def surroundings(snapshot: Snapshot, cursor: Position) -> tuple[str, str]:
    """Return the text before and after `cursor` that reuse compares."""
    before_parts = [snapshot.line(cursor.line)[: cursor.character]]
    size, line = len(before_parts[0]), cursor.line - 1
    while line >= 0 and size < _VERIFY_CHARACTERS:
        text = snapshot.line_with_ending(line)
        before_parts.append(text)
        size += len(text)
        line -= 1
    before = "".join(reversed(before_parts))[-_VERIFY_CHARACTERS:]
    after_parts = [snapshot.line_with_ending(cursor.line)[cursor.character :]]
    size, line = len(after_parts[0]), cursor.line + 1
    while line < snapshot.line_count and size < _SUFFIX_CHARACTERS:
        text = snapshot.line_with_ending(line)
        after_parts.append(text)
        size += len(text)
        line += 1
    return before, "".join(after_parts)[:_SUFFIX_CHARACTERS]


class SuggestionCache:
    """Least recently used suggestions, found by the text before the cursor."""

    def __init__(self, *, capacity: int = 128) -> None:
        self._capacity = capacity
        self._stored: OrderedDict[int, StoredSuggestion] = OrderedDict()
        self._keys: dict[int, list[tuple[int, int]]] = {}
        self._keys_of: dict[int, list[int]] = {}
        self._next_id = 0

    def __len__(self) -> int:
        return len(self._stored)

    def store(self, suggestion: StoredSuggestion) -> None:
        """Keep `suggestion` under every place from which it can be shown."""
        identity = self._next_id
        self._next_id += 1
        self._stored[identity] = suggestion
        keys: list[int] = []
        for typed in _offsets(suggestion):
            key = _key(suggestion.uri, _before_at(suggestion, typed))
            keys.append(key)
            self._keys.setdefault(key, []).append((identity, typed))
        self._keys_of[identity] = keys
        while len(self._stored) > self._capacity:
            self._evict(next(iter(self._stored)))

    def find(self, snapshot: Snapshot, cursor: Position) -> ReuseHit | None:
        """Return what a stored suggestion still has to say at `cursor`, newest first."""
        before, after = surroundings(snapshot, cursor)
        key = _key(snapshot.uri, before)
        for identity, typed in reversed(self._keys.get(key, [])):
            hit = _match(self._stored[identity], typed, before, after)
            if hit is not None:
                self._stored.move_to_end(identity)
                return hit
        return None

    def used_up(self, snapshot: Snapshot, cursor: Position) -> StoredSuggestion | None:
        """Return the newest suggestion that stands in the document up to `cursor`, whole."""
        before, after = surroundings(snapshot, cursor)
        for identity, typed in reversed(self._keys.get(_key(snapshot.uri, before), [])):
            stored = self._stored[identity]
            if 0 < typed == len(stored.text) and _stands(stored, typed, before, after) is not None:
                return stored
        return None

    def forget(self, uri: str) -> None:
        """Drop what was stored for a closed document."""
        for identity in [i for i, s in self._stored.items() if s.uri == uri]:
            self._evict(identity)

    def clear(self) -> None:
        """Drop everything: the model or its settings changed."""
        self._stored.clear()
        self._keys.clear()
        self._keys_of.clear()

    def _evict(self, identity: int) -> None:
        del self._stored[identity]
        for key in self._keys_of.pop(identity):
            places = [place for place in self._keys.get(key, ()) if place[0] != identity]
            if places:
                self._keys[key] = places
            else:
                self._keys.pop(key, None)


def _offsets(suggestion: StoredSuggestion) -> range:
    line_start = max(suggestion.before.rfind("\n"), suggestion.before.rfind("\r")) + 1
    back = min(_BACK_CHARACTERS, len(suggestion.before) - line_start)
    return range(-back if suggestion.text else 0, min(len(suggestion.text), _MAX_KEYS) + 1)


def _before_at(suggestion: StoredSuggestion, typed: int) -> str:
    if typed >= 0:
        return suggestion.before + suggestion.text[:typed]
    return suggestion.before[:typed]


def _key(uri: str, before: str) -> int:
    return hash((uri, before[-_KEY_CHARACTERS:]))


def _stands(suggestion: StoredSuggestion, typed: int, before: str, after: str) -> str | None:
    """Return what a suggestion still replaces where `typed` of it stand; None where it does not."""
    expected = _before_at(suggestion, typed)
    shared = min(len(expected), len(before))
    if expected[len(expected) - shared :] != before[len(before) - shared :]:
        return None
    return _rest_of_replaced(suggestion, after)


def _match(suggestion: StoredSuggestion, typed: int, before: str, after: str) -> ReuseHit | None:
    replaced = _stands(suggestion, typed, before, after)
    if replaced is None:
        return None
    text = suggestion.text[typed:] if typed >= 0 else suggestion.before[typed:] + suggestion.text
    if typed > 0 and not text:
        return None
    return ReuseHit(
        text=text,
        replaced=replaced,
        typed_characters=typed,
        complete=suggestion.complete,
        engine=suggestion.engine,
        nothing=suggestion.nothing,
        end=suggestion.end,
        beyond=suggestion.beyond,
    )


def _rest_of_replaced(suggestion: StoredSuggestion, after: str) -> str | None:
    """Return what the suggestion replaces now, or None when the text after it has changed.

    Editors close brackets by themselves: typing `(` of the suggestion puts a `)` behind the
    cursor that was not there before. Such closers are replaced, since the suggestion brings
    its own.
    """
    if _agree(after, suggestion.after):
        return suggestion.replaced
    closers = 0
    while closers < min(_MAX_CLOSERS, len(after)) and after[closers] in _CLOSERS:
        closers += 1
        if _agree(after[closers:], suggestion.after):
            return after[:closers] + suggestion.replaced
    return None


def _agree(after: str, stored: str) -> bool:
    """Whether two texts after a cursor are the same as far as both were kept."""
    shared = min(len(after), len(stored))
    if shared < min(_SUFFIX_CHARACTERS - _MAX_CLOSERS, max(len(after), len(stored))):
        return False
    return after[:shared] == stored[:shared]
