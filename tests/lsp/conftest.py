"""Every test here talks to a server process of its own, over stdio."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from support.lsp_client import LspClient, running_server


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[LspClient]:
    """A client of a server that has not been initialized."""
    async with running_server(home=tmp_path) as connected:
        yield connected


@pytest.fixture
async def editor(client: LspClient) -> LspClient:
    """A client with ghost text, introduced and ready."""
    await client.initialize()
    await client.notification("fimble/status", state="ready")
    return client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LspClient]:
    """One server for all tests of a module, which thereby also show that it lives on."""
    async with running_server(home=tmp_path_factory.mktemp("home")) as connected:
        await connected.initialize()
        await connected.notification("fimble/status", state="ready")
        yield connected
        await connected.settle()
        assert await connected.shut_down() == 0


@pytest.fixture
def shared(shared_server: LspClient) -> LspClient:
    """The module's server, with nothing received yet."""
    shared_server.forget()
    return shared_server
