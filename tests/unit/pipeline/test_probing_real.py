"""The probe against a real Ollama, with whatever model is named.

A tiny model is read so quickly that its cache cannot be told, and does not matter: then only the
speed is known. `FIMBLE_TEST_MODEL` may name several, separated by commas; random models of 150 MB
and more are slow enough.
"""

from __future__ import annotations

import os

import pytest

from fimble.completion.cache_forecast import CacheKind
from fimble.config.schema import OllamaSettings
from fimble.engine.ollama.client import OllamaEngine
from fimble.pipeline.cache_knowledge import measurement_for

MODELS = [name for name in os.environ.get("FIMBLE_TEST_MODEL", "").split(",") if name]
HOST = os.environ.get("OLLAMA_HOST", "")

pytestmark = [
    pytest.mark.ollama,
    pytest.mark.skipif(
        not (HOST and MODELS), reason="set OLLAMA_HOST and FIMBLE_TEST_MODEL to probe a real one"
    ),
]


@pytest.mark.parametrize("model", MODELS or ["none"])
@pytest.mark.parametrize("num_ctx", [4_096, 8_192])
async def test_the_architecture_shows_in_the_measured_cache(model, num_ctx):
    url = HOST if "://" in HOST else f"http://{HOST}"
    settings = OllamaSettings(endpoint=url, model=model, num_ctx=num_ctx)
    engine = OllamaEngine(settings)
    try:
        await engine.preload()
        profile = await engine.profile()
        result = await measurement_for(engine, settings, profile).measure_clearly()
    finally:
        await engine.aclose()

    expected = CacheKind.HYBRID if profile.hybrid else CacheKind.DENSE
    assert result.kind in (expected, None)
    assert result.final
