"""The symbol index of a workspace: built by processes, kept in SQLite, searched and ranked."""
