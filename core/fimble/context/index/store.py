"""Writes files into the index and answers questions from it; every process has its own."""

from __future__ import annotations

import threading
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from fimble.context.index.database import (
    connect,
    failing,
    file_of,
    is_broken,
    remove,
    symbol_numbers,
    transaction,
)
from fimble.context.index.records import FileSummary, IndexedSymbol, Reference

if TYPE_CHECKING:
    import sqlite3

_MOST_SYMBOLS: Final = 100_000
"""Of one file; the walk over a tree ends before."""
_MOST_COUNTED: Final = 255
_END: Final = b"\n"
_SYMBOL: Final = (
    "SELECT f.path, s.name, s.container, s.kind, s.first_line, s.last_line, s.signature, s.doc "
    "FROM symbols s JOIN files f ON f.id = " + file_of("s.id") + " "
)


_DEFINITIONS: Final = f"SELECT name, {file_of('id')} FROM symbols"  # noqa: S608


class Stamp(NamedTuple):
    """What tells without reading that a file is as it was."""

    size: int
    mtime_ns: int


UNSAVED: Final = Stamp(-1, 0)
"""Of a text that is not what the disk holds."""


class Entry(NamedTuple):
    """One file on its way into the index."""

    path: str
    stamp: Stamp
    summary: FileSummary | None
    """None for a file that was left out."""
    skipped: str = ""
    """Why it was left out."""


class Known(NamedTuple):
    """What the index knows of a file that it holds."""

    file: int
    stamp: Stamp
    digest: bytes


class Totals(NamedTuple):
    """How much an index holds."""

    files: int
    lines: int
    symbols: int
    skipped: int


class IndexStore:
    """One connection to one index; thread-safe."""

    def __init__(self, path: Path) -> None:
        """Open or begin the index.

        Raises:
            SymbolIndexError: It cannot be.
        """
        self.path = path
        self._connection = connect(path)
        self._lock = threading.RLock()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    # Writing.

    def put(self, entries: Sequence[Entry]) -> None:
        """Write files in one transaction, each in place of what was known of it.

        Raises:
            SymbolIndexError: They cannot be written; nothing of them is.
        """
        with self._using("written") as connection, transaction(connection):
            for entry in entries:
                _put(connection, entry)

    def touch(self, path: str, stamp: Stamp) -> None:
        """Note that a file was saved and holds the same text.

        Raises:
            SymbolIndexError: It cannot be noted.
        """
        with self._using("written") as connection:
            connection.execute(
                "UPDATE files SET size = ?, mtime_ns = ? WHERE path = ?", (*stamp, path)
            )

    def forget(self, paths: Iterable[str]) -> int:
        """Remove files; return how many there were.

        Raises:
            SymbolIndexError: They cannot be removed.
        """
        removed = 0
        with self._using("written") as connection, transaction(connection):
            for path in paths:
                file = _file_number(connection, path)
                if file is not None:
                    _remove(connection, file)
                    connection.execute("DELETE FROM files WHERE id = ?", (file,))
                    removed += 1
        return removed

    def note(self, name: str, value: str) -> None:
        """Keep a fact about the index itself.

        Raises:
            SymbolIndexError: It cannot be kept.
        """
        with self._using("written") as connection:
            connection.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (name, value))

    # Reading.

    def noted(self, name: str) -> str | None:
        """Return a fact that was kept."""
        with self._using("read") as connection:
            row = connection.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
            return None if row is None else str(row[0])

    def version(self) -> int:
        """Return a number that changes when another connection wrote, or this one did."""
        with self._using("read") as connection:
            (version,) = connection.execute("PRAGMA data_version").fetchone()
            return int(version) + connection.total_changes * 1_000_003

    def known(self) -> dict[str, Known]:
        """Return all files of the index."""
        with self._using("read") as connection:
            rows = connection.execute("SELECT path, id, size, mtime_ns, digest FROM files")
            return {
                path: Known(file, Stamp(size, time), digest)
                for path, file, size, time, digest in rows
            }

    def known_file(self, path: str) -> Known | None:
        """Return what is known of one file."""
        with self._using("read") as connection:
            row = connection.execute(
                "SELECT id, size, mtime_ns, digest FROM files WHERE path = ?", (path,)
            ).fetchone()
            return None if row is None else Known(row[0], Stamp(row[1], row[2]), row[3])

    def totals(self) -> Totals:
        """Count what the index holds."""
        with self._using("read") as connection:
            files, lines, skipped = connection.execute(
                "SELECT count(*), coalesce(sum(lines), 0), coalesce(sum(skipped <> ''), 0) "
                "FROM files"
            ).fetchone()
            (symbols,) = connection.execute("SELECT count(*) FROM symbols").fetchone()
            return Totals(files - skipped, lines, symbols, skipped)

    def symbols_named(self, name: str, limit: int) -> list[IndexedSymbol]:
        """Return the definitions with a name, whatever they are inside of, by their paths."""
        query = f"{_SYMBOL} WHERE s.name = ? ORDER BY f.path, s.id LIMIT ?"
        with self._using("read") as connection:
            return [IndexedSymbol(*row) for row in connection.execute(query, (name, limit))]

    def symbols_in(self, container: str, name: str, limit: int) -> list[IndexedSymbol]:
        """Return the definitions with a name directly inside a container, by their paths."""
        query = f"{_SYMBOL} WHERE s.name = ? AND s.container = ? ORDER BY f.path, s.id LIMIT ?"
        with self._using("read") as connection:
            rows = connection.execute(query, (name, container, limit))
            return [IndexedSymbol(*row) for row in rows]

    def is_unique(self, container: str, name: str) -> bool:
        """Tell whether a name means one definition, where containers may be left out."""
        query = (
            "SELECT 1 FROM symbols WHERE name = :name AND (:in = '' OR container = :in "
            "OR substr('.' || container, -length('.' || :in)) = '.' || :in) LIMIT 2"
        )
        with self._using("read") as connection:
            found = connection.execute(query, {"name": name, "in": container})
            return len(found.fetchall()) == 1

    def symbols_of(self, path: str) -> list[IndexedSymbol]:
        """Return the definitions of one file in the order of its text."""
        with self._using("read") as connection:
            file = _file_number(connection, path)
            if file is None:
                return []
            numbers = symbol_numbers(file)
            query = f"{_SYMBOL} WHERE s.id >= ? AND s.id < ? ORDER BY s.id"
            rows = connection.execute(query, (numbers.start, numbers.stop))
            return [IndexedSymbol(*row) for row in rows]

    def qualified_names(self) -> list[str]:
        """Return each name with its container, once."""
        query = (
            "SELECT DISTINCT CASE container WHEN '' THEN name ELSE container || '.' || name END "
            "FROM symbols"
        )
        with self._using("read") as connection:
            return [row[0] for row in connection.execute(query)]

    def definitions(self) -> Iterator[tuple[str, int]]:
        """Return the name of each definition and its file's number."""
        with self._using("read") as connection:
            rows = connection.execute(_DEFINITIONS).fetchall()
        return iter(rows)

    def words(self) -> Iterator[tuple[int, list[bytes], bytes]]:
        """Yield the identifiers of each file and how often each stands there (up to 255)."""
        with self._using("read") as connection:
            for file, words, counts in connection.execute("SELECT * FROM words"):
                yield file, words[1:-1].split(_END) if counts else [], counts

    def paths(self) -> dict[int, str]:
        """Return the path of each file that was not left out, by its number."""
        with self._using("read") as connection:
            return dict(connection.execute("SELECT id, path FROM files WHERE skipped = ''"))

    def references(self, name: str) -> list[Reference]:
        """Return the files that hold a name, most often first."""
        wanted = name.encode("utf-8", "surrogatepass")
        marked = _END + wanted + _END
        found: list[Reference] = []
        query = (
            "SELECT f.path, w.words, w.counts FROM words w JOIN files f ON f.id = w.file "
            "WHERE instr(w.words, ?)"
        )
        with self._using("read") as connection:
            for path, words, counts in connection.execute(query, (marked,)):
                place = words[1:-1].split(_END).index(wanted)
                found.append(Reference(path, counts[place]))
        return sorted(found, key=lambda it: (-it.times, it.path))

    def holders(self, word: str, limit: int) -> list[int]:
        """Return the numbers of up to `limit` files that hold an identifier, in any case."""
        query = "SELECT rowid FROM holders WHERE holders MATCH ? LIMIT ?"
        with self._using("read") as connection:
            quoted = '"' + word.replace('"', "") + '"'
            return [row[0] for row in connection.execute(query, (quoted, limit))]

    def imports_of(self, path: str) -> list[tuple[str, str, str]]:
        """Return module, name and alias of what a file imports."""
        with self._using("read") as connection:
            row = connection.execute("SELECT imports FROM files WHERE path = ?", (path,)).fetchone()
            if row is None or not row[0]:
                return []
            return msgspec.json.decode(row[0], type=list[tuple[str, str, str]])

    @contextmanager
    def _using(self, done: str) -> Generator[sqlite3.Connection]:
        import sqlite3  # noqa: PLC0415 - 4 ms that only those who index pay

        with self._lock, failing(done, self.path):
            try:
                yield self._connection
            except sqlite3.DatabaseError as error:
                if is_broken(error):
                    # The next use begins a new one: all of it can be made again.
                    self._connection.close()
                    remove(self.path)
                    self._connection = connect(self.path)
                raise


def _put(connection: sqlite3.Connection, entry: Entry) -> None:
    summary = entry.summary
    file = _file_number(connection, entry.path)
    if file is not None:
        _remove(connection, file)
    imports = "" if summary is None else _imports(summary)
    language, lines, digest = (
        ("", 0, b"") if summary is None else (summary.language, summary.lines, summary.digest)
    )
    cursor = connection.execute(
        "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (file, entry.path, *entry.stamp, digest, language, lines, entry.skipped, imports),
    )
    if summary is None:
        return
    number = file if file is not None else int(cursor.lastrowid or 0)
    words = _END.join(summary.words)
    counts = _as_bytes(summary.words.values())
    connection.execute("INSERT INTO words VALUES (?, ?, ?)", (number, _END + words + _END, counts))
    connection.execute("INSERT INTO holders (rowid, words) VALUES (?, ?)", (number, _text(words)))
    connection.executemany(
        "INSERT INTO symbols VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                place,
                *_clean(symbol.name, symbol.container),
                symbol.kind.value,
                symbol.first_line + 1,
                symbol.last_line + 1,
                *_clean(symbol.signature, symbol.doc),
            )
            for place, symbol in zip(
                symbol_numbers(number), summary.symbols[:_MOST_SYMBOLS], strict=False
            )
        ],
    )


def _as_bytes(counts: Collection[int]) -> bytes:
    try:
        return bytes(counts)
    except ValueError:
        return bytes([min(_MOST_COUNTED, count) for count in counts])


def _clean(*texts: str) -> tuple[str, ...]:
    """Make texts such that SQLite takes them: it refuses halves of surrogate pairs."""
    return tuple(
        text if text.isascii() else text.encode("utf-8", "replace").decode() for text in texts
    )


def _imports(summary: FileSummary) -> str:
    found = [_clean(it.module, it.name, it.alias) for it in summary.imports]
    return msgspec.json.encode(found).decode() if found else ""


def _file_number(connection: sqlite3.Connection, path: str) -> int | None:
    row = connection.execute("SELECT id FROM files WHERE path = ?", (path,)).fetchone()
    return None if row is None else int(row[0])


def _remove(connection: sqlite3.Connection, file: int) -> None:
    numbers = symbol_numbers(file)
    connection.execute(
        "DELETE FROM symbols WHERE id >= ? AND id < ?", (numbers.start, numbers.stop)
    )
    row = connection.execute("SELECT words FROM words WHERE file = ?", (file,)).fetchone()
    if row is not None:
        # An index without its content is told what it held, byte for byte.
        connection.execute(
            "INSERT INTO holders (holders, rowid, words) VALUES ('delete', ?, ?)",
            (file, _text(row[0][1:-1])),
        )
    connection.execute("DELETE FROM words WHERE file = ?", (file,))


def _text(words: bytes) -> str:
    return words.decode("utf-8", "replace")
