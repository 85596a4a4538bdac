"""The command palette: the slash commands that are possible now, and nothing else."""

from __future__ import annotations

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from fimble_tui.commands.registry import COMMANDS, SlashCommand
from fimble_tui.messages import CommandSubmitted


class SlashCommands(Provider):
    """Feeds the palette from the registry."""

    async def discover(self) -> Hits:
        """List every command."""
        for command in self._possible():
            yield DiscoveryHit(command.name, self._starter(command), help=command.summary)

    async def search(self, query: str) -> Hits:
        """List the commands whose name or summary matches."""
        matcher = self.matcher(query)
        for command in self._possible():
            text = f"{command.name}  {command.summary}"
            score = matcher.match(text)
            if score > 0:
                yield Hit(
                    score, matcher.highlight(text), self._starter(command), help=command.argument
                )

    def _possible(self) -> list[SlashCommand]:
        """Return what the screen allows; a command with a required argument needs the prompt."""
        busy = bool(getattr(self.screen, "busy", False))
        return [
            command
            for command in COMMANDS
            if (command.while_busy or not busy)
            and (not command.argument or command.argument.startswith("["))
        ]

    def _starter(self, command: SlashCommand) -> partial[bool]:
        return partial(self.screen.post_message, CommandSubmitted(command.name, ""))
