"""The prompt sessions that are open, and the one that the server's slot holds.

More than one is kept because the server keeps the state of an abandoned prompt in its RAM cache
(llama-server `--cache-ram`): going back to an earlier place costs 4-5 tokens there. Where prompts
go on behind a closed hole there is one prompt, and its newest session is the only one.
"""

from __future__ import annotations

from dataclasses import replace

from fimble.completion.layout import Layout
from fimble.completion.prompt_session import PromptSession, ReanchorReason
from fimble.completion.window import CountTokens
from fimble.text.edit import ByteEdit
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot


class SessionStore:
    """The few newest sessions of every document, least recently used first out."""

    def __init__(self, *, per_document: int = 4) -> None:
        self._per_document = per_document
        self._sessions: dict[str, list[PromptSession]] = {}
        self._latest: PromptSession | None = None

    @property
    def latest(self) -> PromptSession | None:
        """The session that served last, whatever has become of it."""
        return self._latest

    def apply_edit(self, uri: str, edit: ByteEdit | None) -> None:
        """Move the document's sessions along with one edit; None means replaced as a whole."""
        former = self._sessions.get(uri, [])
        kept: list[PromptSession] = []
        for session in former:
            moved = _moved(session, edit)
            if session is self._latest:
                self._latest = moved
            if moved.broken is None:
                kept.append(moved)
        if former:
            self._sessions[uri] = kept

    def find(
        self, snapshot: Snapshot, cursor: Position, *, layout: Layout, count: CountTokens
    ) -> tuple[PromptSession | None, ReanchorReason]:
        """Return the newest session that can serve `cursor`, else None and the reason."""
        latest = self._latest
        reason: ReanchorReason = "new place"
        if latest is not None and latest.uri == snapshot.uri and latest.broken is not None:
            reason = latest.broken
        for session in reversed(self._sessions.get(snapshot.uri, [])):
            refusal = session.refusal(snapshot, cursor, count=count)
            if refusal is None and session.layout == layout:
                return session, reason
            if reason == "new place" and refusal is not None:
                reason = refusal
        return None, reason

    def remember(self, session: PromptSession, *, instead_of: PromptSession | None = None) -> None:
        """Make `session` the newest of all.

        Args:
            session: A new one, or one of these after something happened to it.
            instead_of: What it goes on from, which can serve no more.
        """
        if instead_of is not None:
            self._drop(instead_of)
        sessions = [it for it in self._sessions.get(session.uri, []) if it is not session]
        sessions.append(session)
        self._sessions[session.uri] = sessions[-self._per_document :]
        self._latest = session

    def _drop(self, session: PromptSession) -> None:
        others = [it for it in self._sessions.get(session.uri, []) if it is not session]
        self._sessions[session.uri] = others

    def newest(self, uri: str) -> PromptSession | None:
        """The session that served the document last."""
        sessions = self._sessions.get(uri)
        return sessions[-1] if sessions else None

    def forget(self, uri: str) -> None:
        """Drop every session that shows text of a closed document."""
        self._sessions = {
            key: [it for it in sessions if it.uri != uri and uri not in it.documents]
            for key, sessions in self._sessions.items()
            if key != uri
        }
        latest = self._latest
        if latest is not None and (latest.uri == uri or uri in latest.documents):
            self._latest = None

    def clear(self) -> None:
        """Drop every session: the model or its settings changed."""
        self._sessions.clear()
        self._latest = None


def _moved(session: PromptSession, edit: ByteEdit | None) -> PromptSession:
    if edit is not None:
        return session.edited(edit)
    return session if session.broken else replace(session, broken="document replaced")
