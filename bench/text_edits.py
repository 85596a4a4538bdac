"""What one typed character costs in the document model: ours beside pygls' `TextDocument`.

Run it from the root of the repository: `python -m bench.text_edits [--json PATH]`.

Both models get the same edits in turns within one run, so that whatever else the machine does
hits both, and at the end they must hold the same text. "edit" is the change alone; ours includes
the byte offsets and points that an incremental parse needs, pygls has none. "edit + UTF-8" adds
what the parser asks for next: the whole document in bytes.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Report, Row, Sample, condense, machine_line, publish, timed
from lsprotocol import types
from pygls.workspace import TextDocument

from fimble.text.changes import apply_change
from fimble.text.encoding import PositionEncoding
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot

SIZES_LINES = (500, 5_000, 50_000)
TYPED = "abcdefghijklmnopqrstuvwxyz_ =()\n"
SEED = 2026


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A way to move through a document while typing."""

    name: str
    lines: Callable[[int, int], list[int]]
    """From document length and number of edits, the line of each edit."""


def main() -> None:
    """Measure every size and pattern and print the table."""
    parser = argparse.ArgumentParser(description="Cost of one typed character, ours and pygls.")
    parser.add_argument("--edits", type=int, default=300, help="edits for each row (default 300)")
    parser.add_argument("--json", type=Path, metavar="PATH", help="also write the figures here")
    options = parser.parse_args()
    machine = machine_line()
    rows = [
        row
        for size in SIZES_LINES
        for pattern in PATTERNS
        for row in measure(size, pattern, options.edits)
    ]
    report = Report(
        title="One typed character, document model only",
        label_names=("lines", "typing", "work", "model"),
        rows=tuple(rows),
        machine=machine,
    )
    publish(report, json_path=options.json)


def measure(line_count: int, pattern: Pattern, edits: int) -> list[Row]:
    """Type `edits` characters into both models and give their rows."""
    source = python_source(line_count)
    ours = OurDocument(source)
    stock = StockDocument(source)
    samples: dict[tuple[str, str], list[Sample]] = {}
    typing = random.Random(SEED)
    for line in pattern.lines(line_count, edits):
        character = typing.choice(TYPED)
        for model in (ours, stock):
            model.prepare(line, character)
            edit = timed(model.edit)
            utf8 = timed(model.utf8)
            both = Sample(wall_s=edit.wall_s + utf8.wall_s, cpu_s=edit.cpu_s + utf8.cpu_s)
            samples.setdefault(("edit", model.name), []).append(edit)
            samples.setdefault(("edit + UTF-8", model.name), []).append(both)
    if ours.utf8() != stock.utf8():
        raise AssertionError("The two models hold different text: the figures compare nothing.")
    return [
        Row(labels=(f"{line_count:,}", pattern.name, work, model), figures=condense(taken))
        for (work, model), taken in samples.items()
    ]


class OurDocument:
    """Snapshots, one after the other."""

    name = "fimble"

    def __init__(self, source: str) -> None:
        self._snapshot = Snapshot.from_text(source)
        self.prepare(0, "")

    def prepare(self, line: int, text: str) -> None:
        """Set the next edit up; not measured, as the protocol layer does it for both."""
        place = Position(line, 4)
        self._range, self._text = Range(place, place), text

    def edit(self) -> None:
        """Apply the edit."""
        self._snapshot, _ = apply_change(
            self._snapshot, self._range, self._text, PositionEncoding.UTF16, 1
        )

    def utf8(self) -> bytes:
        """Give the document's bytes."""
        return self._snapshot.utf8


class StockDocument:
    """The document of pygls as it comes."""

    name = "pygls"

    def __init__(self, source: str) -> None:
        self._document = TextDocument("file:///bench.py", source, version=0)
        self.prepare(0, "")

    def prepare(self, line: int, text: str) -> None:
        """Set the next edit up; pygls changes the positions it is given, so they are new."""
        self._change = types.TextDocumentContentChangePartial(
            range=types.Range(
                start=types.Position(line=line, character=4),
                end=types.Position(line=line, character=4),
            ),
            text=text,
        )

    def edit(self) -> None:
        """Apply the edit."""
        self._document.apply_change(self._change)

    def utf8(self) -> bytes:
        """Give the document's bytes."""
        return self._document.source.encode()


def python_source(line_count: int) -> str:
    """Make a document of plain Python with a comment outside ASCII now and then."""
    return "".join(
        f"    total_{number} = combine(total_{number - 1}, {number})"
        f"{'  # Größe in µm' if number % 20 == 0 else ''}\n"
        for number in range(line_count)
    )


def typing_on(line_count: int, edits: int) -> list[int]:
    """Stay on one line in the middle, as a person does."""
    return [line_count // 2] * edits


def jumping(line_count: int, edits: int) -> list[int]:
    """Go to another line for every character, the worst for anything that keeps its place."""
    places = random.Random(SEED)
    return [places.randrange(line_count) for _ in range(edits)]


PATTERNS = (
    Pattern(name="in one place", lines=typing_on),
    Pattern(name="all over", lines=jumping),
)


if __name__ == "__main__":
    main()
