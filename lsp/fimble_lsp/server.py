"""`fimble lsp`: the server object, its life from the first byte to the exit code.

The transport is stdio and nothing else; no port is opened, ever (security T8).
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from fimble.text.encoding import PositionEncoding
from fimble.version import VERSION
from fimble_lsp.client_watch import client_gone
from fimble_lsp.completions import CompleterFactory, Completions
from fimble_lsp.documents import OpenDocuments
from fimble_lsp.features import register_all
from fimble_lsp.features.status import METHOD as STATUS
from fimble_lsp.features.status import StatusReporter
from fimble_lsp.last_answers import LastAnswers
from fimble_lsp.live_prompts import WorkspacePrompts
from fimble_lsp.log import LOGGER, configure_logging
from fimble_lsp.parsing import BackgroundParsing
from fimble_lsp.prompt_documents import PromptDocuments
from fimble_lsp.prompt_tokens import PromptTokens
from fimble_lsp.protocol.crash import crash_summary
from fimble_lsp.protocol.dispatch import Handler, HardenedProtocol, ReadParameters
from fimble_lsp.protocol.envelope import PARSE_ERROR
from fimble_lsp.protocol.framing import FrameDecoder, Refused
from fimble_lsp.stdio import OutputWriter, claim_standard_streams, open_input

if TYPE_CHECKING:
    from fimble.config.holder import ConfigurationHolder
    from fimble_lsp.client_hello import ClientHello
    from fimble_lsp.model_actions import ModelActions


_PORTION_BYTES = 65536

_CLOSING_S = 1.0
"""How long engines may take to close their connections, and the last answers to go out."""

_LONGEST_END_S = 1.8
"""After this the process ends whatever still runs: a client that was killed leaves no orphan."""


class FimbleServer(LanguageServer):
    """What the features share: the client, its documents, the completer and the status."""

    def __init__(self, completer_factory: CompleterFactory) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - untyped *args in pygls
            "fimble", VERSION, protocol_cls=HardenedProtocol
        )
        self.hello: ClientHello
        """Set by `initialize`, before any other feature is called."""
        self.client_known = asyncio.Event()
        """Set together with `hello`."""
        self.documents = OpenDocuments()
        self.parsing = BackgroundParsing()
        self.completions = Completions(completer_factory, self.documents)
        self.status = StatusReporter(lambda params: self.rpc.notify(STATUS, params))
        self.prompts = PromptDocuments(self)
        self.prompt_tokens = PromptTokens(self)
        self.workspace_prompts = WorkspacePrompts(self)
        self.last_answers = LastAnswers()
        self.recent_instructions: tuple[str, ...] = ()
        """What edits were asked for, the newest first; kept while the server runs."""
        self.model_actions: ModelActions | None = None
        """Made by the first action that asks the model."""
        self.on_work_cancelled: dict[int | str, Callable[[], object]] = {}
        """What to do when the client cancels a progress, by its token."""
        self.configuration: ConfigurationHolder | None = None
        """None until the files have been read."""
        self.settings_turn = asyncio.Lock()
        """Held while settings are read and applied: in the order in which they came."""
        self._tasks: set[asyncio.Task[None]] = set()
        register_all(self)

    @property
    def encoding(self) -> PositionEncoding:
        """What the client counts characters in."""
        return self.hello.encoding

    @property
    def rpc(self) -> HardenedProtocol:
        """The protocol with its own type; pygls declares the base class."""
        return cast("HardenedProtocol", self.protocol)

    def route(self, method: str, handler: Handler, read: ReadParameters | None = None) -> None:
        """Let a feature answer a method."""
        self.rpc.route(method, handler, read)

    def spawn(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        """Run background work that ends with the server; a defect in it is logged."""
        task = asyncio.create_task(work, name=f"fimble-{name}")
        self._tasks.add(task)
        task.add_done_callback(self._note_end)
        return task

    def tell(self, sentence: str, *, warning: bool = False) -> None:
        """Answer the user who asked for something, where nothing else can hold the answer."""
        kind = types.MessageType.Warning if warning else types.MessageType.Info
        params = types.ShowMessageParams(type=kind, message=sentence)
        self.rpc.notify(types.WINDOW_SHOW_MESSAGE, params)

    def _note_end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            LOGGER.error("Background work %s failed: %s", task.get_name(), crash_summary(error))
            self.status.failed("Fimble failed in the background; its log names the place.")

    def report_server_error(self, error: Exception, source: object) -> None:
        """Write to the log what pygls would show as a popup."""
        LOGGER.error("%s: %s", getattr(source, "__name__", "error"), crash_summary(error))

    async def aclose(self) -> None:
        """Give up every request, then close the engines' connections."""
        ending: set[asyncio.Future[Any]] = {*self.rpc.cancel_all(), *self._tasks}
        for task in self._tasks:
            task.cancel()
        await self.completions.aclose()
        if self.model_actions is not None:
            await self.model_actions.aclose()
        if ending:
            await asyncio.wait(ending)


def run_stdio() -> int:
    """Serve one client over standard input and output; return the exit code."""
    from fimble_lsp.pipeline_factory import PipelineFactory  # noqa: PLC0415 - only if wanted

    return serve(PipelineFactory())


def serve(completer_factory: CompleterFactory) -> int:
    """Serve with a completer of the caller's choice; takes the standard streams for itself."""
    configure_logging()
    stdin, stdout = claim_standard_streams()
    try:
        return asyncio.run(_serve(completer_factory, stdin, stdout))
    except KeyboardInterrupt:
        return 1
    finally:
        if os.name == "posix":
            os.set_blocking(stdin, True)


async def _serve(completer_factory: CompleterFactory, stdin: int, stdout: int) -> int:
    asyncio.get_running_loop().set_exception_handler(_log_stray_error)
    server = FimbleServer(completer_factory)
    writer = OutputWriter(stdout, patience_s=_LONGEST_END_S - _CLOSING_S)
    server.rpc.set_writer(writer)
    reasons = [
        asyncio.create_task(read_messages(await open_input(stdin), server.rpc)),
        asyncio.create_task(_wait_for_exit(server)),
        asyncio.create_task(_wait_for_client_to_end(server)),
    ]
    await asyncio.wait(reasons, return_when=asyncio.FIRST_COMPLETED)
    code = server.rpc.exit_code
    _end_by_force_later(code)
    for task in reasons:
        task.cancel()
    try:
        await asyncio.wait_for(server.aclose(), _CLOSING_S)
    except TimeoutError:
        LOGGER.warning("The engines did not close in time.")
    writer.close()
    return code


async def read_messages(reader: asyncio.StreamReader, protocol: HardenedProtocol) -> None:
    """Act on messages until the input ends.

    Between two messages other work gets its turn, so that the answer to one is under way before
    the next is read, also when many arrive at once.
    """
    decoder = FrameDecoder()
    while True:
        try:
            portion = await reader.read(_PORTION_BYTES)
        except OSError:
            return  # A reset connection is an end of input too.
        if not portion:
            return
        decoder.feed(portion)
        while (frame := decoder.next_frame()) is not None:
            if isinstance(frame, Refused):
                protocol.refuse(frame.reason, code=PARSE_ERROR, id_=None)
            elif not protocol.receive(frame.content):
                decoder.resynchronise(frame.content)
            if protocol.exit_requested.is_set():
                return
            await asyncio.sleep(0)


async def _wait_for_exit(server: FimbleServer) -> None:
    await server.rpc.exit_requested.wait()


async def _wait_for_client_to_end(server: FimbleServer) -> None:
    await server.client_known.wait()
    await client_gone(server.hello.process_id)


def _end_by_force_later(code: int) -> None:
    """End the process even if a task swallows its cancellation or a write never returns."""
    timer = threading.Timer(_LONGEST_END_S, os._exit, (code,))
    timer.daemon = True
    timer.start()


def _log_stray_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log an error that nobody awaited: its place, and none of the objects around it."""
    error = context.get("exception")
    where = crash_summary(error) if isinstance(error, BaseException) else "no exception"
    LOGGER.error("An error went astray: %s", where)
