"""What the screen needs of a conversation, so that it can be shown without a model or a store.

`fimble.conversation` satisfies it; tests of pictures hold a scripted one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from fimble.chat.events import ChatObserver, ServerStatus
from fimble.chat.meter import ContextMeter
from fimble.chat.transcript import Question, SessionSummary, Turn
from fimble.context.index.candidates import Candidate
from fimble.conversation.context_reader import Gathered
from fimble.conversation.facilities import Facilities
from fimble.conversation.pricing import PromptPreview
from fimble.prompting.catalogue import PromptEntry


class DraftingPort(Protocol):
    """What helps to write a question; everything in it may read files, and is for a thread."""

    def gather(self, text: str, /) -> Gathered:
        """Return what a text mentions, and what leads nowhere."""
        ...

    def find(self, text: str, limit: int, /) -> Sequence[Candidate]:
        """Return what a mention that begins so may mean."""
        ...

    def symbols_came(self) -> bool:
        """Wait while symbols are indexed; returns whether `find` knows more than before."""
        ...

    def prompts(self) -> tuple[PromptEntry, ...]:
        """Return the templates that can be asked by name."""
        ...

    def past_questions(self) -> list[str]:
        """Return what was asked in all sessions, newest first."""
        ...


class ConversationPort(Protocol):
    """One session, its model and its queue."""

    @property
    def drafting(self) -> DraftingPort:
        """Helps to write questions."""
        ...

    @property
    def session(self) -> SessionSummary:
        """The session that is shown."""
        ...

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Its branch, oldest turn first."""
        ...

    @property
    def waiting(self) -> tuple[Question, ...]:
        """Questions that are not asked yet, oldest first."""
        ...

    @property
    def status(self) -> ServerStatus:
        """What is known of the model and its server."""
        ...

    @property
    def busy(self) -> bool:
        """Whether an answer is being made."""
        ...

    @property
    def facilities(self) -> Facilities:
        """Its store, its workspace's files and its model server, for other screens."""
        ...

    def observe(self, observer: ChatObserver, /) -> Callable[[], None]:
        """Tell `observer` of everything from now on; the result ends that."""
        ...

    async def start(self) -> None:
        """Look at the server, and go on with questions that waited."""
        ...

    async def aclose(self) -> None:
        """Stop what runs and close the store."""
        ...

    def ask(self, question: Question) -> object:
        """Ask, or queue while busy or offline."""
        ...

    async def stop(self) -> None:
        """End the running answer; what came is kept."""
        ...

    def carry_on(self) -> None:
        """Go on with the newest answer."""
        ...

    def regenerate(self, turn_id: int) -> None:
        """Ask the question of that turn again."""
        ...

    def rewind(self, turn_id: int) -> Question:
        """End the branch before that turn and return its question."""
        ...

    def fork(self, turn_id: int) -> SessionSummary:
        """Begin a session that ends at that turn, and show it."""
        ...

    def take_back(self, index: int) -> Question:
        """Take a question out of the queue."""
        ...

    async def switch_model(self, name: str) -> None:
        """Answer with another model from now on."""
        ...

    def meter(self, draft: Question) -> ContextMeter:
        """Return what the next question would cost."""
        ...

    def preview(self, draft: Question) -> PromptPreview:
        """Return the exact prompt that the next question would be, by segments."""
        ...

    def new_session(self) -> None:
        """Begin an empty session."""
        ...

    def resume(self, session_id: int) -> None:
        """Show another session."""
        ...

    def rename(self, name: str) -> None:
        """Name the session."""
        ...
