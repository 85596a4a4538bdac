"""JSON as Go writes and reads it, because the bytes on the wire matter to a client's decoder.

Go's ``encoding/json`` escapes ``<``, ``>``, ``&``, U+2028 and U+2029 and leaves everything else
raw, U+0085 included; fields tagged ``omitempty`` vanish when they are zero. Reading, it replaces
lone surrogates and broken UTF-8 by U+FFFD.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from json import JSONDecodeError

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""Anything JSON can say."""

_GO_ESCAPES = {
    ord("<"): "\\u003c",
    ord(">"): "\\u003e",
    ord("&"): "\\u0026",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}

_GO_PLACES = {
    "Expecting ':' delimiter": "after object key",
    "Expecting ',' delimiter": "after object key:value pair",
    "Expecting property name enclosed in double quotes": (
        "looking for beginning of object key string"
    ),
}
"""Python's words for where it stumbled, and Go's."""


def encode(value: Mapping[str, Json] | Json) -> bytes:
    """`value` as ``json.Marshal`` writes it, without a line end."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.translate(_GO_ESCAPES).encode("utf-8", "replace")


def omit_zero(fields: Mapping[str, Json]) -> dict[str, Json]:
    """`fields` without those that ``omitempty`` drops: zero, empty, false and null."""
    return {name: value for name, value in fields.items() if value}


def decode(body: bytes) -> Json:
    """Read a body; raises ValueError with Go's words for what is wrong with it."""
    text = body.decode("utf-8", "replace")
    start = len(text) - len(text.lstrip(" \t\r\n"))
    try:
        # Like Go's decoder, read one value and ignore what follows.
        value: Json = json.JSONDecoder().raw_decode(text, start)[0]
    except JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
            raise ValueError("unexpected EOF") from error
        place = _GO_PLACES.get(error.msg, "looking for beginning of value")
        raise ValueError(f"invalid character '{text[error.pos]}' {place}") from error
    return _without_surrogates(value)


def timestamp(now: datetime | None = None) -> str:
    """A ``time.Time`` in RFC 3339 with nanoseconds, as in ``created_at``."""
    moment = now if now is not None else datetime.now(tz=UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"


def far_future() -> str:
    """When a model with ``keep_alive`` below zero expires: 292 years from now."""
    return timestamp(datetime.now(tz=UTC) + timedelta(days=292 * 365))


def go_type_name(value: Json) -> str:
    """How Go's unmarshal errors name the JSON type of `value`."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def _without_surrogates(value: Json) -> Json:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return "".join("\ufffd" if "\ud800" <= it <= "\udfff" else it for it in value)
        return value
    if isinstance(value, list):
        return [_without_surrogates(it) for it in value]
    if isinstance(value, dict):
        return {key: _without_surrogates(it) for key, it in value.items()}
    return value
