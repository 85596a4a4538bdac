"""The stub and a real Ollama give the same answer to the same request, times and texts aside.

Runs when OLLAMA_HOST answers and FIMBLE_TEST_MODEL names a model without the insert, tools and
thinking capabilities (the tiny models of the project's tools are such).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import httpx
import pytest

from support.stub_ollama import Script, StubModel, StubOllama, fixed

pytestmark = pytest.mark.ollama

TOO_LONG = "word other\n" * 6000
TWO = {"num_predict": 2}
RAW = {"model": "MODEL", "prompt": "a b c", "raw": True, "options": TWO}
CHAT = {
    "model": "MODEL",
    "messages": [{"role": "user", "content": "hi"}],
    "options": TWO,
    "think": False,
}

REQUESTS: list[tuple[str, dict[str, object] | bytes]] = [
    ("/api/generate", RAW),
    ("/api/generate", RAW | {"stream": False}),
    ("/api/generate", RAW | {"raw": False, "think": False}),
    ("/api/generate", RAW | {"logprobs": True}),
    ("/api/generate", RAW | {"logprobs": True, "top_logprobs": 2}),
    ("/api/generate", RAW | {"prompt": ""}),
    ("/api/generate", RAW | {"prompt": TOO_LONG, "truncate": False}),
    ("/api/generate", RAW | {"prompt": TOO_LONG, "truncate": False, "stream": False}),
    ("/api/generate", RAW | {"template": "x"}),
    ("/api/generate", RAW | {"suffix": "x"}),
    ("/api/generate", RAW | {"prompt": 3}),
    ("/api/generate", RAW | {"options": [1]}),
    ("/api/generate", RAW | {"options": {"num_predict": "3"}}),
    ("/api/generate", RAW | {"options": {"stop": "x"}}),
    ("/api/generate", RAW | {"format": "xx"}),
    ("/api/generate", RAW | {"format": "xx", "stream": False}),
    ("/api/generate", RAW | {"keep_alive": "zz"}),
    ("/api/generate", RAW | {"keep_alive": "5"}),
    ("/api/generate", RAW | {"keep_alive": True}),
    ("/api/generate", RAW | {"think": "loud"}),
    ("/api/generate", RAW | {"think": 3}),
    ("/api/generate", RAW | {"top_logprobs": 21}),
    ("/api/generate", RAW | {"model": "nope"}),
    ("/api/generate", RAW | {"model": ""}),
    ("/api/generate", RAW | {"model": "a b"}),
    ("/api/generate", b""),
    ("/api/generate", b"{"),
    ("/api/generate", b'{"model":'),
    ("/api/generate", b'{"model" "x"}'),
    ("/api/generate", b"[]"),
    ("/api/generate", b"3"),
    ("/api/chat", CHAT),
    ("/api/chat", CHAT | {"stream": False}),
    ("/api/chat", CHAT | {"tools": [{"type": "function", "function": {"name": "x"}}]}),
    ("/api/chat", CHAT | {"messages": []}),
    ("/api/chat", CHAT | {"messages": [3]}),
    ("/api/chat", CHAT | {"messages": [{"role": 3}]}),
    ("/api/chat", CHAT | {"model": ""}),
    ("/api/chat", CHAT | {"model": "nope"}),
    ("/api/show", {}),
    ("/api/show", {"model": "nope"}),
    ("/api/show", {"model": "a b"}),
    ("/api/pull", {"model": ""}),
    ("/api/generate", {"model": "MODEL", "keep_alive": 0}),
    ("/api/chat", {"model": "MODEL", "keep_alive": 0}),
]


@pytest.fixture(scope="module")
def real() -> Iterator[httpx.Client]:
    host = os.environ.get("OLLAMA_HOST", "")
    if not host or not os.environ.get("FIMBLE_TEST_MODEL"):
        pytest.skip("set OLLAMA_HOST and FIMBLE_TEST_MODEL to compare with a real Ollama")
    url = host if "://" in host else f"http://{host}"
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        try:
            client.get("/api/version")
        except httpx.TransportError:
            pytest.skip("no Ollama answers at OLLAMA_HOST")
        yield client


@pytest.fixture(scope="module")
def stub(real: httpx.Client) -> Iterator[httpx.Client]:
    name = os.environ["FIMBLE_TEST_MODEL"]
    shown = real.post("/api/show", json={"model": name}).json()
    model = StubModel(
        name=name,
        family=shown["details"]["family"],
        capabilities=tuple(shown["capabilities"]),
        trained_context=8192,
    )
    script = Script(models=(model,), answer=fixed("ab cd ef gh"))
    with (
        StubOllama(script) as stub,
        httpx.Client(base_url=stub.url, trust_env=False, timeout=60) as client,
    ):
        yield client


def shape(value: object, name: str = "") -> object:
    """A record without what may differ: times, texts, counts and probabilities."""
    if isinstance(value, dict):
        return [(key, shape(item, key)) for key, item in value.items()]
    if name == "error" and isinstance(value, str):
        return "".join("9" if it.isdigit() else it for it in value).replace("99", "9")
    if name in {"done", "done_reason", "model", "role"}:
        return value
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def answer(client: httpx.Client, path: str, body: dict[str, object] | bytes) -> object:
    name = os.environ["FIMBLE_TEST_MODEL"]
    if isinstance(body, bytes):
        response = client.post(path, content=body)
    else:
        named = body | ({"model": name} if body.get("model") == "MODEL" else {})
        response = client.post(path, json=named)
    records = [json.loads(it) for it in response.content.split(b"\n") if it]
    framing = "chunked" if "transfer-encoding" in response.headers else "length"
    content_type = response.headers.get("content-type")
    return response.status_code, content_type, framing, [shape(it) for it in records]


@pytest.mark.parametrize(
    ("path", "body"), REQUESTS, ids=lambda it: it if isinstance(it, str) else str(it)[:80]
)
def test_the_same_answer(
    real: httpx.Client, stub: httpx.Client, path: str, body: dict[str, object] | bytes
) -> None:
    assert answer(stub, path, body) == answer(real, path, body)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", it) for it in ("/", "/api/tags", "/api/ps", "/api/status", "/nope")),
        *(("HEAD", it) for it in ("/", "/api/tags", "/api/version", "/api/ps")),
        *(("DELETE", "/api/tags"), ("GET", "/api/chat"), ("POST", "/")),
    ],
)
def test_the_same_routes(real: httpx.Client, stub: httpx.Client, method: str, path: str) -> None:
    answers = [client.request(method, path) for client in (stub, real)]
    ours, theirs = (
        (it.status_code, it.headers.get("content-type"), it.headers.get("allow")) for it in answers
    )

    assert ours == theirs


def test_the_same_fields_of_a_model(real: httpx.Client, stub: httpx.Client) -> None:
    """Every field that the stub shows, the real server shows too."""
    body = {"model": os.environ["FIMBLE_TEST_MODEL"]}
    theirs = real.post("/api/show", json=body).json()
    ours = stub.post("/api/show", json=body).json()

    assert set(ours) <= set(theirs)
    assert list(ours["details"]) == list(theirs["details"])
    listed = [client.get("/api/tags").json()["models"][0] for client in (stub, real)]
    assert list(listed[0]) == list(listed[1])
    assert list(listed[0]["details"]) == list(listed[1]["details"])


def test_the_same_fields_of_a_running_model(real: httpx.Client, stub: httpx.Client) -> None:
    name = os.environ["FIMBLE_TEST_MODEL"]
    running = []
    for client in (stub, real):
        client.post("/api/generate", json={"model": name})
        listed = client.get("/api/ps").json()["models"]
        running.append(next(it for it in listed if it["name"].startswith(name)))

    assert list(running[0]) == list(running[1])
    assert running[0]["context_length"] == running[1]["context_length"]


@pytest.mark.parametrize("truncated", [TOO_LONG, TOO_LONG[:30_000]])
def test_a_truncated_prompt_has_the_same_length(
    real: httpx.Client, stub: httpx.Client, truncated: str
) -> None:
    body = RAW | {"prompt": truncated, "stream": False, "model": os.environ["FIMBLE_TEST_MODEL"]}
    counts = [
        client.post("/api/generate", json=body).json()["prompt_eval_count"]
        for client in (stub, real)
    ]

    assert counts[0] == counts[1] == 2050
