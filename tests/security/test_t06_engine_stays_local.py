"""T6: no setting of the environment and no trick of a server sends a prompt off this machine.

Each test starts a witness, a listener that stands for "somewhere else", and ends by asserting that
it was sent nothing: not one connection, not one byte.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import aclosing

import pytest

from fimble.config.schema import OllamaSettings
from fimble.engine.ollama.administration import OllamaAdministration
from fimble.engine.ollama.client import OllamaEngine
from fimble.engine.protocol import GenerateRequest
from fimble.errors import EngineError, EngineNotLocalError, EngineRejected, FimbleError
from fimble.policy.endpoint import check_endpoint
from support.stub_ollama import Script, StubModel, StubOllama, faults, fixed

SECRET = "api_token = 'c4n4ry'"


class Witness:
    """A listener that counts connections and keeps every byte it is sent."""

    def __init__(self) -> None:
        self.connections = 0
        self.received = b""
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.received += await reader.read(65536)
        writer.close()

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()


@pytest.fixture
async def witness():
    made = Witness()
    made.port = await made.start()
    yield made
    await made.stop()
    assert (made.connections, made.received) == (0, b"")


@pytest.fixture
def stub():
    with StubOllama(Script(answer=fixed("ok\n"))) as running:
        yield running


async def answer(engine: OllamaEngine) -> list[object]:
    request = GenerateRequest(prompt=SECRET, max_tokens=8)
    async with aclosing(engine.generate(request)) as events:
        return [event async for event in events]


async def exercise(settings: OllamaSettings) -> None:
    """Do everything that the engine and the administration can do."""
    engine = OllamaEngine(settings)
    await engine.health()
    await engine.preload()
    assert await answer(engine)
    await engine.profile()
    await engine.aclose()
    async with OllamaAdministration(settings) as models:
        await models.list_models()
        await models.running_models()
        assert [step async for step in models.pull("qwen3.6:27b")]


PROXY_VARIABLES = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
)


async def test_t06_proxy_variables_are_not_obeyed(stub, witness, monkeypatch):
    for name in PROXY_VARIABLES:
        monkeypatch.setenv(name, f"http://127.0.0.1:{witness.port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    await exercise(OllamaSettings(endpoint=stub.url))


async def test_t06_ollama_variables_neither_redirect_nor_add_a_key(stub, witness, monkeypatch):
    monkeypatch.setenv("OLLAMA_HOST", f"http://127.0.0.1:{witness.port}")
    monkeypatch.setenv("OLLAMA_API_KEY", "c4n4ry-key")

    await exercise(OllamaSettings(endpoint=stub.url))

    for record in stub.requests:
        assert "authorization" not in {name.lower() for name in record.headers}
        assert "c4n4ry-key" not in repr(record.headers)


async def test_t06_a_netrc_file_adds_no_credentials(stub, witness, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login user password c4n4ry\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))

    await exercise(OllamaSettings(endpoint=stub.url))

    assert all("authorization" not in map(str.lower, it.headers) for it in stub.requests)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_t06_a_redirect_is_not_followed(stub, witness, status):
    stub.inject(
        faults.redirect(f"http://127.0.0.1:{witness.port}/api/generate", status),
        times=None,
        when=lambda _: True,
    )
    settings = OllamaSettings(endpoint=stub.url)
    engine = OllamaEngine(settings)

    with pytest.raises(EngineRejected, match="another address"):
        await answer(engine)
    with pytest.raises(EngineError):
        await engine.preload()
    assert (await engine.health()).state == "failing"
    async with OllamaAdministration(settings) as models:
        with pytest.raises(EngineError):
            await models.list_models()
        with pytest.raises(EngineError):
            await anext(models.pull("m"))
    await engine.aclose()


async def test_t06_a_redirect_of_the_generation_alone_is_not_followed(stub, witness):
    stub.inject(faults.redirect(f"http://127.0.0.1:{witness.port}/api/generate"))
    engine = OllamaEngine(OllamaSettings(endpoint=stub.url))

    with pytest.raises(EngineRejected):
        await answer(engine)
    await engine.aclose()


@pytest.mark.parametrize("field", ["remote_host", "remote_model"])
async def test_t06_a_remote_manifest_gets_no_prompt(witness, field):
    target = f"http://127.0.0.1:{witness.port}"
    with StubOllama(Script(models=(StubModel(**{field: target}),))) as stub:
        engine = OllamaEngine(OllamaSettings(endpoint=stub.url))

        with pytest.raises(EngineNotLocalError):
            await answer(engine)
        with pytest.raises(EngineNotLocalError):
            await engine.preload()
        assert (await engine.health()).state == "failing"
        assert not stub.generations
        assert "c4n4ry" not in repr([it.body for it in stub.requests])
        await engine.aclose()


async def test_t06_a_cloud_model_by_name_gets_no_connection(witness):
    for model in ("gpt-oss:120b-cloud", "kimi-k2:cloud"):
        with pytest.raises(EngineNotLocalError):
            OllamaEngine(OllamaSettings(endpoint=f"http://127.0.0.1:{witness.port}", model=model))


async def test_t06_a_resolver_that_changes_its_mind_is_asked_once(witness):
    """DNS rebinding: the address that was checked is the one in the endpoint."""
    answers = iter([["127.0.0.1"], ["192.0.2.1"]])

    endpoint = check_endpoint("http://localhost:11434", resolve=lambda _: next(answers))

    assert endpoint.base_url == "http://127.0.0.1:11434"
    with pytest.raises(EngineNotLocalError):
        check_endpoint("http://localhost:11434", resolve=lambda _: next(answers))


async def test_t06_no_name_is_looked_up_and_only_the_endpoint_is_connected_to(
    stub, witness, monkeypatch
):
    """A guard under every socket: one peer, no resolver."""
    peers: set[tuple[str, int]] = set()
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: tuple[str, int]) -> None:
        peers.add(address[:2])
        return connect(self, address)

    loop = asyncio.get_running_loop()
    sock_connect = loop.sock_connect

    async def guarded_sock_connect(sock: socket.socket, address: tuple[str, int]) -> None:
        peers.add(address[:2])
        await sock_connect(sock, address)

    looked_up: list[object] = []
    getaddrinfo = socket.getaddrinfo

    def watched_lookup(host, *args, **kwargs):
        looked_up.append(host)
        return getaddrinfo(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(loop, "sock_connect", guarded_sock_connect)
    monkeypatch.setattr(socket, "getaddrinfo", watched_lookup)

    await exercise(OllamaSettings(endpoint=stub.url))

    assert peers == {("127.0.0.1", stub.port)}
    assert {str(host, "ascii") if isinstance(host, bytes) else host for host in looked_up} <= {
        "127.0.0.1"
    }


async def test_t06_a_refused_endpoint_is_never_connected_to(witness):
    for url in (
        f"http://0.0.0.0:{witness.port}",
        f"http://127.1:{witness.port}",
        f"http://[::ffff:127.0.0.1]:{witness.port}",
        f"http://user:pass@127.0.0.1:{witness.port}",
        f"http://127.0.0.1:{witness.port}/prefix",
    ):
        for make in (OllamaEngine, OllamaAdministration):
            with pytest.raises(FimbleError):
                make(OllamaSettings(endpoint=url))
