"""The form of `tests/NAME.test.yaml`: which template, in which places, and what must hold.

Closed like the front matter: an unknown key is refused with its place and a suggestion.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fimble.errors import TemplateError
from fimble.prompting import front_fields as fields
from fimble.prompting.cases.answer_form import AnswerAssertion, answer_assertions
from fimble.prompting.cases.linear_pattern import LinearPattern, PatternRefusedError
from fimble.prompting.problems import TOP, did_you_mean
from fimble.prompting.template import Place, Role
from fimble.prompting.yaml_nodes import (
    FrontMatterRefusedError,
    Mapping,
    Node,
    Scalar,
    read_yaml,
)

CURSOR = "<|cursor|>"
"""Marks the place in one of a case's files."""

_MAX_CASES = 200
_MAX_ASSERTIONS = 100
_MAX_FILES = 50
_MAX_TEXT = 200_000


class AssertionName(StrEnum):
    """What can be said of a rendered prompt."""

    CONTAINS = "contains"
    NOT_CONTAINS = "not-contains"
    REGEX = "regex"
    EQUALS = "equals"
    TOKENS_MAX = "tokens-max"
    ROLES = "roles"
    DROPPED = "dropped"
    STABLE_PREFIX_WITH = "stable-prefix-with"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """One thing that must hold."""

    name: AssertionName
    place: Place
    text: str = ""
    """What to look for; the other case of `stable-prefix-with`."""
    file: str = ""
    """Where `equals` finds its text: a file beside the test."""
    number: int = 0
    """Tokens."""
    words: tuple[str, ...] = ()
    """Roles or variables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One place and what must hold of the prompt there."""

    name: str
    place: Place
    fixture: str = ""
    """A folder below `fixtures/`."""
    files: dict[str, str]
    """Further files by their path, one of them with the cursor's mark."""
    inputs: dict[str, str]
    values: dict[str, str]
    """What an editor would know besides: `diff`, `diagnostics`, `input` …; they win."""
    assertions: tuple[Assertion, ...]
    answer: tuple[AnswerAssertion, ...] = ()
    """What must hold of a model's answer; looked at only when a model is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """One file of tests."""

    source: str
    prompt: str
    """The template's name, as in `chat/review`."""
    family: str = ""
    """The family of models whose control strings a completion layout is rendered with; empty
    renders them by their names."""
    cases: tuple[Case, ...]

    @property
    def fixtures(self) -> frozenset[str]:
        """The names of the fixture folders that the cases need."""
        return frozenset(case.fixture for case in self.cases if case.fixture)

    @property
    def expected_files(self) -> frozenset[str]:
        """The files that `equals` compares with."""
        return frozenset(each.file for case in self.cases for each in case.assertions if each.file)


def read_case_file(text: str, *, source: str) -> CaseFile:
    """Decode a file of tests.

    Raises:
        TemplateError: The first thing that is wrong with it, with its place.
    """
    try:
        root = read_yaml(text.removeprefix("\ufeff")) or Mapping((), TOP)
        values = _object(root, _FILE_KEYS, required=("prompt", "cases"))
        file = CaseFile(
            source=source,
            prompt=values["prompt"],
            family=values.get("family", ""),
            cases=values["cases"],
        )
        _check_names(file.cases)
    except FrontMatterRefusedError as error:
        raise TemplateError(
            error.sentence,
            source=source,
            line=error.place.line,
            column=error.place.column,
            hint=error.hint,
        ) from None
    return file


def _check_names(cases: Collection[Case]) -> None:
    names: set[str] = set()
    for case in cases:
        if case.name in names:
            raise FrontMatterRefusedError("Two cases have this name.", case.place)
        names.add(case.name)
    for case in cases:
        for each in case.assertions:
            other = each.name is AssertionName.STABLE_PREFIX_WITH
            if other and (each.text not in names or each.text == case.name):
                others = names - {case.name}
                hint = did_you_mean(each.text, others)
                raise FrontMatterRefusedError(
                    f"`{each.text[:80]}` is no other case of this file.", each.place, hint
                )


def _object(
    node: Node, table: dict[str, Callable[[Node], Any]], required: Collection[str] = ()
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in fields.entries(node):
        decoder = table.get(key.value)
        if decoder is None:
            sentence = f"The key `{key.value[:80]}` does not exist here."
            raise fields.refused(key, sentence, did_you_mean(key.value, table))
        values[key.value] = decoder(value)
    for key in required:
        if key not in values:
            raise fields.refused(node, f"The key `{key}` is missing here.")
    return values


def _cases(node: Node) -> tuple[Case, ...]:
    return tuple(_case(item) for item in fields.items(node, limit=_MAX_CASES))


def _case(node: Node) -> Case:
    values = _object(node, _CASE_KEYS, required=("name",))
    if "assert" not in values and "answer" not in values:
        hint = "`assert` speaks of the prompt, `answer` of what a model answers."
        raise fields.refused(node, "A case that asserts nothing cannot fail.", hint)
    return Case(
        name=values["name"],
        place=node.place,
        fixture=values.get("fixture", ""),
        files=values.get("files", {}),
        inputs=values.get("inputs", {}),
        values=values.get("values", {}),
        assertions=values.get("assert", ()),
        answer=values.get("answer", ()),
    )


def _texts(node: Node) -> dict[str, str]:
    entries = fields.entries(node)
    if len(entries) > _MAX_FILES:
        raise fields.refused(node, f"There are more than {_MAX_FILES} entries here.")
    return {key.value: fields.text(value, limit=_MAX_TEXT) for key, value in entries}


def _assertions(node: Node) -> tuple[Assertion, ...]:
    found = tuple(_assertion(item) for item in fields.items(node, limit=_MAX_ASSERTIONS))
    if not found:
        raise fields.refused(node, "A case that asserts nothing cannot fail.")
    return found


def _assertion(node: Node) -> Assertion:
    if not isinstance(node, Mapping) or len(node.entries) != 1:
        raise fields.refused(node, "Each assertion is one key with its value.", "`contains: text`")
    key, value = node.entries[0]
    name = AssertionName(fields.one_of(key, [name.value for name in AssertionName]))
    return Assertion(name=name, place=key.place, **_DECODERS[name](value))


def _phrase(node: Node) -> dict[str, Any]:
    text = fields.text(node, limit=_MAX_TEXT)
    if not text:
        raise fields.refused(node, "An empty text is in every prompt.")
    return {"text": text}


def _pattern(node: Node) -> dict[str, Any]:
    text = fields.text(node)
    try:
        LinearPattern(text)
    except PatternRefusedError as error:
        raise fields.refused(node, str(error)) from None
    return {"text": text}


def _equal(node: Node) -> dict[str, Any]:
    if isinstance(node, Scalar):
        return {"text": fields.text(node, limit=_MAX_TEXT)}
    return _object(node, {"file": fields.text}, required=("file",))


def _tokens(node: Node) -> dict[str, Any]:
    return {"number": fields.integer(node, low=1, high=1_048_576)}


def _roles(node: Node) -> dict[str, Any]:
    roles = [role.value for role in Role]
    return {"words": tuple(fields.one_of(item, roles) for item in fields.items(node, limit=50))}


def _variables(node: Node) -> dict[str, Any]:
    return {"words": tuple(fields.text(item) for item in fields.items(node, limit=50))}


def _other_case(node: Node) -> dict[str, Any]:
    values = _object(
        node,
        {"case": fields.text, "tokens-min": lambda node: _tokens(node)["number"]},
        required=("case", "tokens-min"),
    )
    return {"text": values["case"], "number": values["tokens-min"]}


_DECODERS: dict[AssertionName, Callable[[Node], dict[str, Any]]] = {
    AssertionName.CONTAINS: _phrase,
    AssertionName.NOT_CONTAINS: _phrase,
    AssertionName.REGEX: _pattern,
    AssertionName.EQUALS: _equal,
    AssertionName.TOKENS_MAX: _tokens,
    AssertionName.ROLES: _roles,
    AssertionName.DROPPED: _variables,
    AssertionName.STABLE_PREFIX_WITH: _other_case,
    AssertionName.REFUSED: _phrase,
}
_CASE_KEYS: dict[str, Callable[[Node], Any]] = {
    "name": lambda node: fields.text(node, limit=200),
    "fixture": fields.name,
    "files": _texts,
    "inputs": _texts,
    "values": _texts,
    "assert": _assertions,
    "answer": answer_assertions,
}
_FILE_KEYS: dict[str, Callable[[Node], Any]] = {
    "schema": lambda node: fields.integer(node, low=1, high=1),
    "prompt": lambda node: fields.text(node, limit=130),
    "family": lambda node: fields.text(node, limit=60),
    "cases": _cases,
}
