"""All sessions: filter, search, resume, fork, rename, export, delete.

Contract: dismisses itself with what the chat is to do, or None. Names, paths and found lines come
out of a file that others may have written to: all of them pass `sinks`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, time
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, OptionList

from fimble.chat.search_query import parse_search
from fimble.chat.transcript import SessionSummary
from fimble.conversation.facilities import Facilities
from fimble.errors import FimbleError
from fimble_tui.application import app_of
from fimble_tui.exporting import export_path, export_to
from fimble_tui.key_guard import KeyGuardedScreen
from fimble_tui.keys import SESSIONS_KEYS
from fimble_tui.places import place_words
from fimble_tui.screens.dialogs import ChoiceDialog, LineDialog
from fimble_tui.sinks import PlainText, screen_line
from fimble_tui.widgets.footer_line import FooterLine

_MOST: Final = 500
_PLACEHOLDER: Final = "words, file: lang: has:code has:apply"
_PAUSE_S: Final = 0.12
"""A search begins when nothing was typed for so long."""
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 86_400
_AGES: Final = ((_DAY_S, "d"), (_HOUR_S, "h"), (_MINUTE_S, "min"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionChoice:
    """A session to go on with."""

    session_id: int
    fork: bool = False
    """Whether in a copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One line of the list: a session, and where a search found something in it."""

    session: SessionSummary
    found: str = ""


class SessionsScreen(KeyGuardedScreen[SessionChoice | None]):
    """The list of sessions, those of this folder first."""

    BINDINGS: ClassVar = list(SESSIONS_KEYS)

    def __init__(
        self,
        facilities: Facilities,
        *,
        current: int,
        search: str = "",
        clock: Callable[[], float] = monotonic,
        now: Callable[[], float] = time,
    ) -> None:
        """List what `facilities` keeps.

        Args:
            facilities: The store and the workspace.
            current: The session that is shown in the chat; 0 when it is new.
            search: What is searched for at first.
            clock: Seconds that only go up.
            now: Seconds since the epoch, for ages.
        """
        super().__init__(clock=clock, id="sessions")
        self._facilities = facilities
        self._current = current
        self._now = now
        self._everywhere = False
        self._rows: tuple[_Row, ...] = ()
        self._line = Input(
            search,
            id="sessions-search",
            compact=True,
            placeholder=_PLACEHOLDER,
            select_on_focus=False,
        )
        self._list = OptionList(id="sessions-list", markup=False)
        self._note = ""

    def compose(self) -> ComposeResult:
        """Show a line to search on, the list, and what there is to say."""
        yield PlainText(id="sessions-title")
        yield self._line
        yield self._list
        yield PlainText(id="sessions-note")
        yield FooterLine(self._describe, id="footer")

    def on_mount(self) -> None:
        """Fill the list."""
        self._list.focus()
        self._look()

    # The list

    @on(Input.Changed)
    def _typed(self) -> None:
        self._note = ""
        self._look(_PAUSE_S)

    @work(exclusive=True, group="sessions-look")
    async def _look(self, pause_s: float = 0.0, keep: int | None = None) -> None:
        """Read the store; `keep` is the session that stays marked."""
        if pause_s:
            await asyncio.sleep(pause_s)
        try:
            rows = await asyncio.to_thread(self._read, self._line.value.strip())
        except FimbleError as error:
            rows, self._note = (), str(error)
        self._show(rows, keep)

    def _read(self, text: str) -> tuple[_Row, ...]:
        store = self._facilities.store()
        here = str(self._facilities.directory)
        if not text:
            directory = None if self._everywhere else here
            return tuple(_Row(session=each) for each in store.sessions(directory, limit=_MOST))
        query = parse_search(text)
        if query.unknown:
            self._note = f"has: knows code, apply, thinking and context, not {query.unknown[0]}."
        rows: dict[int, _Row] = {}
        if not (query.files or query.languages or query.has):
            words = [word.casefold() for word in query.words]
            for each in store.sessions(limit=_MOST):
                if all(word in each.name.casefold() for word in words):
                    rows[each.session_id] = _Row(session=each)
        for hit in store.search.find(query):
            if hit.session_id not in rows or not rows[hit.session_id].found:
                summary = store.summary(hit.session_id)
                rows[hit.session_id] = _Row(session=summary, found=hit.line)
        return tuple(
            sorted(
                rows.values(),
                key=lambda row: (row.session.directory != here, -row.session.updated_at),
            )
        )

    def _show(self, rows: Sequence[_Row], keep: int | None) -> None:
        self._rows = tuple(rows)
        numbers = [row.session.session_id for row in rows]
        self._list.clear_options()
        self._list.add_options([self._row_content(row) for row in rows])
        wanted = keep if keep is not None else self._current
        self._list.highlighted = (
            (numbers.index(wanted) if wanted in numbers else 0) if rows else None
        )
        self._show_words()

    def _row_content(self, row: _Row) -> Content:
        """Return two lines: the name; then age, turns, model and, of other folders, the place."""
        session = row.session
        mark = ("● ", "$accent") if session.session_id == self._current else ("  ", "")
        details = [
            age_words(self._now() - session.updated_at),
            f"{session.turns} {'turn' if session.turns == 1 else 'turns'}",
        ]
        if session.model:
            details.append(screen_line(session.model))
        if session.forked_from is not None:
            details.append("fork")
        if session.directory != str(self._facilities.directory):
            details.append(f"in {screen_line(place_words(session.directory))}")
        second = (f"  {' · '.join(details)}", "$quiet")
        name = screen_line(session.name) or "(no name)"
        if not row.found:
            return Content.assemble(mark, (name, "bold"), "\n", second)
        return Content.assemble(
            mark, (name, "bold"), second, "\n", ("  › ", "$primary"), screen_line(row.found)
        )

    def _show_words(self) -> None:
        count = len(self._rows)
        words = "1 session" if count == 1 else f"{count} sessions"
        if self._line.value.strip():
            where = "found everywhere, this folder's first"
        elif self._everywhere:
            where = "of all folders"
        else:
            where = f"of {screen_line(place_words(self._facilities.directory))}"
        title = Content.assemble((" Sessions", "bold"), (f"  {words} {where}", "$quiet"))
        self.query_one("#sessions-title", PlainText).show(title)
        note = self.query_one("#sessions-note", PlainText)
        if not count and not self._note:
            self._note = (
                "Nothing is found."
                if self._line.value.strip()
                else "No session is stored here yet. Tab shows those of all folders."
            )
        note.show(self._note)
        note.display = bool(self._note)
        self.refresh_bindings()

    def _marked(self) -> SessionSummary | None:
        at = self._list.highlighted
        return self._rows[at].session if at is not None and at < len(self._rows) else None

    # Keys

    def _describe(self, action: str) -> str:
        if action == "leave" and self._line.has_focus:
            return "list"
        if action == "resume" and self._line.has_focus:
            return "list"
        if action == "everywhere" and self._everywhere:
            return "this folder"
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Allow what is possible: nothing about a session while none is marked."""
        del parameters
        if not self.is_mounted or action == "leave":
            return True
        if action in {"fork", "rename", "export", "purge"}:
            return self._marked() is not None and not self._line.has_focus
        if action == "resume":
            return self._marked() is not None or self._line.has_focus
        if action == "everywhere":
            return not self._line.value.strip()
        return True

    def action_search(self) -> None:
        """Go to the line of the search."""
        self._line.focus()

    def action_leave(self) -> None:
        """Leave the search, or the screen."""
        if self._line.has_focus:
            self._list.focus()
        else:
            self.dismiss(None)

    def action_everywhere(self) -> None:
        """Show the sessions of all folders, or of this one."""
        self._everywhere = not self._everywhere
        self._note = ""
        self._look()

    @on(OptionList.OptionSelected)
    def _selected(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        self._go_on(fork=False)

    def action_resume(self) -> None:
        """Go on with the marked session; from the search, go to what it found."""
        if self._line.has_focus:
            self._list.focus()
        else:
            self._go_on(fork=False)

    def action_fork(self) -> None:
        """Go on in a copy of the marked session."""
        self._go_on(fork=True)

    @work(exclusive=True, group="sessions-act")
    async def _go_on(self, *, fork: bool) -> None:
        session = self._marked()
        if session is None:
            return
        if session.directory != str(self._facilities.directory):
            there = screen_line(place_words(session.directory))
            here = screen_line(place_words(self._facilities.directory))
            question = (
                f"This session belongs to {there}. Its mentions and edits will go to {here} here."
            )
            if await self._choice(question, {"y": "go on here"}) != "y":
                return
        self.dismiss(SessionChoice(session_id=session.session_id, fork=fork))

    @work(exclusive=True, group="sessions-act")
    async def action_rename(self) -> None:
        """Name the marked session."""
        session = self._marked()
        if session is None:
            return
        dialog = LineDialog(
            "What is this session called? Empty brings back its first words.",
            value=screen_line(session.name),
            enter="name it",
            clock=self._clock,
        )
        name = await app_of(self).push_screen_wait(dialog)
        if name is not None:
            await self._done(lambda: self._facilities.store().rename(session.session_id, name))
            self._look(keep=session.session_id)

    @work(exclusive=True, group="sessions-act")
    async def action_export(self) -> None:
        """Write the marked session to a file."""
        session = self._marked()
        if session is None:
            return
        dialog = LineDialog(
            "Write it to which file? Its end says how: .md, .json or .html.",
            value=str(self._facilities.directory / f"session-{session.session_id}.md"),
            enter="write it",
            clock=self._clock,
        )
        name = await app_of(self).push_screen_wait(dialog)
        if name:
            await self._export(session, export_path(name, self._facilities.directory))

    async def _export(self, session: SessionSummary, path: Path) -> None:
        async def may_replace(question: str) -> bool:
            return await self._choice(question, {"y": "replace it"}) == "y"

        try:
            turns = await asyncio.to_thread(self._facilities.store().turns, session.session_id)
        except FimbleError as error:
            self._note = str(error)
        else:
            self._note = await export_to(path, session, turns, may_replace=may_replace)
        self._show_words()

    @work(exclusive=True, group="sessions-act")
    async def action_purge(self) -> None:
        """Delete the marked session for good."""
        session = self._marked()
        if session is None:
            return
        if session.session_id == self._current:
            self._note = "This session is open in the chat. Begin a new one first, with ctrl+n."
            self._show_words()
            return
        turns = "1 turn" if session.turns == 1 else f"{session.turns} turns"
        question = (
            f"Delete “{screen_line(session.name)}” for good? Its {turns}, what was attached and "
            "the record of its edits go, and /undo cannot take those back any more. "
            "Turns that a fork shares stay with the fork; files stay as they are."
        )
        if await self._choice(question, {"y": "delete it"}) != "y":
            return
        if await self._done(lambda: self._facilities.store().purge(session.session_id)):
            self._note = f"{screen_line(session.name)} is deleted."
        self._look()

    async def _choice(self, question: str, choices: dict[str, str]) -> str | None:
        dialog = ChoiceDialog(question, choices, clock=self._clock)
        return await app_of(self).push_screen_wait(dialog)

    async def _done(self, action: Callable[[], None]) -> bool:
        """Do it in a thread; a failure becomes the note."""
        try:
            await asyncio.to_thread(action)
        except FimbleError as error:
            self._note = str(error)
            return False
        return True


def age_words(seconds: float) -> str:
    """Return how long ago something was, in its largest unit."""
    for unit, word in _AGES:
        if seconds >= unit:
            return f"{int(seconds // unit)} {word} ago"
    return "just now"
