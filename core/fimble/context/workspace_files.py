"""The one reader of workspace files: bounded, polite, and never past the secrets gate.

Regular files only, opened without blocking and without following a link at their end; links to
directories are not followed, so no tree is endless (security F18, F19). What git ignores, the
user excludes or `policy.secrets` refuses is left out (T15). Binary, minified and huge files are
skipped and counted. `scan` yields often, so that its caller decides how long to go on at a time.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from pathspec import GitIgnoreSpec

from fimble.errors import PathRefusedError
from fimble.policy.containment import contain
from fimble.policy.secrets import is_secret_path

_ALWAYS_IGNORED = frozenset(
    {
        ".git", ".hg", ".svn", ".jj", "node_modules", "bower_components", "__pycache__", ".venv",
        "venv", ".tox", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis",
        ".idea", ".vs", ".gradle", ".next", ".nuxt", ".terraform", "site-packages", ".direnv",
        ".eggs", ".cache", ".yarn", ".pnpm-store",
    }
)  # fmt: skip
_LOCK_FILES = frozenset(
    {
        "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "uv.lock",
        "poetry.lock", "pdm.lock", "pipfile.lock", "cargo.lock", "composer.lock", "gemfile.lock",
        "go.sum", "flake.lock", "bun.lock",
    }
)  # fmt: skip
_SNIFFED_BYTES = 8_192
_MAX_LINE_BYTES = 20_000
_MAX_MEAN_LINE = 300
_MAX_DIRECTORY_ENTRIES = 20_000
_MAX_IGNORE_FILE_BYTES = 262_144
_MAX_DEPTH = 64


class Skipped(StrEnum):
    """Why a file was left out."""

    IGNORED = "ignored"
    SECRET = "secret"  # noqa: S105  (the word, not one)
    LINK = "link"
    NOT_REGULAR = "not a regular file"
    TOO_LARGE = "too large"
    BINARY = "binary"
    MINIFIED = "minified"
    UNREADABLE = "unreadable"
    OTHER_KIND = "other kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceFile:
    """A file that may be used as context."""

    path: Path
    """Absolute."""
    relative: str
    """From the workspace's root, with slashes."""
    text: str
    """Decoded as UTF-8; what is not UTF-8 is replaced."""
    replaced: bool
    """Whether something was replaced, so that the text is not what is on the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanLimits:
    """Where a scan stops."""

    max_files: int = 20_000
    max_file_bytes: int = 524_288
    max_total_bytes: int = 64 * 1024 * 1024
    max_seconds: float = 60.0
    """Time since the scan began, pauses included."""


@dataclass(slots=True, kw_only=True)
class ScanReport:
    """What a scan has done so far."""

    files: int = 0
    bytes: int = 0
    skipped: dict[Skipped, int] = field(default_factory=dict[Skipped, int])
    exhausted: str = ""
    """Which limit ended the scan; empty when it saw everything."""

    def skip(self, reason: Skipped) -> None:
        """Count one file that was left out."""
        self.skipped[reason] = self.skipped.get(reason, 0) + 1

    def add(self, other: ScanReport) -> None:
        """Count in what another scan has done."""
        self.files += other.files
        self.bytes += other.bytes
        self.exhausted = self.exhausted or other.exhausted
        for reason, count in other.skipped.items():
            self.skipped[reason] = self.skipped.get(reason, 0) + count


class WorkspaceFiles:
    """Reads the files below one root."""

    def __init__(
        self,
        root: Path,
        *,
        limits: ScanLimits | None = None,
        exclude: Sequence[str] = (),
        suffixes: frozenset[str] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare a reader; nothing is read yet.

        Args:
            root: The workspace's directory.
            limits: Where to stop.
            exclude: The user's own globs, in the syntax of `.gitignore`.
            suffixes: Take only files whose names end so (lower case); None takes all.
            now: A monotonic clock in seconds.
        """
        self.root = root.absolute()
        self.report = ScanReport()
        self._limits = limits or ScanLimits()
        self._exclude = compile_globs(exclude)
        self._suffixes = suffixes
        self._now = now

    def scan(self, folder: str = "") -> Iterator[WorkspaceFile | None]:
        """Walk the tree, one file or directory a step; None means nothing to show for it yet.

        Files of a directory come before its subdirectories, both by name. Vanished and
        unreadable entries are counted, never raised.

        Args:
            folder: Where to begin, from the root with slashes. The rules are still those of the
                whole workspace: names above the folder and ignore files above it count.
        """
        end = self._now() + self._limits.max_seconds
        for directory, relative, ignores, files in self._walk(folder):
            yield None
            for name in files:
                if self._is_exhausted(end):
                    return
                yield self._take(directory / name, f"{relative}{name}", ignores)

    def names(self) -> Iterator[str]:
        """Walk the tree without reading a file; paths from the root, for a user to choose from.

        The rules of names hold (secrets, ignored, links); what only content tells does not.
        """
        end = self._now() + self._limits.max_seconds
        for directory, relative, ignores, files in self._walk():
            del directory
            if self._is_exhausted(end):
                return
            for name in files:
                path = f"{relative}{name}"
                if not is_secret_path(path) and not self._is_ignored(path, ignores):
                    self.report.files += 1
                    yield path

    def read_listed(self, relative: str) -> WorkspaceFile | None:
        """Read a file that `names` gave a moment ago, perhaps in another process.

        The rules of names were applied there; those of content, and the gate, are applied here.
        """
        return self._take(self.root / relative, relative, _Ignores(()))

    def read(self, path: Path) -> WorkspaceFile | None:
        """Read one file of the workspace by all the rules of a scan; None when one refuses it."""
        try:
            contain(self.root, path.absolute())
            relative = path.absolute().relative_to(self.root).as_posix()
        except (PathRefusedError, ValueError):
            return None
        ignores = self._ignores_in(relative.split("/")[:-1])
        return None if ignores is None else self._take(path.absolute(), relative, ignores)

    def _ignores_in(self, folders: Sequence[str]) -> _Ignores | None:
        """Return what counts inside of nested folders; None when one of them is ignored."""
        ignores = self._ignores_above().with_file(self.root, "")
        for depth, name in enumerate(folders, 1):
            below = "/".join(folders[:depth]) + "/"
            if name in _ALWAYS_IGNORED or self._is_ignored(below, ignores):
                self.report.skip(Skipped.IGNORED)
                return None
            ignores = ignores.with_file(self.root / below, below)
        return ignores

    def _walk(self, start: str = "") -> Iterator[tuple[Path, str, _Ignores, list[str]]]:
        """Yield each directory that is not ignored, with the names of its files."""
        ignores: _Ignores | None = self._ignores_above()
        if start:
            ignores = self._ignores_in(start.split("/"))
        if ignores is None:
            return
        first = (self.root / start, f"{start}/" if start else "", ignores, 0)
        waiting: list[tuple[Path, str, _Ignores, int]] = [first]
        while waiting:
            directory, relative, ignores, depth = waiting.pop()
            ignores = ignores.with_file(directory, relative)
            files, directories = self._entries(directory)
            yield directory, relative, ignores, files
            if depth >= _MAX_DEPTH:
                continue
            for name in reversed(directories):
                below = f"{relative}{name}/"
                if name in _ALWAYS_IGNORED or self._is_ignored(below, ignores):
                    self.report.skip(Skipped.IGNORED)
                else:
                    waiting.append((directory / name, below, ignores, depth + 1))

    # The rules, cheapest first.

    def _take(self, path: Path, relative: str, ignores: _Ignores) -> WorkspaceFile | None:
        name = path.name.lower()
        if is_secret_path(relative):
            self.report.skip(Skipped.SECRET)
        elif self._is_ignored(relative, ignores):
            self.report.skip(Skipped.IGNORED)
        elif name in _LOCK_FILES or not self._is_wanted(name):
            self.report.skip(Skipped.OTHER_KIND)
        else:
            try:
                return self._read(path, relative)
            except (OSError, ValueError):
                self.report.skip(Skipped.UNREADABLE)
        return None

    def _is_wanted(self, name: str) -> bool:
        return self._suffixes is None or os.path.splitext(name)[1] in self._suffixes  # noqa: PTH122  (ten times a Path's speed, for each file)

    def _read(self, path: Path, relative: str) -> WorkspaceFile | None:
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode):
            # A link may lead to a secret or out of the workspace; its target is read under its
            # own name if it lies inside.
            self.report.skip(Skipped.LINK)
            return None
        if not stat.S_ISREG(found.st_mode):
            self.report.skip(Skipped.NOT_REGULAR)
            return None
        if found.st_size > self._limits.max_file_bytes:
            self.report.skip(Skipped.TOO_LARGE)
            return None
        data = _read_regular(path, self._limits.max_file_bytes)
        reason = Skipped.NOT_REGULAR if data is None else _unusable(data, self._limits)
        if data is None or reason is not None:
            self.report.skip(reason or Skipped.NOT_REGULAR)
            return None
        text = data.decode("utf-8", "replace")
        self.report.files += 1
        self.report.bytes += len(data)
        text = text.removeprefix("\ufeff")
        replaced = "\ufffd" in text and b"\xef\xbf\xbd" not in data
        return WorkspaceFile(path=path, relative=relative, text=text, replaced=replaced)

    def _entries(self, directory: Path) -> tuple[list[str], list[str]]:
        """List a directory's files and its real subdirectories, each by name."""
        files: list[str] = []
        directories: list[str] = []
        try:
            with os.scandir(directory) as entries:
                for count, entry in enumerate(entries):
                    if count >= _MAX_DIRECTORY_ENTRIES:
                        self.report.exhausted = "entries in one directory"
                        break
                    self._sort_entry(entry, files, directories)
        except OSError:
            self.report.skip(Skipped.UNREADABLE)
        return sorted(files), sorted(directories)

    def _sort_entry(
        self, entry: os.DirEntry[str], files: list[str], directories: list[str]
    ) -> None:
        try:
            if entry.is_dir(follow_symlinks=False):
                directories.append(entry.name)
            elif entry.is_symlink():
                self.report.skip(Skipped.LINK)
            elif entry.is_file(follow_symlinks=False):
                files.append(entry.name)
            else:
                self.report.skip(Skipped.NOT_REGULAR)
        except OSError:
            self.report.skip(Skipped.UNREADABLE)

    def _is_exhausted(self, end: float) -> bool:
        limits, report = self._limits, self.report
        if report.files >= limits.max_files:
            report.exhausted = "files"
        elif report.bytes >= limits.max_total_bytes:
            report.exhausted = "bytes"
        elif self._now() >= end:
            report.exhausted = "time"
        return report.exhausted in ("files", "bytes", "time")

    def _is_ignored(self, relative: str, ignores: _Ignores) -> bool:
        return self._exclude.match_file(relative) or ignores.matches(relative)

    def _ignores_above(self) -> _Ignores:
        """Begin with the repository's private ignore file."""
        return _Ignores(()).with_patterns(self.root / ".git" / "info" / "exclude", "")


@dataclass(frozen=True, slots=True)
class _Ignores:
    """The ignore files from the root down to a directory."""

    specs: tuple[tuple[str, GitIgnoreSpec], ...]
    """Each with the directory it counts from, nearest last."""

    def with_file(self, directory: Path, relative: str) -> _Ignores:
        return self.with_patterns(directory / ".gitignore", relative)

    def with_patterns(self, path: Path, relative: str) -> _Ignores:
        try:
            if not stat.S_ISREG(path.lstat().st_mode):
                return self
            data = _read_regular(path, _MAX_IGNORE_FILE_BYTES)
        except (OSError, ValueError):
            return self
        if not data:
            return self
        spec = compile_globs(data.decode("utf-8", "replace").splitlines())
        return _Ignores((*self.specs, (relative, spec)))

    def matches(self, relative: str) -> bool:
        """Ask the nearest file first: it may take back what one above it ignores."""
        for base, spec in reversed(self.specs):
            decided = spec.check_file(relative[len(base) :]).include
            if decided is not None:
                return decided
        return False


def compile_globs(patterns: Sequence[str]) -> GitIgnoreSpec:
    """Compile patterns of `.gitignore`; a broken one is left out, as git does."""
    try:
        return GitIgnoreSpec.from_lines(patterns)
    except ValueError:
        usable: list[str] = []
        for pattern in patterns:
            try:
                GitIgnoreSpec.from_lines([pattern])
            except ValueError:
                continue
            usable.append(pattern)
        return GitIgnoreSpec.from_lines(usable)


def _read_regular(path: Path, max_bytes: int) -> bytes | None:
    """Read a regular file; None if it turned into something else or grew since it was seen."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    flags |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        chunks: list[bytes] = []
        left = max_bytes + 1
        while left > 0 and (chunk := os.read(handle, left)):
            chunks.append(chunk)
            left -= len(chunk)
    finally:
        os.close(handle)
    return None if left <= 0 else b"".join(chunks)


def _unusable(data: bytes, limits: ScanLimits) -> Skipped | None:
    """Say why the content of a file is no source text."""
    if len(data) > limits.max_file_bytes:
        return Skipped.TOO_LARGE
    if b"\0" in data:
        return Skipped.BINARY
    lines = data.count(b"\n") + data.count(b"\r") + 1
    if len(data) > _SNIFFED_BYTES and len(data) / lines > _MAX_MEAN_LINE:
        return Skipped.MINIFIED
    if len(data) > _MAX_LINE_BYTES and max(map(len, data.splitlines())) > _MAX_LINE_BYTES:
        return Skipped.MINIFIED
    return None
