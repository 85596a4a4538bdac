"""What the chat does to files: apply a block, take an edit back, alone or with its turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fimble.chat.fences import Fence
from fimble.conversation.facilities import Facilities
from fimble.errors import FimbleError, SessionStoreError
from fimble_tui.application import app_of
from fimble_tui.screens.apply import ApplyScreen
from fimble_tui.screens.dialogs import ChoiceDialog
from fimble_tui.sinks import screen_line

if TYPE_CHECKING:
    from textual.screen import Screen

    from fimble.history.sessions.applied import AppliedEdit

_NAMED: Final = 4


class FileActions:
    """Applies and undoes; whatever goes wrong becomes a sentence."""

    def __init__(
        self,
        screen: Screen[None],
        facilities: Facilities,
        *,
        say: Callable[[str], None],
        clock: Callable[[], float],
    ) -> None:
        self._screen = screen
        self._facilities = facilities
        self._say = say
        self._clock = clock

    def apply(self, fence: Fence, turn_id: int, *, then: Callable[[], None]) -> None:
        """Show what a block would change; `then` is called when something was written."""

        def applied(sentence: str | None) -> None:
            if sentence:
                self._say(sentence)
                then()

        screen = ApplyScreen(fence, turn_id=turn_id, facilities=self._facilities, clock=self._clock)
        app_of(self._screen).push_screen(screen, applied)

    def undo(self, turn_ids: Iterable[int]) -> None:
        """Take the newest edit of this session back."""
        self._screen.run_worker(self._undo_newest(tuple(turn_ids)), group="files", exclusive=True)

    async def _undo_newest(self, turn_ids: tuple[int, ...]) -> None:
        try:
            edits = await asyncio.to_thread(
                self._facilities.standing_edits, turn_ids, whole_session=True
            )
        except FimbleError as error:
            self._say(str(error))
            return
        if not edits:
            self._say("No edit of this session stands: there is nothing to take back.")
            return
        self._say(await self._taken_back(edits[:1]))

    def before_leaving(self, turn_ids: Iterable[int], go_on: Callable[[], None]) -> None:
        """Ask what becomes of the edits of turns that the conversation is about to leave.

        `go_on` is called when the conversation may go on, at once when there are no edits.
        """
        try:
            edits = self._facilities.standing_edits(turn_ids)
        except SessionStoreError:
            edits = ()  # The banner says that the store fails; no edit could be undone either.
        if not edits:
            go_on()
            return

        def answered(choice: str | None) -> None:
            if choice == "c":
                go_on()
            elif choice == "b":
                self._screen.run_worker(self._both(edits, go_on), group="files", exclusive=True)

        names = _named(edit.path for edit in edits)
        dialog = ChoiceDialog(
            f"From here on answers were applied to {names}. Take these edits back as well?",
            {"b": "both", "c": "the conversation only"},
            clock=self._clock,
        )
        app_of(self._screen).push_screen(dialog, answered)

    async def _both(self, edits: Sequence[AppliedEdit], go_on: Callable[[], None]) -> None:
        sentence = await self._taken_back(edits)
        go_on()
        self._say(sentence)

    async def _taken_back(self, edits: Sequence[AppliedEdit]) -> str:
        """Take edits back, newest first, as far as that loses nothing; says what came of it."""
        done: list[str] = []
        for edit in edits:
            try:
                editor = self._facilities.editor()
                target = await asyncio.to_thread(editor.undo, edit)
            except FimbleError as error:
                return f"{_sum(done)} {error}".lstrip()
            gone = "" if target.text is not None else " (it was new, and is gone)"
            done.append(f"{screen_line(target.relative)}{gone}")
        return _sum(done)


def _sum(done: Sequence[str]) -> str:
    if not done:
        return ""
    be = "is what it was" if len(done) == 1 else "are what they were"
    return f"{', '.join(dict.fromkeys(done))} {be}."


def _named(paths: Iterable[str]) -> str:
    names = list(dict.fromkeys(Path(path).name for path in paths))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return screen_line(", ".join(names[:_NAMED]) + more)
