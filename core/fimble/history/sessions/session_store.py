"""Sessions and their turns: what the chat writes while it goes on, and reads when it resumes.

Several processes may use one file at a time: each change is one immediate transaction. Journal
pieces need no flush of the disk (a killed process loses none of them); the beginning and the end
of a turn are flushed, so that they survive a power cut as well.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Self

from fimble.chat.fences import fences
from fimble.chat.transcript import Answer, AnswerState, Question, SessionSummary, Turn
from fimble.errors import SessionStoreError
from fimble.history.sessions.applied import AppliedEdits
from fimble.history.sessions.purging import drop_unreachable
from fimble.history.sessions.rows import (
    SUMMARY_COLUMNS,
    TURN_COLUMNS,
    answer_values,
    attachment_of,
    question_values,
    storable,
    summary_of,
    turn_of,
    typed_of,
)
from fimble.history.sessions.searching import SessionSearch
from fimble.history.sessions.store_connection import StoreConnection
from fimble.history.sessions.texts import keep_text
from fimble.process_life import is_alive

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping
    from pathlib import Path

_BRANCH: Final = """
WITH RECURSIVE branch (member, previous, depth) AS (
    SELECT turn_id, parent, 0 FROM turn WHERE turn_id = ?
    UNION ALL
    SELECT turn_id, parent, depth + 1 FROM turn JOIN branch ON turn_id = previous
)
"""
_INTERRUPTED: Final = "Fimble ended while this was being answered."


class SessionStore:
    """All sessions of this user; its methods may be called by any thread.

    Without a path they are kept in memory, until the process ends.

    Raises:
        SessionStoreTooNew: A newer version wrote the file.
        SessionStoreError: It cannot be opened; every method raises it when it cannot do its work.
    """

    def __init__(self, path: Path | None, *, alive: Callable[[int], bool] = is_alive) -> None:
        self._file = StoreConnection(path)
        self._alive = alive
        self.path = path
        self.moved_aside = self._file.moved_aside
        """Where a broken file of before lies now; None when all was well."""
        self.applied = AppliedEdits(self._file)
        self.search = SessionSearch(self._file)

    def __enter__(self) -> Self:
        """Return the store."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the file; the store must not be used afterwards."""
        self._file.close()

    def create(self, directory: str, *, model: str = "", name: str = "") -> SessionSummary:
        """Begin an empty session that belongs to `directory`."""
        now = time.time()
        values = (storable(name), storable(directory), model, now, now)
        with self._file.writing() as connection:
            made = connection.execute(
                "INSERT INTO session (name, directory, model, created_at, updated_at) "
                "VALUES (?, ?, ?, ?, ?)",
                values,
            )
            return self._summary(connection, _number(made))

    def sessions(self, directory: str | None = None, *, limit: int = 200) -> list[SessionSummary]:
        """Return sessions that hold a turn, the newest first; of one directory or of all."""
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT session_id FROM session WHERE head IS NOT NULL "
                "AND (:directory IS NULL OR directory = :directory) "
                "ORDER BY updated_at DESC, session_id DESC LIMIT :limit",
                {"directory": directory, "limit": limit},
            ).fetchall()
            return [self._summary(connection, row["session_id"]) for row in rows]

    def past_questions(self, *, limit: int) -> list[str]:
        """Return what was typed in all sessions, newest first, each once."""
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT question, prompt FROM turn ORDER BY turn_id DESC LIMIT ?", (limit,)
            ).fetchall()
        return list(dict.fromkeys(filter(None, map(typed_of, rows))))

    def summary(self, session_id: int) -> SessionSummary:
        """Return one session."""
        with self._file.reading() as connection:
            return self._summary(connection, session_id)

    def turns(self, session_id: int) -> tuple[Turn, ...]:
        """Return the branch that ends at the session's newest turn, oldest first.

        A turn that a process left behind when it was killed comes back as cut, with all that had
        come of its answer.
        """
        with self._file.reading() as connection:
            head = self._summary(connection, session_id).head
            rows = connection.execute(
                f"{_BRANCH} SELECT {TURN_COLUMNS} FROM branch JOIN turn ON turn_id = member "  # noqa: S608
                "ORDER BY depth DESC",
                (head,),
            ).fetchall()
            return tuple(self._turn(connection, row) for row in rows)

    def turn(self, turn_id: int) -> Turn:
        """Return one turn, of whichever branch."""
        with self._file.reading() as connection:
            return self._turn(connection, _turn_row(connection, turn_id))

    def begin_turn(
        self, session_id: int, question: Question, *, parent: int | None, model: str = ""
    ) -> Turn:
        """Store a question and make it the session's newest turn; on the disk on return."""
        now = time.time()
        values = question_values(question) | {
            "session_id": session_id,
            "parent": parent,
            "state": AnswerState.WAITING.value,
            "model": model,
            "created_at": now,
            "owner": os.getpid(),
        }
        with self._file.writing(flushed=True) as connection:
            turn_id = _number(connection.execute(_insertion("turn", values), values))
            for position, attachment in enumerate(question.attachments):
                keep_text(connection, attachment.text)
                row = {
                    "turn_id": turn_id,
                    "position": position,
                    "kind": attachment.kind.value,
                    "label": storable(attachment.label),
                    "language": attachment.language,
                    "tokens": attachment.tokens,
                    "masked": attachment.masked,
                    "digest": attachment.digest,
                }
                connection.execute(_insertion("attachment", row), row)
            connection.execute(
                "UPDATE session SET head = ?, updated_at = ? WHERE session_id = ?",
                (turn_id, now, session_id),
            )
            self.search.index(connection, turn_id, question, "")
            return self._turn(connection, _turn_row(connection, turn_id))

    def journal(self, turn_id: int, *, answer: str = "", thinking: str = "") -> None:
        """Append what just came; costs the same however long the answer is."""
        with self._file.writing() as connection:
            connection.execute(
                "INSERT INTO journal (turn_id, answer, thinking) VALUES (?, ?, ?)",
                (turn_id, storable(answer), storable(thinking)),
            )
            connection.execute(
                "UPDATE turn SET state = :streaming, owner = :owner "
                "WHERE turn_id = :turn_id AND (state != :streaming OR owner != :owner)",
                {
                    "streaming": AnswerState.STREAMING.value,
                    "owner": os.getpid(),
                    "turn_id": turn_id,
                },
            )

    def note_sent(self, turn_id: int, question: Question, *, prompt_digest: str) -> None:
        """Keep what was really sent, so that the turn can be replayed."""
        values = question_values(question) | {"prompt_digest": prompt_digest, "turn_id": turn_id}
        with self._file.writing() as connection:
            connection.execute(
                "UPDATE turn SET expanded = :expanded, system = :system, prompt = :prompt, "
                "prompt_digest = :prompt_digest WHERE turn_id = :turn_id",
                values,
            )

    def end_turn(self, turn_id: int, answer: Answer) -> Turn:
        """Store the whole answer in place of its journal; on the disk on return."""
        values = answer_values(answer)
        changes = ", ".join(f"{name} = :{name}" for name in values)
        with self._file.writing(flushed=True) as connection:
            connection.execute(
                f"UPDATE turn SET {changes} WHERE turn_id = :turn_id",  # noqa: S608
                values | {"turn_id": turn_id},
            )
            connection.execute("DELETE FROM journal WHERE turn_id = ?", (turn_id,))
            connection.execute(
                "UPDATE session SET updated_at = ?, model = ? WHERE head = ?",
                (time.time(), answer.model, turn_id),
            )
            connection.execute("DELETE FROM fence WHERE turn_id = ?", (turn_id,))
            connection.executemany(
                "INSERT INTO fence (turn_id, position, language, path) VALUES (?, ?, ?, ?)",
                [
                    (turn_id, position, storable(fence.language), storable(fence.path))
                    for position, fence in enumerate(fences(answer.text))
                ],
            )
            turn = self._turn(connection, _turn_row(connection, turn_id))
            self.search.index(connection, turn_id, turn.question, answer.text)
            return turn

    def withdraw(self, turn_id: int) -> None:
        """Take a turn that was not answered out of its branch; later ones follow its parent."""
        with self._file.writing(flushed=True) as connection:
            row = _turn_row(connection, turn_id)
            values = (row["parent"], turn_id)
            connection.execute("UPDATE turn SET parent = ? WHERE parent = ?", values)
            connection.execute("UPDATE session SET head = ? WHERE head = ?", values)
            connection.execute("DELETE FROM turn_text WHERE rowid = ?", (turn_id,))
            connection.execute("DELETE FROM turn WHERE turn_id = ?", (turn_id,))

    def set_head(self, session_id: int, turn_id: int | None) -> None:
        """Let the session end at another turn (rewind); nothing is deleted."""
        with self._file.writing() as connection:
            connection.execute(
                "UPDATE session SET head = ?, updated_at = ? WHERE session_id = ?",
                (turn_id, time.time(), session_id),
            )

    def fork(self, session_id: int, turn_id: int) -> SessionSummary:
        """Begin a session that shares the turns up to `turn_id`; no text is copied."""
        now = time.time()
        with self._file.writing() as connection:
            made = connection.execute(
                "INSERT INTO session (name, directory, model, created_at, updated_at, head, "
                "forked_from) SELECT '', directory, model, ?, ?, ?, session_id FROM session "
                "WHERE session_id = ?",
                (now, now, turn_id, session_id),
            )
            return self._summary(connection, _number(made))

    def rename(self, session_id: int, name: str) -> None:
        """Give a session a name; an empty one brings back the first question's words."""
        with self._file.writing() as connection:
            connection.execute(
                "UPDATE session SET name = ? WHERE session_id = ?", (storable(name), session_id)
            )

    def purge(self, session_id: int) -> None:
        """Delete a session and its turns that no other one shares, and overwrite their space."""
        with self._file.writing(flushed=True) as connection:
            connection.execute("DELETE FROM session WHERE session_id = ?", (session_id,))
            drop_unreachable(connection)
        with self._file.reading() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def purge_older_than(self, age_s: float) -> int:
        """Delete the sessions that nobody touched for so many seconds; returns how many."""
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT session_id FROM session WHERE updated_at < ?", (time.time() - age_s,)
            ).fetchall()
        for row in rows:
            self.purge(row["session_id"])
        return len(rows)

    def _summary(self, connection: sqlite3.Connection, session_id: int) -> SessionSummary:
        row = connection.execute(
            f"SELECT {SUMMARY_COLUMNS} FROM session WHERE session_id = ?",  # noqa: S608
            (session_id,),
        ).fetchone()
        if row is None:
            raise SessionStoreError(
                f"There is no session {session_id}.", hint="`fimble chat --list` shows them."
            )
        first = connection.execute(
            f"{_BRANCH} SELECT question, depth FROM branch JOIN turn ON turn_id = member "  # noqa: S608
            "ORDER BY depth DESC LIMIT 1",
            (row["head"],),
        ).fetchone()
        turns, question = (0, "") if first is None else (first["depth"] + 1, first["question"])
        return summary_of(row, turns=turns, first_question=question)

    def _turn(self, connection: sqlite3.Connection, row: sqlite3.Row) -> Turn:
        turn_id = row["turn_id"]
        attachments = connection.execute(
            "SELECT kind, label, language, tokens, masked, text FROM attachment JOIN text "
            "USING (digest) WHERE turn_id = ? ORDER BY position",
            (turn_id,),
        ).fetchall()
        pieces = connection.execute(
            "SELECT answer, thinking FROM journal WHERE turn_id = ? ORDER BY piece", (turn_id,)
        ).fetchall()
        turn = turn_of(
            row,
            tuple(attachment_of(each) for each in attachments),
            ("".join(each[0] for each in pieces), "".join(each[1] for each in pieces)),
        )
        if turn.answer.state.final or self._alive(row["owner"]):
            return turn
        cut = replace(turn.answer, state=AnswerState.CUT, problem=_INTERRUPTED)
        return replace(turn, answer=cut)


def _turn_row(connection: sqlite3.Connection, turn_id: int) -> sqlite3.Row:
    row = connection.execute(
        f"SELECT {TURN_COLUMNS} FROM turn WHERE turn_id = ?",  # noqa: S608
        (turn_id,),
    ).fetchone()
    if row is None:
        raise SessionStoreError(f"There is no turn {turn_id}.", hint="Resume its session again.")
    return row


def _insertion(table: str, values: Mapping[str, object]) -> str:
    names = ", ".join(values)
    places = ", ".join(f":{name}" for name in values)
    return f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608


def _number(cursor: sqlite3.Cursor) -> int:
    return cursor.lastrowid or 0
