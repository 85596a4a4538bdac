"""The project's written rules, AGENTS.md of the root and of the nearest folder: their one reader.

The root's come first: they are the same for every file, and a folder deep down, which may be
somebody else's code, does not displace them. Read-only, capped in bytes and in tokens, never
through a link or past the secrets gate, and only with a text that the caller's trust allows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fimble.context.workspace_files import ScanLimits, WorkspaceFiles
from fimble.errors import FimbleError, TemplateError
from fimble.policy.containment import contain
from fimble.policy.hidden import locate_hidden_characters
from fimble.policy.masking import mask_secrets
from fimble.prompt_files.folder import Allows, read_regular_text

RULES_FILE = "AGENTS.md"
MAX_RULES_BYTES = 65_536
MAX_RULES_TOKENS = 4_000
"""Of all rules in a chat's prompt: a quarter of the built-in context window."""

_SCAN = ScanLimits(max_file_bytes=MAX_RULES_BYTES, max_seconds=10.0)

CountTokens = Callable[[str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRules:
    """The rules that hold for a file."""

    text: str = ""
    paths: tuple[str, ...] = ()
    """The files they are from, from the root with slashes; the root's own first."""
    withheld: tuple[str, ...] = ()
    """Files that the user has never reviewed."""
    errors: tuple[FimbleError, ...] = ()
    """Why a file could not be used."""
    cut: bool = False
    """Whether a part was left out for its length."""


def project_rules(
    workspace: Path,
    document: Path | None,
    *,
    allows: Allows,
    count_tokens: CountTokens,
    max_tokens: int = MAX_RULES_TOKENS,
) -> ProjectRules:
    """Return the rules of the workspace's root and of the nearest folder above `document`.

    Args:
        workspace: The workspace's root.
        document: The file that they are wanted for; None for the root's alone.
        allows: Returns the text of a file that may take part.
        count_tokens: What `max_tokens` are counted with.
        max_tokens: Of all rules together; what is over is cut at the end of a line, the nearest
            file keeping at least half.
    """
    texts: dict[str, str] = {}
    withheld: list[str] = []
    errors: list[FimbleError] = []
    for relative in _candidates(workspace, document):
        try:
            text = allows(relative, read_rules_file(workspace, relative))
            if text is None:
                withheld.append(relative)
            else:
                texts[relative] = _checked(text, relative)
        except FimbleError as error:
            errors.append(error)
    fitted = _fitted(list(texts.values()), max_tokens, count_tokens)
    return ProjectRules(
        text="\n\n".join(part for part in fitted if part),
        paths=tuple(texts),
        withheld=tuple(withheld),
        errors=tuple(errors),
        cut=fitted != list(texts.values()),
    )


def rules_files(workspace: Path) -> Iterator[str]:
    """Yield the rules files of all folders that git does not ignore, the root's first."""
    if (workspace / RULES_FILE).exists():
        yield RULES_FILE
    files = WorkspaceFiles(workspace, limits=_SCAN, suffixes=frozenset({".md"}))
    for found in files.scan():
        if found is not None and found.path.name == RULES_FILE and found.relative != RULES_FILE:
            yield found.relative


def read_rules_file(workspace: Path, relative: str) -> str:
    """Return the text of a rules file.

    Raises:
        PathRefusedError: It is a link or reached through one, too large, no UTF-8, or a secret.
    """
    return read_regular_text(contain(workspace, relative), MAX_RULES_BYTES)


def _candidates(workspace: Path, document: Path | None) -> Iterator[str]:
    if (workspace / RULES_FILE).exists():
        yield RULES_FILE
    folder = document.absolute().parent if document is not None else workspace
    while folder != workspace and folder.is_relative_to(workspace):
        if (folder / RULES_FILE).exists():
            yield (folder / RULES_FILE).relative_to(workspace).as_posix()
            return
        folder = folder.parent


def _checked(text: str, relative: str) -> str:
    """Return the rules in a text, secrets masked (T15).

    Hidden characters are refused with their place (T13).
    """
    text = text.removeprefix("\ufeff")
    for offset, name in locate_hidden_characters(text):
        raise TemplateError(
            f"A hidden character stands here: {name}.",
            source=relative,
            line=text.count("\n", 0, offset) + 1,
            column=offset - (text.rfind("\n", 0, offset) + 1) + 1,
            hint="Delete it: editors do not show it, but the model reads it.",
        )
    return mask_secrets(text.replace("\r\n", "\n").strip())[0]


def _fitted(texts: list[str], max_tokens: int, count: CountTokens) -> list[str]:
    """Cut what does not fit: the root's rules to what the nearest leave, both to half at worst."""
    if sum(count(text) for text in texts) <= max_tokens:
        return texts
    if len(texts) == 1:
        return [_head(texts[0], max_tokens, count)]
    root, nearest = texts
    nearest = _head(nearest, max(max_tokens // 2, max_tokens - count(root)), count)
    return [_head(root, max_tokens - count(nearest), count), nearest]


def _head(text: str, max_tokens: int, count: CountTokens) -> str:
    """Return the longest run of whole lines from the start that fits."""
    lines = text.split("\n")
    low, high = 0, len(lines)
    while low < high:
        middle = (low + high + 1) // 2
        if count("\n".join(lines[:middle])) <= max_tokens:
            low = middle
        else:
            high = middle - 1
    return "\n".join(lines[:low]).rstrip()
