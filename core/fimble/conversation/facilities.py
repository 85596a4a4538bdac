"""What stands beside a conversation for screens and commands: its store, its files, its server.

A conversation asks and answers; whoever lists sessions, applies a block or pulls a model takes
what he needs from here, for as long as he needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from fimble.context.index.search import WorkspaceSearch
from fimble.conversation.applying import WorkspaceEditor

if TYPE_CHECKING:
    from fimble.config.schema import ModelServerSettings
    from fimble.conversation.turn_keeper import TurnKeeper
    from fimble.engine.model_server import ModelAdministration
    from fimble.history.sessions.applied import AppliedEdit
    from fimble.history.sessions.session_store import SessionStore


class Facilities:
    """Opens nothing before it is asked for."""

    def __init__(
        self, keeper: TurnKeeper, *, directory: Path, settings: Callable[[], ModelServerSettings]
    ) -> None:
        """Take what the conversation holds.

        Args:
            keeper: Writes its turns.
            directory: The workspace.
            settings: How the model server is reached now.
        """
        self._keeper = keeper
        self._settings = settings
        self._files = WorkspaceSearch(directory)
        self.directory = directory

    def store(self) -> SessionStore:
        """Return all sessions.

        Raises:
            SessionStoreError: They cannot be opened.
        """
        return self._keeper.readable()

    def editor(self) -> WorkspaceEditor:
        """Return what writes into the workspace's files.

        Raises:
            SessionStoreError: Edits could not be recorded, so none can be made.
        """
        return WorkspaceEditor(self.directory, self.store())

    def stored_id(self, turn_id: int) -> int:
        """Return the store's number of a turn, which edits are recorded with."""
        return self._keeper.stored_id(turn_id)

    def standing_edits(
        self, turn_ids: Iterable[int], *, whole_session: bool = False
    ) -> tuple[AppliedEdit, ...]:
        """Return the edits of these turns that were not taken back, newest first.

        Args:
            turn_ids: The conversation's numbers.
            whole_session: Also edits from turns that the conversation was rewound over.

        Raises:
            SessionStoreError: They cannot be read.
        """
        session_id = self._keeper.session.session_id if whole_session else 0
        stored = [self.stored_id(turn_id) for turn_id in turn_ids]
        return self.editor().standing(stored, session_id=session_id)

    def find_files(self, text: str, limit: int) -> tuple[str, ...]:
        """Return the workspace's files that `text` may mean, the best first; may read the disk."""
        found = self._files.find(text, 2 * limit)
        return tuple(each.label for each in found if each.kind == "file")[:limit]

    def administration(self) -> ModelAdministration:
        """Return questions and orders about models; to be used as a context manager.

        Raises:
            EngineNotLocalError: The endpoint is not on this machine.
        """
        from fimble.engine.model_server import make_administration  # noqa: PLC0415

        return make_administration(self._settings())
