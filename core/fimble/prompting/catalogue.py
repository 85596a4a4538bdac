"""All templates of all layers, and which one a name means.

Bundled < user < repository < a file named on the command line: the strongest layer that has a
template of a kind and name wins, and every template it hides can be named. A broken template
hides as well: what somebody wrote is never passed over in silence for what it was to replace.
Nothing is read here; `fimble.prompt_files` does that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from fimble.errors import FimbleError, TemplateError
from fimble.prompting.guards import TextGuards
from fimble.prompting.parse import NO_PARTIALS, read_template
from fimble.prompting.partial import Partial
from fimble.prompting.problems import TOP, Problem, Rule, did_you_mean
from fimble.prompting.template import Template
from fimble.prompting.variables import Kind


class PromptLayer(IntEnum):
    """Where a template can come from, weakest first."""

    BUNDLED = 0
    USER = 1
    REPOSITORY = 2
    FILE = 3

    @property
    def label(self) -> str:
        """The word that people read."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptSource:
    """The text of one template and where it was found."""

    layer: PromptLayer
    kind: Kind | None
    """As the folder says; None for a file outside of such a folder, whose front matter decides."""
    name: str
    """As the file's name says."""
    origin: str
    """A path, or `bundled:kind/name`."""
    text: str
    refusal: str = ""
    """Why the file was not read, as a sentence; its text is empty then."""
    is_former: bool = False
    """Whether the file has changed since, and `text` is what the user reviewed of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptEntry:
    """One template, good or broken."""

    source: PromptSource
    kind: Kind
    template: Template | None
    """None when it has problems."""
    problems: tuple[Problem, ...] = ()

    @property
    def name(self) -> str:
        """The name without its kind."""
        return self.source.name

    @property
    def full_name(self) -> str:
        """`kind/name`, which is unique."""
        return f"{self.kind.value}/{self.source.name}"

    def errors(self) -> tuple[TemplateError, ...]:
        """Return the problems as errors that name the file."""
        return tuple(problem.to_error(self.source.origin) for problem in self.problems)

    def require(self) -> Template:
        """Return the template; raises its first `TemplateError` when it is broken."""
        if self.template is None:
            raise self.errors()[0]
        return self.template


def read_entry(
    source: PromptSource, guards: TextGuards, partials: Mapping[str, Partial] = NO_PARTIALS
) -> PromptEntry:
    """Parse and check one template, its name and folder included.

    Args:
        source: Its text.
        guards: What hidden characters and control tokens are.
        partials: What it may include, by name.
    """
    if source.refusal:
        return PromptEntry(
            source=source,
            kind=source.kind or Kind.CHAT,
            template=None,
            problems=(Problem(sentence=source.refusal, place=TOP, rule=Rule.UNREADABLE),),
        )
    reading = read_template(source.text, source=source.origin, guards=guards, partials=partials)
    template = reading.template
    if template is None:
        kind = source.kind or Kind.CHAT
        return PromptEntry(source=source, kind=kind, template=None, problems=reading.problems)
    problems = tuple(_misplaced(source, template))
    return PromptEntry(
        source=source,
        kind=source.kind or template.front.kind,
        template=None if problems else template,
        problems=problems,
    )


def _misplaced(source: PromptSource, template: Template) -> Iterable[Problem]:
    front = template.front
    if source.kind is not None and front.kind is not source.kind:
        yield Problem(
            sentence=f"`kind` is {front.kind.value}, but the folder is {source.kind.value}.",
            place=TOP,
            hint=f"Move the file to {front.kind.value}/, or change the key.",
            rule=Rule.KIND_DIFFERS,
        )
    if front.name != source.name:
        yield Problem(
            sentence=f"`name` is {front.name}, but the file is {source.name}.prompt.md.",
            place=TOP,
            hint="Both are the name that people type: make them the same.",
            rule=Rule.NAME_DIFFERS,
        )


class Catalogue:
    """The templates of all layers by kind and name."""

    def __init__(self, entries: Iterable[PromptEntry]) -> None:
        """Sort the entries into chains; of two in one layer the later wins."""
        chains: dict[str, dict[PromptLayer, PromptEntry]] = {}
        for entry in entries:
            chains.setdefault(entry.full_name, {})[entry.source.layer] = entry
        self._chains = {
            name: tuple(by_layer[layer] for layer in sorted(by_layer, reverse=True))
            for name, by_layer in sorted(chains.items())
        }

    @property
    def entries(self) -> tuple[PromptEntry, ...]:
        """The winning templates, by kind and name."""
        return tuple(chain[0] for chain in self._chains.values())

    @property
    def chains(self) -> tuple[tuple[PromptEntry, ...], ...]:
        """For each kind and name its templates, the winner first."""
        return tuple(self._chains.values())

    def chain(self, name: str) -> tuple[PromptEntry, ...]:
        """Return the templates that `name` or `kind/name` means, the winner first.

        Raises:
            FimbleError: There is none, or the short name means several.
        """
        found = [full for full in self._chains if name == full or full.partition("/")[2] == name]
        if len(found) == 1:
            return self._chains[found[0]]
        if found:
            names = " or ".join(f"`{full}`" for full in found)
            raise FimbleError(f"`{name[:80]}` means several templates.", hint=f"Say {names}.")
        known = self._chains if "/" in name else {full.partition("/")[2] for full in self._chains}
        raise FimbleError(f"There is no template `{name[:80]}`.", hint=did_you_mean(name, known))

    def find(self, name: str, *, prefer: Sequence[Kind] = ()) -> PromptEntry:
        """Return the winner of `chain(name)`.

        Args:
            name: `name` or `kind/name`.
            prefer: The kind that a short name means where several have it, the first one first.
        """
        for kind in prefer:
            chain = self._chains.get(f"{kind.value}/{name}")
            if chain is not None:
                return chain[0]
        return self.chain(name)[0]
