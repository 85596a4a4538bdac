"""An Ollama for the conformance suite: the stub always, a real one where there is one.

A real one is what answers at OLLAMA_HOST, or else an `ollama serve` of our own when `ollama` is on
PATH. Its model is FIMBLE_TEST_MODEL when that is set, else one made from the file FIMBLE_TEST_GGUF
(a tiny random model that loads in a second is enough).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from fimble.config.schema import OllamaSettings
from fimble.engine.ollama.client import OllamaEngine
from support.stub_ollama import Script, StubOllama, Timing, fixed

CREATED_MODEL = "fimble-conformance:latest"
START_TIMEOUT_S = 30.0


class Served(NamedTuple):
    """Where the model is."""

    url: str
    model: str


def _client(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, trust_env=False, timeout=120)


def _answers(url: str) -> bool:
    with _client(url) as client, contextlib.suppress(httpx.HTTPError):
        return client.get("/api/version").is_success
    return False


def _named_server() -> str | None:
    """Return the address in OLLAMA_HOST when something answers there."""
    host = os.environ.get("OLLAMA_HOST", "")
    if not host:
        return None
    url = host if "://" in host else f"http://{host}"
    return url if _answers(url) else None


@contextlib.contextmanager
def _own_server(program: str, models: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {"OLLAMA_HOST": f"127.0.0.1:{port}", "OLLAMA_NO_CLOUD": "1"}
    if not os.environ.get("FIMBLE_TEST_MODEL"):
        environment["OLLAMA_MODELS"] = str(models)
    process = subprocess.Popen(
        [program, "serve"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not _answers(url):
            if time.monotonic() > deadline or process.poll() is not None:
                pytest.skip("`ollama serve` does not start here")
            time.sleep(0.1)  # another program's start: there is no event to wait for
        yield url
    finally:
        process.terminate()
        process.wait(START_TIMEOUT_S)


def _create(url: str, gguf: Path) -> str:
    """Make a model from a file, as `ollama create` does."""
    content = gguf.read_bytes()
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    with _client(url) as client:
        if client.head(f"/api/blobs/{digest}").status_code == httpx.codes.NOT_FOUND:
            client.post(f"/api/blobs/{digest}", content=content).raise_for_status()
        body = {"model": CREATED_MODEL, "files": {gguf.name: digest}, "stream": False}
        client.post("/api/create", json=body).raise_for_status()
    return CREATED_MODEL


@contextlib.contextmanager
def _real(models: Path) -> Iterator[Served]:
    model, gguf = os.environ.get("FIMBLE_TEST_MODEL"), os.environ.get("FIMBLE_TEST_GGUF")
    named, program = _named_server(), shutil.which("ollama")
    if not model and not gguf:
        pytest.skip("set FIMBLE_TEST_MODEL or FIMBLE_TEST_GGUF to test a real Ollama")
    if named is None and program is None:
        pytest.skip("no Ollama: OLLAMA_HOST does not answer and `ollama` is not on PATH")
    server = (
        contextlib.nullcontext(named) if named is not None else _own_server(str(program), models)
    )
    with server as url:
        yield Served(url, model or _create(url, Path(str(gguf))))


@contextlib.contextmanager
def _stub() -> Iterator[Served]:
    script = Script(answer=fixed("value = 1\n" * 400), timing=Timing(per_generated_token_s=0.002))
    with StubOllama(script) as stub:
        yield Served(stub.url, "qwen3.6:27b")


@pytest.fixture(scope="module", params=["stub", pytest.param("real", marks=pytest.mark.ollama)])
def served(request, tmp_path_factory) -> Generator[Served]:
    """Each kind of server in turn."""
    server = _stub() if request.param == "stub" else _real(tmp_path_factory.mktemp("models"))
    with server as running:
        yield running


@pytest.fixture
def ollama_settings(served) -> OllamaSettings:
    return OllamaSettings(endpoint=served.url, model=served.model, num_ctx=2048, keep_alive="5m")


@pytest.fixture
async def ollama(ollama_settings):
    engine = OllamaEngine(ollama_settings)
    yield engine
    await engine.aclose()
