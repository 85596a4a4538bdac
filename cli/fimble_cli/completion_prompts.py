"""The layouts and rules of user and workspace for a command that completes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fimble.pipeline.chosen_layouts import ChosenLayouts, CompletionPrompts, choose_layouts
from fimble.prompt_files.layers import PromptLayers, catalogue_of
from fimble.prompting.variables import Kind
from fimble.trust.granted import trust_of


def prompts_of(workspace: Path, tell: Callable[[str], None]) -> CompletionPrompts:
    """Return what completions in `workspace` are made with; what cannot be used is told.

    Raises:
        TrustError: What the user reviewed cannot be read.
    """
    trust = trust_of(workspace)
    layers = PromptLayers(workspace=workspace, allows=trust.allows if trust.granted else None)
    written = any((folder.path / Kind.COMPLETE.value).is_dir() for folder in layers.folders())
    layouts = ChosenLayouts()
    if written:
        sources = (each for each in layers.sources() if each.kind is Kind.COMPLETE)
        layouts = choose_layouts(catalogue_of(sources, layers.partials()))
    for sentence in layouts.refused:
        tell(sentence)
    return CompletionPrompts(layouts=layouts, allows=layers.allows)
