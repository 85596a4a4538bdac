"""Which files an action may show to the model or change, and how they are called in a prompt.

Files that make things run are never changed by an action (T3), files of secrets are not even
read (T15), and what the user excludes from completion stays excluded here.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from fimble.config.exclusion import Exclusion
from fimble.config.schema import CompletionSettings
from fimble.editing.answer import EditRefusedError
from fimble.pipeline.document_names import document_path
from fimble.policy.printable import printable_line
from fimble.policy.protected import is_protected
from fimble.policy.secrets import is_secret_file, is_secret_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A document as policies and prompts see it."""

    path: Path | None
    """None for what is no file."""
    folder: Path | None
    """The folder of the workspace that it lies in, the innermost of several."""
    name: str
    """Its path inside the folder, with slashes; outside of all folders its name alone."""


def target_of(uri: str, folders: Sequence[Path]) -> Target:
    """Return what a document's name says."""
    path = document_path(uri)
    if path is None:
        name = unquote(urlsplit(uri).path).rpartition("/")[2]
        return Target(path=None, folder=None, name=name or "untitled")
    inside = [folder for folder in folders if path.is_relative_to(folder)]
    folder = max(inside, key=lambda each: len(each.parts), default=None)
    name = path.name if folder is None else path.relative_to(folder).as_posix()
    return Target(path=path, folder=folder, name=name)


def refuse_to_read(target: Target, ignore: Sequence[str]) -> None:
    """Refuse a document that no model may see.

    Raises:
        EditRefusedError: It looks like a file of secrets, or the user excludes it.
    """
    path = target.path
    if is_secret_path(target.name) if path is None else is_secret_file(str(path)):
        raise EditRefusedError(
            f"{printable_line(target.name)} looks like a file of secrets: no model sees it."
        )
    rules = Exclusion(CompletionSettings(ignore=tuple(ignore)))
    if target.folder is not None and rules.reason(language_ids=(), relative=target.name):
        raise EditRefusedError(
            f"{printable_line(target.name)} is excluded by `completion.ignore`: no model sees it."
        )


def refuse_to_change(target: Target) -> None:
    """Refuse a document that may make things run when it changes.

    Raises:
        EditRefusedError: It is one.
    """
    if any(is_protected(name) for name in _names(target)):
        raise EditRefusedError(
            f"{printable_line(target.name)} can make programs run, so Fimble does not change it.",
            hint="Ask in `fimble chat`, and change it yourself.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What an action may do with a document."""

    read: bool
    change: bool


def may_offer(target: Target, ignore: Sequence[str]) -> Allowed:
    """Return what may be offered for a document, without saying why not."""
    try:
        refuse_to_read(target, ignore)
    except EditRefusedError:
        return Allowed(read=False, change=False)
    try:
        refuse_to_change(target)
    except EditRefusedError:
        return Allowed(read=True, change=False)
    return Allowed(read=True, change=True)


def _names(target: Target) -> set[str]:
    """Return the names to judge, inside of its folder: as written, and where links lead."""
    if target.path is None:
        return {target.name}
    names: set[str] = set()
    for path in (target.path, Path(os.path.realpath(target.path))):
        folder = target.folder
        roots = [] if folder is None else [folder, Path(os.path.realpath(folder))]
        root = next((each for each in roots if path.is_relative_to(each)), None)
        names.add(path.as_posix() if root is None else path.relative_to(root).as_posix())
    return names
