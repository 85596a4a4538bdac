"""The bench of edits drives both models to the same text and measures both."""

from __future__ import annotations

import pytest
from bench.text_edits import PATTERNS, measure


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
def test_both_models_are_measured_on_the_same_edits(pattern):
    rows = measure(60, pattern, 40)

    assert [row.labels[2:] for row in rows] == [
        ("edit", "fimble"),
        ("edit + UTF-8", "fimble"),
        ("edit", "pygls"),
        ("edit + UTF-8", "pygls"),
    ]
    assert {row.figures.count for row in rows} == {40}
