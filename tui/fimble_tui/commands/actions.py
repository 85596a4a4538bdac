"""What a command can do: the part of the chat's screen that commands call."""

from __future__ import annotations

from typing import Protocol


class ChatActions(Protocol):
    """Everything that a key, a slash command or the palette may start."""

    def stop_answer(self) -> None:
        """Stop the running answer; what came is kept."""
        ...

    def continue_answer(self) -> None:
        """Go on with the newest answer."""
        ...

    def ask_again(self) -> None:
        """Answer the newest question anew."""
        ...

    def edit_question(self, which: str) -> None:
        """Take the newest question, or the n-th of the branch, back into the prompt."""
        ...

    def fork_session(self) -> None:
        """Begin a session that ends at the newest turn."""
        ...

    def copy_answer(self, which: str) -> None:
        """Copy the newest answer, or its n-th code block."""
        ...

    def start_jump(self) -> None:
        """Show a letter on each code block, link and place."""
        ...

    def begin_session(self) -> None:
        """Begin an empty session."""
        ...

    def name_session(self, name: str) -> None:
        """Give the session a name."""
        ...

    def show_sessions(self, search: str) -> None:
        """Show all sessions, or those that a search finds."""
        ...

    def show_models(self, name: str) -> None:
        """Show the models, or switch to one."""
        ...

    def show_prompt(self) -> None:
        """Show exactly what the next question would send."""
        ...

    def export_session(self, path: str) -> None:
        """Write the session to a file."""
        ...

    def undo_apply(self) -> None:
        """Take the newest applied edit back."""
        ...

    def switch_mouse(self) -> None:
        """Leave the mouse to the terminal, or take it again."""
        ...

    def choose_theme(self, name: str) -> None:
        """Change the colours."""
        ...

    def show_help(self) -> None:
        """Show keys and commands for where the focus is."""
        ...

    def leave(self) -> None:
        """End the chat."""
        ...
