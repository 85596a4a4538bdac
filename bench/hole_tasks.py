"""Seeded hole tasks: code lines of a source tree whose rest is taken away.

A task's document ends its line at the cursor, so nothing of the target is left in it; the
workspace's own copy of the document does not count while the document is open. Comments at a
line's end are no target.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from fimble.engine.embedded.lexer import FIRST_STATE, LineLexer, split_pieces
from fimble.engine.embedded.lexical_rules import rules_for
from fimble.engine.embedded.vocabulary import DOCSTRING, KEYWORDS, Vocabulary
from fimble.engine.protocol import Hole
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot
from fimble.text.splitting import split_lines, without_ending

SUFFIXES = {".py": "python", ".ts": "typescript"}
_AT_LINE_START = 0.26
_MAX_FILE_CHARACTERS = 400_000
_IN_TESTS = re.compile(r"(^|[/_.])(tests?|conftest|spec|__tests__)([/_.]|$)")
_TEST_PART = 0.25
_MIN_WORD = 4
_MIN_TARGET = 3
"""Nobody is helped by less: a closing bracket and a colon are typed sooner than they are read."""


class Kind(StrEnum):
    """Where the cursor is."""

    LINE = "line"
    """Between two tokens, or where a line's code begins."""
    MIDDLE = "middle"
    """Inside an identifier."""
    END = "end"
    """After the last token, where nothing comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One hole and what was in it."""

    root: Path
    """The tree that the file is of."""
    path: Path
    kind: Kind
    line: int
    character: int
    target: str
    at_line_start: bool

    def hole(self, text: str, *, append_only: bool = False) -> Hole:
        """Cut the hole into the file's text; `append_only` cuts everything below it too."""
        lines = split_lines(text)
        body = without_ending(lines[self.line])
        ending = lines[self.line][len(body) :]
        below = [] if append_only else lines[self.line + 1 :]
        holed = [*lines[: self.line], body[: self.character] + ending, *below]
        snapshot = Snapshot.from_text(
            "".join(holed), uri=self.path.as_uri(), language_id=SUFFIXES[self.path.suffix]
        )
        return Hole(snapshot=snapshot, cursor=Position(self.line, self.character))


@dataclass(frozen=True, slots=True, kw_only=True)
class _CodeLine:
    path: Path
    number: int
    code: str
    """Without indentation, comment and blanks at the end."""
    indent: int


def draw_tasks(root: Path, *, seed: str, counts: dict[Kind, int]) -> list[Task]:
    """Draw tasks from a tree; the same seed gives the same tasks, sorted by file."""
    code, tests = _code_lines(root)
    chance = random.Random(f"{seed}:{root.name}")
    tasks: list[Task] = []
    for kind, count in counts.items():
        left = count * 50
        drawn = 0
        while code and drawn < count and left:
            left -= 1
            lines = tests if tests and chance.random() < _TEST_PART else code
            task = _cut(root, chance.choice(lines), kind, chance)
            if task is not None:
                tasks.append(task)
                drawn += 1
    return sorted(tasks, key=lambda task: (task.path, task.line, task.character))


def _cut(root: Path, line: _CodeLine, kind: Kind, chance: random.Random) -> Task | None:
    if kind is Kind.END:
        cut = len(line.code)
    elif kind is Kind.LINE:
        at_start = chance.random() < _AT_LINE_START
        cuts = [0] if at_start else _boundaries(line.code)
        cuts = [cut for cut in cuts if len(line.code[cut:].strip()) >= _MIN_TARGET]
        if not cuts:
            return None
        cut = chance.choice(cuts)
    else:
        words = [
            word
            for word in re.finditer(r"[^\W\d]\w*", line.code)
            if len(word[0]) >= _MIN_WORD and word[0] not in KEYWORDS
        ]
        if not words:
            return None
        word = chance.choice(words)
        cut = chance.randrange(word.start() + 1, word.end())
    return Task(
        root=root,
        path=line.path,
        kind=kind,
        line=line.number,
        character=line.indent + cut,
        target=line.code[cut:],
        at_line_start=not cut,
    )


def _boundaries(code: str) -> list[int]:
    """Return where the tokens of a line begin, without the first; blanks belong to the next."""
    starts: list[int] = []
    at = 0
    for piece in split_pieces(code):
        starts.append(code.index(piece, at))
        at = starts[-1] + len(piece)
    return starts[1:]


def _code_lines(root: Path) -> tuple[list[_CodeLine], list[_CodeLine]]:
    """Return the lines with code of the tree, and those of its tests."""
    code: list[_CodeLine] = []
    tests: list[_CodeLine] = []
    for path in source_files(root):
        (tests if is_test(path, root) else code).extend(_lines_of(path))
    return code, tests


def is_test(path: Path, root: Path) -> bool:
    """Whether a file of the tree `root` tests other files, by its name."""
    return _IN_TESTS.search(path.relative_to(root).as_posix()) is not None


def source_files(root: Path) -> list[Path]:
    """List the files that tasks are drawn from."""
    return [
        path
        for path in sorted(root.rglob("*"))
        if path.suffix in SUFFIXES and path.is_file() and not path.name.endswith(".d.ts")
    ]


def _lines_of(path: Path) -> list[_CodeLine]:
    text = path.read_text(encoding="utf-8", errors="replace")
    if len(text) > _MAX_FILE_CHARACTERS:
        return []
    lexer = LineLexer(rules_for(SUFFIXES[path.suffix], str(path)), Vocabulary())
    state = FIRST_STATE
    found: list[_CodeLine] = []
    for number, line in enumerate(split_lines(text)):
        lexed = lexer.lex(line, state)
        plain = not state.inside and DOCSTRING not in lexed.tokens and not lexed.in_comment
        state = lexed.after
        bare = line.strip()
        # Lines with a comment are left out rather than guessed at: few, and no target is wrong.
        if plain and lexed.tokens and not state.inside and "\t" not in bare:
            indent = len(line) - len(line.lstrip(" \t"))
            found.append(_CodeLine(path=path, number=number, code=bare, indent=indent))
    return found


def by_file(tasks: Sequence[Task]) -> dict[Path, list[Task]]:
    """Group tasks by their file."""
    grouped: dict[Path, list[Task]] = {}
    for task in tasks:
        grouped.setdefault(task.path, []).append(task)
    return grouped
