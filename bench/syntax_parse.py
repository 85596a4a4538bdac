"""What one typed character costs in the syntax tree, and how long a slice holds the event loop.

Run it from the root of the repository: `python -m bench.syntax_parse [--json PATH]`.

"reparse" is the work from a change to the finished tree, all slices of it; "slice" is each call
on its own, which is how long the loop waits. "slices" counts the calls in the worst reparse. The
documents are Python with short lines, so that the longest is just below the size from which only
a window is parsed; "window" is what happens above it, on a document of twice that size.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.measure import Report, Row, Sample, condense, machine_line, publish, timed

from fimble.syntax.blocks import expects_block
from fimble.syntax.cursor import cursor_region
from fimble.syntax.imports import imports
from fimble.syntax.incremental import IncrementalParser
from fimble.syntax.language import Language
from fimble.syntax.languages import language_named
from fimble.syntax.one_shot import parse_window
from fimble.syntax.outline import outline
from fimble.syntax.scopes import enclosing_scopes
from fimble.syntax.tree import SyntaxTree
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot

SIZES_LINES = (500, 5_000, 50_000)
SLICE_US = 2_000
SEED = 2026
FUNCTION = (
    "class C{0}:\n    def f(self, a):\n        if a:\n            return g(a)\n"
    "        b = [a, 'x']\n        self.b = b\n        # keep\n        return b\n\n\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing:
    """A way to change a document."""

    name: str
    text: str
    """What each change inserts; it is taken out again, unmeasured, before the next."""
    all_over: bool
    """Whether each change is on another line, or all are on one in the middle."""


TYPING = (
    Typing(name="a letter, in one place", text="e", all_over=False),
    Typing(name="a letter, all over", text="e", all_over=True),
    Typing(name="an opening quote", text='"', all_over=True),
    Typing(name="an opening parenthesis", text="(", all_over=True),
)


@dataclass(slots=True, kw_only=True)
class Taken:
    """The times of one row."""

    reparses: list[Sample] = field(default_factory=list[Sample])
    slices: list[Sample] = field(default_factory=list[Sample])
    most_slices: int = 0

    def finish(self, parser: IncrementalParser) -> None:
        """Parse to the end, slice by slice, and keep the times."""
        parts: list[Sample] = []
        while parser.pending:
            parts.append(timed(lambda: parser.parse_slice(SLICE_US)))
        wall_s, cpu_s = sum(part.wall_s for part in parts), sum(part.cpu_s for part in parts)
        self.reparses.append(Sample(wall_s=wall_s, cpu_s=cpu_s))
        self.slices.extend(parts)
        self.most_slices = max(self.most_slices, len(parts))

    def rows(self, size: str, change: str) -> list[Row]:
        """Give the rows of this change."""
        count = str(self.most_slices)
        return [
            Row(labels=(size, change, "reparse", count), figures=condense(self.reparses)),
            Row(labels=(size, change, "slice", count), figures=condense(self.slices)),
        ]


def main() -> None:
    """Measure every size and change and print the table."""
    parser = argparse.ArgumentParser(description="Cost of one typed character in the syntax tree.")
    parser.add_argument("--edits", type=int, default=100, help="edits for each row (default 100)")
    parser.add_argument("--json", type=Path, metavar="PATH", help="also write the figures here")
    options = parser.parse_args()
    machine = machine_line()
    python = language_named("python")
    if python is None:
        raise LookupError("The registry has no Python.")
    rows: list[Row] = []
    for size in SIZES_LINES:
        rows += measure(python, size, options.edits)
    rows += measure_window(python, 2 * SIZES_LINES[-1], options.edits)
    report = Report(
        title="One typed character, syntax tree only",
        label_names=("lines", "change or question", "work", "slices"),
        rows=tuple(rows),
        machine=machine,
    )
    publish(report, json_path=options.json)


def measure(python: Language, line_count: int, edits: int) -> list[Row]:
    """Open a document, type into it in each way, and ask its tree."""
    size = f"{line_count:,}"
    snapshot = Snapshot.from_text(python_source(line_count))
    opened = Taken()
    parser = IncrementalParser(python)
    for _ in range(max(3, edits // 20)):
        parser = IncrementalParser(python)
        parser.set_text(snapshot)
        opened.finish(parser)
    rows = opened.rows(size, "opening the file")
    for typing in TYPING:
        taken = Taken()
        places = random.Random(SEED)
        for _ in range(edits):
            line = places.randrange(line_count) if typing.all_over else line_count // 2
            snapshot = type_once(parser, snapshot, line, typing.text, taken)
        rows += taken.rows(size, typing.name)
    if parser.latest is None:
        raise AssertionError("The document is parsed only in part: the figures mean nothing.")
    return rows + ask(parser.latest, size, edits)


def type_once(
    parser: IncrementalParser, snapshot: Snapshot, line: int, text: str, taken: Taken
) -> Snapshot:
    """Insert behind the line's last word, parse and take the times; then take it out again."""
    place = Position(line, len(snapshot.line(line).rstrip(" :,()[]'")))
    changed, edit = snapshot.replace(Range(place, place), text, version=1)
    parser.edit(edit)
    parser.set_text(changed)
    taken.finish(parser)
    behind = Position(line, place.character + len(text))
    restored, edit = changed.replace(Range(place, behind), "", version=2)
    parser.edit(edit)
    parser.set_text(restored)
    Taken().finish(parser)
    return restored


def ask(tree: SyntaxTree, size: str, edits: int) -> list[Row]:
    """Put each question that a completion asks to the tree, at places all over."""
    questions: dict[str, Callable[[SyntaxTree, Position], object]] = {
        "region of the cursor": cursor_region,
        "enclosing scopes": enclosing_scopes,
        "block expected?": expects_block,
        "outline": lambda tree, _: outline(tree),
        "imports": lambda tree, _: imports(tree),
    }
    rows: list[Row] = []
    for name, question in questions.items():
        places = random.Random(SEED)
        samples: list[Sample] = []
        for _ in range(edits if question.__name__ != "<lambda>" else 5):
            place = Position(places.randrange(tree.snapshot.line_count), 8)
            samples.append(timed(lambda asked=question, at=place: asked(tree, at)))
        rows.append(Row(labels=(size, name, "answer", "-"), figures=condense(samples)))
    return rows


def measure_window(python: Language, line_count: int, edits: int) -> list[Row]:
    """Parse the lines around places all over a document that is too large for more."""
    snapshot = Snapshot.from_text(python_source(line_count))
    places = random.Random(SEED)
    samples: list[Sample] = []
    for _ in range(edits):
        place = Position(places.randrange(line_count), 8)
        samples.append(timed(lambda at=place: parse_window(snapshot, at, language=python)))
    labels = (f"{line_count:,}", "opening a window", "parse", "1")
    return [Row(labels=labels, figures=condense(samples))]


def python_source(line_count: int) -> str:
    """Make a document of small classes."""
    return "".join(FUNCTION.format(number) for number in range(line_count // FUNCTION.count("\n")))


if __name__ == "__main__":
    main()
