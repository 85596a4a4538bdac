"""One template in an editor's buffer, checked by what `fimble prompts check` uses.

Loaded when the first template is opened; its partials are read from the folder beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fimble.prompt_files.layers import (
    GUARDS,
    bundled_partial_sources,
    file_folder,
    named_source,
)
from fimble.prompting.authoring.findings import Finding, findings_in
from fimble.prompting.authoring.layout import bounded_text
from fimble.prompting.catalogue import PromptEntry, PromptLayer, read_entry
from fimble.prompting.partial import Partial
from fimble.prompting.partial_catalogue import PartialCatalogue
from fimble.text.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPrompt:
    """What was found in one text of a template."""

    snapshot: Snapshot
    entry: PromptEntry
    findings: tuple[Finding, ...]
    partials: Mapping[str, Partial]
    """What it may include, by name."""


def check_prompt(snapshot: Snapshot, path: Path) -> CheckedPrompt:
    """Check a template; reads the partials beside it and nothing else."""
    source = named_source(path, bounded_text(snapshot))
    # A template outside of a folder of prompts has no partials but the bundled ones.
    beside = file_folder(path).partials() if source.kind is not None else ()
    partials = PartialCatalogue((*bundled_partial_sources(), *beside), GUARDS).seen_by(
        PromptLayer.FILE
    )
    entry = read_entry(source, GUARDS, partials)
    return CheckedPrompt(
        snapshot=snapshot,
        entry=entry,
        findings=findings_in(snapshot, entry),
        partials=partials,
    )
