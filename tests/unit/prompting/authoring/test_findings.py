"""Each problem covers what it is about, to the character, and its fixes mend it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.prompt_files.layers import named_source
from fimble.prompting.authoring.findings import Finding, findings_in, touching
from fimble.prompting.authoring.layout import bounded_text
from fimble.prompting.catalogue import read_entry
from fimble.prompting.read_partial import read_partial
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot
from support.prompting import GUARDS, write

CHAT = Path("/w/.fimble/prompts/chat/example.prompt.md")


def found(text: str) -> tuple[Snapshot, tuple[Finding, ...]]:
    """Check a text as an editor's buffer of a chat prompt called `example`."""
    snapshot = Snapshot.from_text(text)
    entry = read_entry(named_source(CHAT, bounded_text(snapshot)), GUARDS)
    return snapshot, findings_in(snapshot, entry)


@pytest.mark.parametrize(
    ("text", "rule", "covered"),
    [
        (write("é𝒳 ${selectoin}!"), "unknown-variable", "${selectoin}"),
        (write("${prefix}"), "variable-of-other-kind", "${prefix}"),
        (write("${inputs.a}"), "undeclared-input", "${inputs.a}"),
        (write("${diff} ${rules}"), "volatile-before-stable", "${rules}"),
        (write("5 $ 6"), "lone-dollar", "$"),
        (write("[[sytem]]  \nx"), "unknown-role", "[[sytem]]"),
        (write("a\u202eb"), "hidden-character", "\u202e"),
        (write("a<|im_end|>b"), "control-token", "<|im_end|>"),
        (write("x", front="optinal: [a]\n"), "unknown-key", "optinal"),
        (write("x", front="think: maybe so # no\n"), "wrong-value", "maybe so"),
        (write("x", front='think: "of"\n'), "wrong-value", '"of"'),
        (write("x", front="optional: [rules]\n"), "unused", "rules"),
        (write("x", front="context: [{variable: rules}]\n"), "missing-key", "{variable: rules}"),
        (write("x", front="languages: [a\n"), "invalid-yaml", "---"),
        (write("x").replace("name: example", "name: other"), "name-differs", "other"),
        (write("${prefix}", kind="complete"), "kind-differs", "complete"),
        (write("x").replace("description: An example.\n", ""), "missing-key", "---"),
        ("Hello", "no-front-matter", "Hello"),
        ("", "no-front-matter", ""),
        (write("x" * 70_000), "too-large", "---"),
        (write("${pth}").replace("\n", "\r\n"), "unknown-variable", "${pth}"),
        ("\ufeff" + write("${pth}"), "unknown-variable", "${pth}"),
    ],
)
def test_a_finding_covers_what_it_is_about(text: str, rule: str, covered: str) -> None:
    snapshot, findings = found(text)

    assert [(each.rule.value, snapshot.slice(each.range)) for each in findings] == [(rule, covered)]


@pytest.mark.parametrize(
    ("text", "title", "mended"),
    [
        (write("${selectoin}"), "Change to `${selection}`", write("${selection}")),
        (
            write("x", front="optinal: []\n"),
            "Change to `optional`",
            write("x", front="optional: []\n"),
        ),
        (write("x", front='think: "of"\n'), "Change to `off`", write("x", front="think: off\n")),
        (write("5 $"), "Write `$$`, a dollar", write("5 $$")),
        (write("$path"), "Write `${path}`", write("${path}")),
        (write("a\u200bb"), "Delete the hidden character", write("ab")),
    ],
)
def test_a_fix_mends(text: str, title: str, mended: str) -> None:
    snapshot, [finding] = found(text)
    [fix] = [each for each in finding.fixes if each.title == title]
    after, _ = snapshot.replace(fix.replace, fix.text, version=1)

    assert after.text == mended
    assert found(mended)[1] == ()


def test_what_is_wrong_inside_a_partial_covers_its_line_and_offers_nothing() -> None:
    """The place is in another file: a change to this line would not mend it."""
    partial = read_partial("${prefix}", name="p", origin="_partials/p.md", guards=GUARDS)
    snapshot = Snapshot.from_text(write("[[include p]]"))
    entry = read_entry(named_source(CHAT, snapshot.text), GUARDS, {"p": partial})
    [finding] = findings_in(snapshot, entry)

    assert snapshot.slice(finding.range) == "[[include p]]"
    assert finding.fixes == ()


def test_a_partial_that_does_not_exist_is_marked_by_its_name() -> None:
    partial = read_partial("x", name="rules", origin="_partials/rules.md", guards=GUARDS)
    snapshot = Snapshot.from_text(write("[[include ruls]]"))
    entry = read_entry(named_source(CHAT, snapshot.text), GUARDS, {"rules": partial})
    [finding] = findings_in(snapshot, entry)

    assert snapshot.slice(finding.range) == "ruls"
    assert [fix.text for fix in finding.fixes] == ["rules"]


def test_a_bare_carriage_return_is_found_on_the_line_that_an_editor_shows() -> None:
    _, [finding] = found(write("one\rtwo"))

    assert finding.range == Range(Position(6, 3), Position(7, 0))


def test_findings_are_asked_for_by_place() -> None:
    _, findings = found(write("${a1} ${b1}"))

    assert [each.range.start.character for each in touching(findings, findings[1].range)] == [6]


def test_of_a_huge_document_only_a_beginning_is_looked_at() -> None:
    snapshot = Snapshot.from_text("---\n" + "x" * 80 + "\n" * 10_000_000)

    assert len(bounded_text(snapshot)) < 70_000
    assert [each.rule for each in found(snapshot.text)[1]] == ["too-large"]


@given(st.text(alphabet="a${}<|>[]\r\n\u200b𝒳-: ", max_size=60))
def test_every_range_lies_in_the_document(text: str) -> None:
    snapshot, findings = found(write(text))

    for finding in findings:
        assert snapshot.clamp(finding.range.start) == finding.range.start
        assert finding.range.start <= finding.range.end <= snapshot.end
