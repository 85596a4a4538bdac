"""What is typed agrees with a stream, runs ahead of it, or contradicts it."""

from __future__ import annotations

import pytest

from fimble.completion.agreement import agrees, can_catch_up


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


@pytest.mark.parametrize(
    ("said", "typed", "one_line", "expected"),
    [
        pytest.param("", "compute(total, ", True, True, id="a few words ahead of a silent model"),
        pytest.param("compute(", "comp", True, True, id="the stream is ahead"),
        pytest.param("", "x" * 25, True, False, id="nobody says exactly this by chance"),
        pytest.param("x" * 20, "x" * 40, True, True, id="most of it has been said"),
        pytest.param("compute()", "compute()\n", True, False, id="behind the end of the line"),
        pytest.param("", "\n    ", False, True, id="a block may begin with a new line"),
    ],
)
def test_a_stream_is_waited_for_while_it_may_still_say_what_is_typed(
    said: str, typed: str, *, one_line: bool, expected: bool
) -> None:
    assert can_catch_up(said, typed, one_line=one_line) is expected
