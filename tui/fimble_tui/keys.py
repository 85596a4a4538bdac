"""Every key binding, by an id that a keymap may give another key.

One table, so that the footer, the help and a keymap speak of the same things. What is possible at
the moment is decided by `check_action` of the screen: the footer shows nothing else.
"""

from __future__ import annotations

from typing import Final

from textual.binding import Binding

CHAT_KEYS: Final = (
    Binding("escape", "leave", "stop", id="chat.stop"),
    Binding("ctrl+l", "jump", "letters", id="chat.letters"),
    Binding("ctrl+up", "conversation", "turns", id="chat.turns", priority=True),
    Binding("ctrl+down", "prompt", "prompt", id="chat.prompt", priority=True),
    Binding("ctrl+t", "thinking", "thinking", id="chat.thinking"),
    Binding("ctrl+n", "new_session", "new", id="chat.new"),
    Binding("ctrl+o", "sessions", "sessions", id="chat.sessions"),
    Binding("f1", "help", "help", id="chat.help"),
    Binding("f2", "models", "model", id="chat.models", show=False),
    Binding("f4", "xray", "what is sent", id="chat.xray", show=False),
    Binding("pageup", "page('up')", "scroll", id="chat.page-up", show=False, priority=True),
    Binding("pagedown", "page('down')", "scroll", id="chat.page-down", show=False, priority=True),
    Binding("ctrl+home", "page('home')", "first", id="chat.first", show=False, priority=True),
    Binding("ctrl+end", "page('end')", "newest", id="chat.newest", show=False, priority=True),
    Binding("ctrl+q", "app.quit", "quit", id="chat.quit", priority=True),
)
"""Of the chat's screen, wherever the focus is."""

TURN_KEYS: Final = (
    Binding("up,k", "turn(-1)", "turn", id="turn.previous", key_display="↑"),
    Binding("down,j", "turn(1)", "turn", id="turn.next", key_display="↓", show=False),
    Binding("c", "copy", "copy", id="turn.copy"),
    Binding("e", "edit", "edit", id="turn.edit"),
    Binding("r", "regenerate", "again", id="turn.regenerate"),
    Binding("g", "carry_on", "go on", id="turn.carry-on"),
    Binding("f", "fork", "fork", id="turn.fork"),
    Binding("t", "thinking", "thinking", id="turn.thinking"),
    Binding("space,enter", "jump", "letters", id="turn.letters", key_display="space"),
)
"""While the conversation has the focus: one letter each, about the marked turn."""
