"""Other ways to choose context for a hole, on the same texts: each returns pieces, best first."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from math import log
from posixpath import dirname

from context_tasks import BlockTask, Tree, defines
from fimble.context.index.store import IndexStore
from fimble.context.retrieval.terms import identifiers

_CHUNK = 64
_K1, _B = 1.2, 0.6
_DAMPING = 0.85


class Rivals:
    """The rivals of one project."""

    def __init__(self, tree: Tree, store: IndexStore) -> None:
        self._tree = tree
        self._store = store
        self._chunks = {path: _cut(text) for path, text in tree.texts.items()}
        self._bags = {
            path: [Counter(identifiers(chunk)) for chunk in chunks]
            for path, chunks in self._chunks.items()
        }
        self._definers: dict[str, set[str]] = {}
        numbers = store.paths()
        for name, file in store.definitions():
            self._definers.setdefault(name, set()).add(numbers[file])

    def same_folder(self, task: BlockTask) -> Iterator[str]:
        """Random chunks of the files beside, the same for the same task."""
        chunks = [
            chunk
            for path, them in sorted(self._chunks.items())
            if path != task.path and dirname(path) == dirname(task.path)
            for chunk in them
        ]
        random.Random(f"{task.path}:{task.cursor}").shuffle(chunks)
        yield from chunks

    def jaccard(self, task: BlockTask) -> Iterator[str]:
        """The ring of llama.vim: chunks by the share of words in common with what is around."""
        words = set(_around(task))
        yield from self._best(
            task, lambda bag: len(words & bag.keys()) / max(1, len(words | bag.keys()))
        )

    def bm25(self, task: BlockTask) -> Iterator[str]:
        """Plain BM25 over the same chunks."""
        pieces = self._pieces(task)
        frequency = Counter(word for _, bag in pieces for word in bag)
        total, mean = len(pieces), sum(bag.total() for _, bag in pieces) / max(1, len(pieces))
        query = Counter(_around(task))

        def score(bag: Counter[str]) -> float:
            norm = _K1 * (1 - _B + _B * bag.total() / mean)
            return sum(
                log(1 + (total - frequency[word] + 0.5) / (frequency[word] + 0.5))
                * bag[word]
                / (bag[word] + norm)
                for word in query
                if word in bag
            )

        yield from self._best(task, score)

    def page_rank(self, task: BlockTask) -> Iterator[str]:
        """The map of aider: files by PageRank from the task's own, then their definitions."""
        ranks = self._ranks(task)
        used = Counter(identifiers(task.snapshot.text))
        for path in sorted(ranks, key=lambda it: -ranks[it]):
            if path == task.path:
                continue
            symbols = self._store.symbols_of(path)
            symbols.sort(key=lambda it: (it.name not in used, it.first_line))
            for symbol in symbols[:30]:
                yield f"{path}: {symbol.signature}\n"

    def oracle(self, task: BlockTask) -> Iterator[str]:
        """The shortest line of the tree for each wanted identifier."""
        for word in sorted(task.wanted):
            pattern = re.compile(rf"\b{re.escape(word)}\b")
            lines = [
                line
                for text in self._texts(task)
                if word in text
                for line in text.splitlines()
                if pattern.search(line)
            ]
            if lines:
                yield min(lines, key=lambda it: (not defines(it, word), len(it))) + "\n"

    def _texts(self, task: BlockTask) -> Iterator[str]:
        for path, text in self._tree.texts.items():
            yield task.snapshot.text if path == task.path else text

    def _pieces(self, task: BlockTask) -> list[tuple[str, Counter[str]]]:
        own = _outside(task)
        pieces = [(chunk, Counter(identifiers(chunk))) for chunk in own]
        for path, chunks in self._chunks.items():
            if path != task.path:
                pieces += zip(chunks, self._bags[path], strict=True)
        return pieces

    def _best(self, task: BlockTask, score: Callable[[Counter[str]], float]) -> Iterator[str]:
        ranked = [(score(bag), chunk) for chunk, bag in self._pieces(task)]
        ranked.sort(key=lambda it: -it[0])
        yield from (chunk for _, chunk in ranked)

    def _ranks(self, task: BlockTask) -> dict[str, float]:
        edges: dict[str, dict[str, float]] = {}
        for path in self._tree.texts:
            words = (
                set(identifiers(task.snapshot.text))
                if path == task.path
                else (self._tree.words[path])
            )
            out = edges.setdefault(path, {})
            for word in words & self._definers.keys():
                definers = self._definers[word] - {path}
                for definer in definers if len(definers) <= 5 else ():
                    out[definer] = out.get(definer, 0.0) + 1.0 / len(definers)
        ranks = dict.fromkeys(self._tree.texts, 0.0) | {task.path: 1.0}
        for _ in range(20):
            fresh = dict.fromkeys(ranks, 0.0)
            fresh[task.path] = 1 - _DAMPING
            for path, out in edges.items():
                total = sum(out.values())
                for target, weight in out.items():
                    fresh[target] = fresh.get(target, 0) + _DAMPING * ranks[path] * weight / total
            ranks = fresh
        return ranks


def _around(task: BlockTask) -> list[str]:
    first, last = max(0, task.cursor.line - 40), task.cursor.line + 12
    lines = range(first, min(last, task.snapshot.line_count))
    return [word for at in lines for word in identifiers(task.snapshot.line(at))]


def _outside(task: BlockTask) -> list[str]:
    lines = [task.snapshot.line_with_ending(at) for at in range(task.snapshot.line_count)]
    return _cut("".join(lines[: task.first_line])) + _cut("".join(lines[task.last_line + 1 :]))


def _cut(text: str) -> list[str]:
    lines = text.splitlines(keepends=True)
    return ["".join(lines[at : at + _CHUNK]) for at in range(0, len(lines), _CHUNK)]
