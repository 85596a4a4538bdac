"""The `fimble` command: lazy subcommands over every other package."""
