"""Edge: chat sessions in SQLite."""
