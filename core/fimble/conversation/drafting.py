"""What helps to write a question: mentions and prompts to choose from, what they lead to, the past.

Everything here may read files and is meant for a thread, never for the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fimble.context.index.search import WorkspaceSearch
from fimble.conversation.context_sources import context_reader, fresh_index
from fimble.conversation.question_expander import ASKABLE
from fimble.engine.token_estimate import TokenEstimator
from fimble.errors import SessionStoreError

if TYPE_CHECKING:
    from fimble.context.index.candidates import Candidate
    from fimble.conversation.context_reader import Gathered, NamedSource
    from fimble.history.sessions.session_store import SessionStore
    from fimble.prompting.catalogue import Catalogue, PromptEntry

_PAST_QUESTIONS: Final = 2000


class Drafting:
    """Reads, searches and remembers for the prompt of one workspace."""

    def __init__(
        self,
        workspace: Path,
        *,
        exclude: tuple[str, ...],
        count_tokens: Callable[[str], int],
        catalogue: Callable[[], Catalogue],
        store: Callable[[], SessionStore | None],
        sources: Iterable[NamedSource] = (),
    ) -> None:
        """Take what the conversation holds.

        Args:
            workspace: Its root.
            exclude: The user's own globs of what is not read.
            count_tokens: Prices attachments.
            catalogue: All prompt templates, as they are now.
            store: The sessions; None while they cannot be opened.
            sources: Asked for mentions that are no files, after our own.
        """
        self._symbols = fresh_index(workspace, exclude=exclude)
        self.reader = context_reader(
            workspace,
            exclude=exclude,
            count_tokens=count_tokens,
            index=self._symbols,
            sources=sources,
        )
        self._search = WorkspaceSearch(
            workspace,
            exclude=exclude,
            index=self._symbols.index,
            # Counting exactly takes ten times as long, for a list that changes with each letter.
            count_tokens=TokenEstimator().count,
        )
        self._catalogue = catalogue
        self._store = store
        self._builds_searched = 0

    def close(self) -> None:
        """Stop indexing, and close the index."""
        self._symbols.close()

    def gather(self, text: str) -> Gathered:
        """Return what `text` mentions, secrets masked, and what leads nowhere."""
        return self.reader.gather(text)

    def find(self, text: str, limit: int) -> Sequence[Candidate]:
        """Return what a mention that begins with `text` may mean, the best first.

        Symbols come as soon as they are indexed, which the first call begins.
        """
        self._builds_searched = self._symbols.builds
        self._symbols.soon()
        return self._search.find(text, limit)

    def symbols_came(self) -> bool:
        """Wait while symbols are indexed; returns whether `find` knows more than before."""
        self._symbols.settle()
        came = self._symbols.builds != self._builds_searched
        if came:
            self._search.read_anew()
        return came

    def prompts(self) -> tuple[PromptEntry, ...]:
        """Return the templates that can be asked by name, broken ones included."""
        entries = self._catalogue().entries
        return tuple(entry for entry in entries if entry.kind in ASKABLE)

    def past_questions(self) -> list[str]:
        """Return what was asked in all sessions, newest first, each once; as it was typed."""
        store = self._store()
        if store is None:
            return []
        try:
            return store.past_questions(limit=_PAST_QUESTIONS)
        except SessionStoreError:
            return []  # The conversation says that its store fails; recall alone need not.
