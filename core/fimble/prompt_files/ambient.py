"""Values that hold wherever the cursor is: the machine, the day, the workspace."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

_SYSTEMS = {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}


def ambient_values(workspace: Path | None) -> dict[str, str]:
    """Return `os`, `date`, and of a workspace its `repository`."""
    values = {
        "os": _SYSTEMS.get(sys.platform, sys.platform),
        "date": date.today().isoformat(),  # noqa: DTZ011 - the user's own day is meant
    }
    return values if workspace is None else {**values, "repository": workspace.name}
