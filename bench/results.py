"""`bench/RESULTS.md`: one section for each bench, replaced as a whole by the bench's own run."""

from __future__ import annotations

from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
_HEADING = "## "


def put_section(title: str, body: str, *, path: Path = RESULTS) -> None:
    """Write `body` under the heading `title`, in place of what was there or at the end."""
    text = path.read_text(encoding="utf-8") if path.exists() else "# Results\n"
    path.write_text(replace_section(text, title, body), encoding="utf-8")


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
