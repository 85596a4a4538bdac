"""What a message body is: request, notification, answer, or something that must be refused.

Everything JSON can express is accounted for, so that what comes after sees only well-formed
messages. Source: JSON-RPC 2.0 and LSP 3.18, "Abstract Message"; LSP allows neither batches nor
null, fractional or structured ids.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

MessageId: TypeAlias = int | str

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600


@dataclass(frozen=True, slots=True)
class Request:
    """Wants exactly one answer."""

    id: MessageId
    method: str
    params: object


@dataclass(frozen=True, slots=True)
class Notification:
    """Gets no answer, whatever happens."""

    method: str
    params: object


@dataclass(frozen=True, slots=True)
class Response:
    """The client's answer to one of our requests; `message` is the whole of it."""

    id: MessageId
    message: dict[str, object]


@dataclass(frozen=True, slots=True)
class Malformed:
    """Not a message; to be answered with `code`, and with `id` where there is one."""

    id: MessageId | None
    code: int
    reason: str


Message: TypeAlias = Request | Notification | Response | Malformed


def read_message(body: bytes) -> Message:
    """Tell what `body` is; never raises, for any bytes."""
    try:
        content: object = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        # Not UTF-8, not JSON, a number of thousands of digits, or nested beyond all reason.
        return Malformed(None, PARSE_ERROR, "The message is not JSON in UTF-8.")
    if isinstance(content, list):
        return Malformed(None, INVALID_REQUEST, "Batches are not part of LSP.")
    if not isinstance(content, dict):
        return Malformed(None, INVALID_REQUEST, "A message is a JSON object.")
    return _classify(cast("dict[str, object]", content))


def _classify(content: dict[str, object]) -> Message:
    id_ = content.get("id")
    valid_id = id_ if isinstance(id_, (int, str)) and not isinstance(id_, bool) else None
    if "method" not in content and ("result" in content or "error" in content):
        if valid_id is not None:
            return Response(valid_id, content)
        return Malformed(None, INVALID_REQUEST, "An answer needs the id of its request.")
    method = content.get("method")
    if content.get("jsonrpc") != "2.0" or not isinstance(method, str):
        reason = 'A message has "jsonrpc": "2.0" and the name of a method.'
        return Malformed(valid_id, INVALID_REQUEST, reason)
    if "id" not in content:
        return Notification(method, content.get("params"))
    if valid_id is None:
        return Malformed(None, INVALID_REQUEST, "An id is an integer or a string.")
    return Request(valid_id, method, content.get("params"))
