"""Progress of work that takes a while: told by `$/progress`, cancelled by the user (LSP 3.15).

The token is the client's own where its request names one, else one that the client agrees to; a
client without progress is told nothing, and the work goes on all the same.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Self

from lsprotocol import types

from fimble_lsp.protocol.parameters import member_at

if TYPE_CHECKING:
    from fimble_lsp.server import FimbleServer

Token = int | str

_NUMBERS: Final = itertools.count(1)
_REPORT_EVERY_S: Final = 0.2
_CREATING_S: Final = 5.0


class WorkProgress:
    """One piece of work as the client sees it; used as a context manager."""

    def __init__(
        self,
        server: FimbleServer,
        title: str,
        *,
        token: Token | None,
        cancel: Callable[[], object],
    ) -> None:
        """Prepare; nothing is sent before the context is entered.

        Args:
            server: Whose client is told.
            title: What is being done.
            token: The client's own, from its request.
            cancel: Called when the user cancels the progress.
        """
        self._server = server
        self._title = title
        self._given = token
        self._cancel = cancel
        self._token: Token | None = None
        """Set once the client knows it."""
        self._message = ""
        self._reported_at = 0.0
        self._creating: asyncio.Task[None] | None = None
        self._ended = False

    def __enter__(self) -> Self:
        """Tell that the work begins."""
        if self._given is not None:
            self._begin(self._given)
        elif member_at(self._server.hello.capabilities, "window", "workDoneProgress") is True:
            self._creating = self._server.spawn(self._create(), name="progress")
        return self

    def __exit__(self, *_: object) -> None:
        """Tell that it has ended."""
        self.end()

    def report(self, message: str) -> None:
        """Tell how far the work is; not more often than people can read."""
        now = asyncio.get_running_loop().time()
        due = now - self._reported_at >= _REPORT_EVERY_S
        if message == self._message or self._ended or not (due or not self._message):
            return
        self._message = message
        self._reported_at = now
        self._send(types.WorkDoneProgressReport(cancellable=True, message=message))

    def end(self) -> None:
        """Tell that the work has ended, before whatever comes of it is shown."""
        if self._ended:
            return
        self._ended = True
        self._send(types.WorkDoneProgressEnd())
        if self._token is not None:
            self._server.on_work_cancelled.pop(self._token, None)

    async def _create(self) -> None:
        token = f"fimble-work-{next(_NUMBERS)}"
        params = types.WorkDoneProgressCreateParams(token=token)
        answer = self._server.rpc.send_request_async(types.WINDOW_WORK_DONE_PROGRESS_CREATE, params)
        try:
            await asyncio.wait_for(answer, _CREATING_S)
        except Exception:  # noqa: BLE001 - a client that refuses, or is silent, sees no progress
            return
        if not self._ended:
            self._begin(token)

    def _begin(self, token: Token) -> None:
        self._token = token
        self._server.on_work_cancelled[token] = self._cancel
        message = self._message or None
        self._send(
            types.WorkDoneProgressBegin(title=self._title, cancellable=True, message=message)
        )

    def _send(
        self,
        value: types.WorkDoneProgressBegin
        | types.WorkDoneProgressReport
        | types.WorkDoneProgressEnd,
    ) -> None:
        if self._token is not None:
            params = types.ProgressParams(token=self._token, value=value)
            self._server.rpc.notify(types.PROGRESS, params)
