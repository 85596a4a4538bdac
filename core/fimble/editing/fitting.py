"""From a block of an answer to the text that replaces the selection: ends, line ends, indentation.

Models are told to keep the selection's indentation and often do not: they begin the block at the
margin, or leave out the first line's alone. Both are mended by comparing the first lines; where
that leaves a choice, the way with fewer syntax errors is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

CountErrors = Callable[[str], int | None]
"""Counts the syntax errors of the document with a text in the selection's place; None: unknown."""


def fitted(code: str, selection: str, *, line_ending: str, errors: CountErrors) -> str:
    """Return `code` as it may stand where `selection` stands.

    Args:
        code: The block, with whatever ends it has.
        selection: What it replaces.
        line_ending: The document's.
        errors: Judges between several ways to indent.
    """
    plain = code.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    if not plain.strip():
        return ""
    if "\n" not in plain and "\n" not in selection:
        return _lead(selection) + plain.strip()
    ways = list(dict.fromkeys(_ways(plain, _lead(selection))))
    best = min(ways, key=lambda way: _fault(way, selection)) if len(ways) > 1 else ways[0]
    if len(ways) > 1:
        counts = {way: errors(_with_ends(way, line_ending)) or 0 for way in ways}
        best = min(ways, key=lambda way: (counts[way], way is not best))
    return _with_ends(best, line_ending)


def _fault(way: str, selection: str) -> tuple[bool, int]:
    """Rank a way: by the second line's depth against the selection's, then by lines kept."""
    kept = set(way.split("\n")) & set(selection.replace("\r\n", "\n").split("\n"))
    return _lead(_behind_first(way)) != _lead(_behind_first(selection)), -len(kept)


def _behind_first(text: str) -> str:
    """Return what follows the first line that is not blank."""
    return text.lstrip("\r\n").partition("\n")[2]


def _ways(code: str, lead: str) -> Iterator[str]:
    """Yield the ways to give the first line the indentation `lead`, the likeliest first."""
    own = _lead(code)
    if own == lead:
        yield code
        return
    lines = code.split("\n")
    rest = [line for line in lines[1:] if line.strip()]
    if len(own) < len(lead) and rest and all(line.startswith(lead) for line in rest):
        yield "\n".join([lead + lines[0].lstrip(), *lines[1:]])
    yield "\n".join(_moved(line, own, lead) for line in lines)


def _moved(line: str, own: str, lead: str) -> str:
    if not line.strip():
        return ""
    if line.startswith(own):
        return lead + line[len(own) :]
    return line.lstrip() if not lead else line


def _lead(text: str) -> str:
    """Return the indentation of the first line that is not blank."""
    line = next((line for line in text.split("\n") if line.strip()), "")
    return line[: len(line) - len(line.lstrip(" \t"))]


def _with_ends(text: str, line_ending: str) -> str:
    return text if line_ending == "\n" else text.replace("\n", line_ending)
