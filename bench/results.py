"""`bench/RESULTS.md`: one section for each bench, replaced as a whole by the bench's own run."""

from __future__ import annotations

import os
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
_HEADING = "## "


def put_section(title: str, body: str, *, path: Path = RESULTS) -> None:
    """Write `body` under the heading `title`, in place of what was there or at the end."""
    text = path.read_text(encoding="utf-8") if path.exists() else "# Results\n"
    path.write_text(replace_section(text, title, body), encoding="utf-8")


def command_line(module: str) -> str:
    """Name the command that was run, with the priority it was given on a busy machine."""
    command = f"python -m {module}"
    if hasattr(os, "sched_getscheduler") and os.sched_getscheduler(0) == os.SCHED_RR:
        command = f"chrt -r {os.sched_getparam(0).sched_priority} {command}"
    return f"`{command}`"


def replace_section(text: str, title: str, body: str) -> str:
    """Return `text` with the section `title` replaced, or added at the end."""
    before: list[str] = []
    after: list[str] = []
    inside = found = False
    for line in text.splitlines():
        if line.startswith(_HEADING):
            inside = line == f"{_HEADING}{title}"
            found = found or inside
        if not inside:
            (after if found else before).append(line)
    parts = ("\n".join(before), f"{_HEADING}{title}\n\n{body.strip()}", "\n".join(after))
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"
