"""Slash commands: one registry that feeds the prompt's completion, the palette and the help."""
