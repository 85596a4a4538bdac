"""An OpenAI-compatible server behind TLS: its certificate is checked, always (F2, T6).

The stub speaks plain HTTP; in front of it stands a listener that ends TLS and hands bytes on.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from fimble.config.schema import OpenAISettings
from fimble.engine.openai.client import OpenAIEngine
from fimble.engine.protocol import GenerateRequest, TextChunk
from fimble.errors import ConfigError, EngineUnavailable
from support.stub_ollama import fixed
from support.stub_openai import ServedModel, StubOpenAI

AUTHORITY = trustme.CA()
REQUEST = GenerateRequest(prompt="def total(items):\n    return ", max_tokens=8)


async def _hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, ssl.SSLError):
        while portion := await reader.read(65536):
            writer.write(portion)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def behind_tls(url: str, name: str) -> AsyncIterator[str]:
    """Hold a TLS listener for `name` in front of the server at `url`; yields its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(name).configure_cert(context)
    port = urlsplit(url).port

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_hand_on(reader, back), _hand_on(there, writer))

    listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with listener:
        yield f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}"


@pytest.fixture
def authority(tmp_path: Path) -> str:
    """The file that an own authority hands out."""
    path = tmp_path / "authority.pem"
    AUTHORITY.cert_pem.write_to_path(path)
    return str(path)


async def _answer(endpoint: str, ca_file: str = "") -> str:
    engine = OpenAIEngine(OpenAISettings(endpoint=endpoint, model="qwen2.5-coder", ca_file=ca_file))
    try:
        return "".join(
            [it.text async for it in engine.generate(REQUEST) if isinstance(it, TextChunk)]
        )
    finally:
        await engine.aclose()


async def test_an_own_authority_is_believed_when_it_is_named(authority: str) -> None:
    with StubOpenAI(ServedModel(answer=fixed("sum(items)"))) as stub:
        async with behind_tls(stub.url, "127.0.0.1") as endpoint:
            assert await _answer(endpoint, authority) == "sum(items)"


async def test_f02_t06_a_certificate_of_an_unknown_authority_gets_no_byte_of_code() -> None:
    with StubOpenAI(ServedModel(answer=fixed("x"))) as stub:
        async with behind_tls(stub.url, "127.0.0.1") as endpoint:
            with pytest.raises(EngineUnavailable, match="certificate"):
                await _answer(endpoint)

        assert not stub.requests


async def test_f02_t06_a_certificate_of_another_name_gets_no_byte_of_code(authority: str) -> None:
    with StubOpenAI(ServedModel(answer=fixed("x"))) as stub:
        async with behind_tls(stub.url, "another.example") as endpoint:
            with pytest.raises(EngineUnavailable, match="certificate"):
                await _answer(endpoint, authority)

        assert not stub.requests


async def test_a_file_of_authorities_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"authority\.pem"):
        await _answer("https://127.0.0.1:9", str(tmp_path / "authority.pem"))
