"""The application: themes, keys, the chat's screen, and the conversation's life."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import ClassVar, Final

from textual import events, on
from textual.app import App
from textual.binding import Binding
from textual.screen import Screen

from fimble_tui.attention import Attention
from fimble_tui.commands.palette import SlashCommands
from fimble_tui.conversation_port import ConversationPort
from fimble_tui.key_guard import is_stray
from fimble_tui.messages import MouseSwitched
from fimble_tui.opening import OpenFile, open_in_editor
from fimble_tui.screens.chat import ChatScreen
from fimble_tui.screens.help import HelpScreen
from fimble_tui.theme import known_variables, themes

_STYLES: Final = Path(__file__).parent / "styles"


class ChatApp(App[None]):
    """Shows one conversation until the user leaves."""

    TITLE = "fimble"
    CSS_PATH: ClassVar = [
        _STYLES / name
        for name in ("chat.tcss", "conversation.tcss", "prompt.tcss", "screens.tcss", "apply.tcss")
    ]
    COMMANDS: ClassVar = {SlashCommands}
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS: ClassVar = [
        Binding("f1", "help", "help", tooltip="this page", id="app.help", show=False)
    ]

    def __init__(
        self,
        conversation: ConversationPort,
        *,
        workspace: Path,
        draft: str = "",
        theme: str = "fimble-dark",
        keymap: Mapping[str, str] | None = None,
        mouse: bool = True,
        notifications: bool = True,
        clock: Callable[[], float] = monotonic,
        open_file: OpenFile = open_in_editor,
    ) -> None:
        """Show `conversation` about the code in `workspace`.

        Args:
            conversation: Started when the screen is up, closed when the app ends.
            workspace: Where files that answers name are looked for.
            draft: What the prompt begins with, to be edited and sent by the user.
            theme: One of `fimble_tui.theme.themes`, or of Textual's.
            keymap: Other keys, by binding id (`fimble_tui.keys`).
            mouse: Whether the chat takes the mouse; off leaves it to the terminal.
            notifications: Whether the desktop tells of a long answer's end.
            clock: Seconds that only go up, for elapsed times.
            open_file: Opens a file of the workspace in the user's editor.
        """
        super().__init__()
        self._conversation = conversation
        self._workspace = workspace
        self._draft = draft
        self._clock = clock
        self._mouse = mouse
        self._open_file = open_file
        self._attention = Attention(
            self._send,
            clock=clock,
            session_name=lambda: conversation.session.name,
            environment=os.environ,
            notifications=notifications,
        )
        for one in themes():
            self.register_theme(one)
        self.theme = theme
        if keymap:
            self.set_keymap(dict(keymap))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return our own variables, for themes that do not have them."""
        return known_variables()

    def get_default_screen(self) -> Screen[None]:
        """Return the chat's screen."""
        return ChatScreen(
            self._conversation,
            workspace=self._workspace,
            draft=self._draft,
            mouse=self._mouse,
            clock=self._clock,
            open_file=self._open_file,
        )

    def action_help(self) -> None:
        """Explain the screen that is shown; the chat's own explains more."""
        self.push_screen(HelpScreen(self.screen))

    async def on_event(self, event: events.Event) -> None:
        """Hand on every event but keys that came too early to be meant for what is shown."""
        if not (self.is_running and is_stray(event, self.screen_stack)):
            await super().on_event(event)

    def on_mount(self) -> None:
        """Begin the conversation once there is something to show it on."""
        self._attention.begin()
        # Behind the screen: problems of before are told to who observes first, and it shows them.
        self.call_after_refresh(self._conversation.observe, self._attention)
        self.run_worker(self._conversation.start(), group="conversation")

    async def on_unmount(self) -> None:
        """End the conversation: what came of a running answer is kept."""
        self._attention.end()
        await self._conversation.aclose()

    @on(MouseSwitched)
    def _switch_mouse(self, message: MouseSwitched) -> None:
        """Ask the terminal for mouse events, or leave them to it (xterm, DECSET 1000-1006)."""
        mode = "h" if message.taken else "l"
        self._send("".join(f"\x1b[?{number}{mode}" for number in (1000, 1003, 1006)))

    @on(events.AppFocus)
    def _looked_at(self) -> None:
        self._attention.focus(focused=True)

    @on(events.AppBlur)
    def _looked_away(self) -> None:
        self._attention.focus(focused=False)

    def _send(self, sequence: str) -> None:
        """Send a sequence of our own to the terminal."""
        if self._driver is not None:
            self._driver.write(sequence)
            self._driver.flush()
