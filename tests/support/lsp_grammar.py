"""Messages for fuzzing: mostly well-formed sessions, with damage at every level of the protocol.

Each message knows which ids it obliges the server to answer, so a test can demand exactly one
answer for each; damage that makes an id unreadable obliges to nothing but survival.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any, Final, cast

from support.lsp_client import RequestId, frame

_URIS: Final = ("file:///a.py", "file:///b.rs", "untitled:c", "", "file:///never", "\ud83d")
_LANGUAGES: Final = ("echo", "rest", "plain", "crash", "tree", "python", "", "😀")
_TEXTS: Final = (
    "",
    "x",
    "def f():\n    return 1\n",
    "𝒳 = '😀'\r\n",
    "a\rb\fc\x85d\u2028e\n",
    "\0",
    "\ud83d",
    "(" * 300,
    "Content-Length: 5\r\n\r\n{}",
)
_ODD_VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    -1,
    0,
    1.5,
    2**31,
    2**70,
    float("inf"),
    float("nan"),
    "",
    "x",
    "\ud800",
    [],
    [[]],
    {},
    {"": None},
    {"uri": 5},
)
_UNKNOWN_METHODS: Final = ("", "x", "$/x", "textDocument/hover", "initialise", "\ud800", "a" * 500)


@dataclass(frozen=True, slots=True)
class FuzzMessage:
    """Bytes to send and the ids that must be answered because of them."""

    content: bytes
    ids: tuple[RequestId, ...] = ()


class MessageGrammar:
    """Produces an endless, repeatable session from a seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._number = 1_000_000
        """Above the ids of the client's own requests."""
        self._sent: list[RequestId] = [0]

    def message(self) -> FuzzMessage:
        """Return the next message."""
        kinds = (
            (30, self._change),
            (30, self._completion),
            (8, self._open),
            (8, self._cancel),
            (3, self._close),
            (6, self._unknown),
            (4, self._settings),
            (12, self._damaged_request),
            (8, self._damaged_notification),
            (6, self._no_message),
            (5, self._broken_bytes),
        )
        [kind] = self._chance.choices([k for _, k in kinds], weights=[w for w, _ in kinds])
        return kind()

    # --- what editors send -------------------------------------------------------------------

    def _open(self) -> FuzzMessage:
        document = {
            "uri": self._pick(_URIS),
            "languageId": self._pick(_LANGUAGES),
            "version": self._chance.randint(-1, 9),
            "text": self._pick(_TEXTS),
        }
        return self._notification("textDocument/didOpen", {"textDocument": document})

    def _change(self) -> FuzzMessage:
        changes: list[dict[str, Any]] = []
        for _ in range(self._chance.randint(0, 3)):
            change: dict[str, Any] = {"text": self._pick(_TEXTS)}
            if self._chance.random() < 0.9:
                change["range"] = {"start": self._position(), "end": self._position()}
            changes.append(change)
        identifier = {"uri": self._pick(_URIS), "version": self._chance.randint(0, 99)}
        return self._notification(
            "textDocument/didChange", {"textDocument": identifier, "contentChanges": changes}
        )

    def _close(self) -> FuzzMessage:
        return self._notification(
            "textDocument/didClose", {"textDocument": {"uri": self._pick(_URIS)}}
        )

    def _completion(self) -> FuzzMessage:
        method = self._pick(("textDocument/inlineCompletion", "textDocument/completion"))
        return self._request(method, self._place())

    def _cancel(self) -> FuzzMessage:
        return self._notification("$/cancelRequest", {"id": self._pick(self._sent[-8:])})

    def _settings(self) -> FuzzMessage:
        settings = self._pick(({"ollama": {"model": "a"}}, {"completion": {}}, {"x": 1}, {}))
        return self._notification("workspace/didChangeConfiguration", {"settings": settings})

    def _unknown(self) -> FuzzMessage:
        method = self._pick(_UNKNOWN_METHODS)
        if self._chance.random() < 0.5:
            return self._request(method, self._pick(_ODD_VALUES))
        return self._notification(method, self._pick(_ODD_VALUES))

    # --- what editors do not send --------------------------------------------------------------

    def _damaged_request(self) -> FuzzMessage:
        method = self._pick(
            ("textDocument/inlineCompletion", "textDocument/completion", "initialize")
        )
        return self._request(method, self._damage(self._place()))

    def _damaged_notification(self) -> FuzzMessage:
        sound = self._pick((self._open, self._change, self._close, self._cancel, self._settings))()
        message = json.loads(sound.content.partition(b"\r\n\r\n")[2])
        message["params"] = self._damage(message["params"])
        return FuzzMessage(frame(message))

    def _no_message(self) -> FuzzMessage:
        id_ = self._next_id()
        return self._pick(
            (
                FuzzMessage(frame({"jsonrpc": "2.0", "id": id_}), (id_,)),
                FuzzMessage(frame({"jsonrpc": "1.0", "id": id_, "method": "shutdown"}), (id_,)),
                FuzzMessage(frame({"id": id_, "method": 5}), (id_,)),
                FuzzMessage(frame([{"jsonrpc": "2.0", "id": id_, "method": "shutdown"}])),
                FuzzMessage(frame({"jsonrpc": "2.0", "id": "stray", "result": 1})),
                FuzzMessage(
                    frame({"jsonrpc": "2.0", "id": self._pick((None, 1.5, [], {})), "method": "x"})
                ),
                FuzzMessage(frame(self._pick(_ODD_VALUES))),
            )
        )

    def _broken_bytes(self) -> FuzzMessage:
        body = frame({"jsonrpc": "2.0", "method": "x"}).partition(b"\r\n\r\n")[2]
        noise = bytes(self._chance.randrange(256) for _ in range(self._chance.randrange(40)))
        return FuzzMessage(
            self._pick(
                (
                    b"Content-Length: %d\r\n\r\n%b" % (len(noise), noise),
                    b"Content-Length: -%d\r\n\r\n%b" % (len(body), body),
                    b"Content-Length: 99999999999999\r\n\r\n" + body,
                    b"Content-Length: %d\r\n\r\n%b" % (len(body) - 3, body),
                    b"Content-Length: %d\r\n\r\n%b" % (len(body), body[:-1] + b"\xff"),
                    b"content-LENGTH:%d\r\nX: y\r\n\r\n%b" % (len(body), body),
                    b"\r\n\r\n",
                    noise.replace(b"\n", b"") + b"\r\n\r\n",
                )
            )
        )

    # --- parts ---------------------------------------------------------------------------------

    def _pick(self, choices: Any) -> Any:
        return self._chance.choice(choices)

    def _position(self) -> dict[str, int]:
        line, character = self._chance.randint(0, 5), self._chance.randint(0, 12)
        return {"line": line, "character": character}

    def _place(self) -> dict[str, Any]:
        return {
            "textDocument": {"uri": self._pick(_URIS)},
            "position": self._position(),
            "context": {"triggerKind": self._chance.randint(1, 2)},
        }

    def _damage(self, value: Any) -> Any:
        """Replace, drop or add one thing somewhere inside."""
        if isinstance(value, list) and value and self._chance.random() < 0.8:
            items = cast("list[Any]", value)
            at = self._chance.randrange(len(items))
            return [self._damage(each) if i == at else each for i, each in enumerate(items)]
        if isinstance(value, dict) and value and self._chance.random() < 0.8:
            members = cast("dict[str, Any]", value)
            key = self._pick(sorted(members))
            if self._chance.random() < 0.3:
                return {name: each for name, each in members.items() if name != key}
            return {**members, key: self._damage(members[key])}
        return self._pick(_ODD_VALUES)

    def _next_id(self) -> RequestId:
        self._number += 1
        id_ = self._pick((self._number, -self._number, f"fuzz-{self._number}"))
        self._sent.append(id_)
        return id_

    def _request(self, method: str, params: Any) -> FuzzMessage:
        id_ = self._next_id()
        message = {"jsonrpc": "2.0", "id": id_, "method": method, "params": params}
        return FuzzMessage(frame(message), (id_,))

    @staticmethod
    def _notification(method: str, params: Any) -> FuzzMessage:
        return FuzzMessage(frame({"jsonrpc": "2.0", "method": method, "params": params}))
