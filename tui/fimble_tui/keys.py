"""Every key binding, by an id that a keymap may give another key.

One table, so that the footer, the help and a keymap speak of the same things. What is possible at
the moment is decided by `check_action` of the screen: the footer shows nothing else.
"""

from __future__ import annotations

from typing import Final

from textual.binding import Binding


def _key(key: str, action: str, word: str, meaning: str, name: str) -> Binding:
    """Return a binding that the footer shows as one word, and the help as a sentence."""
    return Binding(key, action, word, tooltip=meaning, id=name)


def _quiet(key: str, action: str, word: str, meaning: str, name: str) -> Binding:
    """Return a binding that only the help shows."""
    return Binding(key, action, word, tooltip=meaning, id=name, show=False)


def _first(key: str, action: str, word: str, meaning: str, name: str) -> Binding:
    """Return a binding that comes before those of whatever has the focus; the help shows it."""
    return Binding(key, action, word, tooltip=meaning, id=name, show=False, priority=True)


CHAT_KEYS: Final = (
    _key("escape", "leave", "stop", "stop the answer; leave letters and turns", "chat.stop"),
    _key(
        "ctrl+l", "jump", "letters", "a letter on each code block, link and place", "chat.letters"
    ),
    Binding(
        "ctrl+up",
        "conversation",
        "turns",
        tooltip="mark a turn: copy, edit, ask again, fork",
        id="chat.turns",
        priority=True,
    ),
    Binding(
        "ctrl+down",
        "prompt",
        "prompt",
        tooltip="back to the prompt",
        id="chat.prompt",
        priority=True,
    ),
    _key(
        "ctrl+t", "thinking", "thoughts", "unfold or fold what the model thought", "chat.thoughts"
    ),
    _key("ctrl+n", "new_session", "new", "begin a new session", "chat.new"),
    _key("ctrl+o", "sessions", "sessions", "resume or search sessions", "chat.sessions"),
    _key("f1", "help", "help", "this page", "chat.help"),
    _quiet("f2", "models", "model", "choose or pull a model", "chat.models"),
    _quiet("f4", "xray", "sent", "what the next question sends, and its price", "chat.xray"),
    _first("pageup", "page('up')", "up", "scroll up", "chat.page-up"),
    _first("pagedown", "page('down')", "down", "scroll down", "chat.page-down"),
    _first("ctrl+home", "page('home')", "first", "to the first turn", "chat.first"),
    _first("ctrl+end", "page('end')", "newest", "to the newest turn, and follow it", "chat.newest"),
    _quiet("ctrl+p", "app.command_palette", "commands", "search all commands", "chat.palette"),
    Binding(
        "ctrl+q",
        "app.quit",
        "quit",
        tooltip="end the chat; everything is kept",
        id="chat.quit",
        priority=True,
    ),
)
"""Of the chat's screen, wherever the focus is."""

TURN_KEYS: Final = (
    Binding(
        "up,k", "turn(-1)", "turn", tooltip="the turn before", id="turn.previous", key_display="↑↓"
    ),
    _quiet("down,j", "turn(1)", "turn", "the turn after", "turn.next"),
    _key("c", "copy", "copy", "copy the marked answer", "turn.copy"),
    _key("e", "edit", "edit", "edit the marked question, and go on from there", "turn.edit"),
    _key("r", "regenerate", "again", "ask the marked question again", "turn.regenerate"),
    _key("g", "carry_on", "go on", "go on with the answer", "turn.carry-on"),
    _key("f", "fork", "fork", "a new session that goes on from the marked turn", "turn.fork"),
    _quiet("t", "thinking", "thoughts", "unfold or fold the marked turn", "turn.thoughts"),
    Binding(
        "space,enter",
        "jump",
        "letters",
        tooltip="a letter on each code block, link and place",
        id="turn.letters",
        key_display="space",
        show=False,
    ),
)
"""While the conversation has the focus: one letter each, about the marked turn."""
