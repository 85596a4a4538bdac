"""The forecast follows llama-server's measured cache rules (dense and hybrid)."""

from __future__ import annotations

import pytest

from fimble.completion.cache_forecast import CacheForecast, CacheKind


def four_characters_a_token(text: str) -> int:
    return -(-len(text) // 4)


PREFIX = "word " * 1_200
MIDDLE_EDITED = PREFIX[:3000] + "X" + PREFIX[3000:]


def forecast(kind: CacheKind) -> CacheForecast:
    model = CacheForecast(kind, count=four_characters_a_token)
    model.sent(PREFIX, " generated text")
    return model


@pytest.mark.parametrize(
    ("kind", "prompt", "least", "most"),
    [
        pytest.param(CacheKind.DENSE, PREFIX + "x", 1, 2, id="dense: a key appended"),
        pytest.param(CacheKind.HYBRID, PREFIX + "x", 2, 6, id="hybrid: a key appended"),
        pytest.param(CacheKind.HYBRID, PREFIX + " generated text and", 1, 3, id="accepted"),
        pytest.param(CacheKind.DENSE, PREFIX[:-40], 1, 1, id="dense: deleted at the end"),
        pytest.param(CacheKind.HYBRID, PREFIX[:-40], 400, 530, id="hybrid: back to a checkpoint"),
        pytest.param(CacheKind.DENSE, MIDDLE_EDITED, 750, 752, id="dense: middle"),
        pytest.param(CacheKind.HYBRID, MIDDLE_EDITED, 1501, 1501, id="hybrid: all"),
    ],
)
def test_expected_tokens(kind: CacheKind, prompt: str, least: int, most: int) -> None:
    assert least <= forecast(kind).expect(prompt) <= most


def test_a_reloaded_model_remembers_nothing() -> None:
    model = forecast(CacheKind.DENSE)
    model.forget()

    assert model.expect(PREFIX) == four_characters_a_token(PREFIX)
