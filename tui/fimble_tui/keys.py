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

PROMPT_KEYS: Final = (
    _quiet("ctrl+r", "search_past", "past", "search what you asked before", "prompt.past"),
    _quiet(
        "ctrl+g", "own_editor", "editor", "go on in $EDITOR (also ctrl+x ctrl+e)", "prompt.editor"
    ),
    _quiet(
        "ctrl+enter,ctrl+s",
        "send_anyway",
        "anyway",
        "send although a mention leads nowhere",
        "prompt.anyway",
    ),
)
"""While the prompt has the focus."""

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
    _key("u", "undo", "undo", "take the newest applied edit back", "turn.undo"),
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

CHANGE_KEYS: Final = (
    Binding(
        "space",
        "toggle_hunk",
        "stage",
        tooltip="stage the hunk, or leave it out",
        id="change.stage",
    ),
    _key("a", "stage_all", "all", "stage every hunk", "change.all"),
    _key("n", "stage_none", "none", "leave every hunk out", "change.none"),
    Binding(
        "down,j", "hunk(1)", "hunk", tooltip="the hunk after", id="change.next", key_display="↑↓"
    ),
    _quiet("up,k", "hunk(-1)", "hunk", "the hunk before", "change.previous"),
    _quiet("pagedown", "page(1)", "down", "scroll down", "change.page-down"),
    _quiet("pageup", "page(-1)", "up", "scroll up", "change.page-up"),
    _quiet("home", "jump(1)", "first", "the first hunk", "change.first"),
    _quiet("end", "jump(0)", "last", "the last hunk", "change.last"),
    *(
        _quiet(str(number), f"jump({number})", "hunk", f"hunk {number}", f"change.hunk-{number}")
        for number in range(1, 10)
    ),
)
"""In the preview of a change."""

APPLY_KEYS: Final = (
    _key("enter", "write", "write", "write the staged hunks", "apply.write"),
    _key("w", "write_anyway", "write anyway", "write although it adds errors", "apply.anyway"),
    _key("p", "choose_path", "other file", "apply it to another file", "apply.path"),
    _key("escape", "leave", "back", "write nothing", "apply.back"),
)
"""Around the preview of a change."""

SESSIONS_KEYS: Final = (
    Binding(
        "enter",
        "resume",
        "resume",
        tooltip="go on with the session",
        id="sessions.resume",
        priority=True,
    ),
    _key("slash", "search", "search", "filter and search", "sessions.search"),
    _key("tab", "everywhere", "all folders", "this folder's sessions, or all", "sessions.all"),
    _key("f", "fork", "fork", "go on in a copy", "sessions.fork"),
    _key("r", "rename", "rename", "name it", "sessions.rename"),
    _key("e", "export", "export", "write it to a .md, .json or .html file", "sessions.export"),
    _key("d", "purge", "delete", "delete it for good", "sessions.purge"),
    _key("escape", "leave", "back", "back to the chat", "sessions.back"),
)
"""In the list of sessions."""

MODELS_KEYS: Final = (
    Binding(
        "enter",
        "use",
        "use",
        tooltip="answer with this model from now on",
        id="models.use",
        priority=True,
    ),
    _key("p", "pull", "pull", "download a model by its name", "models.pull"),
    _key("s", "stop_pull", "stop the pull", "stop; what came is kept", "models.stop"),
    _key("f5", "look_again", "look again", "ask the server once more", "models.refresh"),
    _key("escape", "leave", "back", "back to the chat; a download goes on", "models.back"),
)
"""In the list of models."""
