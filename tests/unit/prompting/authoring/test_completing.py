"""What a template's writer is offered, also while nothing on the page parses yet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.prompting.authoring.completing import proposals_at
from fimble.prompting.authoring.hovering import hovered_at
from fimble.prompting.authoring.layout import Layout
from fimble.prompting.read_partial import read_partial
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot
from support.prompting import GUARDS, write

MARK = "‸"


def _at(marked: str) -> tuple[Layout, Position]:
    before, _, after = marked.partition(MARK)
    snapshot = Snapshot.from_text(before + after)
    layout = Layout.of(snapshot)
    assert layout is not None
    lines = Snapshot.from_text(before)
    return layout, lines.end


def offered(marked: str) -> list[str]:
    """Return the labels at the mark."""
    return [each.label for each in proposals_at(*_at(marked))]


def accepted(marked: str, label: str) -> str:
    """Return the text after the entry `label` was accepted."""
    layout, cursor = _at(marked)
    [proposal] = [each for each in proposals_at(layout, cursor) if each.label == label]
    snapshot = Snapshot.from_text(marked.replace(MARK, ""))
    after, _ = snapshot.replace(proposal.replace, proposal.text, version=1)
    return after.text


def front(inner: str) -> str:
    return f"---\n{inner}"


@pytest.mark.parametrize(
    ("marked", "some", "none"),
    [
        (front("sch‸"), {"schema", "kind"}, {"prompt"}),
        (front("‸\n---\n"), {"schema", "inputs"}, set[str]()),
        (front("schema: 1\nname: a\n‸"), {"kind", "description"}, {"schema", "name"}),
        (front("schema: 1\nna‸\nkind: chat\n---\nx"), {"name"}, {"schema", "kind"}),
        (front("kind: ‸"), {"chat", "edit", "complete", "commit"}, {"schema"}),
        (front("kind: 'ch‸"), {"chat"}, set[str]()),
        (front("think:\n  ‸"), {"auto", "on", "off"}, set[str]()),
        (front("live_suffix: ‸"), {"true", "false"}, set[str]()),
        (front("schema: ‸"), {"1"}, set[str]()),
        (front("budget: {‸"), {"prompt", "answer"}, {"schema"}),
        (front("budget: {prompt: 5, ‸}"), {"answer"}, {"prompt"}),
        (front("budget:\n  prompt: 5\n  ‸"), {"answer"}, {"prompt", "schema"}),
        (front("budget:\n  prompt: 5\n‸"), {"sampling"}, {"answer", "budget"}),
        (front("context:\n  - ‸"), {"variable", "max_tokens"}, {"schema"}),
        (front("context:\n- variable: a\n  ‸"), {"max_tokens"}, {"variable", "schema"}),
        (front("context:\n  - {variable: a, on_overflow: ‸"), {"drop", "head"}, {"variable"}),
        (front("context: [{variable: a},\n  {‸"), {"variable"}, {"schema"}),
        (front("inputs:\n  depth:\n    ‸"), {"type", "enum"}, {"schema"}),
        (front("inputs:\n  depth: {type: ‸"), {"integer"}, {"enum"}),
        (front("output:\n  format: ‸"), {"json", "diff"}, set[str]()),
        (front("kind: chat\noptional: [‸"), {"rules", "diff"}, {"fim_prefix", "prefix"}),
        (front("optional:\n  - ‸\n---\n${rules}"), {"rules"}, {"diff"}),
        (front("context:\n  - variable: ‸\n---\n${selection}"), {"selection"}, {"diff"}),
        (front("inputs:\n  ‸\n---\n${inputs.depth}"), {"depth"}, {"schema"}),
        (front("kind: chat\ndescription: |\n  in: ‸\n---\n"), set[str](), {"schema"}),
        (front("description: use kind: ‸"), set[str](), {"chat"}),
        (write("${‸"), {"path", "selection"}, {"prefix", "fim_prefix"}),
        (write("${sel‸ection}"), {"selection"}, set[str]()),
        (write("${‸", kind="complete"), {"prefix", "fim_prefix"}, {"selection"}),
        (write("${inp‸", front="inputs: {depth: {}}\n"), {"inputs.depth", "input"}, set[str]()),
        (write("$${‸"), set[str](), {"path"}),
        (write("${path} ‸"), set[str](), {"path"}),
        (write("[[‸"), {"system", "user", "assistant"}, {"path"}),
        (write("[[‸", kind="complete"), set[str](), {"system"}),
        (write("a [[‸"), set[str](), {"system"}),
        ("‸", set[str](), {"schema"}),
    ],
)
def test_what_fits_a_place_is_offered_there(marked: str, some: set[str], none: set[str]) -> None:
    labels = set(offered(marked))

    assert some <= labels
    assert not none & labels
    assert some or not labels


@pytest.mark.parametrize(
    ("marked", "label", "expected"),
    [
        (front("sch‸"), "schema", front("schema: ")),
        (front("sch‸: 1"), "schema", front("schema: 1")),
        (front("kind:‸"), "chat", front("kind: chat")),
        (front("kind: ch‸"), "chat", front("kind: chat")),
        (write("${sel‸ more"), "selection", write("${selection} more")),
        (write("${‸}."), "path", write("${path}.")),
        (write("${pa‸xx}."), "path", write("${path}.")),
        (write("${‸word"), "path", write("${path}word")),
        (write("[[us‸"), "user", write("[[user]]")),
        (write("[[‸]]"), "user", write("[[user]]")),
    ],
)
def test_accepting_leaves_a_whole_and_nothing_twice(marked: str, label: str, expected: str) -> None:
    assert accepted(marked, label) == expected


def test_partials_are_offered_where_a_role_line_could_stand() -> None:
    partial = read_partial("First.\nSecond.", name="care", origin="p", guards=GUARDS)
    [opened] = proposals_at(*_at(write("[[‸", kind="complete")), {"care": partial})
    [named] = proposals_at(*_at(write("[[include ca‸]]")), {"care": partial})

    assert (opened.label, opened.text, opened.meaning) == (
        "include care",
        "include care]]",
        "First.",
    )
    assert (named.label, named.text) == ("care", "care")


def test_what_would_break_the_order_comes_with_the_reason() -> None:
    late = {each.label: each for each in proposals_at(*_at(write("${selection} ${‸")))}

    assert late["rules"].late
    assert late["rules"].detail == "repo, less volatile than ${selection} above"
    assert not late["diff"].late


def test_a_name_that_stands_further_up_may_be_repeated() -> None:
    late = {each.label: each.late for each in proposals_at(*_at(write("${path}${diff} ${‸")))}

    assert not late["path"]


def test_a_document_too_large_to_be_a_template_has_no_layout() -> None:
    assert Layout.of(Snapshot.from_text("---\n" + "x" * 1_000_000)) is None


@pytest.mark.parametrize(
    "monster",
    ["inputs: {a: [\n" * 4_000, "- " * 30_000, "a: 1\n" * 10_000, "a: [" + "{b: " * 9_000],
    ids=["brackets", "dashes", "keys", "braces"],
)
def test_what_is_no_front_matter_is_given_up_and_not_followed(monster: str) -> None:
    """Sixty thousand brackets once took five seconds."""
    layout, cursor = _at(front(f"{monster}‸"))

    assert max((len(key.path) for key in layout.outline.keys), default=0) < 70
    assert len(layout.outline.keys) < 5_000
    assert proposals_at(layout, cursor) == ()


PIECES = st.sampled_from(
    (
        *("---\n", "kind: ", "chat", "\n", "  ", "- ", "{", "}", "[", "]", ",", ": ", "context"),
        *("inputs", "variable", "${", "path", "[[", "user", "]]", '"', "'", "#", "|", "\r", "𝒳"),
    )
)


@given(st.lists(PIECES, max_size=30).map("".join), st.integers(0, 200))
def test_no_text_is_too_broken(text: str, at: int) -> None:
    """Every replacement lies in the cursor's own line and touches the cursor."""
    snapshot = Snapshot.from_text("---\n" + text)
    layout = Layout.of(snapshot)
    assert layout is not None
    cursor = Snapshot.from_text(snapshot.text[: min(at, len(text))]).end
    cursor = snapshot.clamp(cursor)
    hovered = hovered_at(layout, cursor)

    assert hovered is None or hovered.range.start <= cursor <= hovered.range.end
    for proposal in proposals_at(layout, cursor):
        assert proposal.replace.start <= cursor <= proposal.replace.end
        assert proposal.replace.start.line == proposal.replace.end.line
        assert snapshot.clamp(proposal.replace.end) == proposal.replace.end
