"""Drop or trim what the document says already, above or below."""

from __future__ import annotations

from fimble.completion.brackets import CLOSER_OF
from fimble.completion.draft import Draft, Dropped, Place
from fimble.completion.indentation import width
from fimble.completion.rules.rest_of_line import closes
from fimble.completion.similarity import is_near_copy, is_substantial, same_line, same_words
from fimble.completion.surroundings import Surroundings

_MARKER_STARTS = ("@", "#[", "[")
"""Decorators and attributes stand before many definitions and may be said again."""

_MIN_RUN = 2
_BRACKETS = frozenset(CLOSER_OF.values())


def trim_repeated_below(draft: Draft, place: Place) -> Draft | Dropped:
    """Lines at the end that stand below the cursor already are not said again."""
    below = place.around.below
    lines = draft.text.split("\n")
    full = _in_document(lines, place.around)
    content = [number for number, line in enumerate(full) if line.strip()]
    for count in range(min(len(content) - 1, len(below)), 0, -1):
        last = [full[number] for number in content[-count:]]
        if not _same_lines(last, below[:count]):
            continue
        if count == 1 and not _says_something(last[0]) and not _closes_too_much(draft, place):
            continue
        kept = lines[: content[-count]]
        return draft.with_text("\n".join(kept).rstrip())
    return draft


def drop_copy_of_below(draft: Draft, place: Place) -> Draft | Dropped:
    """What stands below the cursor, said again, is noise, unless the user has typed half of it."""
    lines = _content(draft, place.around)
    below = place.around.below[: len(lines)]
    if len(lines) != len(below) or not lines:
        return draft
    if len(lines) >= _MIN_RUN:
        copied = _same_lines(lines, below)
    else:
        line = lines[0].strip()
        meant = line.startswith(_MARKER_STARTS) or _is_mostly_typed(line, place.around)
        copied = not meant and is_substantial(line) and same_words(line, below[0])
    return Dropped(reason="the suggestion repeats the lines below") if copied else draft


def drop_copy_of_above(draft: Draft, place: Place) -> Draft | Dropped:
    """The lines right above the cursor, said again, are a model that lost its place."""
    lines = _content(draft, place.around)
    above = place.around.above[: len(lines)][::-1]
    if len(lines) != len(above) or not lines:
        return draft
    if len(lines) >= _MIN_RUN:
        copied = all(map(same_line, lines, above)) and any(map(is_substantial, lines))
    else:
        copied = is_substantial(lines[0]) and lines[0].rstrip() == above[0].rstrip()
        copied = copied and not _is_mostly_typed(lines[0], place.around)
    return Dropped(reason="the suggestion repeats the lines above") if copied else draft


def _is_mostly_typed(line: str, around: Surroundings) -> bool:
    return len(around.before.strip()) > len(line.strip()) / 2


def _content(draft: Draft, around: Surroundings) -> list[str]:
    """Return the lines of a suggestion as they will stand in the document, blank ones left out.

    A header that the user has typed is no part of what the model repeats.
    """
    full = _in_document(draft.text.split("\n"), around)
    if draft.text.startswith("\n"):
        full = full[1:]
    return [line for line in full if line.strip()]


def _in_document(lines: list[str], around: Surroundings) -> list[str]:
    return [around.before + lines[0], *lines[1:]]


def _same_lines(lines: list[str], others: tuple[str, ...]) -> bool:
    if all(map(same_line, lines, others)):
        return True
    if len(lines) < _MIN_RUN or width(lines[0]) != width(others[0]):
        return False
    return is_near_copy("\n".join(lines), "\n".join(others))


def _says_something(line: str) -> bool:
    return sum(map(str.isalpha, line)) > len("end") and not line.strip().startswith("</")


def _closes_too_much(draft: Draft, place: Place) -> bool:
    """Whether the last line closes a bracket that stood open before the suggestion."""
    found = closes(draft.text, place.around)
    last_line = draft.text.rfind("\n")
    return any(mark.offset > last_line and mark.mark in _BRACKETS for mark in found)
