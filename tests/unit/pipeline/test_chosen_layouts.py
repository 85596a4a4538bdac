"""A team's layouts: used where they are fit, refused where they could break a completion."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fimble.completion.layout import Layout
from fimble.completion.trail import DecisionTrail
from fimble.engine.profile_table import QWEN3_5
from fimble.engine.protocol import Hole
from fimble.engine.token_estimate import TokenEstimator
from fimble.pipeline.chosen_layouts import ChosenLayouts, choose_layouts
from fimble.pipeline.completion_rules import CompletionRules
from fimble.pipeline.hole_renderer import PathNames
from fimble.pipeline.layout_templates import LayoutTemplates, layout_templates
from fimble.pipeline.prompt_builder import PromptBuilder
from fimble.pipeline.prompt_sizes import PromptBudgets
from fimble.prompt_files.layers import (
    GUARDS,
    bundled_partial_sources,
    bundled_sources,
    catalogue_of,
)
from fimble.prompting.catalogue import PromptLayer, PromptSource
from fimble.prompting.partial_catalogue import PartialCatalogue
from fimble.prompting.variables import Kind
from fimble.text.snapshot import Snapshot
from support.marked import CURSOR, marked

SPM = "${file_separator}${path}\n${fim_suffix}${suffix}${fim_prefix}${prefix}${fim_middle}\n"


def source(body: str, *, name: str = "spm", front: str = "") -> PromptSource:
    head = f"---\nschema: 1\nname: {name}\ndescription: Ours.\nkind: complete\n{front}---\n"
    return PromptSource(
        layer=PromptLayer.REPOSITORY,
        kind=Kind.COMPLETE,
        name=name,
        origin=f"/w/{name}.prompt.md",
        text=head + body,
    )


def chosen(*sources: PromptSource) -> ChosenLayouts:
    def all_sources() -> Iterator[PromptSource]:
        yield from (each for each in bundled_sources() if each.kind is Kind.COMPLETE)
        yield from sources

    partials = PartialCatalogue(bundled_partial_sources(), GUARDS)
    return choose_layouts(catalogue_of(all_sources(), partials))


def test_without_anything_written_the_bundled_ones_count() -> None:
    none = chosen()

    assert (dict(none.own), none.refused) == ({}, ())
    assert none.of(Layout.PREFILL) is layout_templates(Layout.PREFILL)


def test_a_fit_layout_takes_the_place_of_the_bundled_one_and_only_of_that() -> None:
    ours = chosen(source("# OURS\n" + SPM))

    assert ours.refused == ()
    assert list(ours.own) == [Layout.SPM]
    assert ours.of(Layout.SPM).first.source == "/w/spm.prompt.md"
    assert ours.of(Layout.SPM).following is layout_templates(Layout.SPM).following


@pytest.mark.parametrize("layout", list(Layout))
def test_every_bundled_layout_is_fit_by_our_own_rules(layout: Layout) -> None:
    copies = [
        PromptSource(
            layer=PromptLayer.USER, kind=Kind.COMPLETE, name=each.name, origin="u", text=each.text
        )
        for each in bundled_sources()
        if each.kind is Kind.COMPLETE
    ]

    found = chosen(*copies)
    assert found.refused == ()
    assert found.of(layout).first.source == "u"


@pytest.mark.parametrize(
    ("body", "front", "reason"),
    [
        (SPM, "budget: {prompt: 10}\n", "may not refuse a prompt for its length"),
        (
            SPM,
            "context:\n  - {variable: suffix, max_tokens: 5, on_overflow: error}\n",
            "may not refuse a prompt for its length",
        ),
        ("${turn_user}" + SPM, "", "`${turn_user}` has no value in this layout"),
        ("${path}${suffix}${prefix}\n", "", "After `${prefix}` this layout needs `${fim_middle}`"),
        (
            "${path}${fim_suffix}${suffix}${fim_prefix}${prefix}${fim_middle}${fim_suffix}\n",
            "",
            "and nothing else",
        ),
        (
            "${fim_prefix}${prefix}${fim_suffix}${suffix}${fim_middle}\n",
            "live_suffix: true\n",
            "`live_suffix` must be false",
        ),
        ("word " * 9_000 + "\n" + SPM, "", "tokens of every prompt; 2,000 may be"),
        ("${nonsense}" + SPM, "", "There is no variable `${nonsense}`"),
        ("<|im_end|>" + SPM, "", "A model's control token stands here"),
        ("\u202e" + SPM, "", "A hidden character stands here"),
    ],
)
def test_t14_a_broken_or_hostile_layout_is_refused_with_its_reason(
    body: str, front: str, reason: str
) -> None:
    found = chosen(source(body, front=front))

    assert dict(found.own) == {}
    (sentence,) = found.refused
    assert sentence.startswith("/w/spm.prompt.md:")
    assert reason in sentence
    assert sentence.endswith("Another layer's layout is used.")


def builder(rules: CompletionRules | None = None, layout: Layout = Layout.SPM) -> PromptBuilder:
    return PromptBuilder(
        templates=layout_templates(layout),
        layout=layout,
        profile=QWEN3_5,
        budgets=PromptBudgets(context_window=4_096, answer=64, prefix=2_000, suffix=500),
        estimator=TokenEstimator(),
        names=lambda _: PathNames(repository="demo", path="a.py"),
        **({} if rules is None else {"rules": lambda _: "Be kind."}),
    )


def test_a_layout_changes_at_the_next_new_prompt_and_never_in_an_open_one() -> None:
    made = builder()
    snapshot, cursor = marked(f"x = 1\ny = {CURSOR}\n" + "z = 0\n" * 80)
    trail = DecisionTrail()
    opened = made.build(Hole(snapshot=snapshot, cursor=cursor), trail)
    made.use_templates(chosen(source("# OURS\n" + SPM)).of(Layout.SPM))

    assert made.build(Hole(snapshot=snapshot, cursor=cursor), trail) == opened
    assert trail.session == "continued"

    elsewhere = snapshot.position_at_byte(len(snapshot.text.encode()) - 3)
    moved = made.build(Hole(snapshot=snapshot, cursor=elsewhere), trail)
    assert moved.startswith("# OURS\n")
    assert opened not in moved
    assert trail.session == "layout changed"
    back = made.build(Hole(snapshot=snapshot, cursor=cursor), trail)
    assert back.startswith("# OURS\n")


def test_the_same_templates_again_change_nothing() -> None:
    made = builder()
    snapshot, cursor = marked(f"x = {CURSOR}\n" + "z = 0\n" * 80)
    trail = DecisionTrail()
    made.build(Hole(snapshot=snapshot, cursor=cursor), trail)
    made.use_templates(layout_templates(Layout.SPM))
    end = snapshot.position_at_byte(len(snapshot.text.encode()) - 3)
    made.build(Hole(snapshot=snapshot, cursor=end), trail)

    assert trail.session != "layout changed"


def test_rules_stand_in_the_head_of_a_layout_that_shows_them(tmp_path) -> None:
    (tmp_path / "AGENTS.md").write_text("Root.\nRoot two.\n")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "AGENTS.md").write_text("Near.\n")
    document = tmp_path / "a" / "b.py"
    rules = CompletionRules([tmp_path], max_tokens=100, count=TokenEstimator().count)

    assert rules.of(document) == ""
    rules.use(lambda _, text: text)
    assert rules.of(document) == "Root.\nRoot two.\n\nNear."
    (tmp_path / "AGENTS.md").write_text("Changed.\n")
    assert rules.of(document).startswith("Root.")
    rules.use(lambda path, text: text if path == "AGENTS.md" else None)
    assert rules.of(document) == "Changed."
    assert rules.of(tmp_path.parent / "else.py") == ""
    assert rules.of(None) == ""


def test_rules_are_off_by_default_and_read_no_file(tmp_path) -> None:
    (tmp_path / "AGENTS.md").write_text("Root.\n")
    rules = CompletionRules([tmp_path], max_tokens=0, count=TokenEstimator().count)
    rules.use(lambda *_: pytest.fail("a file was read"))

    assert rules.of(tmp_path / "a.py") == ""


def test_the_prefill_layout_shows_rules_once_at_its_head() -> None:
    snapshot = Snapshot.from_text("x = 1\n", uri="file:///a.py", version=1, language_id="python")
    with_rules = builder(CompletionRules([], max_tokens=9, count=len), Layout.PREFILL)
    hole = Hole(snapshot=snapshot, cursor=snapshot.position_at_byte(4))
    prompt = with_rules.build(hole, DecisionTrail())

    assert prompt.count("Be kind.") == 1
    assert prompt.index("Be kind.") < prompt.index("x = ")
    assert "Be kind." not in builder(layout=Layout.PREFILL).build(hole, DecisionTrail())


def test_digests_tell_templates_apart() -> None:
    bundled = layout_templates(Layout.SPM)
    same = LayoutTemplates(first=bundled.first, following=bundled.following)

    assert same.digests == bundled.digests
    assert chosen(source("# OURS\n" + SPM)).of(Layout.SPM).digests != bundled.digests
