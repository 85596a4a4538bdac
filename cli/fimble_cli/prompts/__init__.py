"""What `fimble prompts` does: one module for each group of its subcommands."""
