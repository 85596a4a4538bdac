"""A real git repository for a test, made by the git binary; a developer's settings stay out."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "A Team",
    "GIT_AUTHOR_EMAIL": "team@example.org",
    "GIT_COMMITTER_NAME": "A Team",
    "GIT_COMMITTER_EMAIL": "team@example.org",
    "GIT_AUTHOR_DATE": "2026-01-31T12:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-31T12:00:00Z",
}


@dataclass(frozen=True, slots=True)
class GitRepository:
    """A working tree with its repository."""

    path: Path

    @classmethod
    def create(cls, path: Path) -> GitRepository:
        """Begin an empty repository, on the branch main."""
        path.mkdir(parents=True, exist_ok=True)
        repository = cls(path)
        repository.git("init", "--quiet", "--initial-branch=main")
        return repository

    def git(self, *arguments: str) -> str:
        """Run git and return what it prints; a failure fails the test."""
        return subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env=os.environ | _ENVIRONMENT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    def write(self, relative: str, text: str) -> Path:
        """Write a file of the working tree."""
        path = self.path / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def commit(self, message: str = "change") -> str:
        """Commit all of the working tree and return the hash."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")
