"""`StubOllama`: the stub as tests hold it."""

from __future__ import annotations

from support.stub_ollama.answers import Answer
from support.stub_ollama.application import Application
from support.stub_ollama.hosting import StubServer
from support.stub_ollama.http_wire import Connection
from support.stub_ollama.script import Script


class StubOllama(StubServer):
    """A scriptable Ollama on a loopback port::

        with StubOllama(Script(answer=fixed("pass\\n"))) as stub:
            httpx.post(f"{stub.url}/api/generate", json={...})
            record = stub.wait_until(lambda requests: requests and requests[0])

    All methods may be called from any thread.
    """

    def __init__(self, script: Script | None = None, *, port: int = 0) -> None:
        super().__init__(port=port)
        self._script = script or Script()
        self._app: Application | None = None

    @property
    def loads(self) -> int:
        """Model loads begun, reloads included."""
        return self._application.scheduler.loads

    @property
    def reloads(self) -> int:
        """Loads that different runner options made necessary."""
        return self._application.scheduler.reloads

    @property
    def killed_loads(self) -> int:
        """Loads that ended because their client went away."""
        return self._application.scheduler.killed_loads

    @property
    def loaded_models(self) -> tuple[str, ...]:
        """Names of the models in memory."""
        return tuple(it.model.full_name for it in self._application.scheduler.loaded)

    def answer_with(self, answer: Answer) -> None:
        """Replace the answer for generations that begin from now on."""
        self._application.generations.answer = answer

    def hold_pulls(self, percent: int | None) -> None:
        """Let pulls come to that much of a layer and stay there; None lets them go on."""
        self._application.pull_gate.percent = percent

    @property
    def _application(self) -> Application:
        if self._app is None:
            raise RuntimeError("the stub is not running: use it in a `with` block")
        return self._app

    async def _prepare(self) -> None:
        self._app = Application(self._script, self._journal, self._faults)

    async def _serve(self, connection: Connection) -> None:
        await self._application.serve(connection)

    async def _clean_up(self) -> None:
        await self._application.scheduler.stop()
