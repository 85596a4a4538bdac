"""Parameters of a message, checked against the types of the protocol before anyone sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from lsprotocol import types

if TYPE_CHECKING:
    from cattrs import Converter

_PARAMETERS_COLUMN: Final = 2
"""Where `lsprotocol.types.METHOD_TO_TYPES` keeps the type of a method's parameters."""

_NAMED_MISTAKES = 3


class InvalidParameters(Exception):
    """Parameters do not have the shape that the method wants; the text quotes no value."""


def structure(converter: Converter, method: str, raw: object) -> object:
    """Build the parameters of a method that lsprotocol knows from decoded JSON.

    A missing object counts as an empty one, as many clients leave it out. Methods without
    parameters, and those lsprotocol does not know, give `raw` back.
    """
    known = types.METHOD_TO_TYPES.get(method)
    parameters_type = known[_PARAMETERS_COLUMN] if known else None
    if parameters_type is None:
        return raw
    try:
        return converter.structure({} if raw is None else raw, parameters_type)
    except Exception as error:  # noqa: BLE001
        # Generated code raises whatever the value provokes (TypeError, KeyError, OverflowError,
        # RecursionError, a group of them): each means that the client sent something else.
        raise InvalidParameters(_explain(error)) from None


def _explain(error: Exception) -> str:
    """Name the places of the mistakes, never the values there, which may be the user's text."""
    from cattrs import transform_error  # noqa: PLC0415 - only mistakes pay for the import

    try:
        lines = transform_error(error)
    except Exception:  # noqa: BLE001 - the explanation is a courtesy, the refusal is not
        lines = []
    places = [place for line in lines for _, at, place in [line.rpartition(" @ ")] if at]
    named = ", ".join(dict.fromkeys(places[:_NAMED_MISTAKES]))
    return f"Invalid parameters at {named}." if named else "Invalid parameters."


def member_at(value: object, *names: str) -> object:
    """Walk into nested objects of decoded JSON; None where one is missing or something else."""
    for name in names:
        if not isinstance(value, dict):
            return None
        value = cast("dict[str, object]", value).get(name)
    return value
