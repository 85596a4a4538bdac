"""Released source trees for benchmarks: fetched by pip and npm, kept outside the repository."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One release of a permissively licensed project."""

    name: str
    version: str
    licence: str
    registry: Literal["pypi", "npm"] = "pypi"

    @property
    def requirement(self) -> str:
        """The project as its registry's client wants it named."""
        return f"{self.name}{'==' if self.registry == 'pypi' else '@'}{self.version}"

    @property
    def folder(self) -> str:
        """A directory name for the unpacked release."""
        return f"{self.name.strip('@').replace('/', '-')}-{self.version}"


def fetch(projects: Sequence[Project], directory: Path) -> list[Path]:
    """Download and unpack what is not there yet; return the root of each tree."""
    roots: list[Path] = []
    for project in projects:
        root = directory / project.folder
        if not root.is_dir():
            archive = _download(project, directory / "archives" / project.folder)
            with tarfile.open(archive) as packed:
                packed.extractall(root, filter="data")
        # An npm package also holds what was built from its sources: the answers to the tasks.
        roots.append(root / "package" / "src" if project.registry == "npm" else root)
    return roots


def _download(project: Project, directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    if project.registry == "pypi":
        options = ["download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        command = [_python_with_pip(), "-m", "pip", *options, "-d", ".", project.requirement]
    else:
        command = ["npm", "pack", "--silent", project.requirement]
    subprocess.run(command, cwd=directory, check=True)
    return next(path for path in directory.iterdir() if path.suffix in {".gz", ".tgz"})


def _python_with_pip() -> str:
    """Find a Python that has pip: uv's environments have none, what they were made from has.

    Raises:
        SystemExit: There is none.
    """
    base = Path(sys.base_prefix) / ("python.exe" if os.name == "nt" else "bin/python3")
    for python in (sys.executable, str(base), "/usr/bin/python3"):
        try:
            command = [python, "-m", "pip", "--version"]
            found = subprocess.run(command, check=False, capture_output=True)
        except OSError:
            continue
        if found.returncode == 0:
            return python
    raise SystemExit("The bench fetches its sources with pip: no Python here has it.")
