"""Texts that may repeat, stored once by their SHA-256."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from fimble.history.sessions.rows import storable

if TYPE_CHECKING:
    import sqlite3


def keep_text(connection: sqlite3.Connection, text: str) -> str:
    """Store a text inside the running transaction; returns its digest in hexadecimal."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    connection.execute(
        "INSERT OR IGNORE INTO text (digest, text) VALUES (?, ?)", (digest, storable(text))
    )
    return digest
