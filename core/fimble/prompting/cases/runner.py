"""Runs a template's cases: a document with a mark becomes values, a prompt, and a verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from fimble.errors import TemplateError
from fimble.prompting.cases.assertions import Outcome, check_assertion
from fimble.prompting.cases.case_file import CURSOR, AssertionName, Case, CaseFile
from fimble.prompting.cases.transcript import transcript
from fimble.prompting.place_values import PlaceInDocument, place_values
from fimble.prompting.render import Renderer
from fimble.prompting.rendered import Rendered
from fimble.prompting.template import Template
from fimble.prompting.variables import INPUT_PREFIX, VARIABLES, Kind, Nature
from fimble.syntax.one_shot import parse
from fimble.text.position import ByteOffset
from fimble.text.snapshot import Snapshot

_PARSE_MS = 10_000.0
"""Tests must not depend on how busy the machine is."""

FIXED_VALUES = {"os": "Linux", "date": "2026-01-31", "repository": "example", "language": ""}
"""What differs from machine to machine, as tests see it."""

_NAMED_CONTROL = {
    name: f"⟨{name}⟩" for name, each in VARIABLES.items() if each.nature is Nature.CONTROL
}
"""Tests of completion layouts that name no family hold for every model."""

ControlStrings: TypeAlias = Callable[[Template, str], Mapping[str, str]]
"""Returns what a family of models, by our name for it, puts for a layout's control variables;
raises `FimbleError` for a family that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTrees:
    """What a file of tests refers to, already read."""

    fixtures: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    """For each fixture folder its files: path inside it and text."""
    expected: Mapping[str, str] = field(default_factory=dict[str, str])
    """The texts that `equals` compares with, by file name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One thing that does not hold."""

    sentence: str
    line: int
    """In the file of tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """What came of one case."""

    case: Case
    failures: tuple[Failure, ...]
    prompt: str
    """The prompt as one text; empty when it was refused."""
    tokens: int
    rendered: Rendered | None = None
    """The prompt as it would be sent; None when it was refused."""
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the template was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRunner:
    """Renders cases with one renderer; control variables stand in a prompt by their names."""

    renderer: Renderer
    control: ControlStrings | None = None
    """For files of tests that name a family of models."""

    def run(self, template: Template, file: CaseFile, trees: CaseTrees) -> tuple[CaseResult, ...]:
        """Run all cases of `file`; whatever goes wrong with one is its failure."""
        strings = self._control(template, file)
        outcomes = {case.name: self._outcome(template, case, trees, strings) for case in file.cases}
        return tuple(self._judged(case, outcomes, trees) for case in file.cases)

    def _judged(self, case: Case, outcomes: Mapping[str, Outcome], trees: CaseTrees) -> CaseResult:
        outcome = outcomes[case.name]
        asserted = case.assertions
        if outcome.error is not None:
            asserted = tuple(each for each in asserted if each.name is AssertionName.REFUSED)
        failures = [
            Failure(sentence=sentence, line=each.place.line)
            for each in asserted
            if (sentence := check_assertion(each, outcome, outcomes, trees.expected))
        ]
        if outcome.error is not None and not asserted:
            failures.append(Failure(sentence=str(outcome.error), line=case.place.line))
        return CaseResult(
            case=case,
            failures=tuple(failures),
            prompt=outcome.prompt,
            tokens=outcome.tokens,
            rendered=outcome.rendered,
            values=outcome.values,
        )

    def _control(self, template: Template, file: CaseFile) -> Mapping[str, str]:
        if template.front.kind is not Kind.COMPLETE:
            return {}
        if not file.family or self.control is None:
            return _NAMED_CONTROL
        return self.control(template, file.family)

    def _outcome(
        self, template: Template, case: Case, trees: CaseTrees, control: Mapping[str, str]
    ) -> Outcome:
        count = self.renderer.count_tokens
        try:
            values = {**FIXED_VALUES, **control, **self._values(case, trees)}
            rendered = self.renderer.render(template, values)
        except TemplateError as error:
            return Outcome(error=error, count=count)
        present = {segment.variable for segment in rendered.segments if segment.text}
        return Outcome(
            prompt=transcript(rendered),
            roles=tuple(message.role.value for message in rendered.messages),
            used=template.variables,
            dropped=template.variables - present,
            tokens=count(rendered.text),
            count=count,
            rendered=rendered,
            values=values,
        )

    def _values(self, case: Case, trees: CaseTrees) -> dict[str, str]:
        if case.fixture and case.fixture not in trees.fixtures:
            raise _refused(case, f"There is no folder fixtures/{case.fixture}.")
        files = {**trees.fixtures.get(case.fixture, {}), **case.files}
        values = _document_values(files, case)
        unknown = case.values.keys() - VARIABLES.keys()
        if unknown:
            raise _refused(case, f"There is no variable `{min(unknown)}` to give a value to.")
        values |= case.values
        return values | {f"{INPUT_PREFIX}{name}": text for name, text in case.inputs.items()}


def _document_values(files: Mapping[str, str], case: Case) -> dict[str, str]:
    marked = [(path, text) for path, text in files.items() if CURSOR in text]
    if not marked:
        return {}
    if len(marked) > 1 or marked[0][1].count(CURSOR) > 1:
        raise _refused(case, f"More than one {CURSOR} is in the case's files.")
    ((path, text),) = marked
    before, _, after = text.partition(CURSOR)
    snapshot = Snapshot.from_text(before + after, uri=f"file:///{path}")
    offset = ByteOffset(len(before.encode("utf-8", "surrogatepass")))
    place = PlaceInDocument(snapshot=snapshot, cursor=snapshot.position_at_byte(offset), path=path)
    return place_values(place, parse(snapshot, deadline_ms=_PARSE_MS))


def _refused(case: Case, sentence: str) -> TemplateError:
    return TemplateError(sentence, source=case.name, line=case.place.line)
