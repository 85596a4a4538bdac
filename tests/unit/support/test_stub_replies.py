"""Statuses, headers and bodies of the stub, as recorded from a real v0.33.0-rc2."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from support.stub_ollama import Reply, Script, StubModel, StubOllama, Timing, fixed
from support.stub_ollama import faults as stub_faults

Start = Callable[[Script | None], StubOllama]

JSON_TYPE = "application/json; charset=utf-8"
QWEN = StubModel()
PLAIN = StubModel(
    name="tiny-qwen2",
    family="qwen2",
    cache="dense",
    capabilities=("completion",),
    trained_context=8192,
    special_tokens=("<|endoftext|>",),
)
INSERT = StubModel(name="coder", capabilities=("completion", "insert"))
EMBEDDING = StubModel(name="embedder", capabilities=())
REMOTE = StubModel(name="remote", remote_host="https://ollama.com:443", remote_model="big")
MODELS = (QWEN, PLAIN, INSERT, EMBEDDING, REMOTE)
TOO_LONG = "word other\n" * 3000


@pytest.fixture
def stub(start: Start) -> StubOllama:
    return start(Script(models=MODELS, answer=fixed("return value\n")))


def generate(client: httpx.Client, stub: StubOllama, **body: object) -> httpx.Response:
    defaults = {"model": "qwen3.6:27b", "prompt": "def f", "raw": True}
    return client.post(f"{stub.url}/api/generate", json=defaults | body)


def lines(response: httpx.Response) -> list[dict]:
    return [json.loads(line) for line in response.content.split(b"\n") if line]


def without_times(record: dict) -> dict:
    return {key: value for key, value in record.items() if key != "created_at"}


@pytest.mark.parametrize(
    ("request_line", "status", "form", "body"),
    [
        ("GET /", 200, "text/plain; charset=utf-8", "Ollama is running"),
        ("HEAD /", 200, "text/plain; charset=utf-8", ""),
        ("HEAD /api/tags", 200, JSON_TYPE, ""),
        ("GET /api/version", 200, JSON_TYPE, '{"version":"0.33.0"}'),
        ("GET /api/status", 200, JSON_TYPE, '{"cloud":{"disabled":true,"source":"env"}}'),
        ("GET /api/ps", 200, JSON_TYPE, '{"models":[]}'),
        ("GET /nope", 404, "text/plain", "404 page not found"),
        ("GET /api/generate", 405, "text/plain", "405 method not allowed"),
        ("HEAD /api/ps", 405, "text/plain", ""),
    ],
)
def test_plain_routes(  # noqa: PLR0917 - one parameter for each column of the table
    client: httpx.Client, stub: StubOllama, request_line: str, status: int, form: str, body: str
) -> None:
    method, path = request_line.split(" ")
    response = client.request(method, stub.url + path)

    assert (response.status_code, response.headers["content-type"]) == (status, form)
    assert response.text == body


def test_a_wrong_host_header_is_refused_without_a_body(
    client: httpx.Client, stub: StubOllama
) -> None:
    response = client.get(f"{stub.url}/api/version", headers={"Host": "evil.example"})

    assert (response.status_code, response.content) == (403, b"")


RAW_CONFLICT = "raw mode does not support template, system, or context"
REFUSALS = [
    ({"model": ""}, 404, "model '' not found"),
    ({"model": "nope"}, 404, "model 'nope' not found"),
    ({"model": "remote"}, 404, "model 'remote' not found"),
    ({"model": "a b/c"}, 400, "invalid model name"),
    ({"model": "x:cloud"}, 403, "ollama cloud is disabled: remote model is unavailable"),
    ({"model": "x:8b-cloud"}, 403, "ollama cloud is disabled: remote model is unavailable"),
    ({"template": "a"}, 400, RAW_CONFLICT),
    ({"system": "a"}, 400, RAW_CONFLICT),
    ({"context": [1]}, 400, RAW_CONFLICT),
    (
        {"suffix": "x", "model": "tiny-qwen2"},
        400,
        "registry.ollama.ai/library/tiny-qwen2:latest does not support insert",
    ),
    ({"think": True, "model": "tiny-qwen2"}, 400, '"tiny-qwen2" does not support thinking'),
    ({"model": "embedder"}, 400, '"embedder" does not support generate'),
    ({"logprobs": True, "top_logprobs": 21}, 400, "top_logprobs must be between 0 and 20"),
    (
        {"prompt": 3},
        400,
        "json: cannot unmarshal number into Go struct field GenerateRequest.prompt of type string",
    ),
    (
        {"stream": "x"},
        400,
        "json: cannot unmarshal string into Go struct field GenerateRequest.stream of type bool",
    ),
    (
        {"options": [1]},
        400,
        (
            "json: cannot unmarshal array into Go struct field GenerateRequest.options "
            "of type map[string]interface {}"
        ),
    ),
    ({"keep_alive": "zz"}, 400, 'time: invalid duration "zz"'),
    ({"keep_alive": [1]}, 400, "Unsupported type: '[]interface {}'"),
    ({"options": {"num_predict": "3"}}, 500, 'option "num_predict" must be of type integer'),
]


@pytest.mark.parametrize(("body", "status", "error"), REFUSALS)
def test_refusals_before_the_model_runs(
    client: httpx.Client, stub: StubOllama, body: dict, status: int, error: str
) -> None:
    response = generate(client, stub, **body)

    assert (response.status_code, response.headers["content-type"]) == (status, JSON_TYPE)
    assert json.loads(response.content) == {"error": error}
    assert stub.loads == 0


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "missing request body"),
        (b"{", "unexpected EOF"),
        (b"[]", "json: cannot unmarshal array into Go value of type api.GenerateRequest"),
        (b"hello", "invalid character 'h' looking for beginning of value"),
    ],
)
def test_broken_bodies(client: httpx.Client, stub: StubOllama, content: bytes, error: str) -> None:
    response = client.post(f"{stub.url}/api/generate", content=content)

    assert (response.status_code, json.loads(response.content)) == (400, {"error": error})


def test_a_stream_is_ndjson_in_chunks_and_omits_zero_fields(
    client: httpx.Client, stub: StubOllama
) -> None:
    response = generate(client, stub)

    assert response.headers["content-type"] == "application/x-ndjson"
    assert response.headers["transfer-encoding"] == "chunked"
    first, *_, last = lines(response)
    assert without_times(first) == {"model": "qwen3.6:27b", "response": "return", "done": False}
    assert list(last) == [
        *("model", "created_at", "response", "done", "done_reason"),
        *("total_duration", "load_duration", "prompt_eval_count", "prompt_eval_duration"),
        *("eval_count", "eval_duration"),
    ]
    assert last["response"] == ""
    assert last["done_reason"] == "stop"


def test_the_token_that_ends_generation_is_counted(client: httpx.Client, stub: StubOllama) -> None:
    """`return`, ` value`, newline, end of text."""
    assert lines(generate(client, stub))[-1]["eval_count"] == 4


def test_without_streaming_one_object_with_the_whole_text(
    client: httpx.Client, stub: StubOllama
) -> None:
    response = generate(client, stub, stream=False)

    assert response.headers["content-type"] == JSON_TYPE
    assert response.headers["content-length"] == str(len(response.content))
    assert response.json()["response"] == "return value\n"


def test_num_predict_cuts_and_says_length(client: httpx.Client, stub: StubOllama) -> None:
    reply = generate(client, stub, stream=False, options={"num_predict": 1}).json()

    assert (reply["response"], reply["done_reason"], reply["eval_count"]) == ("return", "length", 1)


def test_a_stop_string_is_not_sent(client: httpx.Client, stub: StubOllama) -> None:
    reply = generate(client, stub, stream=False, options={"stop": ["lue"]}).json()

    assert (reply["response"], reply["done_reason"]) == ("return va", "stop")


def test_counts_include_cached_tokens_and_durations_do_not(
    start: Start, client: httpx.Client
) -> None:
    stub = start(Script(timing=Timing(per_prompt_token_s=0.001)))
    prompt = "value = 1\n" * 40
    cold = generate(client, stub, prompt=prompt, stream=False, options={"num_predict": 1}).json()
    warm = generate(client, stub, prompt=prompt, stream=False, options={"num_predict": 1}).json()

    record = stub.generations[1]
    assert cold["prompt_eval_count"] == warm["prompt_eval_count"] == record.prompt_tokens
    assert cold["prompt_eval_duration"] == pytest.approx(record.prompt_tokens * 1e6, rel=0.01)
    assert warm["prompt_eval_duration"] == 4_000_000
    assert (record.evaluated_tokens, record.cached_tokens) == (4, record.prompt_tokens - 4)


def test_logprobs_come_with_each_token_when_asked(start: Start, client: httpx.Client) -> None:
    stub = start(Script(answer=lambda _prompt: Reply(text="[ {", logprobs=(-0.25,))))
    first, second, _ = lines(generate(client, stub, logprobs=True, top_logprobs=2))

    assert first["logprobs"][0]["logprob"] == -0.25
    assert second["logprobs"][0]["token"] == " {"
    assert second["logprobs"][0]["bytes"] == [32, 123]
    assert len(second["logprobs"][0]["top_logprobs"]) == 2


@pytest.mark.parametrize("path", ["/api/generate", "/api/chat"])
def test_an_empty_prompt_loads_and_keep_alive_zero_unloads(
    client: httpx.Client, stub: StubOllama, path: str
) -> None:
    loaded = client.post(stub.url + path, json={"model": "qwen3.6:27b"})
    in_memory = stub.loaded_models
    unloaded = client.post(stub.url + path, json={"model": "qwen3.6:27b", "keep_alive": 0})

    assert loaded.headers["content-type"] == JSON_TYPE
    assert loaded.json()["done_reason"] == "load"
    assert in_memory == ("qwen3.6:27b",)
    assert unloaded.json()["done_reason"] == "unload"
    assert stub.loaded_models == ()


def test_chat_answers_in_messages_and_thinks_unless_told_not_to(
    start: Start, client: httpx.Client
) -> None:
    stub = start(Script(answer=lambda _prompt: Reply(text="Hello.", thinking="Hm. ")))
    body = {"model": "qwen3.6:27b", "messages": [{"role": "user", "content": "hi"}]}
    thinking = client.post(f"{stub.url}/api/chat", json=body | {"stream": False}).json()
    plain = client.post(f"{stub.url}/api/chat", json=body | {"stream": False, "think": False})

    assert thinking["message"]["content"] == "Hello."
    assert thinking["message"]["thinking"] == "Hm. "
    assert plain.json()["message"] == {"role": "assistant", "content": "Hello."}
    assert stub.generations[0].prompt.endswith("<|im_start|>assistant\n<think>\n")
    assert stub.generations[1].prompt.endswith("assistant\n<think>\n\n</think>\n\n")


def test_a_last_message_by_the_assistant_is_a_trimmed_prefill(
    client: httpx.Client, stub: StubOllama
) -> None:
    messages = [{"role": "user", "content": "x"}, {"role": "assistant", "content": "  def f():\n"}]
    client.post(f"{stub.url}/api/chat", json={"model": "qwen3.6:27b", "messages": messages})

    assert stub.generations[0].prompt.endswith("<|im_start|>assistant\ndef f():")


def test_a_rendered_generate_returns_the_deprecated_context(
    client: httpx.Client, stub: StubOllama
) -> None:
    last = lines(generate(client, stub, raw=False, think=False))[-1]

    assert all(isinstance(it, int) for it in last["context"])
    assert stub.generations[0].prompt.startswith("<|im_start|>user\ndef f<|im_end|>\n")


def test_a_suffix_is_put_into_the_models_fim_form(client: httpx.Client, stub: StubOllama) -> None:
    generate(client, stub, model="coder", raw=False, suffix="\nend")

    prompt = "<|fim_prefix|>def f<|fim_suffix|>\nend<|fim_middle|>"
    assert stub.generations[0].prompt == prompt


def test_a_prompt_that_is_too_long_is_cut_silently(client: httpx.Client, stub: StubOllama) -> None:
    """4096: the first 4 tokens and the last 2046 stay, as the real server reports (2050)."""
    last = lines(generate(client, stub, prompt=TOO_LONG))[-1]

    assert last["prompt_eval_count"] == 2050
    assert stub.generations[0].truncated_tokens == len(TOO_LONG.split()) // 2 * 3 - 2050


def test_truncate_false_refuses_a_prompt_that_is_too_long(
    client: httpx.Client, stub: StubOllama
) -> None:
    response = generate(client, stub, prompt=TOO_LONG, truncate=False)
    inner = json.loads(response.json()["error"])["error"]

    assert (response.status_code, response.headers["content-type"]) == (400, "application/json")
    assert inner["type"] == "exceed_context_size_error"
    assert inner["n_ctx"] == 4096
    assert f"request ({inner['n_prompt_tokens']} tokens) exceeds" in inner["message"]


def test_shift_false_refuses_a_prompt_that_is_too_long(
    client: httpx.Client, stub: StubOllama
) -> None:
    response = generate(client, stub, prompt=TOO_LONG, shift=False)

    assert response.status_code == 400
    assert response.json()["error"].startswith("the prompt is longer than the context length")


def test_generation_stops_at_the_end_of_the_context(start: Start, client: httpx.Client) -> None:
    """num_ctx 64 is rounded up to 256 by llama.cpp; 4 prompt tokens leave room for 252."""
    stub = start(Script(answer=fixed("ab cd " * 500)))
    options = {"num_predict": 0, "num_ctx": 64}
    last = lines(generate(client, stub, prompt="a b c d", options=options))[-1]

    assert (last["eval_count"], last["done_reason"]) == (252, "length")


def test_a_dense_model_shifts_its_context_and_goes_on(start: Start, client: httpx.Client) -> None:
    stub = start(Script(models=(PLAIN,), answer=fixed("ab cd " * 500)))
    options = {"num_predict": 400, "num_ctx": 256}
    last = lines(generate(client, stub, model="tiny-qwen2", options=options))[-1]

    assert (last["eval_count"], last["done_reason"]) == (400, "length")


def test_more_than_30_equal_tokens_end_the_stream_without_done(
    start: Start, client: httpx.Client
) -> None:
    stub = start(Script(answer=fixed("\n" * 100)))
    records = lines(generate(client, stub))

    assert len(records) == 30
    assert not any(it["done"] for it in records)


def test_u0085_stays_raw_inside_a_line(start: Start, client: httpx.Client) -> None:
    stub = start(Script(answer=fixed("a\u0085b")))

    assert b"\xc2\x85" in generate(client, stub).content


def test_show_lists_special_tokens_only_when_verbose(
    client: httpx.Client, stub: StubOllama
) -> None:
    short = client.post(f"{stub.url}/api/show", json={"model": "qwen3.6:27b"}).json()
    verbose = {"model": "qwen3.6:27b", "verbose": True}
    long = client.post(f"{stub.url}/api/show", json=verbose).json()

    assert short["model_info"]["tokenizer.ggml.tokens"] is None
    assert "<|fim_middle|>" in long["model_info"]["tokenizer.ggml.tokens"]
    assert short["model_info"]["qwen35.context_length"] == 262_144
    assert short["details"]["family"] == "qwen35"
    assert "RENDERER qwen3.5" in short["modelfile"]
    assert "remote_host" not in short


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({}, 400, "model is required"),
        ({"model": "nope"}, 404, "model 'nope:latest' not found"),
        ({"model": "a b/c d"}, 400, "invalid model name"),
        (
            {"model": "x:cloud"},
            403,
            "ollama cloud is disabled: remote model details are unavailable",
        ),
        (
            {"model": "remote"},
            403,
            "ollama cloud is disabled: remote model details are unavailable",
        ),
    ],
)
def test_show_refusals(
    client: httpx.Client, stub: StubOllama, body: dict, status: int, error: str
) -> None:
    response = client.post(f"{stub.url}/api/show", json=body)

    assert (response.status_code, response.json()) == (status, {"error": error})


def test_show_tells_of_a_remote_model_where_the_cloud_is_allowed(
    start: Start, client: httpx.Client
) -> None:
    stub = start(Script(models=(REMOTE,), cloud_disabled=False))
    shown = client.post(f"{stub.url}/api/show", json={"model": "remote"}).json()

    assert (shown["remote_host"], shown["remote_model"]) == ("https://ollama.com:443", "big")


def test_tags_list_every_model(client: httpx.Client, stub: StubOllama) -> None:
    listed = client.get(f"{stub.url}/api/tags").json()["models"]

    assert [it["name"] for it in listed[:2]] == ["qwen3.6:27b", "tiny-qwen2:latest"]
    assert listed[0]["details"]["context_length"] == 262_144
    assert len(listed[0]["digest"]) == 64
    assert listed[4]["remote_host"] == "https://ollama.com:443"


def test_ps_shows_the_effective_context(client: httpx.Client, stub: StubOllama) -> None:
    generate(client, stub, model="tiny-qwen2", options={"num_ctx": 99999}, keep_alive=-1)
    running = client.get(f"{stub.url}/api/ps").json()["models"][0]

    assert (running["name"], running["context_length"]) == ("tiny-qwen2:latest", 8192)
    assert running["expires_at"] > "2300"


def test_a_pull_reports_progress_and_adds_the_model(client: httpx.Client, stub: StubOllama) -> None:
    records = lines(client.post(f"{stub.url}/api/pull", json={"model": "new:1b"}))
    statuses = [it["status"] for it in records]

    assert statuses[0] == "pulling manifest"
    assert statuses[-4:] == [
        *("verifying sha256 digest", "writing manifest", "removing unused layers", "success")
    ]
    assert "completed" not in records[1]
    assert records[5]["completed"] == records[5]["total"]
    assert generate(client, stub, model="new:1b").status_code == 200


def test_a_pull_of_a_missing_model_fails_inside_the_stream(
    client: httpx.Client, stub: StubOllama
) -> None:
    response = client.post(f"{stub.url}/api/pull", json={"model": "missing"})

    assert response.status_code == 200
    assert lines(response)[-1] == {"error": "pull model manifest: file does not exist"}


def test_a_connection_serves_several_requests(client: httpx.Client, stub: StubOllama) -> None:
    """Errors included; httpx would open a new one if the stub closed it."""
    client.get(f"{stub.url}/api/version")
    generate(client, stub, model="nope")
    generate(client, stub)
    pool = client._transport._pool

    assert len(pool.connections) == 1
    assert stub_faults.BUSY_TEXT.count("  ") == 1
