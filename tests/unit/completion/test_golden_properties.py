"""What holds for every suggestion, whatever a model says: driven from the golden places."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fimble.completion.draft import Draft, Dropped, Place
from fimble.completion.postprocess import RULES, apply_rules
from fimble.completion.rules.syntax_errors import continuations
from fimble.completion.similarity import is_substantial, same_line
from fimble.completion.stopping import CutFinder, unit_ends
from fimble.completion.surroundings import Extent, Surroundings
from fimble.syntax.one_shot import parse
from support.golden import accepted, around_of, load_cases, process

CASES = [case for case in load_cases(Path(__file__).parent / "golden") if case.tree]
PIECES = [
    *("\n", "\n\n", "\n    ", "\n        ", "\n\t", " ", "(", ")", "[", "]", "{", "}", '"', "'"),
    *("`", "x", "x = 1", "return x", "if x:", "if (x) {", "} else {", "end", "do |x|", "fi", ";"),
    *("<div>", "</div>", "```\n", "<think>", "</think>", "Here is the code:\n", "# don't", ", "),
    *("<|im_end|>", "\u202e", "\r\n", "foo(a, b)", "é😀", "=> ", "// (", "/*", "*/", '"""'),
]


@cache
def place_at(index: int) -> Surroundings:
    return around_of(CASES[index])


@st.composite
def said_there(draw: st.DrawFn) -> tuple[int, str]:
    """A place, and something said there: the right answer, parts of it, noise, the text below."""
    index = draw(st.integers(0, len(CASES) - 1))
    around = place_at(index)
    own = [CASES[index].model, around.rest, *around.below[:3], *around.above[:2]]
    own += [f"\n{line}" for line in around.below[:3]]
    pieces = st.sampled_from([*own, *PIECES])
    answer = CASES[index].model[: draw(st.integers(0, len(CASES[index].model)))]
    noise = "".join(draw(st.lists(pieces, max_size=8)))
    return index, draw(st.sampled_from([answer, noise, answer + noise, noise + answer]))


def made(around: Surroundings, text: str, extent: Extent) -> Draft | Dropped:
    cut = CutFinder(around, extent).look(text)
    kept = text if cut is None else text[: cut.end]
    return apply_rules(Draft(text=kept), Place(around=around, extent=extent), RULES)[0]


extents = st.sampled_from(list(Extent))


@settings(max_examples=300, deadline=None)
@given(said=said_there(), extent=extents, data=st.data())
def test_any_split_of_a_stream_gives_the_same_cut(said, extent, data):
    around, text = place_at(said[0]), said[1]
    whole = CutFinder(around, extent).look(text)
    finder = CutFinder(around, extent)
    place = 0
    cut = None
    while place < len(text) and cut is None:
        place += data.draw(st.integers(1, 9))
        cut = finder.look(text[:place])

    assert cut == whole
    if whole is not None:
        assert finder.look(text + "more\n") == whole


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_item_of_a_golden_case_adds_a_syntax_error(case):
    """What models really say: here nothing is let pass as unfinished."""
    done = process(case)
    tree = done.around.tree

    if isinstance(done.outcome, Draft) and tree is not None and tree.error_count() <= 1:
        assert errors_of(done.around, done.outcome) <= tree.error_count()


@settings(max_examples=300, deadline=None)
@given(said=said_there(), extent=extents)
def test_an_accepted_item_never_adds_a_syntax_error(said, extent):
    """Counted by parses from scratch; an unfinished item is judged by how it can go on.

    Places that are whole or nearly so: errors that hide in skipped text cannot be counted.
    Several lines are unfinished only where giving up the last one does not make them whole.
    """
    around, text = place_at(said[0]), said[1]
    assert around.tree is not None
    draft = made(around, text, extent)
    before = around.tree.error_count()
    assume(isinstance(draft, Draft) and before <= 1)
    if errors_of(around, draft) <= before:
        return

    shorter = draft.text.rpartition("\n")[0].rstrip()
    assert any(errors_of(around, each) <= before for each in continuations(draft, around))
    if extent is Extent.BLOCK and shorter.strip():
        assert errors_of(around, draft.with_text(shorter)) > before


def errors_of(around: Surroundings, draft: Draft) -> int:
    assert around.tree is not None
    tree = parse(accepted(around, draft), language=around.tree.language, deadline_ms=20_000)
    assert tree is not None
    return tree.error_count()


@settings(max_examples=300, deadline=None)
@given(said=said_there(), extent=extents)
def test_nothing_shown_says_again_what_follows(said, extent):
    around, text = place_at(said[0]), said[1]
    draft = made(around, text, extent)
    assume(isinstance(draft, Draft))
    rest = around.rest[draft.replaced_characters :].strip()
    lines = (around.before + draft.text).split("\n")

    if any(map(str.isalnum, rest)) and "\n" not in draft.text:
        assert not draft.text.rstrip().endswith(rest)
    for count in range(1, min(len(lines) - 1, len(around.below)) + 1):
        pairs = list(zip(lines[-count:], around.below, strict=False))
        if any(is_substantial(line) for line, _ in pairs):
            assert not all(same_line(line, below) for line, below in pairs)


@settings(max_examples=300, deadline=None)
@given(
    index=st.integers(0, len(CASES) - 1),
    text=st.text(max_size=300),
    extent=extents,
    partial=st.booleans(),
    truncated=st.booleans(),
)
def test_no_text_makes_a_rule_raise(index, text, extent, partial, truncated):
    around = place_at(index)
    cut = CutFinder(around, extent).look(text)
    place = Place(around=around, extent=extent, partial=partial, truncated=truncated)
    outcome, _ = apply_rules(Draft(text=text), place, RULES)
    ends = list(unit_ends(text))

    assert cut is None or 0 <= cut.end <= len(text)
    assert all(text[end] == "\n" and text[:end].strip() for end in ends)
    assert ends == sorted(set(ends))
    assert isinstance(outcome, Dropped) or outcome.text.strip()
    assert isinstance(outcome, Dropped) or outcome.replaced_characters <= len(around.rest)
