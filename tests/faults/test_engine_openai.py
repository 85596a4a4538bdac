"""The OpenAI engine against servers that answer as vLLM and llama-server do, and that fail.

After each fault the same engine must answer the next request.
"""

from __future__ import annotations

import asyncio
import gzip
from contextlib import aclosing

import keyring
import pytest
from keyring.backend import KeyringBackend

from fimble.chat.messages import ChatMessage, ChatRole
from fimble.config.keys import setting_keys
from fimble.config.schema import OpenAISettings
from fimble.engine.chat_protocol import ChatRequest
from fimble.engine.openai.client import OpenAIEngine
from fimble.engine.protocol import GenerateRequest, GenerationStatistics, ThinkingChunk
from fimble.engine.retrying import Backoff
from fimble.errors import (
    EngineBusy,
    EngineFailed,
    EngineNotLocalError,
    EngineProtocolError,
    EngineRejected,
    EngineTimeout,
    EngineTruncated,
    EngineUnavailable,
    ModelMissing,
    PromptTooLong,
)
from support.stub_ollama import Reply, faults, fixed
from support.stub_ollama.faults import InsteadOfAnswer, inject
from support.stub_openai import ServedModel, StubOpenAI

ANSWER = "return a + b  # größer ☃\n"
PROMPT = "def add(a, b):\n    "
AT_ONCE = Backoff(first_pause_s=0.0)


@pytest.fixture(params=["vllm", "llama-server"])
def flavour(request):
    return request.param


@pytest.fixture
def stub(flavour):
    with StubOpenAI(ServedModel(flavour=flavour, answer=fixed(ANSWER))) as running:
        yield running


@pytest.fixture
async def make(stub):
    made = []

    def build(**settings):
        fields = {"endpoint": stub.url, "model": "qwen2.5-coder", **settings}
        made.append(OpenAIEngine(OpenAISettings(**fields), backoff=AT_ONCE))
        return made[-1]

    yield build
    for engine in made:
        await engine.aclose()


@pytest.fixture
def engine(make):
    return make()


def asked(prompt: str = PROMPT, **fields) -> GenerateRequest:
    return GenerateRequest(prompt=prompt, **{"max_tokens": 64, **fields})


async def told(stream):
    """The text, the thoughts and the statistics of an answer that ended well."""
    text, thoughts, statistics = "", "", None
    async with aclosing(stream) as events:
        async for event in events:
            if isinstance(event, GenerationStatistics):
                statistics = event
            elif isinstance(event, ThinkingChunk):
                thoughts += event.text
            else:
                text += event.text
    assert statistics is not None, "a stream without statistics must raise"
    return text, thoughts, statistics


async def answer(engine, request=None) -> str:
    return (await told(engine.generate(request or asked())))[0]


async def test_a_raw_completion_with_its_counts(stub, engine, flavour):
    text, _, statistics = await told(engine.generate(asked(stop=("\n\n",))))

    sent = stub.generations[-1]
    assert text == ANSWER
    assert (sent.path, sent.body["prompt"], sent.body["stop"]) == (
        "/v1/completions",
        PROMPT,
        ["\n\n"],
    )
    assert statistics.prompt_tokens == sent.prompt_tokens
    assert statistics.generated_tokens == sent.generated_tokens
    assert statistics.finish == "stop"
    if flavour == "llama-server":
        assert statistics.prompt_eval_s == pytest.approx(0.0125)
        assert sent.body["cache_prompt"] is True
    else:
        assert "cache_prompt" not in sent.body


async def test_an_answer_that_is_cut_by_its_limit_says_so(engine):
    assert (await told(engine.generate(asked(max_tokens=2))))[2].finish == "length"


async def test_log_probabilities_come_in_both_servers_forms(engine):
    async with aclosing(engine.generate(asked(logprobs=True))) as events:
        found = [event.logprobs for event in [one async for one in events][:-1]]

    assert found
    assert set(found) == {(-0.105,)}


async def test_a_control_token_ends_the_answer(stub, engine, flavour):
    """vLLM hides control tokens unless asked not to, and would write on into the next file."""
    stub.change(answer=fixed("return 1<|file_sep|>other.py\nimport os\n"))

    text = await answer(engine, asked(stop=("<|file_sep|>",)))

    assert text == ("return 1" if flavour == "vllm" else "return 1other.py\nimport os\n")


async def test_chat_tells_thoughts_and_text(stub, engine):
    stub.change(answer=lambda _prompt: Reply(text="Yes.", thinking="Is it?"))
    request = ChatRequest(messages=(ChatMessage(ChatRole.USER, "Well?"),), begun="So: ", think=True)

    text, thoughts, _ = await told(engine.chat(request))

    body = stub.generations[-1].body
    assert (text, thoughts) == ("Yes.", "Is it?")
    assert body["messages"][-1] == {"role": "assistant", "content": "So: "}
    assert body["chat_template_kwargs"] == {"enable_thinking": True}


async def test_a_stream_split_at_every_byte_reads_the_same(stub, engine):
    stub.split_bytes()

    assert await answer(engine) == ANSWER


async def test_done_may_be_missing(stub, engine):
    stub.leave_done_out()

    assert await answer(engine) == ANSWER


@pytest.mark.parametrize(
    "harmless",
    [
        b": keep-alive\n\n",
        b":\r\n\r\n",
        b"\n\n\n",
        b"event: ping\nid: 7\nretry: 100\n\n",
        b'data: {"choices":\ndata: []}\n\n',
        b'data: {"choices": [], "unknown": {"deep": [1]}}\r\n\r\n',
        b'data: {"choices": null, "usage": null}\r\r',
    ],
)
async def test_what_is_between_events_changes_nothing(stub, engine, harmless):
    stub.inject(inject(harmless))

    assert await answer(engine) == ANSWER


BUSY = InsteadOfAnswer(name="busy", status=503, body=b'{"error":{"message":"full"}}')
LIMITED = InsteadOfAnswer(
    name="limited", status=429, body=b'{"error":"slow down"}', headers={"Retry-After": "0"}
)
UPSTREAM = faults.http_error(
    500, "litellm.APIConnectionError: APIConnectionError: OpenAIException - Connection error."
)
PATIENT = InsteadOfAnswer(name="patient", status=429, body=b"", headers={"Retry-After": "3600"})


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.reset(2), EngineUnavailable),
        (faults.cut(2), EngineTruncated),
        (faults.http_error(404, "The model `x` does not exist."), ModelMissing),
        (faults.http_error(404, "Not Found"), EngineRejected),
        (faults.http_error(401, "Invalid API Key"), EngineRejected),
        (faults.http_error(400, "maximum context length is 7 tokens"), PromptTooLong),
        (faults.http_error(500, "CUDA out of memory"), EngineFailed),
        (faults.html_error(500), EngineFailed),
        (faults.html_error(200), EngineProtocolError),
        (faults.huge_error(), EngineFailed),
        (faults.redirect("http://192.0.2.1/"), EngineRejected),
        (faults.encoded_body(gzip.compress(b"0" * 10_000_000), "gzip"), EngineProtocolError),
        (PATIENT, EngineBusy),
        (inject(b"data: garbage\n\n"), EngineProtocolError),
        (inject(b"data: [1]\n\n"), EngineProtocolError),
        (inject(b'data: {"choices": 5}\n\n'), EngineProtocolError),
        (inject(b'data: {"error": {"message": "out of memory", "code": 500}}\n\n'), EngineFailed),
        (inject(b'data: {"error": "out of memory"}\n\n'), EngineFailed),
        (inject(b"event: error\ndata: the engine died\n\n"), EngineFailed),
        (faults.endless_line(), EngineProtocolError),
    ],
    ids=lambda value: getattr(value, "name", getattr(value, "__name__", "")),
)
async def test_f04_f05_f06_what_breaks_is_told_once_and_the_next_request_works(
    stub, engine, fault, error
):
    stub.inject(fault)

    with pytest.raises(error):
        await answer(engine)

    assert len(stub.generations) == 1
    assert await answer(engine) == ANSWER


async def test_f06_a_stream_that_ends_early_is_no_success(stub, flavour, engine):
    stub.inject(faults.end_without_done(2))

    with pytest.raises(EngineTruncated):
        await answer(engine)


@pytest.mark.parametrize(
    "fault",
    [
        BUSY,
        LIMITED,
        UPSTREAM,
        faults.html_error(502),
        faults.reset_before_headers(),
        faults.close_before_headers(),
    ],
    ids=str,
)
async def test_before_the_first_token_a_request_is_sent_again(stub, engine, fault):
    stub.inject(fault, times=2)

    assert await answer(engine) == ANSWER
    assert len(stub.generations) == 3


async def test_a_server_that_stays_busy_is_asked_three_times(stub, engine):
    stub.inject(BUSY, times=None)

    with pytest.raises(EngineBusy):
        await answer(engine)

    assert len(stub.generations) == 3


async def test_f03_each_silence_has_its_deadline(stub, make):
    stub.inject(faults.hang())
    with pytest.raises(EngineTimeout) as first:
        await answer(make(first_token_timeout_s=0.05))
    stub.inject(faults.hang_after(1))
    with pytest.raises(EngineTimeout) as between:
        await answer(make(inter_token_timeout_s=0.05))

    assert (first.value.stage, between.value.stage) == ("first token", "inter-token")


@pytest.mark.parametrize("fault", [faults.hang(), faults.hang_after(1)], ids=str)
async def test_f08_closing_the_stream_closes_the_connection_at_once(stub, engine, fault):
    await engine.health()
    stub.inject(fault)
    events = engine.generate(asked())
    if fault.name == "hang":
        waiting = asyncio.ensure_future(anext(events))
        await stub.wait_for(lambda _: stub.generations)
        waiting.cancel()
        await asyncio.wait([waiting])
    else:
        await anext(events)
        await events.aclose()

    ended = await stub.wait_for(
        lambda _: [one for one in stub.generations if one.outcome != "open"]
    )
    assert ended[0].outcome == "cancelled"
    assert await answer(engine) == ANSWER


async def test_a_server_with_several_slots_works_on_several_requests(stub, flavour, engine):
    stub.change(first_token_s=0.05)
    slots = (await engine.health()).slots

    await asyncio.gather(*(answer(engine) for _ in range(3)))

    assert slots == (None if flavour == "vllm" else 1)
    assert stub.most_working == (3 if flavour == "vllm" else 1)


async def test_health_says_what_there_is(stub, engine, flavour):
    stub.change(window_tokens=4096)

    health = await engine.health()

    assert (health.state, health.context_tokens, health.engine) == ("ready", 4096, "openai")
    assert health.server_version.startswith("vLLM 0.11" if flavour == "vllm" else "llama-server b")


async def test_health_names_the_models_that_are_there(make):
    health = await make(model="other").health()

    assert health.model_missing
    assert 'openai.model = "qwen2.5-coder"' in health.message


async def test_f01_offline_and_loading_are_states_that_end(stub, engine):
    with stub.down():
        assert (await engine.health()).state == "offline"
    stub.load(running=True)
    assert (await engine.health()).state == "loading"
    stub.load(running=False)
    await engine.preload()

    assert (await engine.health()).state == "ready"


async def test_a_prompt_over_the_servers_window_is_not_sent(stub, engine):
    stub.change(window_tokens=2048)

    with pytest.raises(PromptTooLong):
        await answer(engine, asked("x = 1\n" * 4000))

    assert not stub.generations


async def test_t06_a_host_that_is_not_this_machine_needs_its_name_and_https():
    for endpoint, hosts in [
        ("http://models.example.org", ()),
        ("http://models.example.org", ("models.example.org",)),
        ("https://models.example.org.evil.test", ("models.example.org",)),
        ("https://key@models.example.org", ("models.example.org",)),
        ("https://models.example.org/../admin", ("models.example.org",)),
        ("", ()),
    ]:
        with pytest.raises(EngineNotLocalError, match=r"openai\.endpoint"):
            OpenAIEngine(OpenAISettings(endpoint=endpoint, allowed_remote_hosts=hosts))

    OpenAIEngine(
        OpenAISettings(
            endpoint="https://models.example.org/team/v1/",
            allowed_remote_hosts=("models.example.org",),
        )
    )


async def test_t06_no_redirect_is_followed(stub, engine):
    with StubOpenAI() as elsewhere:
        stub.inject(faults.redirect(f"{elsewhere.url}/v1/completions"))
        with pytest.raises(EngineRejected, match="does not follow"):
            await answer(engine)

        assert not elsewhere.requests


async def test_t04_t16_the_key_comes_from_the_named_variable_and_is_never_shown(
    stub, make, monkeypatch
):
    stub.change(api_key="sk-canary-5309")
    monkeypatch.setenv("TEAM_KEY", "sk-canary-5309")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-somebody-elses")

    keyed = make(api_key_env="TEAM_KEY")
    assert await answer(keyed) == ANSWER
    stub.inject(faults.http_error(401, "Incorrect API key provided: sk-canary-5309"))
    with pytest.raises(EngineRejected) as refused:
        await answer(keyed)
    bare = await make().health()

    assert "canary" not in str(refused.value)
    assert (bare.state, "api_key_env" in bare.message) == ("failing", True)
    assert not any("somebody" in str(one.headers) for one in stub.requests)


async def test_a_key_that_is_not_there_is_named_by_its_place(stub, make, monkeypatch):
    monkeypatch.delenv("TEAM_KEY", raising=False)

    health = await make(api_key_env="TEAM_KEY").health()

    assert health.state == "failing"
    assert "TEAM_KEY" in health.message
    assert not stub.requests


async def test_the_key_may_be_in_the_systems_keyring(stub, make, monkeypatch):
    class Held(KeyringBackend):
        priority = 1

        def get_password(self, service, username):
            return "sk-held" if (service, username) == ("fimble", "127.0.0.1") else None

        def set_password(self, service, username, password):
            raise NotImplementedError

        def delete_password(self, service, username):
            raise NotImplementedError

    stub.change(api_key="sk-held")
    monkeypatch.setattr(keyring.core, "_keyring_backend", Held())

    assert await answer(make(api_key_in_keyring=True)) == ANSWER


async def test_the_environments_proxy_is_not_used(make, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://192.0.2.1:3128")

    assert await answer(make()) == ANSWER


async def test_an_unknown_server_gets_nothing_beyond_the_protocol(stub, make):
    stub.change(flavour="vllm")
    stops = tuple(f"stop{number}" for number in range(9))

    await answer(make(dialect="other"), asked(stop=stops))

    body = stub.generations[-1].body
    assert set(body) == {
        "model",
        "prompt",
        "stream",
        "stream_options",
        "max_tokens",
        "temperature",
        "top_p",
        "presence_penalty",
        "frequency_penalty",
        "stop",
    }
    assert len(body["stop"]) == 4


def test_the_settings_cannot_be_set_with_a_key_in_the_place_of_a_name():
    with pytest.raises(ValueError, match="not shown") as refused:
        setting_keys()["openai.api_key_env"].validate("sk-proj-abcdef")

    assert "abcdef" not in str(refused.value)
