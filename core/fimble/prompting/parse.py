"""Template text to a checked `Template`, or to every problem that it has; the one way in.

`fimble prompts check`, the language server and the loader all call this, so that they cannot
disagree about what a good template is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from fimble.errors import TemplateError
from fimble.prompting.body import BodyReader
from fimble.prompting.characters import check_characters, normalised
from fimble.prompting.guards import TextGuards
from fimble.prompting.order import check_completion, check_order
from fimble.prompting.partial import Partial
from fimble.prompting.problems import TOP, Findings, LineIndex, Problem, Rule, did_you_mean
from fimble.prompting.template import FrontMatter, Message, Place, Slot, Template
from fimble.prompting.variables import (
    INPUT_PREFIX,
    VARIABLES,
    Kind,
    Variable,
    input_variable,
)

MAX_TEMPLATE_CHARACTERS = 65_536
MAX_FRONT_MATTER_CHARACTERS = 16_384

NO_PARTIALS: Mapping[str, Partial] = MappingProxyType({})
_FENCE_LINE = re.compile(r"^---[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of a template's text."""

    template: Template | None
    """None when there is any problem."""
    problems: tuple[Problem, ...]
    """From the top of the file down."""


def parse_template(
    text: str, *, source: str, guards: TextGuards, partials: Mapping[str, Partial] = NO_PARTIALS
) -> Template:
    """Return the template, ready to render.

    Args:
        text: The whole file.
        source: The file, or `bundled:kind/name`; stands in messages only.
        guards: What hidden characters and control tokens are.
        partials: What it may include, by name.

    Raises:
        TemplateError: The first of its problems.
    """
    reading = read_template(text, source=source, guards=guards, partials=partials)
    if reading.template is None:
        raise reading.problems[0].to_error(source)
    return reading.template


def check_template(
    text: str, *, source: str, guards: TextGuards, partials: Mapping[str, Partial] = NO_PARTIALS
) -> tuple[TemplateError, ...]:
    """Return every problem of a template as an error, none for a good one."""
    reading = read_template(text, source=source, guards=guards, partials=partials)
    return tuple(problem.to_error(source) for problem in reading.problems)


def read_template(
    text: str, *, source: str, guards: TextGuards, partials: Mapping[str, Partial] = NO_PARTIALS
) -> Reading:
    """Return the template or its problems; never raises for anything a text can hold."""
    if len(text) > MAX_TEMPLATE_CHARACTERS:
        sentence = f"The template is longer than {MAX_TEMPLATE_CHARACTERS:,} characters."
        return Reading(
            template=None, problems=(Problem(sentence=sentence, place=TOP, rule=Rule.TOO_LARGE),)
        )
    text = normalised(text)
    findings = Findings(LineIndex(text))
    check_characters(text, guards, findings)
    template = None if findings.problems else _read(text, source, findings, partials)
    problems = findings.in_order()
    return Reading(template=None if problems else template, problems=problems)


def _read(
    text: str, source: str, findings: Findings, partials: Mapping[str, Partial]
) -> Template | None:
    opening = _FENCE_LINE.match(text)
    if opening is None:
        findings.at(
            TOP,
            "There is no front matter.",
            "The first line must be `---`.",
            rule=Rule.NO_FRONT_MATTER,
        )
        return None
    closing = _FENCE_LINE.search(text, opening.end())
    if closing is None:
        findings.at(
            TOP,
            "The front matter is not closed.",
            "End it with a line of `---`.",
            rule=Rule.NO_FRONT_MATTER,
        )
        return None
    if closing.start() > MAX_FRONT_MATTER_CHARACTERS:
        limit = f"{MAX_FRONT_MATTER_CHARACTERS:,}"
        findings.at(
            TOP, f"The front matter is longer than {limit} characters.", rule=Rule.TOO_LARGE
        )
        return None
    # pyyaml is slow to import (see `yaml_nodes`): only who parses a template pays.
    from fimble.prompting.front_matter import read_front_matter  # noqa: PLC0415

    front = read_front_matter(text[opening.end() : closing.start()], findings)
    if front is None:
        return None
    body_at = min(closing.end() + 1, len(text))
    body = _Body(front, findings, partials)
    messages = body.read(text[body_at:], body_at)
    included = {partial.origin: partial for partial in body.included}
    return Template(
        source=source,
        front=front,
        messages=messages,
        partials=tuple(included),
        digest=_digest(text, included.values()),
    )


def _digest(text: str, included: Iterable[Partial]) -> str:
    whole = hashlib.sha256(text.encode())
    for partial in included:
        part = hashlib.sha256(partial.text.encode()).hexdigest()
        whole.update(f"\0{partial.name}\0{part}".encode())
    return whole.hexdigest()


class _Body:
    """The body's checks that need the front matter."""

    def __init__(
        self, front: FrontMatter, findings: Findings, partials: Mapping[str, Partial]
    ) -> None:
        self._front = front
        self._findings = findings
        self._partials = partials
        self.included: Sequence[Partial] = ()
        declared = {INPUT_PREFIX + given.name: given for given in front.inputs}
        self._known: dict[str, Variable] = {
            name: variable for name, variable in VARIABLES.items() if front.kind in variable.kinds
        } | {name: input_variable(given.name, given.hint) for name, given in declared.items()}

    def read(self, body: str, offset: int) -> tuple[Message, ...]:
        front, findings = self._front, self._findings
        before = len(findings.problems)
        reader = BodyReader(
            resolve=self._resolve,
            findings=findings,
            optional=frozenset(front.optional),
            raw=front.kind is Kind.COMPLETE,
            partials=self._partials,
        )
        messages = reader.read(body, offset)
        self.included = reader.included
        if sum(len(partial.text) for partial in reader.included) > MAX_TEMPLATE_CHARACTERS:
            limit = f"{MAX_TEMPLATE_CHARACTERS:,}"
            findings.at_offset(
                offset, f"The partials are longer than {limit} characters.", rule=Rule.TOO_LARGE
            )
        if not messages and len(findings.problems) == before:
            findings.at_offset(
                offset, "The template has no text.", "Write it below the `---`.", rule=Rule.NO_TEXT
            )
        if len(findings.problems) == before:
            self._check_used(messages)
            check_order(front, messages, findings)
            check_completion(front, messages, findings)
        return messages

    def _resolve(self, name: str, offset: int, within: str) -> Variable | None:
        variable = self._known.get(name)
        if variable is not None:
            return variable
        shown = f"`${{{name[:80]}}}`{f' on {within}' if within else ''}"
        if name in VARIABLES:
            sentence = f"{shown} does not exist in templates of kind `{self._front.kind.value}`."
            hint, rule = VARIABLES[name].summary, Rule.OTHER_KIND
        elif name.startswith(INPUT_PREFIX):
            sentence = f"{shown} is not declared."
            hint, rule = "Add it under `inputs` in the front matter.", Rule.UNDECLARED_INPUT
        else:
            sentence = f"There is no variable {shown}."
            hint, rule = did_you_mean(name, self._known), Rule.UNKNOWN_VARIABLE
        self._findings.at_offset(offset, sentence, hint, rule=rule)
        return None

    def _check_used(self, messages: Sequence[Message]) -> None:
        """Refuse front matter that speaks of variables which the body does not have."""
        used = {
            piece.variable.name
            for message in messages
            for piece in message.pieces
            if isinstance(piece, Slot)
        }
        front = self._front
        for budget in front.context:
            self._check_name(budget.variable, used, "context", budget.place)
        for name, place in front.optional.items():
            self._check_name(name, used, "optional", place)
        for given in front.inputs:
            self._check_name(INPUT_PREFIX + given.name, used, "inputs", given.place)

    def _check_name(self, name: str, used: set[str], key: str, place: Place) -> None:
        if name in used:
            return
        sentence = f"`{name[:80]}` stands under `{key}`, but the body does not use it."
        hint = "Remove it." if name in self._known else did_you_mean(name, used or self._known)
        self._findings.at(place, sentence, hint, rule=Rule.UNUSED)
