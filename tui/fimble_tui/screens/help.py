"""F1: the keys that work where the focus is, and in the chat every command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen

from fimble_tui.application import app_of
from fimble_tui.commands.registry import COMMANDS
from fimble_tui.screens.guarded import GuardedScreen
from fimble_tui.sinks import PlainText

Result = TypeVar("Result")

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


def possible_keys(screen: Screen[Result]) -> list[tuple[str, str]]:
    """Return the keys that do something on a screen now, with what they do."""
    rows: dict[str, str] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        meaning = binding.tooltip or binding.description
        if active.enabled and meaning and binding.id:
            rows.setdefault(meaning, app_of(screen).get_key_display(binding))
    return [(key, meaning) for meaning, key in rows.items()]


class HelpScreen(GuardedScreen[None]):
    """Keys and commands on one page."""

    BINDINGS: ClassVar = [
        Binding("escape,f1,q", "dismiss", "back", id="help.back", key_display="esc")
    ]

    def __init__(self, about: Screen[Result], *, about_chat: bool = False) -> None:
        """Explain a screen as it is now; of the chat's, how to write and command too."""
        super().__init__()
        self._sections: list[tuple[str, Sequence[tuple[str, str]]]] = [
            ("Here", possible_keys(about))
        ]
        if about_chat:
            self._sections = [
                ("Writing", _PROMPT),
                *self._sections,
                ("Letters on an answer (ctrl+l)", _LETTERS),
                ("Commands (· not while an answer is being made)", _commands()),
            ]

    def compose(self) -> ComposeResult:
        """Show the page; nothing in it comes from outside."""
        with VerticalScroll(id="help"):
            yield PlainText(id="help-text")

    def on_mount(self) -> None:
        """Fill the page."""
        width = max(len(key) for _, rows in self._sections for key, _ in rows)
        parts: list[tuple[str, str] | str] = []
        for title, rows in self._sections:
            parts.append((f"{title}\n", "bold $primary"))
            for key, meaning in rows:
                parts += [(f"  {key:<{width}}  ", "$accent"), f"{meaning}\n"]
            parts.append("\n")
        self.query_one("#help-text", PlainText).show(Content.assemble(*parts))
        self.query_one("#help").focus()


def _commands() -> list[tuple[str, str]]:
    return [
        (f"/{one.name} {one.argument}".rstrip(), one.summary + ("" if one.while_busy else " ·"))
        for one in COMMANDS
    ]
