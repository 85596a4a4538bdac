"""Whether to ask, and for how much."""

import pytest

from fimble.completion.planning import Plan, Skip, TokenLimits, Trigger, plan_request
from fimble.completion.surroundings import Extent, Surroundings, look_around
from support.marked import CURSOR, marked
from support.parsed_source import parsed

LIMITS = TokenLimits(line=64, block=256)


def at(source: str, language: str = "python", *, tree: bool = True) -> Surroundings:
    snapshot, cursor = marked(source, language_id=language)
    return look_around(snapshot, cursor, parsed(language, snapshot) if tree else None)


@pytest.mark.parametrize(
    ("language", "source", "extent"),
    [
        ("python", f"x = {CURSOR}\n", Extent.LINE),
        ("python", f"def f():{CURSOR}\n", Extent.BLOCK),
        ("python", f"def f():\n    {CURSOR}\n", Extent.BLOCK),
        ("python", f"print({CURSOR})\n", Extent.LINE),
        ("typescript", f"function f() {{{CURSOR}}}\n", Extent.BLOCK),
        ("typescript", f"xs.map((x) => {{{CURSOR}}});\n", Extent.BLOCK),
        ("typescript", f"f({CURSOR}, b);\n", Extent.LINE),
        ("python", f"# a {CURSOR}\n", Extent.LINE),
    ],
)
def test_syntax_says_how_much_is_asked_for(language: str, source: str, extent: Extent):
    plan = plan_request(at(source, language), Trigger.AUTOMATIC, LIMITS)

    assert isinstance(plan, Plan)
    assert plan.extent is extent
    assert plan.max_tokens == (LIMITS.line if extent is Extent.LINE else LIMITS.block)
    assert plan.stop == (("\n",) if extent is Extent.LINE else ())


def test_without_a_tree_an_indented_blank_line_wants_a_block():
    assert wanted(at(f"def f():\n    {CURSOR}\n", tree=False)) is Extent.BLOCK
    assert wanted(at(f"{CURSOR}\n", tree=False)) is Extent.LINE
    assert wanted(at(f"x = {CURSOR}\n", tree=False)) is Extent.LINE


def wanted(around: Surroundings) -> Extent:
    plan = plan_request(around, Trigger.INVOKED, LIMITS)
    assert isinstance(plan, Plan)
    return plan.extent


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (f"va{CURSOR}lue = 1\n", "inside a word"),
        (f"f(\n  a\n){CURSOR}\n", "only closing brackets"),
        (f's = "some {CURSOR} text here"\n', "inside a string"),
    ],
)
def test_where_suggestions_are_noise_only_a_key_asks(source: str, why: str):
    around = at(source)
    skipped = plan_request(around, Trigger.AUTOMATIC, LIMITS)

    assert isinstance(skipped, Skip)
    assert why in skipped.reason
    assert isinstance(plan_request(around, Trigger.INVOKED, LIMITS), Plan)


def test_a_tree_of_another_version_is_not_believed():
    snapshot, cursor = marked(f"def f():{CURSOR}\n")
    tree = parsed("python", snapshot)

    assert look_around(snapshot, cursor, tree).tree is tree
    assert look_around(snapshot.at_version(7), cursor, tree).tree is None
