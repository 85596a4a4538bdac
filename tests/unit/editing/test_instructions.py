"""Comments that are instructions: which count, and what they are about."""

from __future__ import annotations

import pytest

from fimble.editing.instructions import LONGEST, title_of, with_recent, written_instruction
from fimble.syntax.one_shot import parse
from fimble.text.position import Range
from support.marked import marked


def found(source: str, language: str = "python") -> tuple[str, str] | None:
    """Return the instruction at the mark and the text that it is about."""
    snapshot, cursor = marked(source, language_id=language)
    written = written_instruction(snapshot, Range(cursor, cursor), parse(snapshot))
    return None if written is None else (written.text, snapshot.slice(written.range))


def test_above_a_definition_it_is_about_that() -> None:
    method = "    @cached\n    def f(self):\n        return 1\n"
    source = f"class A:\n    # fimble: x<|cursor|>\n{method}\n    y = 1\n"
    about = "    # fimble: x\n    @cached\n    def f(self):\n        return 1"

    assert found(source) == ("x", about)


def test_inside_a_definition_it_is_about_that_too() -> None:
    source = "def f():\n    a = 1\n    # TODO: x<|cursor|>\n    return a\n\n\ndef g():\n    pass\n"

    assert found(source) == ("x", "def f():\n    a = 1\n    # TODO: x\n    return a")


def test_elsewhere_it_is_a_place_whose_surroundings_are_meant() -> None:
    assert found("a = 1\n# fimble: x<|cursor|>\n") == ("x", "")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("// fimble: use a map", "use a map"),
        ("/* fimble: use a map */", "use a map"),
        ("-- TODO(me): use a map", "use a map"),
        ("<!-- fimble: use a map -->", "use a map"),
        (" * TODO: use a map", "use a map"),
        ("; fimble : use a map", "use a map"),
        ("let x = 1 // fimble: no", None),
        ("// Fimble: no", None),
        ("// fimble:", None),
        ("// fimble:  ", None),
        ("fimble: no", None),
        ("// TODO: " + "x" * 2000, None),
    ],
)
def test_what_counts(line: str, text: str | None) -> None:
    said = found(f"{line}<|cursor|>\n", "plain")

    assert (said and said[0]) == text


def test_a_hostile_line_costs_no_time() -> None:
    assert found("// " * 330 + "<|cursor|>TODO(", "plain") is None


def test_the_newest_come_first_and_old_ones_go() -> None:
    recent: tuple[str, ...] = ()
    for words in "abcab":
        recent = with_recent(recent, words)

    assert recent == ("b", "a", "c")
    assert title_of(" one\ntwo") == "one"
    assert title_of("x" * LONGEST) == "x" * 60 + "…"
