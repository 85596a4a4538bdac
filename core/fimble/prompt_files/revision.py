"""Templates and partials of another revision, read out of git's objects; no program is started.

`dulwich` opens the repository, which reads its configuration and runs nothing of it: no hook, no
filter, no alias, no transport. Nothing is checked out and nothing is written. What a tree holds is
as little trusted as files are: only regular files with the names that a folder of prompts has,
bounded in number and size (T2, T14). Importing dulwich takes 0.2 s, so it waits for the first use.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fimble.errors import RevisionError
from fimble.prompt_files.folder import (
    MAX_PARTIAL_BYTES,
    MAX_PROMPT_BYTES,
    PARTIAL_SUFFIX,
    PROMPT_SUFFIX,
    PromptFolder,
    PromptTexts,
)
from fimble.prompting.catalogue import PromptSource
from fimble.prompting.partial_catalogue import PARTIALS_FOLDER, PartialSource
from fimble.prompting.variables import Kind

if TYPE_CHECKING:
    from dulwich.objects import Commit, Tree
    from dulwich.repo import Repo

_REVISION = re.compile(r"(?P<name>[^~^\x00-\x20]{1,250}?)(?P<steps>(?:[~^]\d{0,4}){0,20})\Z")
_STEP = re.compile(r"([~^])(\d*)")
_MAX_STEPS = 1_000
_MAX_ENTRIES = 2_000
_REGULAR = frozenset({0o100644, 0o100755, 0o100664})
_SHOWN = 80


def read_revision(folder: PromptFolder, revision: str) -> PromptTexts:
    """Return the templates and partials that `folder` had at `revision`.

    Args:
        folder: The folder of prompts in the working tree; its layer is that of what is found.
        revision: A branch, a tag, `origin/main`, a whole or short hash, with `~2` or `^` after it.

    Raises:
        RevisionError: There is no git repository, no such revision, or its objects are not here.
    """
    # See the module's docstring.
    from dulwich.errors import (  # noqa: PLC0415
        ChecksumMismatch,
        FileFormatException,
        NotGitRepository,
    )
    from dulwich.repo import Repo, UnsupportedExtension, UnsupportedVersion  # noqa: PLC0415

    try:
        with closing(Repo.discover(folder.root)) as repository:
            tree = _tree(repository, _commit(repository, revision))
            within = _inside(repository, folder)
            reader = _TreeReader(repository=repository, folder=folder, revision=revision)
            return reader.read(reader.below(tree, within))
    except NotGitRepository:
        raise RevisionError(
            f"{folder.root} is in no git repository, so it has no revision `{revision[:_SHOWN]}`.",
            hint="Give a folder with another state of the workspace instead.",
        ) from None
    except (UnsupportedExtension, UnsupportedVersion) as error:
        raise RevisionError(
            f"This git repository has a form that Fimble cannot read: {error}.",
            hint="Write: git worktree add ../base REV && fimble prompts diff ../base.",
        ) from None
    except (
        *(KeyError, OSError, ValueError, AssertionError, zlib.error),
        *(ChecksumMismatch, FileFormatException),
    ) as error:
        raise RevisionError(
            f"`{revision[:_SHOWN]}` cannot be read: {type(error).__name__}, its objects are not "
            "here or are damaged.",
            hint=_FETCH,
        ) from None


_FETCH = (
    "A shallow clone lacks older commits: fetch them (in GitHub Actions `fetch-depth: 0` of "
    "actions/checkout)."
)


def _commit(repository: Repo, revision: str) -> Commit:
    """Resolve a revision; the library knows names and hashes, the steps back are ours."""
    from dulwich.objects import Commit  # noqa: PLC0415
    from dulwich.objectspec import AmbiguousShortId, parse_commit  # noqa: PLC0415

    parsed = _REVISION.match(revision)
    if parsed is None or ":" in revision or ".." in revision or "@{" in revision:
        raise RevisionError(
            f"`{revision[:_SHOWN]}` is no revision.",
            hint="Name a branch, a tag or a commit, as in origin/main or HEAD~1.",
        )
    name = "HEAD" if parsed["name"] == "@" else parsed["name"]
    try:
        commit = parse_commit(repository, name)
    except AmbiguousShortId:
        raise RevisionError(f"`{name}` is the beginning of several hashes.") from None
    except (KeyError, ValueError):
        raise RevisionError(
            f"There is no revision `{name[:_SHOWN]}` here.",
            hint="`git branch --all` and `git tag` list names; `git fetch` gets those of others.",
        ) from None
    for step in _STEP.finditer(parsed["steps"]):
        for parent in _parents(step[1], step[2]):
            if parent >= len(commit.parents):
                raise RevisionError(
                    f"`{revision[:_SHOWN]}` goes back further than there are commits.", hint=_FETCH
                )
            found = repository[commit.parents[parent]]
            if not isinstance(found, Commit):
                raise RevisionError(f"`{revision[:_SHOWN]}` is no commit.")
            commit = found
    return commit


def _parents(sign: str, number: str) -> list[int]:
    """Return which parent to take, step by step: `~3` thrice the first, `^2` once the second."""
    count = int(number) if number else 1
    if sign == "~":
        return [0] * min(count, _MAX_STEPS)
    return [count - 1] if count else []


def _tree(repository: Repo, commit: Commit) -> Tree:
    from dulwich.objects import Tree  # noqa: PLC0415

    tree = repository[commit.tree]
    if not isinstance(tree, Tree):
        raise KeyError(commit.tree)
    return tree


def _inside(repository: Repo, folder: PromptFolder) -> list[str]:
    """Return the way from the repository's root to the folder of prompts."""
    root = Path(repository.path).resolve()
    try:
        workspace = folder.root.resolve().relative_to(root)
    except ValueError:
        raise RevisionError(f"{folder.root} lies outside of its repository, {root}.") from None
    return [*workspace.parts, *(part for part in folder.folder.split("/") if part)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _TreeReader:
    """Reads one folder of prompts below a tree."""

    repository: Repo
    folder: PromptFolder
    revision: str

    def below(self, tree: Tree | None, names: list[str]) -> Tree | None:
        """Return the folder that `names` lead to; None when there is none."""
        from dulwich.objects import Tree  # noqa: PLC0415

        for name in names:
            if tree is None or name.encode() not in tree:
                return None
            found = self.repository[tree[name.encode()][1]]
            tree = found if isinstance(found, Tree) else None
        return tree

    def read(self, tree: Tree | None) -> PromptTexts:
        """Return what the folder of prompts holds; nothing when it was not there."""
        return PromptTexts(
            templates=tuple(
                PromptSource(
                    layer=self.folder.layer,
                    kind=kind,
                    name=name,
                    origin=f"{self.revision}:{self.folder.folder}/{kind.value}/{name}{PROMPT_SUFFIX}",
                    text=text,
                    refusal=refusal,
                )
                for kind in Kind
                for name, text, refusal in self._files(
                    tree, kind.value, PROMPT_SUFFIX, MAX_PROMPT_BYTES
                )
            ),
            partials=tuple(
                PartialSource(
                    layer=self.folder.layer,
                    name=name,
                    origin=f"{self.revision}:{self.folder.folder}/{PARTIALS_FOLDER}/{name}{PARTIAL_SUFFIX}",
                    text=text,
                    refusal=refusal,
                )
                for name, text, refusal in self._files(
                    tree, PARTIALS_FOLDER, PARTIAL_SUFFIX, MAX_PARTIAL_BYTES
                )
            ),
        )

    def _files(
        self, tree: Tree | None, folder: str, suffix: str, max_bytes: int
    ) -> Iterator[tuple[str, str, str]]:
        """Yield name, text and refusal of each file in a folder that ends in `suffix`."""
        inner = self.below(tree, [folder])
        entries = list(inner.iteritems())[:_MAX_ENTRIES] if inner is not None else []
        for entry in entries:
            name = (entry.path or b"").decode("utf-8", "replace")
            if not name.endswith(suffix) or name.startswith("."):
                continue
            if entry.mode not in _REGULAR:
                yield name.removesuffix(suffix), "", "It is no regular file at that revision."
                continue
            data = self.repository[entry.sha].as_raw_string()
            yield name.removesuffix(suffix), *_decoded(data, max_bytes)


def _decoded(data: bytes, max_bytes: int) -> tuple[str, str]:
    if len(data) > max_bytes:
        return "", f"It is larger than {max_bytes // 1024:,} KiB at that revision."
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        return "", "It is not UTF-8 at that revision."
