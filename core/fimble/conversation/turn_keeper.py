"""Keeps a conversation's turns in the store, and in memory while the store cannot be written.

A full disk must not end a chat (security F20): what the file refuses is kept, told once, and
written as soon as the file takes it again. Turns that only memory holds have negative numbers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from fimble.chat.transcript import Answer, Question, SessionSummary, Turn
from fimble.errors import SessionStoreError
from fimble.history.sessions.session_store import SessionStore

OpenStore = Callable[[], SessionStore]


class TurnKeeper:
    """One session being written, wherever that is possible."""

    def __init__(
        self, open_store: OpenStore, *, directory: Path, on_problem: Callable[[str], None]
    ) -> None:
        """Open the store.

        Args:
            open_store: Opens it, also again after it failed.
            directory: The workspace that new sessions belong to.
            on_problem: Told once what went wrong, and with "" when everything is stored again.
        """
        self._open_store = open_store
        self._directory = str(directory)
        self._on_problem = on_problem
        self._store: SessionStore | None = None
        self._session: SessionSummary | None = None
        self._unsaved: dict[int, Turn] = {}
        self._unended: dict[int, Answer] = {}
        self._stored_as: dict[int, int] = {}
        self._last_number = 0
        self._told = ""
        self._reopen()

    @property
    def store(self) -> SessionStore | None:
        """The file; None while it cannot be opened."""
        return self._store

    @property
    def session(self) -> SessionSummary:
        """The session; a new one is stored with its first question."""
        now = time.time()
        return self._session or SessionSummary(
            session_id=0,
            name="",
            directory=self._directory,
            created_at=now,
            updated_at=now,
            turns=0,
            head=None,
        )

    @property
    def complete(self) -> bool:
        """Whether everything that was said is on the disk."""
        return not self._unsaved and not self._unended

    def leave(self) -> None:
        """Begin a new session with the next question."""
        self._flush()
        self._session = None

    def enter(self, session_id: int) -> tuple[Turn, ...]:
        """Go on in a stored session; returns its turns.

        Raises:
            SessionStoreError: It is not there, or cannot be read.
        """
        store = self.readable()
        turns = store.turns(session_id)
        self._session = store.summary(session_id)
        return turns

    def begin(self, question: Question, *, parent: int | None, model: str) -> Turn:
        """Store a question as the newest turn of the session."""
        self._flush()
        if self._store is not None and not self._unsaved:
            try:
                session = self._session or self._store.create(self._directory, model=model)
                turn = self._store.begin_turn(
                    session.session_id, question, parent=self._real(parent), model=model
                )
                self._session = self._store.summary(session.session_id)
            except SessionStoreError as error:
                self._tell(str(error))
            else:
                return _with_surroundings(turn, question)
        self._last_number -= 1
        turn = Turn(
            turn_id=self._last_number,
            parent=parent,
            question=question,
            answer=Answer(),
            created_at=time.time(),
        )
        self._unsaved[turn.turn_id] = turn
        return turn

    def journal(self, turn_id: int, *, answer: str, thinking: str) -> None:
        """Append what just came of an answer."""
        real = self._stored_as.get(turn_id, turn_id)
        if self._store is None or real < 0:
            return
        try:
            self._store.journal(real, answer=answer, thinking=thinking)
        except SessionStoreError as error:
            self._tell(str(error))

    def note_sent(self, turn: Turn, *, prompt_digest: str) -> None:
        """Keep what is being sent."""
        if turn.turn_id in self._unsaved:
            self._unsaved[turn.turn_id] = turn
        elif self._store is not None:
            try:
                real = self._stored_as.get(turn.turn_id, turn.turn_id)
                self._store.note_sent(real, turn.question, prompt_digest=prompt_digest)
            except SessionStoreError as error:
                self._tell(str(error))

    def end(self, turn: Turn, answer: Answer) -> Turn:
        """Store the end of a turn."""
        ended = replace(turn, answer=answer)
        if turn.turn_id in self._unsaved:
            self._unsaved[turn.turn_id] = ended
        else:
            self._unended[self._stored_as.get(turn.turn_id, turn.turn_id)] = answer
        self._flush()
        return ended

    def withdraw(self, turn_id: int) -> None:
        """Take out a turn that was not answered."""
        if self._unsaved.pop(turn_id, None) is None and self._store is not None:
            try:
                self._store.withdraw(self._stored_as.get(turn_id, turn_id))
            except SessionStoreError as error:
                self._tell(str(error))

    def set_head(self, turn_id: int | None) -> None:
        """Let the session end at an earlier turn."""
        if self._store is None or self._session is None:
            return
        try:
            self._store.set_head(self._session.session_id, self._real(turn_id))
        except SessionStoreError as error:
            self._tell(str(error))

    def fork(self, turn_id: int) -> tuple[Turn, ...]:
        """Begin a session that shares the turns up to `turn_id`, and go on in it.

        Raises:
            SessionStoreError: There is no stored session, or it cannot be written.
        """
        store = self.readable()
        real = self._real(turn_id)
        if self._session is None or real is None:
            raise SessionStoreError(
                "This turn is not stored yet, so nothing can be forked from it."
            )
        return self.enter(store.fork(self._session.session_id, real).session_id)

    def rename(self, name: str) -> None:
        """Name the session.

        Raises:
            SessionStoreError: There is none yet, or it cannot be written.
        """
        store = self.readable()
        if self._session is None:
            raise SessionStoreError("There is nothing to name before the first question.")
        store.rename(self._session.session_id, name)
        self._session = store.summary(self._session.session_id)

    def stored_id(self, turn_id: int) -> int:
        """Return the store's number of a turn that only memory held when it was asked."""
        return self._stored_as.get(turn_id, turn_id)

    def close(self) -> None:
        """Write what can be written and close the file."""
        self._flush()
        if self._store is not None:
            self._store.close()

    def _real(self, turn_id: int | None) -> int | None:
        return None if turn_id is None else self._stored_as.get(turn_id, turn_id)

    def readable(self) -> SessionStore:
        """Return the store, opened again if need be.

        Raises:
            SessionStoreError: It cannot be opened.
        """
        self._reopen()
        if self._store is None:
            raise SessionStoreError(self._told or "The chat's sessions cannot be opened.")
        return self._store

    def _reopen(self) -> None:
        if self._store is not None:
            return
        try:
            self._store = self._open_store()
        except SessionStoreError as error:
            self._tell(str(error))
            return
        if self._store.moved_aside is not None:
            self._on_problem(
                f"The file of sessions was damaged; it is kept as {self._store.moved_aside} "
                "and a new one was begun."
            )

    def _flush(self) -> None:
        """Write what the file refused before."""
        if self.complete:
            return
        self._reopen()
        if self._store is None:
            return
        try:
            for turn_id, answer in list(self._unended.items()):
                self._store.end_turn(turn_id, answer)
                del self._unended[turn_id]
            for turn in list(self._unsaved.values()):
                self._save(self._store, turn)
        except SessionStoreError as error:
            self._tell(str(error))
            return
        if self._told:
            self._tell("")

    def _save(self, store: SessionStore, turn: Turn) -> None:
        model = turn.answer.model
        session = self._session or store.create(self._directory, model=model)
        self._session = session
        stored = store.begin_turn(
            session.session_id, turn.question, parent=self._real(turn.parent), model=model
        )
        self._stored_as[turn.turn_id] = stored.turn_id
        del self._unsaved[turn.turn_id]
        if turn.answer.state.final:
            store.end_turn(stored.turn_id, turn.answer)

    def _tell(self, problem: str) -> None:
        if problem != self._told:
            self._told = problem
            self._on_problem(problem)


def branch_to(turns: Sequence[Turn], turn_id: int) -> tuple[Turn, ...]:
    """Return the turns up to and including `turn_id`; all of them when it is not among them."""
    for place, turn in enumerate(turns):
        if turn.turn_id == turn_id:
            return tuple(turns[: place + 1])
    return tuple(turns)


def _with_surroundings(turn: Turn, question: Question) -> Turn:
    """Return a stored turn with what is kept only until its question is sent."""
    pairs = zip(turn.question.attachments, question.attachments, strict=True)
    attachments = tuple(replace(stored, around=given.around) for stored, given in pairs)
    return replace(turn, question=replace(turn.question, attachments=attachments))
