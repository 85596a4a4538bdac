"""One module for each subcommand; `fimble_cli.main` imports the chosen one only."""
