"""Values that hold wherever the cursor is: the machine, the day, the workspace."""

from __future__ import annotations

import sys
from datetime import date

_SYSTEMS = {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}


def ambient_values(repository: str) -> dict[str, str]:
    """Return `os`, `date` and the name of the `repository`."""
    return {
        "os": _SYSTEMS.get(sys.platform, sys.platform),
        "date": date.today().isoformat(),  # noqa: DTZ011 - the user's own day is meant
        "repository": repository,
    }
