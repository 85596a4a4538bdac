"""Searches all conversations: words by SQLite's trigram index, the rest by what turns hold.

Trigrams find parts of identifiers (`get_sku` by `sku`), which word indexes do not
(sqlite.org/fts5.html#the_trigram_tokenizer). Words under three letters are compared plainly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fimble.history.sessions.rows import name_from, storable

if TYPE_CHECKING:
    import sqlite3

    from fimble.chat.search_query import SearchQuery
    from fimble.chat.transcript import Question
    from fimble.history.sessions.store_connection import StoreConnection

_TRIGRAM: Final = 3
_HAS: Final = {
    "code": "EXISTS (SELECT 1 FROM fence WHERE fence.turn_id = turn.turn_id)",
    "apply": "EXISTS (SELECT 1 FROM applied WHERE applied.turn_id = turn.turn_id)",
    "thinking": "turn.thinking != ''",
    "context": "EXISTS (SELECT 1 FROM attachment WHERE attachment.turn_id = turn.turn_id)",
}
_SNIPPET: Final = 90
"""Characters of a hit's line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """One turn that a search found."""

    session_id: int
    """A session whose branch holds the turn, or the one it was asked in."""
    turn_id: int
    session_name: str
    directory: str
    created_at: float
    """Seconds since the epoch."""
    line: str
    """The line with the first word that was looked for; plain text, untrusted."""


class SessionSearch:
    """Finds turns; kept up to date by the store."""

    def __init__(self, file: StoreConnection) -> None:
        self._file = file

    def index(
        self, connection: sqlite3.Connection, turn_id: int, question: Question, answer: str
    ) -> None:
        """Put a turn's text into the index, inside the running transaction."""
        connection.execute("DELETE FROM turn_text WHERE rowid = ?", (turn_id,))
        labels = "\n".join(attachment.label for attachment in question.attachments)
        connection.execute(
            "INSERT INTO turn_text (rowid, question, answer, files) VALUES (?, ?, ?, ?)",
            (turn_id, storable(question.text), storable(answer), storable(labels)),
        )

    def find(
        self, query: SearchQuery, *, directory: str | None = None, limit: int = 100
    ) -> list[SearchHit]:
        """Return the turns for which all of `query` holds, the newest first."""
        if query.empty:
            return []
        conditions, values = _conditions(query)
        if directory is not None:
            conditions.append("session.directory = ?")
            values.append(directory)
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT turn.turn_id, turn.session_id, turn.question, turn.answer, "  # noqa: S608
                "turn.created_at, session.name, session.directory FROM turn "
                "JOIN session ON session.session_id = turn.session_id "
                f"WHERE {' AND '.join(conditions)} ORDER BY turn.turn_id DESC LIMIT ?",
                (*values, limit),
            ).fetchall()
        return [_hit(row, query) for row in rows]


def _conditions(query: SearchQuery) -> tuple[list[str], list[str | int]]:
    conditions: list[str] = []
    values: list[str | int] = []
    long = [word for word in query.words if len(word) >= _TRIGRAM]
    if long:
        conditions.append(
            "turn.turn_id IN (SELECT rowid FROM turn_text "
            "WHERE turn_text MATCH '{question answer} : (' || ? || ')')"
        )
        values.append(" AND ".join(_quoted(word) for word in long))
    for word in query.words:
        if len(word) < _TRIGRAM:
            conditions.append("(turn.question || char(10) || turn.answer) LIKE ? ESCAPE '\\'")
            values.append(_like(word))
    for file in query.files:
        conditions.append(
            "turn.turn_id IN (SELECT turn_id FROM attachment WHERE label LIKE ? ESCAPE '\\' "
            "UNION SELECT turn_id FROM fence WHERE path LIKE ? ESCAPE '\\' "
            "UNION SELECT turn_id FROM applied WHERE path LIKE ? ESCAPE '\\')"
        )
        values.extend([_like(file)] * 3)
    for language in query.languages:
        conditions.append("turn.turn_id IN (SELECT turn_id FROM fence WHERE language = ?)")
        values.append(language)
    conditions.extend(_HAS[name] for name in sorted(query.has))
    return conditions, values


def _quoted(word: str) -> str:
    """Return an FTS5 string, in which nothing but the quote means anything."""
    return '"' + storable(word).replace('"', '""').replace("\0", " ") + '"'


def _like(part: str) -> str:
    escaped = storable(part).replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"


def _hit(row: sqlite3.Row, query: SearchQuery) -> SearchHit:
    return SearchHit(
        session_id=row["session_id"],
        turn_id=row["turn_id"],
        session_name=row["name"] or name_from(row["question"]),
        directory=row["directory"],
        created_at=row["created_at"],
        line=_line(f"{row['question']}\n{row['answer']}", query.words),
    )


def _line(text: str, words: tuple[str, ...]) -> str:
    """Return the line with the first word, cut around it."""
    folded = text.casefold()
    at = min((found for word in words if (found := folded.find(word.casefold())) >= 0), default=0)
    at = min(at, len(text))
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    line = text[start : len(text) if end < 0 else end].strip()
    if len(line) <= _SNIPPET:
        return line
    begin = max(0, min(at - start - _SNIPPET // 3, len(line) - _SNIPPET))
    return ("…" if begin else "") + line[begin : begin + _SNIPPET] + "…"
