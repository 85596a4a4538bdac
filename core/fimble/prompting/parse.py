"""Template text to a checked `Template`, or to every problem that it has; the one way in.

`fimble prompts check`, the language server and the loader all call this, so that they cannot
disagree about what a good template is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from fimble.errors import TemplateError
from fimble.prompting.body import BodyReader
from fimble.prompting.guards import TextGuards
from fimble.prompting.order import check_completion, check_order
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

_SHOWN_HIDDEN = 20
"""Hidden characters listed one by one before the list is cut."""

_BROKEN_TEXT = re.compile("[\r\ud800-\udfff]")
_FENCE_LINE = re.compile(r"^---[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of a template's text."""

    template: Template | None
    """None when there is any problem."""
    problems: tuple[Problem, ...]
    """From the top of the file down."""


def parse_template(text: str, *, source: str, guards: TextGuards) -> Template:
    """Return the template, ready to render.

    Args:
        text: The whole file.
        source: The file, or `bundled:kind/name`; stands in messages only.
        guards: What hidden characters and control tokens are.

    Raises:
        TemplateError: The first of its problems.
    """
    reading = read_template(text, source=source, guards=guards)
    if reading.template is None:
        raise reading.problems[0].to_error(source)
    return reading.template


def check_template(text: str, *, source: str, guards: TextGuards) -> tuple[TemplateError, ...]:
    """Return every problem of a template as an error, none for a good one."""
    reading = read_template(text, source=source, guards=guards)
    return tuple(problem.to_error(source) for problem in reading.problems)


def read_template(text: str, *, source: str, guards: TextGuards) -> Reading:
    """Return the template or its problems; never raises for anything a text can hold."""
    if len(text) > MAX_TEMPLATE_CHARACTERS:
        sentence = f"The template is longer than {MAX_TEMPLATE_CHARACTERS:,} characters."
        return Reading(
            template=None, problems=(Problem(sentence=sentence, place=TOP, rule=Rule.TOO_LARGE),)
        )
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    findings = Findings(LineIndex(text))
    _check_characters(text, guards, findings)
    template = None if findings.problems else _read(text, source, findings)
    problems = findings.in_order()
    return Reading(template=None if problems else template, problems=problems)


def _check_characters(text: str, guards: TextGuards, findings: Findings) -> None:
    """Refuse what a reviewer cannot see and what a tokenizer would take for a control token."""
    for offset, name in islice(guards.hidden_characters(text), _SHOWN_HIDDEN):
        hint = "Delete it: editors do not show it, but the model reads it."
        findings.at_offset(
            offset, f"A hidden character stands here: {name}.", hint, rule=Rule.HIDDEN_CHARACTER
        )
    broken = _BROKEN_TEXT.search(text)
    if broken is not None:
        what = "A carriage return without a line feed" if broken[0] == "\r" else "Half a character"
        findings.at_offset(
            broken.start(), f"{what} stands here.", "Save the file as UTF-8.", rule=Rule.BROKEN_TEXT
        )
    neutral = guards.neutralise(text)
    if neutral != text:
        findings.at_offset(
            _token_start(text, neutral),
            "A model's control token stands here.",
            "Control strings come from the model's profile: name them, as in `${turn_end}`.",
            rule=Rule.CONTROL_STRING,
        )


def _token_start(text: str, neutral: str) -> int:
    """Return where the first control token begins: the last bracket up to the first difference."""
    pairs = zip(text, neutral, strict=False)
    offset = next((at for at, (one, other) in enumerate(pairs) if one != other), len(neutral) - 1)
    return max(0, *(text.rfind(opener, 0, offset + 1) for opener in "<["))


def _read(text: str, source: str, findings: Findings) -> Template | None:
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
    messages = _Body(front, findings).read(text[body_at:], body_at)
    return Template(source=source, front=front, messages=messages)


class _Body:
    """The body's checks that need the front matter."""

    def __init__(self, front: FrontMatter, findings: Findings) -> None:
        self._front = front
        self._findings = findings
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
        )
        messages = reader.read(body, offset)
        if not messages:
            findings.at_offset(
                offset, "The template has no text.", "Write it below the `---`.", rule=Rule.NO_TEXT
            )
        if len(findings.problems) == before:
            self._check_used(messages)
            check_order(front, messages, findings)
            check_completion(front, messages, findings)
        return messages

    def _resolve(self, name: str, offset: int) -> Variable | None:
        variable = self._known.get(name)
        if variable is not None:
            return variable
        shown = f"`${{{name[:80]}}}`"
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
