"""Which folders of prompts count for a workspace, and the catalogue that they make together.

A repository's own prompts count only as far as the user has reviewed them (`fimble.trust`): they
speak to the model in the user's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from fimble.config.load import user_config_file
from fimble.errors import PathRefusedError
from fimble.policy.control_tokens import neutralise
from fimble.policy.hidden import locate_hidden_characters
from fimble.prompt_files.folder import (
    MAX_PROMPT_BYTES,
    PARTIAL_SUFFIX,
    PROMPT_SUFFIX,
    Allows,
    PromptFolder,
    read_regular_text,
)
from fimble.prompting.catalogue import Catalogue, PromptLayer, PromptSource, read_entry
from fimble.prompting.guards import TextGuards
from fimble.prompting.partial import Partial
from fimble.prompting.partial_catalogue import PARTIALS_FOLDER, PartialCatalogue, PartialSource
from fimble.prompting.variables import Kind
from fimble_prompts import bundled_names, bundled_partials, read_bundled

GUARDS = TextGuards(neutralise=neutralise, hidden_characters=locate_hidden_characters)
"""What every template's own text is checked with."""

NOTHING_UNSAVED: Mapping[Path, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptLayers:
    """Where templates are taken from."""

    workspace: Path
    """The workspace's root."""
    allows: Allows | None = None
    """What of the workspace's own files may take part (`WorkspaceTrust.allows`); None: nothing."""
    file: Path | None = None
    """A template named on the command line; it wins."""

    def folders(self) -> tuple[PromptFolder, ...]:
        """Return the folders that count, weakest first."""
        if self.allows is None:
            return (user_folder(),)
        return (user_folder(), replace(repository_folder(self.workspace), allows=self.allows))

    def sources(self) -> Iterator[PromptSource]:
        """Yield the templates of all layers, weakest layer first."""
        yield from bundled_sources()
        for folder in self.folders():
            yield from folder.prompts()
        if self.file is not None:
            yield file_source(self.file)

    def partial_sources(self) -> Iterator[PartialSource]:
        """Yield the partials of all layers, weakest layer first."""
        yield from bundled_partial_sources()
        for folder in self.folders():
            yield from folder.partials()
        if self.file is not None:
            yield from file_folder(self.file).partials()

    def partials(self) -> PartialCatalogue:
        """Read and check all partials."""
        return PartialCatalogue(self.partial_sources(), GUARDS)

    def catalogue(self) -> Catalogue:
        """Read and check everything."""
        return catalogue_of(self.sources(), self.partials())


def catalogue_of(sources: Iterable[PromptSource], partials: PartialCatalogue) -> Catalogue:
    """Check `sources`, each with the partials that its layer sees."""
    seen = {layer: partials.seen_by(layer) for layer in PromptLayer}
    return Catalogue(read_entry(source, GUARDS, seen[source.layer]) for source in sources)


def partials_of(
    folder: PromptFolder, unsaved: Mapping[Path, str] = NOTHING_UNSAVED
) -> Mapping[str, Partial]:
    """Return what the templates of a folder may include: its own partials and the bundled ones.

    Args:
        folder: The folder of prompts.
        unsaved: Texts of partials that are open in an editor, by the real path of their files.
    """
    own = {source.origin: source for source in folder.partials()}
    for path, text in unsaved.items():
        # A partial that is open has a path as the editor wrote it, which may lead through links.
        origin = folder.path / PARTIALS_FOLDER / path.name
        if path.parent == (folder.path / PARTIALS_FOLDER).resolve():
            own[str(origin)] = partial_source(origin, text, layer=folder.layer)
    sources = (*bundled_partial_sources(), *own.values())
    return PartialCatalogue(sources, GUARDS).seen_by(folder.layer)


def partial_source(path: Path, text: str, *, layer: PromptLayer) -> PartialSource:
    """Return a partial whose text is known, as that of a file in an editor's buffer is."""
    name = path.name.removesuffix(PARTIAL_SUFFIX)
    return PartialSource(layer=layer, name=name, origin=str(path), text=text)


def user_folder() -> PromptFolder:
    """Return the user's own prompts, in the configuration directory."""
    root = user_config_file().parent / "prompts"
    return PromptFolder(root=root, folder="", layer=PromptLayer.USER)


def repository_folder(workspace: Path) -> PromptFolder:
    """Return the prompts of the repository at `workspace`."""
    return PromptFolder(root=workspace, folder=".fimble/prompts", layer=PromptLayer.REPOSITORY)


def bundled_folder() -> PromptFolder:
    """Return the built-in prompts with their tests."""
    root = Path(str(files("fimble_prompts"))) / "templates"
    return PromptFolder(root=root, folder="", layer=PromptLayer.BUNDLED)


def bundled_sources() -> Iterator[PromptSource]:
    """Yield the built-in templates."""
    for kind in Kind:
        for name in bundled_names(kind.value):
            yield PromptSource(
                layer=PromptLayer.BUNDLED,
                kind=kind,
                name=name,
                origin=f"bundled:{kind.value}/{name}",
                text=read_bundled(kind.value, name),
            )


def bundled_partial_sources() -> Iterator[PartialSource]:
    """Yield the built-in partials."""
    for name, text in bundled_partials().items():
        yield PartialSource(
            layer=PromptLayer.BUNDLED,
            name=name,
            origin=f"bundled:{PARTIALS_FOLDER}/{name}",
            text=text,
        )


def file_folder(path: Path) -> PromptFolder:
    """Return the folder of prompts that a named template lies in; its partials belong to it.

    It is the folder above one of a kind, or else the template's own.
    """
    folder = path.resolve().parent
    root = folder.parent if folder.name in {kind.value for kind in Kind} else folder
    return PromptFolder(root=root, folder="", layer=PromptLayer.FILE)


def file_source(path: Path) -> PromptSource:
    """Return the template in a file that somebody named; a link is followed, they chose it."""
    text, refusal = "", ""
    try:
        text = read_regular_text(path.resolve(), MAX_PROMPT_BYTES)
    except (PathRefusedError, OSError, RuntimeError) as error:
        refusal = str(error)
    return named_source(path, text, refusal=refusal)


def named_source(path: Path, text: str, *, refusal: str = "") -> PromptSource:
    """Return a template whose text is known, as that of a file in an editor's buffer is."""
    kinds = [kind for kind in Kind if kind.value == path.absolute().parent.name]
    return PromptSource(
        layer=PromptLayer.FILE,
        kind=kinds[0] if kinds else None,
        name=path.name.removesuffix(PROMPT_SUFFIX).removesuffix(".md"),
        origin=str(path),
        text=text,
        refusal=refusal,
    )
