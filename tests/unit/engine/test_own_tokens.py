"""The model's own tokenizer is learnt once, in its own time; until then an estimate counts."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from fimble.engine.ollama.client import OllamaEngine
from fimble.engine.ollama.own_tokens import NOT_ASKED
from fimble.engine.tokens.store import VocabularyStore
from fimble.errors import EngineNotLocalError, EngineUnavailable
from support.vocabularies import as_model_info, stated_vocabulary

TEXT = "the total import return self\n" * 5


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    for name in ("XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))


@pytest.fixture
def stating(fake):
    """The scripted server, with a vocabulary in its answer."""
    fake.show["model_info"] |= as_model_info(stated_vocabulary("qwen35"))
    return fake


@pytest.fixture
async def engine(fake, settings):
    engine = OllamaEngine(settings, transport=fake.transport)
    yield engine
    await engine.aclose()


def whole_manifests(fake) -> int:
    return sum(1 for body in fake.sent("/api/show") if body.get("verbose"))


async def test_the_first_counts_are_estimated_and_say_so(stating, engine):
    own = engine.own_tokens

    assert own.current is engine.tokens
    assert own.why_estimated == NOT_ASKED
    assert not stating.requests


async def test_once_learnt_counts_are_the_models_own(stating, engine):
    counter = await engine.own_tokens.learn()

    assert counter.exact
    assert counter is engine.own_tokens.current
    assert counter.name == "the tokenizer of qwen3.6:27b"
    assert counter.count(TEXT) < engine.tokens.count(TEXT)
    assert engine.own_tokens.why_estimated == ""


async def test_several_who_ask_share_one_question(stating, engine):
    first, *others = await asyncio.gather(*(engine.own_tokens.learn() for _ in range(5)))

    assert all(other is first for other in others)
    assert whole_manifests(stating) == 1


async def test_another_process_reads_the_vocabulary_from_disk(stating, engine, settings):
    await engine.own_tokens.learn()
    later = OllamaEngine(settings, transport=stating.transport)

    counter = await later.own_tokens.learn()

    assert counter.exact
    assert whole_manifests(stating) == 1
    await later.aclose()


async def test_another_version_of_the_model_is_asked_for_again(stating, settings):
    clock = iter(range(0, 10_000, 100))
    engine = OllamaEngine(settings, transport=stating.transport, now=lambda: next(clock))
    first = await engine.own_tokens.learn()
    stating.models[0]["digest"] = "b" * 64

    second = await engine.own_tokens.learn()

    assert second is not first
    assert whole_manifests(stating) == 2
    await engine.aclose()


async def test_without_a_digest_nothing_is_kept(stating, engine, tmp_path):
    stating.models.clear()

    assert (await engine.own_tokens.learn()).exact
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"tokenizer.ggml.model": "llama"}, "of the kind 'llama'"),
        ({"tokenizer.ggml.pre": "unheard-of"}, "is unknown"),
        ({"tokenizer.ggml.merges": None}, "does not tell its merges"),
        ({"tokenizer.ggml.merges": [1, 2]}, "states its vocabulary wrongly"),
        ({"tokenizer.ggml.tokens": {"a": 1}}, "states its vocabulary wrongly"),
        ({"tokenizer.ggml.pre": None}, "is unknown"),
    ],
)
async def test_what_cannot_be_counted_with_leaves_the_estimate_and_its_reason(
    stating, engine, changes, reason
):
    stating.show["model_info"] |= changes

    counter = await engine.own_tokens.learn()
    await engine.own_tokens.learn()

    assert counter is engine.tokens
    assert reason in engine.own_tokens.why_estimated
    assert whole_manifests(stating) == 1


async def test_a_server_that_does_not_answer_raises_and_is_asked_again(stating, engine):
    stating.show_reply = httpx.Response(500, json={"error": "no"})
    with pytest.raises(Exception, match="Ollama failed"):
        await engine.own_tokens.learn()
    stating.show_reply = None

    assert (await engine.own_tokens.learn()).exact


async def test_a_vocabulary_of_a_model_elsewhere_is_not_asked_for(stating, engine):
    stating.show["remote_host"] = "https://evil.example"

    with pytest.raises(EngineNotLocalError):
        await engine.own_tokens.learn()

    assert whole_manifests(stating) == 0
    assert not engine.own_tokens.current.exact


async def test_a_disk_full_of_nonsense_costs_a_question(stating, engine, settings, tmp_path):
    await engine.own_tokens.learn()
    for path in tmp_path.rglob("*.vocabulary"):
        path.write_bytes(b"nonsense")
    later = OllamaEngine(settings, transport=stating.transport)

    assert (await later.own_tokens.learn()).exact
    assert VocabularyStore().load(stating.models[0]["digest"]) is not None
    await later.aclose()


async def test_after_closing_nothing_is_learnt(stating, engine):
    await engine.aclose()

    with pytest.raises(EngineUnavailable):
        await engine.own_tokens.learn()
