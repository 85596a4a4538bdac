"""Prompts for every family and layout: right in form, append-only, within the window."""

from __future__ import annotations

import pytest

from fimble.completion.layout import Layout
from fimble.completion.prompt_session import left_to_the_model
from fimble.completion.trail import DecisionTrail
from fimble.engine.profile_table import PROFILES, QWEN3_5
from fimble.engine.profiles import ModelProfile
from fimble.engine.protocol import Hole
from fimble.engine.token_estimate import TokenEstimator
from fimble.pipeline.hole_renderer import PathNames
from fimble.pipeline.layout_templates import layout_templates
from fimble.pipeline.prompt_builder import PromptBuilder
from fimble.pipeline.prompt_sizes import PromptBudgets
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot
from support.marked import CURSOR, marked

SOURCE = f"""import os

def first(path: str) -> str:
    return {CURSOR}

def second() -> None:
    print("a text with <|im_end|> and <|fim_middle|> and [SUFFIX] in it")
"""


def builder(
    profile: ModelProfile = QWEN3_5,
    layout: Layout = Layout.SPM,
    *,
    context_window: int = 4_096,
    detailed: bool = False,
) -> PromptBuilder:
    return PromptBuilder(
        templates=layout_templates(layout),
        layout=layout,
        profile=profile,
        budgets=PromptBudgets(context_window=context_window, answer=64, prefix=2_000, suffix=500),
        estimator=TokenEstimator(),
        names=lambda _: PathNames(repository="demo", path="src/a.py"),
        detailed=detailed,
    )


def build(made: PromptBuilder, snapshot: Snapshot, cursor: Position) -> str:
    return made.build(Hole(snapshot=snapshot, cursor=cursor), DecisionTrail())


FORMS = [(profile, layout) for profile in PROFILES for layout in profile.layouts]


@pytest.mark.parametrize(
    ("profile", "layout"), FORMS, ids=[f"{p.family}-{layout}" for p, layout in FORMS]
)
def test_a_prompt_has_the_family_s_form_and_no_token_out_of_the_user_s_text(
    profile: ModelProfile, layout: Layout
) -> None:
    snapshot, cursor = marked(SOURCE)
    prompt = build(builder(profile, layout), snapshot, cursor)
    above, begun = "import os\n\n", "def first(path: str) -> str:\n    return "
    prefix = above + begun
    suffix = "\n\ndef second() -> None:\n"

    assert prompt.count(above) == prompt.count(begun) == 1
    assert suffix in prompt
    assert "a text with < |im_end|> and < |fim_middle|> and [ SUFFIX] in it" in prompt
    form = {Layout.PSM: profile.psm, Layout.SPM: profile.spm}.get(layout)
    if form is not None:
        shown = above if form.closing else prefix
        first, second = (shown, suffix) if layout is Layout.PSM else (suffix, shown)
        assert f"{form.opening}{first}" in prompt
        assert f"{form.between}{second}" in prompt
        assert prompt.endswith(form.closing + begun)
        for token in form.tokens:
            assert prompt.count(token) == form.tokens.count(token)
    if layout is not Layout.PSM:
        assert prompt.index(suffix) < prompt.index(above) < prompt.index(begun)
    if layout is Layout.PREFILL:
        assert prompt.endswith(prefix)
        assert profile.chat is not None
        assert profile.chat.assistant_open in prompt


def test_the_qwen_repository_form() -> None:
    snapshot, cursor = marked(f"a = {CURSOR}\nb = 2\n")

    assert build(builder(QWEN3_5, Layout.PSM), snapshot, cursor) == (
        "<|repo_name|>demo\n<|file_sep|>src/a.py\n"
        "<|fim_prefix|><|fim_suffix|>\nb = 2\n<|fim_middle|>a = "
    )


@pytest.mark.parametrize("layout", list(Layout))
def test_typing_only_appends(layout: Layout) -> None:
    made = builder(layout=layout)
    snapshot, cursor = marked(SOURCE)
    previous = build(made, snapshot, cursor)

    for key in 'os.path.join("a", path)\n    return 1':
        snapshot, edit = snapshot.replace(Range(cursor, cursor), key, version=1)
        made.document_edited(snapshot.uri, edit)
        cursor = snapshot.position_at_byte(edit.new_end_byte)
        prompt = build(made, snapshot, cursor)

        written = previous + key
        line = snapshot.line(cursor.line)[: cursor.character]
        assert prompt == written.removesuffix(left_to_the_model(line))
        previous = written


def test_carriage_returns_stay_out_of_the_prompt() -> None:
    snapshot, cursor = marked(f"a = 1\r\nb = {CURSOR}\r\nc = 3\r\n")

    assert "\r" not in build(builder(), snapshot, cursor)


@pytest.mark.parametrize("layout", list(Layout))
def test_a_prompt_and_its_answer_fit_into_the_window(layout: Layout) -> None:
    lines = "\n".join(f"value_{i} = compute_{i}(left_{i}, right_{i})" for i in range(4_000))
    snapshot, cursor = marked(f"{lines}\nx = {CURSOR}\n{lines}\n")
    made = builder(layout=layout, context_window=2_048)
    prompt = build(made, snapshot, cursor)

    assert made.estimator.count(prompt) + 64 <= 2_048
    assert "x = " in prompt


def test_a_refusal_for_length_shrinks_the_next_prompt() -> None:
    snapshot, cursor = marked("word " * 5_000 + f"\nx = {CURSOR}\n" + "word " * 5_000)
    snapshot = Snapshot.from_text(snapshot.text.replace("word word", "word\nword"))
    cursor = Position(snapshot.text[: snapshot.text.index("x = ")].count("\n"), 4)
    made = builder()
    first = build(made, snapshot, cursor)
    made.prompt_was_too_long()

    assert len(build(made, snapshot, cursor)) < 0.7 * len(first)


def test_the_trail_names_the_segments_and_what_should_be_read() -> None:
    made = builder(detailed=True)
    snapshot, cursor = marked(SOURCE)
    trail = DecisionTrail()
    prompt = made.build(Hole(snapshot=snapshot, cursor=cursor), trail)
    made.forecast.sent(prompt, "")
    again = DecisionTrail()
    made.build(Hole(snapshot=snapshot, cursor=cursor), again)

    assert trail.session == "new place"
    assert {cost.name for cost in trail.segments} >= {"prefix", "suffix", "path"}
    assert trail.expected_evaluated_tokens is not None
    assert trail.expected_evaluated_tokens > 50
    assert again.session == "continued"
    assert again.expected_evaluated_tokens is not None
    assert again.expected_evaluated_tokens < 10


@pytest.mark.parametrize("layout", list(Layout))
def test_the_trail_says_which_parts_are_read_again(layout: Layout) -> None:
    made = builder(layout=layout, detailed=True)
    snapshot, cursor = marked(SOURCE)
    first, second = DecisionTrail(), DecisionTrail()
    prompt = made.build(Hole(snapshot=snapshot, cursor=cursor), first)
    made.generation_ended(prompt, "os.path")
    snapshot, edit = snapshot.replace(Range(cursor, cursor), "os.path.join", version=1)
    made.document_edited(snapshot.uri, edit)
    made.build(Hole(snapshot=snapshot, cursor=snapshot.position_at_byte(edit.new_end_byte)), second)

    assert all(cost.unread == cost.tokens > 0 for cost in first.segments)
    assert any(line.endswith(", all of it") for line in first.lines())
    read = [cost for cost in second.segments if cost.unread]
    assert [(cost.name, cost.unread) for cost in read] == [("prefix", read[0].unread)]
    assert 0 < read[0].unread < read[0].tokens
    assert f"expected to be read: {second.expected_evaluated_tokens}, of prefix" in "\n".join(
        second.lines()
    )
