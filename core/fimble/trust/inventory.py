"""Lists what a workspace offers: its templates, partials, layouts, rules, and gated settings.

Reading is bounded, and nothing is followed through a link (T2). A text with characters that a
reviewer cannot see is refused here, before anybody can say yes to it (T13).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from fimble.config.classification import REPOSITORY_RULES, RepositoryRule
from fimble.config.load import repository_config_file, repository_layer
from fimble.context.project_rules import RULES_FILE, read_rules_file, rules_files
from fimble.errors import FimbleError
from fimble.policy.hidden import locate_hidden_characters
from fimble.prompt_files.folder import PromptFolder
from fimble.prompt_files.layers import GUARDS, PromptLayers, repository_folder
from fimble.prompting.catalogue import PromptLayer, PromptSource, read_entry
from fimble.prompting.partial import Partial
from fimble.prompting.variables import Kind
from fimble.trust.pins import WorkspaceTrust, setting_line, setting_path
from fimble.trust.review import Offer, OfferKind

_MAX_TOTAL_CHARACTERS = 16_777_216
"""Of all texts together; far more than anybody reviews, and little enough to keep."""


def offers(workspace: Path, *, quick: bool = False) -> Iterator[Offer]:
    """Yield everything that a trusted workspace would have take part.

    Args:
        workspace: The workspace's root.
        quick: Look for rules in the root alone, and check no template.
    """
    total = 0
    for offer in _all(workspace, quick=quick):
        total += len(offer.text)
        if total > _MAX_TOTAL_CHARACTERS:
            yield Offer(
                kind=offer.kind,
                path=offer.path,
                refusal=f"The files hold over {_MAX_TOTAL_CHARACTERS:,} characters together.",
            )
            return
        yield _visible(offer)


def _all(workspace: Path, *, quick: bool) -> Iterator[Offer]:
    folder = repository_folder(workspace)
    seen = None if quick else _partials(workspace)
    for source in folder.prompts():
        yield _template(folder, source, seen)
    for partial in folder.partials():
        yield Offer(
            kind=OfferKind.PARTIAL,
            path=_path(folder, partial.origin),
            text=partial.text,
            refusal=partial.refusal,
        )
    for relative in _root_rules(workspace) if quick else rules_files(workspace):
        yield _rules(workspace, relative)
    yield from _settings(workspace)


def _partials(workspace: Path) -> Mapping[str, Partial]:
    """Return what the workspace's templates could include if all of it were enabled."""
    everything = WorkspaceTrust(everything=True)
    layers = PromptLayers(workspace=workspace, allows=everything.allows)
    return layers.partials().seen_by(PromptLayer.REPOSITORY)


def _template(
    folder: PromptFolder, source: PromptSource, partials: Mapping[str, Partial] | None
) -> Offer:
    unchecked = partials is None or source.refusal
    problems = () if unchecked else read_entry(source, GUARDS, partials or {}).problems
    return Offer(
        kind=OfferKind.LAYOUT if source.kind is Kind.COMPLETE else OfferKind.TEMPLATE,
        path=_path(folder, source.origin),
        text=source.text,
        refusal=source.refusal,
        note=f"It is broken: {problems[0].sentence}" if problems else "",
    )


def _path(folder: PromptFolder, origin: str) -> str:
    return Path(origin).relative_to(folder.root).as_posix()


def _root_rules(workspace: Path) -> Iterator[str]:
    if (workspace / RULES_FILE).exists():
        yield RULES_FILE


def _rules(workspace: Path, relative: str) -> Offer:
    try:
        text = read_rules_file(workspace, relative)
    except FimbleError as error:
        return Offer(kind=OfferKind.RULES, path=relative, refusal=error.sentence)
    return Offer(kind=OfferKind.RULES, path=relative, text=text)


def _settings(workspace: Path) -> Iterator[Offer]:
    for entry in repository_layer(repository_config_file(workspace)).entries:
        if REPOSITORY_RULES[entry.key] is RepositoryRule.ONCE_TRUSTED:
            yield Offer(
                kind=OfferKind.SETTING,
                path=setting_path(entry.key),
                text=setting_line(entry.key, entry.value),
            )


def _visible(offer: Offer) -> Offer:
    """Refuse a text with hidden characters, naming the first one's place."""
    for offset, name in locate_hidden_characters(offer.text.removeprefix("\ufeff")):
        before = offer.text.removeprefix("\ufeff")[:offset]
        line, column = before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
        refusal = f"A hidden character stands in line {line}, column {column}: {name}."
        return Offer(kind=offer.kind, path=offer.path, refusal=refusal)
    return offer
