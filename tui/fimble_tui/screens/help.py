"""F1: the keys that work where the focus is, and every command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content

from fimble_tui.commands.registry import COMMANDS
from fimble_tui.screens.guarded import GuardedScreen
from fimble_tui.sinks import PlainText

_PROMPT: Final = (
    ("enter", "send; it waits its turn while an answer comes"),
    ("ctrl+j", "new line; shift+enter where the terminal tells it"),
    ("@", "add a file, folder, symbol, @diff, @staged, @errors"),
    ("/", "a command"),
)
_LETTERS: Final = (
    ("a letter, then c", "copy"),
    ("a letter, then a", "apply to a file, hunk by hunk"),
    ("a letter, then e", "open in $EDITOR at the line"),
    ("a letter, then r", "ask about it"),
)


class HelpScreen(GuardedScreen[None]):
    """Keys and commands on one page."""

    BINDINGS: ClassVar = [
        Binding("escape,f1,q", "dismiss", "back", id="help.back", key_display="esc")
    ]

    def __init__(self, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Show the page; nothing in it comes from outside."""
        with VerticalScroll(id="help"):
            yield PlainText(id="help-text")

    def on_mount(self) -> None:
        """Fill the page."""
        commands = [
            (f"/{one.name} {one.argument}".rstrip(), one.summary + ("" if one.while_busy else " ·"))
            for one in COMMANDS
        ]
        sections = (
            ("Writing", _PROMPT),
            ("Here", self._keys),
            ("Letters on an answer (ctrl+l)", _LETTERS),
            ("Commands (· not while an answer is being made)", commands),
        )
        width = max(len(key) for _, rows in sections for key, _ in rows)
        parts: list[tuple[str, str] | str] = []
        for title, rows in sections:
            parts.append((f"{title}\n", "bold $primary"))
            for key, meaning in rows:
                parts += [(f"  {key:<{width}}  ", "$accent"), f"{meaning}\n"]
            parts.append("\n")
        self.query_one("#help-text", PlainText).show(Content.assemble(*parts))
        self.query_one("#help").focus()
