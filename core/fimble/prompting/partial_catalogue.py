"""All partials of all layers, and which of them a template sees.

A template sees the partials of its own layer and, where that has none of a name, those below. A
repository's templates do not see the user's: a team's prompt is the same on every machine, and
in CI. Nothing looks upwards, so a repository never changes what a bundled template says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fimble.prompting.catalogue import PromptLayer
from fimble.prompting.guards import TextGuards
from fimble.prompting.partial import Partial
from fimble.prompting.read_partial import read_partial

PARTIALS_FOLDER = "_partials"

_SEEN: Mapping[PromptLayer, frozenset[PromptLayer]] = {
    PromptLayer.BUNDLED: frozenset({PromptLayer.BUNDLED}),
    PromptLayer.USER: frozenset({PromptLayer.BUNDLED, PromptLayer.USER}),
    PromptLayer.REPOSITORY: frozenset({PromptLayer.BUNDLED, PromptLayer.REPOSITORY}),
    PromptLayer.FILE: frozenset(PromptLayer),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialSource:
    """The text of one partial and where it was found."""

    layer: PromptLayer
    name: str
    """As the file's name says."""
    origin: str
    """A path, or `bundled:_partials/name`."""
    text: str
    refusal: str = ""
    """Why the file was not read, as a sentence; its text is empty then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialEntry:
    """One partial with its layer."""

    layer: PromptLayer
    partial: Partial

    @property
    def full_name(self) -> str:
        """`_partials/name`."""
        return f"{PARTIALS_FOLDER}/{self.partial.name}"


class PartialCatalogue:
    """The partials of all layers by name."""

    def __init__(self, sources: Iterable[PartialSource], guards: TextGuards) -> None:
        """Check all of them; of two in one layer the later wins."""
        chains: dict[str, dict[PromptLayer, PartialEntry]] = {}
        for source in sources:
            partial = read_partial(
                source.text,
                name=source.name,
                origin=source.origin,
                guards=guards,
                refusal=source.refusal,
            )
            entry = PartialEntry(layer=source.layer, partial=partial)
            chains.setdefault(source.name, {})[source.layer] = entry
        self._chains = {
            name: tuple(by_layer[layer] for layer in sorted(by_layer, reverse=True))
            for name, by_layer in sorted(chains.items())
        }

    @property
    def chains(self) -> tuple[tuple[PartialEntry, ...], ...]:
        """For each name its partials, that of the strongest layer first."""
        return tuple(self._chains.values())

    def chain(self, name: str) -> tuple[PartialEntry, ...]:
        """Return the partials that `name` or `_partials/name` means, none when there is none."""
        return self._chains.get(name.removeprefix(f"{PARTIALS_FOLDER}/"), ())

    def seen_by(self, layer: PromptLayer) -> Mapping[str, Partial]:
        """Return what templates of `layer` may include, by name."""
        seen = _SEEN[layer]
        found = {
            name: next((entry.partial for entry in chain if entry.layer in seen), None)
            for name, chain in self._chains.items()
        }
        return {name: partial for name, partial in found.items() if partial is not None}
