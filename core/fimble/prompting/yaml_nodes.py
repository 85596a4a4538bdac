"""YAML text to a small tree whose every node knows its place; the only user of pyyaml.

Built from pyyaml's event stream without its composer, constructor or tags: no alias is followed
(no "billion laughs"), no tag makes an object, depth and size are bounded, a key given twice is
an error, and scalars stay text until the front matter's schema asks for a number.
Importing pyyaml took 17-22 ms of processor time with cached bytecode and 41-65 ms without, so
`fimble.prompting.parse` imports this module when it first parses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias, cast

import yaml

from fimble.prompting.problems import TOP, Rule
from fimble.prompting.template import Place

MAX_DEPTH = 12
"""Levels of nesting; a JSON Schema under `output` is the deepest thing that has a place here."""

MAX_NODES = 2_000

_PLAIN = (None, "")
"""The style of an unquoted scalar, as the Python and the C parser say it."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A word, number or string as written."""

    value: str
    quoted: bool
    """Quoted or in block style: text for sure, never a number or null."""
    place: Place


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with values, in the order of the file."""

    entries: tuple[tuple[Scalar, Node], ...]
    place: Place


Node: TypeAlias = Scalar | Sequence | Mapping


class FrontMatterRefusedError(Exception):
    """A value that we do not accept, and where it stands."""

    def __init__(
        self, sentence: str, place: Place, hint: str = "", *, rule: Rule = Rule.INVALID_YAML
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.place = place
        self.hint = hint
        self.rule = rule


def read_yaml(text: str) -> Node | None:
    """Return the tree of one YAML document, None for an empty one; places are those in `text`.

    Raises:
        FrontMatterRefusedError: It is not YAML, or uses an anchor, alias, tag or second document.
    """
    # libyaml's parser took 32 us for the prefill layout, Python's 537 us; both give the same
    # events for what we accept.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        # The stub of `parse` leaves its result open.
        events = cast("Iterator[yaml.Event]", yaml.parse(text, Loader=loader))  # pyright: ignore[reportUnknownMemberType]
        return _Builder(events).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        sentence = f"This is not valid YAML: {error.problem or error.context}."
        raise FrontMatterRefusedError(sentence, _place(mark)) from error
    except yaml.reader.ReaderError as error:
        raise FrontMatterRefusedError("A character is not allowed in YAML.", TOP) from error


class _Builder:
    """Folds the event stream into nodes; recursion is bounded by `MAX_DEPTH`."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._nodes = 0

    def document(self) -> Node | None:
        root: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                raise _refused("There is a second YAML document here.", event)
            if isinstance(event, yaml.NodeEvent):
                root = self._node(event, 1)
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        self._nodes += 1
        if depth > MAX_DEPTH:
            raise _refused(f"This is nested more than {MAX_DEPTH} levels deep.", event)
        if self._nodes > MAX_NODES:
            raise _refused(f"The front matter holds more than {MAX_NODES} values.", event)
        if isinstance(event, yaml.AliasEvent):
            raise _refused("YAML aliases (`*name`) are not supported.", event, "Write it out.")
        if getattr(event, "anchor", None) is not None:
            raise _refused("YAML anchors (`&name`) are not supported.", event, "Write it out.")
        if getattr(event, "tag", None) is not None:
            raise _refused("YAML tags (`!name`) are not supported.", event, "Remove the tag.")
        place = _place(event.start_mark)
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, event.style not in _PLAIN, place)
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(tuple(self._items(depth)), place)
        return Mapping(tuple(self._entries(depth)), place)

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _entries(self, depth: int) -> Iterator[tuple[Scalar, Node]]:
        seen: set[str] = set()
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            if not isinstance(key, Scalar):
                raise _refused("A key must be one word.", event)
            if key.value in seen:
                raise _refused(f"The key `{key.value[:80]}` is given twice.", event)
            seen.add(key.value)
            yield key, self._node(next(self._events), depth + 1)


def _place(mark: yaml.Mark | None) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark else TOP


def _refused(sentence: str, event: yaml.Event, hint: str = "") -> FrontMatterRefusedError:
    return FrontMatterRefusedError(sentence, _place(event.start_mark), hint)
