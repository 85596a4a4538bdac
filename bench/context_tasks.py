"""Block holes for retrieval: a few statements taken out of a source tree, and what they name.

What counts of a target: its identifiers, without keywords, built-in names, strings and comments,
that do not stand in the window and that can be known: they stand elsewhere in the tree or far away
in the same file. Of these, what a line that is left in the tree defines, as far as a pattern tells;
the same pattern judges what is shown. Nothing of the target is left in the document, and what is
indexed of the document's path is never asked for: the retriever reads the holed text
(`Retriever._own`).
"""

from __future__ import annotations

import builtins
import random
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from fimble.context.index.summarise import code_language
from fimble.context.retrieval.terms import identifiers
from fimble.context.workspace_files import WorkspaceFiles
from fimble.syntax.languages import language_for
from fimble.syntax.parser import SlicedParser
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot
from fimble.text.splitting import split_lines
from hole_tasks import SUFFIXES, source_files

WINDOW_BEFORE = 3_000
WINDOW_AFTER = 1_000
_MOST_LINES = 8
_TEST_PART = 0.25
_IN_TESTS = re.compile(r"(^|[/_.])(tests?|conftest|spec|__tests__)([/_.]|$)")
_NO_CODE = frozenset(
    {"comment", "string_content", "string_fragment", "escape_sequence", "regex_pattern"}
)
"""Nodes of both grammars whose words are no identifiers."""
_SKIPPED = re.compile(r"(^|/)(_vendor|vendor|locales)/")
"""Code of others, and tables of words: nobody writes these by hand here."""
_CLOSING = " \t\r\n)]}\"'`,;"
"""Of a line with nothing else there is nothing to find out."""
_BUILTINS = frozenset(dir(builtins))


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
    """Those of them that a line of what is left of the tree defines."""


class Site(NamedTuple):
    """Lines of a file that are taken out."""

    start: int
    end: int
    indent: int
    words: set[str]


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
        self._code: dict[str, list[str]] = {}
        self._parsers: dict[str, SlicedParser] = {}
        self.holders: dict[str, int] = {}
        for words in self.words.values():
            for word in words:
                self.holders[word] = self.holders.get(word, 0) + 1

    def draw(self, count: int, seed: str) -> list[BlockTask]:
        """Draw tasks; the same seed gives the same ones."""
        chance = random.Random(f"{seed}:{self.root.name}")
        paths = [it.relative_to(self.root).as_posix() for it in source_files(self.root)]
        paths = [it for it in paths if it in self.texts and self.texts[it].count("\n") > 10]
        paths = [it for it in paths if not _SKIPPED.search(it)]
        tests = [it for it in paths if _IN_TESTS.search(it)]
        code = [it for it in paths if it not in set(tests)]
        tasks: list[BlockTask] = []
        for _ in range(count * 40):
            if len(tasks) == count or not code:
                break
            chosen = tests if tests and chance.random() < _TEST_PART else code
            # By lines and not by files: a line of a long file is as likely as any other.
            path = chance.choices(chosen, [self.texts[it].count("\n") for it in chosen])[0]
            task = self._cut(path, chance)
            if task is not None:
                tasks.append(task)
        return tasks

    def site(self, path: str, chance: random.Random) -> Site | None:
        """Choose lines of a file to take out; None where they name nothing."""
        lines, code = split_lines(self.texts[path]), self._code_of(path)
        start = chance.randrange(len(lines))
        if not code[start].strip(_CLOSING):
            return None
        indent = len(lines[start]) - len(lines[start].lstrip())
        end = start + 1
        most = start + min(_MOST_LINES, 1 + int(chance.expovariate(1 / 3)))
        while end < min(most, len(lines)):
            text = lines[end]
            if text.strip() and len(text) - len(text.lstrip()) < indent:
                break
            end += 1
        words = set(identifiers("".join(code[start:end]))) - _BUILTINS
        return Site(start, end, indent, words) if words else None

    def _cut(self, path: str, chance: random.Random) -> BlockTask | None:
        site = self.site(path, chance)
        return None if site is None else self.task(path, [site], site)

    def task(self, path: str, empty: Sequence[Site], at: Site) -> BlockTask | None:
        """Make the task at one of the sites of a file of which several are still empty."""
        lines = split_lines(self.texts[path])
        cursor_line = at.start
        for site in sorted(empty, reverse=True):
            lines[site.start : site.end] = [lines[site.start][: site.indent] + "\n"]
            if site.start < at.start:
                cursor_line -= site.end - site.start - 1
        snapshot = Snapshot.from_text(
            "".join(lines),
            uri=(self.root / path).as_uri(),
            language_id=SUFFIXES[Path(path).suffix],
        )
        return self._task(path, snapshot, Position(cursor_line, at.indent), at.words)

    def _task(
        self,
        path: str,
        snapshot: Snapshot,
        cursor: Position,
        words: set[str],
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
            defined=frozenset(self._defined(wanted, path, snapshot.text)),
        )

    def _code_of(self, path: str) -> list[str]:
        """Return the lines of a file with blanks for what stands in strings and comments."""
        if path not in self._code:
            language = language_for("", path)
            assert language is not None
            parser = self._parsers.setdefault(language.name, SlicedParser(language))
            source = bytearray(self.texts[path], "utf-8", "surrogatepass")
            tree = parser.run(bytes(source), None, budget_us=0)
            assert tree is not None
            left = [tree.root_node]
            while left:
                node = left.pop()
                if node.type in _NO_CODE:
                    said = source[node.start_byte : node.end_byte]
                    blank = bytes(it if it in b"\r\n" else 32 for it in said)
                    source[node.start_byte : node.end_byte] = blank
                else:
                    left += node.children
            self._code[path] = split_lines(source.decode("utf-8", "replace"))
        return self._code[path]

    def _defined(self, names: Collection[str], path: str, text: str) -> set[str]:
        texts = [text, *(it for other, it in self.texts.items() if other != path)]
        return {
            name
            for name in names
            if any(
                name in line and defines(line, name)
                for it in texts
                if name in it
                for line in it.splitlines()
            )
        }


def defines(line: str, word: str) -> bool:
    """Whether a line defines a name, as far as a pattern tells."""
    name = re.escape(word)
    return bool(
        re.search(
            rf"(?:\b(?:def|class|function|interface|type|enum|const|let|var|import)\s+{name}\b)"
            rf"|^\s*(?:(?:export|public|private|protected|static|readonly|async|get|set)\s+)*"
            rf"{name}\s*[(:=<?]",
            line,
        )
    )
