"""What the modelled systems take of a document: lines or characters around the cursor."""

from __future__ import annotations

from dataclasses import dataclass

from fimble_cli.bench.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The document seen as the cursor's line and those around it."""

    above: list[str]
    """From the top of the file, without line ends."""
    before: str
    """The cursor's line up to the cursor."""
    after: str
    """The rest of the cursor's line."""
    below: list[str]

    @property
    def indentation(self) -> int:
        """Blanks at the start of the cursor's line."""
        line = self.before + self.after
        return len(line) - len(line.lstrip())


def lines_around(document: Document) -> Lines:
    """Split the document at the cursor."""
    *above, before = document.before.split("\n")
    after, *below = document.after.split("\n")
    return Lines(above=above, before=before, after=after, below=below)


def last_lines_within(text: str, budget: int, cost: int) -> str:
    """Drop whole lines from the top until `text` costs no more; `cost` is characters a token."""
    lines = text.splitlines(keepends=True)
    while len(lines) > 1 and sum(map(len, lines)) > budget * cost:
        lines.pop(0)
    return "".join(lines)


def first_lines_within(text: str, budget: int, cost: int) -> str:
    """Drop whole lines from the bottom until `text` costs no more."""
    lines = text.splitlines(keepends=True)
    while lines and sum(map(len, lines)) > budget * cost:
        lines.pop()
    return "".join(lines)


def until_less_indented(text: str, indentation: int) -> int | None:
    """Return where a later line of `text` is indented less than `indentation`, None if nowhere."""
    start = text.find("\n")
    while start >= 0:
        line, newline, _ = text[start + 1 :].partition("\n")
        bare = line.lstrip()
        if bare and len(line) - len(bare) < indentation:
            return start
        start = start + 1 + len(line) if newline else -1
    return None
