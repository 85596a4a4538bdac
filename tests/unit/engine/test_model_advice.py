"""Which model is recommended, from what was measured."""

import pytest

from fimble.engine.model_advice import LADDER, MeasuredModel, advise

GB = 1_000_000_000


def measured(name, size_gb, *, outside=0.0, reads=1000.0, writes=40.0, fills_gaps=True):
    size = int(size_gb * GB)
    return MeasuredModel(
        name=name,
        size_bytes=size,
        vram_bytes=int(size * (1 - outside)),
        read_per_s=reads,
        written_per_s=writes,
        fills_gaps=fills_gaps,
    )


@pytest.mark.parametrize(
    ("models", "use", "pull"),
    [
        ([measured("big", 20), measured("small", 5)], "big", ""),
        ([measured("big", 20, outside=0.3), measured("small", 5)], "small", ""),
        ([measured("big", 20, writes=4), measured("small", 5, writes=60)], "small", ""),
        ([measured("big", 20, reads=50), measured("small", 5)], "small", ""),
        ([measured("chatty", 20, fills_gaps=False), measured("small", 5)], "small", ""),
        ([measured("big", 20, outside=0.01)], "big", ""),
        # 12 GB of 20 lay in video memory: 9.0 x 1.25 = 11.3 fit, 17.0 do not.
        ([measured("big", 20, outside=0.4)], "", "qwen2.5-coder:14b"),
        ([measured("big", 20, outside=0.7)], "", "qwen2.5-coder:7b"),
        ([measured("big", 20, outside=1.0)], "", "qwen2.5-coder:1.5b"),
        ([measured("slow", 6, writes=3)], "", "qwen2.5-coder:3b"),
        ([], "", "qwen3.6:27b"),
    ],
)
def test_the_largest_that_fits_and_is_fast_else_what_fits_the_memory_seen(models, use, pull):
    advice = advise(models)

    assert (advice.use, advice.pull) == (use, pull)
    assert advice.reason.endswith(".")


def test_a_server_that_does_not_tell_memory_is_judged_by_speed():
    advice = advise([MeasuredModel(name="m", read_per_s=900, written_per_s=50)])

    assert advice.use == "m"
    assert "video memory" not in advice.reason


def test_the_ladder_falls():
    sizes = [model.size_bytes for model in LADDER]

    assert sizes == sorted(sizes, reverse=True)
