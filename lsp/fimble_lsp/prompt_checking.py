"""One template or partial in an editor's buffer, checked by what `fimble prompts check` uses.

Loaded when the first of them is opened. The partials of a template are read from the folder beside
it; those that are open in the editor count with their unsaved texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fimble.prompt_files.folder import PARTIAL_SUFFIX
from fimble.prompt_files.layers import (
    GUARDS,
    bundled_folder,
    file_folder,
    named_source,
    partials_of,
)
from fimble.prompting.authoring.findings import Finding, findings_in
from fimble.prompting.authoring.layout import bounded_text
from fimble.prompting.catalogue import PromptEntry, read_entry
from fimble.prompting.partial import Partial
from fimble.prompting.read_partial import read_partial
from fimble.text.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedText:
    """What was found in one text."""

    snapshot: Snapshot
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPrompt(CheckedText):
    """What was found in one text of a template."""

    entry: PromptEntry
    partials: Mapping[str, Partial]
    """What it may include, by name."""


def check_prompt(
    snapshot: Snapshot, path: Path, open_partials: Mapping[Path, Snapshot]
) -> CheckedPrompt:
    """Check a template; reads the partials beside it and nothing else.

    Args:
        snapshot: The template's text.
        path: Where its file is.
        open_partials: Partials that are open in the editor, by their paths.
    """
    source = named_source(path, bounded_text(snapshot))
    unsaved = {each.resolve(): bounded_text(text) for each, text in open_partials.items()}
    # A template outside of a folder of prompts has no partials but the bundled ones.
    folder = file_folder(path) if source.kind is not None else bundled_folder()
    partials = partials_of(folder, unsaved)
    entry = read_entry(source, GUARDS, partials)
    return CheckedPrompt(
        snapshot=snapshot,
        entry=entry,
        findings=findings_in(snapshot, entry),
        partials=partials,
    )


def check_partial(snapshot: Snapshot, path: Path) -> CheckedText:
    """Check a partial by itself; reads nothing."""
    partial = read_partial(
        bounded_text(snapshot),
        name=path.name.removesuffix(PARTIAL_SUFFIX),
        origin=str(path),
        guards=GUARDS,
    )
    return CheckedText(snapshot=snapshot, findings=findings_in(snapshot, partial))
