"""Readers for the single values of a front matter: a node in, a plain value out, or a refusal."""

from __future__ import annotations

import re
from collections.abc import Collection
from math import isfinite

from fimble.prompting.problems import Rule, did_you_mean
from fimble.prompting.template import JsonValue
from fimble.prompting.yaml_nodes import (
    FrontMatterRefusedError,
    Mapping,
    Node,
    Scalar,
    Sequence,
)

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*\Z")
_INTEGER = re.compile(r"[+-]?[0-9]{1,12}\Z")
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]{1,12}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})(?:[eE][+-]?[0-9]{1,3})?\Z"
)
_MAX_NAME = 60


def refused(
    node: Node, sentence: str, hint: str = "", *, rule: Rule = Rule.WRONG_VALUE
) -> FrontMatterRefusedError:
    """Return the refusal of `node`."""
    return FrontMatterRefusedError(sentence, node.place, hint, rule=rule)


def text(node: Node, *, limit: int = 2_000) -> str:
    """Read a text of at most `limit` characters."""
    if not isinstance(node, Scalar):
        raise refused(node, "This must be a text.")
    if len(node.value) > limit:
        raise refused(node, f"This is longer than {limit} characters.")
    return node.value


def name(node: Node) -> str:
    """Read a name: lower-case words joined by `-` or `_`."""
    value = text(node, limit=_MAX_NAME)
    if not _NAME.match(value):
        raise refused(
            node,
            f"`{value}` is not a name.",
            "Names are lower-case letters and digits joined by `-` or `_`.",
        )
    return value


def one_of(node: Node, allowed: Collection[str]) -> str:
    """Read one of the words in `allowed`."""
    value = text(node, limit=200)
    if value not in allowed:
        raise refused(node, f"`{value}` is not allowed here.", did_you_mean(value, allowed))
    return value


def integer(node: Node, *, low: int, high: int) -> int:
    """Read a whole number from `low` to `high`."""
    if isinstance(node, Scalar) and not node.quoted and _INTEGER.match(node.value):
        value = int(node.value)
        if low <= value <= high:
            return value
    raise refused(node, f"This must be a whole number from {low} to {high}.")


def number(node: Node, *, low: float, high: float) -> float:
    """Read a number from `low` to `high`."""
    if isinstance(node, Scalar) and not node.quoted and _NUMBER.match(node.value):
        value = float(node.value)
        if low <= value <= high:
            return value
    raise refused(node, f"This must be a number from {low:g} to {high:g}.")


def boolean(node: Node) -> bool:
    """Read `true` or `false`."""
    if isinstance(node, Scalar) and not node.quoted and node.value in {"true", "false"}:
        return node.value == "true"
    raise refused(node, "This must be `true` or `false`.")


def items(node: Node, *, limit: int) -> tuple[Node, ...]:
    """Read a list of at most `limit` values."""
    if not isinstance(node, Sequence):
        raise refused(node, "This must be a list.", "Write `[one, two]`.")
    if len(node.items) > limit:
        raise refused(node, f"This list is longer than {limit}.")
    return node.items


def entries(node: Node) -> tuple[tuple[Scalar, Node], ...]:
    """Read keys with values."""
    if not isinstance(node, Mapping):
        raise refused(node, "This must be keys with values.", "Write `key: value`.")
    return node.entries


def json_value(node: Node) -> JsonValue:
    """Read any JSON value; depth and size are bounded by `read_yaml`."""
    if isinstance(node, Mapping):
        return {key.value: json_value(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return tuple(json_value(item) for item in node.items)
    return _json_scalar(node)


def _json_scalar(node: Scalar) -> JsonValue:
    if node.quoted:
        return node.value
    constants: dict[str, JsonValue] = {"true": True, "false": False, "null": None, "": None}
    if node.value in constants:
        return constants[node.value]
    if _INTEGER.match(node.value):
        return int(node.value)
    if _NUMBER.match(node.value) and isfinite(value := float(node.value)):
        return value
    return node.value
