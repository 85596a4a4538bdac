"""Which closing brackets and quotes an editor adds while a gap is typed."""

from __future__ import annotations

from typing import Final

_CLOSERS: Final = {"(": ")", "[": "]", "{": "}", '"': '"', "'": "'", "`": "`"}


def auto_closed(text: str) -> dict[int, int]:
    """Return where each opener of `text` that is closed on its own line has its closer.

    Only these are auto-closed in a replay: a person who goes on to the next line deletes or moves
    the closer in ways that differ by editor and language.
    """
    pairs: dict[int, int] = {}
    open_places: list[int] = []
    place = 0
    while place < len(text):
        character = text[place]
        if character == "\n":
            open_places.clear()
        elif character in "\"'`":
            end = _quote_end(text, place)
            if end is None:
                place = _line_end(text, place)
                open_places.clear()
                continue
            if not text[place - 1 : place].isalnum():
                pairs[place] = end
            place = end
        elif character in _CLOSERS:
            open_places.append(place)
        elif open_places and character == _CLOSERS[text[open_places[-1]]]:
            pairs[open_places.pop()] = place
        place += 1
    return pairs


def closer_of(opener: str) -> str:
    """Return the closer that belongs to `opener`."""
    return _CLOSERS[opener]


def _quote_end(text: str, start: int) -> int | None:
    """Return where the quotation that begins at `start` ends on its line."""
    quote = text[start]
    if text.startswith(quote * 3, start):
        return None
    place = start + 1
    while place < len(text) and text[place] != "\n":
        if text[place] == "\\":
            place += 1
        elif text[place] == quote:
            return place
        place += 1
    return None


def _line_end(text: str, start: int) -> int:
    found = text.find("\n", start)
    return len(text) if found < 0 else found
