"""Block holes for retrieval: a few statements taken out of a source tree, and what they name.

What counts of a target: its identifiers, without keywords, strings and comments, that do not
stand in the window and that can be known: they stand elsewhere in the tree or far away in the same
file. Nothing of the target is left in the document, and what is indexed of the document's path
is never asked for: the retriever reads the holed text (`Retriever._own`).
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

from fimble.context.index.summarise import code_language
from fimble.context.retrieval.terms import identifiers
from fimble.context.workspace_files import WorkspaceFiles
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot
from hole_tasks import SUFFIXES, source_files

WINDOW_BEFORE = 3_000
WINDOW_AFTER = 1_000
_MOST_LINES = 8
_TEST_PART = 0.25
_IN_TESTS = re.compile(r"(^|[/_.])(tests?|conftest|spec|__tests__)([/_.]|$)")
_NO_CODE = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|#[^\n]*|//[^\n]*|/\*.*?\*/',
    re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockTask:
    """One hole."""

    path: str
    snapshot: Snapshot
    """Without the target."""
    cursor: Position
    first_line: int
    last_line: int
    """Of the window."""
    wanted: frozenset[str]
    """Identifiers of the target that are not in the window and stand elsewhere."""
    defined: frozenset[str]
    """Those of them that the tree defines."""


class Tree:
    """The text of a project, as the index reads it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        reader = WorkspaceFiles(root)
        self.texts: dict[str, str] = {}
        for path in reader.names():
            if code_language(path) is not None and (found := reader.read_listed(path)) is not None:
                self.texts[path] = found.text
        self.words = {path: set(identifiers(text)) for path, text in self.texts.items()}
        self.holders: dict[str, int] = {}
        for words in self.words.values():
            for word in words:
                self.holders[word] = self.holders.get(word, 0) + 1

    def draw(self, count: int, seed: str, defined: frozenset[str]) -> list[BlockTask]:
        """Draw tasks; the same seed gives the same ones."""
        chance = random.Random(f"{seed}:{self.root.name}")
        paths = [it.relative_to(self.root).as_posix() for it in source_files(self.root)]
        paths = [it for it in paths if it in self.texts and self.texts[it].count("\n") > 10]
        tests = [it for it in paths if _IN_TESTS.search(it)]
        code = [it for it in paths if it not in set(tests)]
        tasks: list[BlockTask] = []
        for _ in range(count * 40):
            if len(tasks) == count or not code:
                break
            chosen = tests if tests and chance.random() < _TEST_PART else code
            # By lines and not by files: a line of a long file is as likely as any other.
            path = chance.choices(chosen, [self.texts[it].count("\n") for it in chosen])[0]
            task = self._cut(path, chance, defined)
            if task is not None:
                tasks.append(task)
        return tasks

    def _cut(self, path: str, chance: random.Random, defined: frozenset[str]) -> BlockTask | None:
        lines = self.texts[path].splitlines(keepends=True)
        start = chance.randrange(len(lines))
        if not lines[start].strip():
            return None
        indent = len(lines[start]) - len(lines[start].lstrip())
        end = start + 1
        most = start + min(_MOST_LINES, 1 + int(chance.expovariate(1 / 3)))
        while end < min(most, len(lines)):
            text = lines[end]
            if text.strip() and len(text) - len(text.lstrip()) < indent:
                break
            end += 1
        target = "".join(lines[start:end])
        words = set(identifiers(_NO_CODE.sub(" ", target)))
        if not words or '"""' in target:
            return None
        blank = lines[start][:indent] + "\n"
        snapshot = Snapshot.from_text(
            "".join([*lines[:start], blank, *lines[end:]]),
            uri=(self.root / path).as_uri(),
            language_id=SUFFIXES[Path(path).suffix],
        )
        return self._task(path, snapshot, Position(start, indent), words, defined)

    def _task(
        self,
        path: str,
        snapshot: Snapshot,
        cursor: Position,
        words: set[str],
        defined: frozenset[str],
    ) -> BlockTask | None:
        first = last = cursor.line
        size = 0
        while first > 0 and size + len(snapshot.line(first - 1)) < WINDOW_BEFORE:
            first -= 1
            size += len(snapshot.line(first)) + 1
        size = 0
        while last + 1 < snapshot.line_count and size + len(snapshot.line(last + 1)) < WINDOW_AFTER:
            last += 1
            size += len(snapshot.line(last)) + 1
        inside = {w for at in range(first, last + 1) for w in identifiers(snapshot.line(at))}
        left = set(identifiers(snapshot.text))
        wanted = frozenset(
            word
            for word in words - inside
            if word in left or self.holders.get(word, 0) > (word in self.words[path])
        )
        if not wanted:
            return None
        return BlockTask(
            path=path,
            snapshot=snapshot,
            cursor=cursor,
            first_line=first,
            last_line=last,
            wanted=wanted,
            defined=wanted & defined,
        )
