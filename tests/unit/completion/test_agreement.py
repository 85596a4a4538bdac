"""What is typed agrees with a stream, runs ahead of it, or contradicts it."""

from __future__ import annotations

import pytest

from fimble.completion.agreement import agrees


@pytest.mark.parametrize(
    ("said", "typed", "expected"),
    [
        pytest.param("compute(a)", "comp", True, id="typed a part"),
        pytest.param("comp", "compute", True, id="typing runs ahead"),
        pytest.param("", "anything", True, id="nothing said yet"),
        pytest.param("compute(a)", "compute()", True, id="the editor closed the bracket"),
        pytest.param('say("hi")', 'say("")', True, id="and the quote inside it"),
        pytest.param("f({a: 1})", "f({})", True, id="two closed"),
        pytest.param("compute(a)", "compute,", False, id="a comma is no bracket"),
        pytest.param("value", "value)", True, id="ran ahead with a bracket of its own"),
        pytest.param("values", "value)", False, id="a bracket instead of a letter"),
        pytest.param("values", "x", False, id="another letter"),
    ],
)
def test_agreement(said: str, typed: str, *, expected: bool) -> None:
    assert agrees(said, typed) is expected
