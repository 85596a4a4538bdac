"""The version that every part states, and what the changelog says of it.

`--is VERSION` fails when a part states another one; `--notes` prints the changelog's section.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from pathlib import Path

_ROOT = Path(__file__).parents[1]


def stated() -> dict[str, str]:
    """Return the version by the file that states it."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))
    manifest = json.loads((_ROOT / "extension" / "package.json").read_text("utf-8"))
    module = (_ROOT / "core" / "fimble" / "version.py").read_text("utf-8")
    package = (_ROOT / "docs" / "editors" / "fimble.el").read_text("utf-8")
    return {
        "pyproject.toml": project["project"]["version"],
        "extension/package.json": manifest["version"],
        "core/fimble/version.py": _found(r'^VERSION.* = "([^"]+)"', module),
        "docs/editors/fimble.el": _found(r"^;; Version: (\S+)", package),
    }


def notes(version: str) -> str:
    """Return the changelog's section for a version; the unreleased one where it has none yet.

    Raises:
        SystemExit: There is neither.
    """
    changelog = (_ROOT / "CHANGELOG.md").read_text("utf-8")
    sections = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]
    for title in (version, "Unreleased"):
        for section in sections:
            if section.lstrip("[").startswith(title):
                return section.partition("\n")[2].strip() + "\n"
    raise SystemExit(f"CHANGELOG.md has no section for {version}.")


def main() -> int:
    """Check or print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--is", dest="wanted", metavar="VERSION")
    parser.add_argument("--notes", action="store_true")
    arguments = parser.parse_args()
    versions = stated()
    wanted = arguments.wanted or versions["pyproject.toml"]
    wrong = {file: version for file, version in versions.items() if version != wanted}
    for file, version in wrong.items():
        sys.stderr.write(f"{file} states {version}, not {wanted}.\n")
    if arguments.notes and not wrong:
        sys.stdout.write(notes(wanted))
    return 1 if wrong else 0


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    return match[1] if match else "no version"


if __name__ == "__main__":
    sys.exit(main())
