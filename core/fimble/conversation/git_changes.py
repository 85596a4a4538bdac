"""What is not committed, and what is staged, as unified diffs: read from git's files by `dulwich`.

No program is started and nothing of the repository's configuration runs: git's own filters, which
a repository can name, would execute commands, so contents are compared as they lie on the disk
(line ends aside, where git would convert them). Files of secrets are named and not shown.
"""

from __future__ import annotations

import difflib
import zlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fimble.chat.hunks import lines_of
from fimble.chat.transcript import Attachment, AttachmentKind
from fimble.context.workspace_files import ScanLimits, WorkspaceFiles, compile_globs
from fimble.errors import FimbleError
from fimble.policy.containment import contain
from fimble.policy.secrets import is_secret_path

if TYPE_CHECKING:
    from dulwich.index import IndexEntry
    from dulwich.objects import ObjectID
    from dulwich.repo import Repo

    from fimble.chat.mentions import Mention

_MAX_FILES: Final = 300
_MAX_BLOB_BYTES: Final = 524_288
_LIMITS: Final = ScanLimits(max_file_bytes=_MAX_BLOB_BYTES)
_LINK_MODE: Final = 0o120000
_TYPE_MASK: Final = 0o170000
_GITLINK_MODE: Final = 0o160000


class GitError(FimbleError):
    """The repository cannot be read."""


@dataclass(frozen=True, slots=True)
class _Side:
    """One file on one side of a comparison."""

    text: str | None
    """None when it is not there."""
    note: str = ""
    """Why it is not shown, as a remark in the diff."""


class GitChanges:
    """Answers `@diff` and `@staged` for one workspace."""

    def __init__(self, workspace: Path, *, exclude: Sequence[str] = ()) -> None:
        """Take the workspace and the user's own globs of what is not read."""
        self._workspace = workspace
        self._exclude = compile_globs(exclude)

    def attachments(self, mention: Mention, /) -> Iterable[Attachment] | None:
        """Return the diff that a mention means; None for other mentions.

        Raises:
            GitError: There is no repository, nothing changed, or it cannot be read.
        """
        kind = mention.kind
        if kind is not AttachmentKind.DIFF and kind is not AttachmentKind.STAGED:
            return None
        staged = kind is AttachmentKind.STAGED
        text = self.diff(staged=staged)
        if not text:
            what = "is staged" if staged else "differs from the last commit"
            raise GitError(f"@{mention.name}: nothing {what}.")
        return [Attachment(kind=kind, label=f"@{mention.name}", text=text, language="diff")]

    def diff(self, *, staged: bool) -> str:
        """Return what is staged, or what the working tree has beyond the last commit.

        Raises:
            GitError: There is no repository, or it cannot be read.
        """
        with self._repository() as repository:
            return "".join(self._file_diffs(repository, staged=staged))

    def touched(self) -> tuple[str, ...]:
        """Return paths, from the workspace, of files that may differ from the last commit.

        Told by size and time alone, as git itself does first; nothing is read. Files that git
        does not know are not among them.

        Raises:
            GitError: There is no repository, or it cannot be read.
        """
        with self._repository() as repository:
            from dulwich.index import IndexEntry  # noqa: PLC0415

            root = Path(repository.path)
            head = _head(repository)
            found: list[str] = []
            for name, entry in repository.open_index().items():
                path = name.decode("utf-8", "replace")
                if not isinstance(entry, IndexEntry) or (
                    head.get(path) != (entry.sha, entry.mode) or _is_touched(root / path, entry)
                ):
                    found.append(path)
        base = self._workspace.absolute()
        inside = [root / path for path in found if (root / path).is_relative_to(base)]
        return tuple(path.relative_to(base).as_posix() for path in inside)

    @contextmanager
    def _repository(self) -> Generator[Repo]:
        """Open the repository around the workspace.

        Raises:
            GitError: There is none, or it cannot be read.
        """
        from dulwich.errors import (  # noqa: PLC0415 - 0.2 s that only a mention pays
            ChecksumMismatch,
            FileFormatException,
            NotGitRepository,
        )
        from dulwich.repo import Repo  # noqa: PLC0415

        try:
            with closing(Repo.discover(str(self._workspace))) as repository:
                yield repository
        except NotGitRepository:
            raise GitError(f"{self._workspace} is in no git repository.") from None
        except (
            *(KeyError, OSError, ValueError, AssertionError, zlib.error),
            *(ChecksumMismatch, FileFormatException),
        ) as error:
            raise GitError(
                f"The git repository of {self._workspace} cannot be read: {type(error).__name__}."
            ) from error

    def _file_diffs(self, repository: Repo, *, staged: bool) -> Iterator[str]:
        from dulwich.index import IndexEntry  # noqa: PLC0415

        root = Path(repository.path)
        index = {
            path.decode("utf-8", "replace"): (entry.sha, entry.mode)
            for path, entry in repository.open_index().items()
            if isinstance(entry, IndexEntry)  # A path in conflict has three, and no text.
        }
        head = _head(repository)
        shown = 0
        for path in sorted({*head, *index}):
            old, new = head.get(path), index.get(path)
            if (staged and old == new) or self._is_excluded(root / path):
                continue
            before = _blob(repository, path, old)
            after = _blob(repository, path, new) if staged else self._on_disk(root, path)
            diff = _unified(path, before, after)
            if not diff:
                continue
            shown += 1
            if shown > _MAX_FILES:
                raise GitError(f"More than {_MAX_FILES} files changed; mention some of them.")
            yield diff

    def _is_excluded(self, path: Path) -> bool:
        """Whether the user's globs name the file, counted from the workspace as everywhere."""
        base = self._workspace.absolute()
        inside = path.relative_to(base) if path.is_relative_to(base) else path
        return self._exclude.match_file(inside.as_posix().lstrip("/"))

    def _on_disk(self, root: Path, path: str) -> _Side:
        if is_secret_path(path):
            return _Side("", "a file of secrets")
        full = root / path
        try:
            contain(root, path)
            if full.is_symlink():
                return _Side("", "a link")
            if not full.exists():
                return _Side(None)
        except FimbleError:
            return _Side("", "outside the repository")
        files = WorkspaceFiles(root, limits=_LIMITS)
        found = files.read(full)
        return _Side("", "not shown") if found is None else _Side(found.text)


def _is_touched(path: Path, entry: IndexEntry) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False  # It is gone: there is nothing in it to look at.
    changed = entry.mtime if isinstance(entry.mtime, (int, float)) else entry.mtime[0]
    return found.st_size != entry.size or int(found.st_mtime) != int(changed)


def _head(repository: Repo) -> dict[str, tuple[ObjectID, int]]:
    """Return path, blob and mode of everything in the last commit; empty before the first one."""
    from dulwich.object_store import iter_tree_contents  # noqa: PLC0415

    try:
        commit = repository[repository.head()]
    except KeyError:
        return {}
    tree = getattr(commit, "tree", None)
    if tree is None:
        return {}
    return {
        entry.path.decode("utf-8", "replace"): (entry.sha, entry.mode)
        for entry in iter_tree_contents(repository.object_store, tree)
    }


def _blob(repository: Repo, path: str, entry: tuple[ObjectID, int] | None) -> _Side:
    if entry is None:
        return _Side(None)
    sha, mode = entry
    if is_secret_path(path):
        return _Side("", "a file of secrets")
    if mode & _TYPE_MASK in {_LINK_MODE, _GITLINK_MODE}:
        return _Side("", "a link")
    data = repository[sha].as_raw_string()
    if len(data) > _MAX_BLOB_BYTES or b"\0" in data[:8192]:
        return _Side("", "not shown")
    return _Side(data.decode("utf-8", "replace").removeprefix("\ufeff"))


def _unified(path: str, before: _Side, after: _Side) -> str:
    """Return one file's part of the diff; empty when nothing but line ends differs."""
    if before.note or after.note:
        return ""
    if before.text is None and after.text is None:
        return ""
    old = (before.text or "").replace("\r\n", "\n")
    new = (after.text or "").replace("\r\n", "\n")
    if old == new and (before.text is None) == (after.text is None):
        return ""
    lines = difflib.unified_diff(
        lines_of(old),
        lines_of(new),
        "/dev/null" if before.text is None else f"a/{path}",
        "/dev/null" if after.text is None else f"b/{path}",
    )
    body = "".join(line if line.endswith("\n") else f"{line}\n\\ No newline\n" for line in lines)
    return f"diff --git a/{path} b/{path}\n{body}"
