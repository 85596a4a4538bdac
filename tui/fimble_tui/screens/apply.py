"""Applying a code block to a file, hunk by hunk.

Contract: pushed by the chat screen with the block as the model wrote it; everything in it is
untrusted, the path most of all. It dismisses itself with a sentence for the user, or None.

Nothing is written by a key that came before the preview was seen, nothing that adds syntax errors
without a second, other key, and nothing into a file that can make things run (security T3) unless
its whole path was typed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content

from fimble.chat.fences import Fence
from fimble.chat.staging import Preview, preview
from fimble.conversation.applying import EditTarget, FileChangedError
from fimble.conversation.facilities import Facilities
from fimble.errors import FimbleError
from fimble_tui.application import app_of
from fimble_tui.key_guard import KeyGuardedScreen
from fimble_tui.keys import APPLY_KEYS
from fimble_tui.screens.dialogs import LineDialog
from fimble_tui.sinks import PlainText, screen_line
from fimble_tui.widgets.change.change_view import ChangeView, StagingChanged
from fimble_tui.widgets.change.rows import ChangeBlock, change_blocks
from fimble_tui.widgets.file_choice import FileChoice, FileChosen
from fimble_tui.widgets.footer_line import FooterLine

_PROTECTED: Final = "This file can make things run: writing it needs its whole path typed."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What is on the screen: one state of one file."""

    target: EditTarget
    preview: Preview
    blocks: tuple[ChangeBlock, ...]


class ApplyScreen(KeyGuardedScreen[str | None]):
    """A preview of what the block would change."""

    BINDINGS: ClassVar = list(APPLY_KEYS)

    def __init__(
        self,
        fence: Fence,
        *,
        turn_id: int,
        facilities: Facilities,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Preview `fence`, of the turn's answer."""
        super().__init__(clock=clock, id="apply")
        self.fence = fence
        """The block, as the model wrote it."""
        self.turn_id = turn_id
        """The turn whose answer it stands in."""
        self._facilities = facilities
        self._path = fence.path
        self._seen: _Seen | None = None
        self._errors: tuple[frozenset[int], int] | None = None
        """What is staged, and how many syntax errors it adds; None until that is known."""
        self._asked_twice: frozenset[int] | None = None
        """The hunks that the second key would write although they add errors."""
        self._note = ""
        self._view = ChangeView(id="apply-change")
        self._files = FileChoice(facilities.find_files, id="apply-files")

    def compose(self) -> ComposeResult:
        """Show the file, what would change in it, and what there is to say."""
        yield PlainText(id="apply-title")
        yield self._files
        yield self._view
        yield PlainText(id="apply-note")
        yield PlainText(id="apply-sum")
        yield FooterLine(lambda _: "", id="footer")

    def on_mount(self) -> None:
        """Read the file that the block names, or ask for one."""
        self._files.display = False
        if self._path:
            self._read()
        else:
            self._begin_choice("The block names no file. Which one is it for?")

    # Reading

    @work(exclusive=True, group="apply-read")
    async def _read(self, because: str = "") -> None:
        """Make the preview from the file as it is now."""
        self._seen = self._asked_twice = self._errors = None
        self._show_sums()
        try:
            seen = await asyncio.to_thread(self._look, self._path)
        except FimbleError as error:
            self._view.show_change(())
            self._note = str(error)
            self._show_all()
            self._view.focus()
            return
        self._seen = seen
        self._note = because
        self._view.show_change(seen.blocks)
        self._show_all()
        self._view.focus()

    def _look(self, path: str) -> _Seen:
        target = self._facilities.editor().target(path)
        shown = preview(self.fence, target.text, path=target.relative)
        return _Seen(target=target, preview=shown, blocks=change_blocks(shown))

    @on(StagingChanged)
    def _staging_changed(self) -> None:
        self._asked_twice = None
        self._show_all()
        self._count_errors()

    @work(exclusive=True, group="apply-errors")
    async def _count_errors(self) -> None:
        if await self._errors_of(self._view.staged) is not None:
            self._show_all()

    async def _errors_of(self, staged: frozenset[int]) -> int | None:
        """Return how many syntax errors these hunks add; None when there is no preview now."""
        seen = self._seen
        if seen is None:
            return None
        if self._errors is None or self._errors[0] != staged:
            count = await asyncio.to_thread(seen.preview.adds_errors, staged)
            if seen is not self._seen:
                return None
            self._errors = (staged, count)
        return self._errors[1]

    # Choosing the file

    def action_choose_path(self) -> None:
        """Let the user name the file."""
        self._begin_choice("")

    def _begin_choice(self, note: str) -> None:
        self._note = note
        self._files.display = True
        self._view.display = False
        self._show_all()
        self._files.begin(self._path)

    @on(FileChosen)
    def _chosen(self, message: FileChosen) -> None:
        self._end_choice()
        self._path = message.path
        self._read()

    def _end_choice(self) -> None:
        self._files.display = False
        self._view.display = True
        self._view.focus()

    def action_leave(self) -> None:
        """Leave the choice of a file, or the screen."""
        if self._files.display and self._path:
            self._note = ""
            self._end_choice()
            self._show_all()
        else:
            self.dismiss(None)

    # Writing

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Allow what is possible now."""
        del parameters
        if not self.is_mounted or action == "leave":
            return True
        choosing = self._files.display
        ready = self._seen is not None and bool(self._view.staged) and not choosing
        if action == "write":
            return ready
        if action == "write_anyway":
            return ready and self._asked_twice == self._view.staged
        return not choosing

    def action_write(self) -> None:
        """Write the staged hunks, unless that needs more than one key."""
        self._write(self._view.staged, anyway=False)

    def action_write_anyway(self) -> None:
        """Write hunks that add syntax errors, after that was said."""
        if self._asked_twice is not None:
            self._write(self._asked_twice, anyway=True)

    @work(exclusive=True, group="apply-write")
    async def _write(self, staged: frozenset[int], *, anyway: bool) -> None:
        errors = await self._errors_of(staged)
        seen = self._seen
        if seen is None or errors is None or staged != self._view.staged:
            return
        if errors and not anyway:
            self._asked_twice = staged
            self._note = "It would break the file's syntax. Press w to write it all the same."
            self._show_all()
            return
        if seen.target.protected and not await self._path_was_typed(seen.target.relative):
            self._note = "Nothing was written: the path that was typed is another one."
            self._show_all()
            return
        await self._written(seen, staged)

    async def _path_was_typed(self, path: str) -> bool:
        question = f"{screen_line(path)} can make things run. Type its whole path to write it."
        dialog = LineDialog(question, enter="write it", clock=self._clock)
        typed = await app_of(self).push_screen_wait(dialog)
        return typed == path

    async def _written(self, seen: _Seen, staged: frozenset[int]) -> None:
        text = seen.preview.text(staged)
        turn_id = self._facilities.stored_id(self.turn_id)
        try:
            editor = self._facilities.editor()
            await asyncio.to_thread(editor.apply, seen.target, text, turn_id=turn_id)
        except FileChangedError as error:
            self._read(str(error))
        except FimbleError as error:
            self._note = str(error)
            self._show_all()
        else:
            count = len(seen.preview.hunks)
            self.dismiss(f"Wrote {_of(len(staged), count)} to {seen.target.relative} · u undoes")

    # Saying what there is

    def _show_all(self) -> None:
        self._show_title()
        self._show_note()
        self._show_sums()
        self.refresh_bindings()

    def _show_title(self) -> None:
        seen = self._seen
        parts: list[tuple[str, str] | str] = [(" Apply to ", "$quiet")]
        if self._files.display or not self._path:
            parts.append(("a file", "bold"))
        else:
            name = seen.target.relative if seen else self._path
            parts.append((screen_line(name), "bold"))
        if seen is not None and not self._files.display:
            if seen.target.protected:
                parts.append(("  protected", "$warning"))
            if seen.target.text is None:
                parts.append(("  new file", "$success"))
            else:
                parts.append((f"  {screen_line(seen.preview.proposal.how)}", "$quiet"))
        self.query_one("#apply-title", PlainText).show(Content.assemble(*parts))

    def _show_note(self) -> None:
        notes = [self._note] if self._note else []
        seen = self._seen
        if seen is not None and not self._files.display:
            unplaced = seen.preview.proposal.unplaced
            if unplaced:
                be = "is" if unplaced == 1 else "are"
                notes.append(f"{_of(unplaced)} found no place in the file and {be} left out.")
            if not seen.preview.hunks:
                notes.append("The file is like that already: there is nothing to write.")
            elif seen.target.protected:
                notes.append(_PROTECTED)
        note = self.query_one("#apply-note", PlainText)
        note.show("\n".join(notes))
        note.display = bool(notes)

    def _show_sums(self) -> None:
        sums = self.query_one("#apply-sum", PlainText)
        seen, staged = self._seen, self._view.staged
        sums.display = seen is not None and bool(seen.preview.hunks) and not self._files.display
        if seen is None or not seen.preview.hunks:
            return
        added, removed = seen.preview.lines(staged)
        parts: list[tuple[str, str] | str] = [
            (f" {_of(len(staged), len(seen.preview.hunks))} staged", "bold"),
            (f"  +{added}", "$success"),
            (f" −{removed}", "$error"),
        ]
        if self._errors is not None and self._errors[0] == staged and self._errors[1]:
            count = self._errors[1]
            words = "syntax error" if count == 1 else "syntax errors"
            parts.append((f"  adds {count} {words}", "bold $error"))
        sums.show(Content.assemble(*parts))


def _of(count: int, total: int | None = None) -> str:
    """Return so many hunks in words."""
    if total is not None and total != count:
        return f"{count} of {total} hunks"
    return "1 hunk" if count == 1 else f"{count} hunks"
