"""Whatever the user does, a prompt extends the one before it or says why it does not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.completion.cache_forecast import CacheKind
from fimble.completion.layout import Layout
from fimble.completion.prompt_session import PromptSession, ReanchorReason, left_to_the_model
from fimble.completion.trail import DecisionTrail
from fimble.completion.window import text_before
from fimble.engine.profile_table import DEEPSEEK_CODER, PLAIN, QWEN3_5
from fimble.engine.profiles import ModelProfile
from fimble.engine.protocol import Hole
from fimble.engine.token_estimate import TokenEstimator
from fimble.pipeline.hole_renderer import PathNames, clean
from fimble.pipeline.layout_templates import layout_templates
from fimble.pipeline.prompt_builder import PromptBuilder
from fimble.pipeline.prompt_sizes import CacheTraits, PromptBudgets
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot

ANSWER = 64
SOURCE = "import os\n\n" + "".join(
    f"class Group{n}:\n    def method_{n}(self, value):\n        first = value + {n}\n"
    f"        return [first, {n}]\n\n"
    for n in range(24)
)
BEHIND = ": a new hole behind the last one"
REASONS = set(get_args(ReanchorReason))


def builder(
    layout: Layout = Layout.SPM,
    *,
    profile: ModelProfile = QWEN3_5,
    window: int = 4_096,
    kind: CacheKind = CacheKind.HYBRID,
    detailed: bool = False,
) -> PromptBuilder:
    return PromptBuilder(
        templates=layout_templates(layout),
        layout=layout,
        profile=profile,
        budgets=PromptBudgets(context_window=window, answer=ANSWER, prefix=2_000, suffix=500),
        estimator=TokenEstimator(),
        names=lambda uri: PathNames(repository="", path=uri.rpartition("/")[2]),
        cache=CacheTraits(kind=kind),
        detailed=detailed,
    )


@dataclass(slots=True, kw_only=True)
class Desk:
    """One person with a document and another, and the prompts that were built for them."""

    prompts: PromptBuilder
    snapshot: Snapshot = field(
        default_factory=lambda: Snapshot.from_text(SOURCE, uri="file:///w/a.py")
    )
    other: Snapshot = field(
        default_factory=lambda: Snapshot.from_text(
            SOURCE.replace("Group", "Team"), uri="file:///w/b.py"
        )
    )
    cursor: Position = field(default_factory=lambda: Position(2, 0))
    story: str = ""
    last: str = ""

    def replace(self, place: Range, text: str) -> None:
        version = self.snapshot.version + 1
        self.snapshot, edit = self.snapshot.replace(place, text, version=version)
        self.prompts.document_edited(self.snapshot.uri, edit)
        self.cursor = self.snapshot.position_at_byte(edit.new_end_byte)

    def type(self, text: str) -> None:
        self.replace(Range(self.cursor, self.cursor), text)

    def delete(self, characters: int) -> None:
        start = Position(self.cursor.line, max(0, self.cursor.character - characters))
        self.replace(Range(start, self.cursor), "")

    def jump(self, line: int) -> None:
        line = min(line, self.snapshot.line_count - 1)
        self.cursor = Position(line, len(self.snapshot.line(line)))

    def edit_at(self, line: int, text: str) -> None:
        """Change another place and come back, as a tool of the editor does."""
        back = self.cursor
        line = min(line, self.snapshot.line_count - 1)
        self.replace(Range(Position(line, 0), Position(line, 0)), text)
        moved = text.count("\n") if line <= back.line else 0
        self.cursor = Position(back.line + moved, back.character if line != back.line else 0)

    def switch(self, line: int) -> None:
        """Go to a place in the other document."""
        self.snapshot, self.other = self.other, self.snapshot
        self.jump(line)

    def close_other(self) -> None:
        """Close the other document, and have it open again as it was."""
        self.prompts.document_closed(self.other.uri)

    def rewrite(self) -> None:
        text = self.snapshot.text.replace("first", "start")
        self.snapshot = Snapshot.from_text(
            text, uri=self.snapshot.uri, version=self.snapshot.version + 1
        )
        self.prompts.document_edited(self.snapshot.uri, None)
        self.jump(self.cursor.line)

    @property
    def hole(self) -> Hole:
        return Hole(snapshot=self.snapshot, cursor=self.cursor)

    @property
    def session(self) -> PromptSession:
        latest = self.prompts.sessions.latest
        assert latest is not None
        return latest

    def ask(self, said: str = "") -> str:
        trail = DecisionTrail()
        prompt = self.prompts.build(self.hole, trail)
        self.prompts.generation_ended(prompt, said)
        self.story, self.last = trail.session, prompt
        return prompt

    def prefetch(self, text: str) -> None:
        """Have the model go on as if `text` had been taken over."""
        at = Range(self.cursor, self.cursor)
        after, edit = self.snapshot.replace(at, text, version=self.snapshot.version)
        ahead = Hole(snapshot=after, cursor=after.position_at_byte(edit.new_end_byte))
        prompt = self.prompts.build_ahead(self.hole, edit, ahead)
        if prompt is not None:
            self.prompts.generation_ended(prompt, "x")

    def pause(self) -> None:
        warm = self.prompts.to_warm(self.hole)
        if warm is not None:
            assert self.prompts.estimator.count(warm) <= 4_096 - ANSWER
            self.prompts.generation_ended(warm, "x")


ACTIONS = st.one_of(
    st.tuples(
        st.just("type"), st.sampled_from(["a", "b ", "(", "\n        ", "é😀", "<|im_end|>"])
    ),
    st.tuples(st.just("delete"), st.integers(1, 6)),
    st.tuples(st.just("jump"), st.integers(0, 125)),
    st.tuples(st.just("edit_at"), st.integers(0, 125), st.sampled_from(["# x\n", "y = 1; "])),
    st.tuples(st.just("rewrite")),
    st.tuples(st.just("prefetch"), st.sampled_from(["value", "x\n        return y"])),
    st.tuples(st.just("pause")),
    st.tuples(st.just("switch"), st.integers(0, 125)),
    st.tuples(st.just("close_other")),
)


@pytest.mark.parametrize("layout", list(Layout))
@given(actions=st.lists(ACTIONS, max_size=24))
def test_each_prompt_extends_the_one_before_or_says_why_not(
    layout: Layout, actions: list[tuple[object, ...]]
) -> None:
    desk = Desk(prompts=builder(layout))
    desk.ask()
    for name, *arguments in actions:
        before, former = desk.session, desk.last
        typed_only = name in {"type", "pause", "prefetch", "jump", "switch"}

        getattr(desk, str(name))(*arguments)
        desk.ask(said="answer")

        assert desk.story == "continued" or desk.story.removesuffix(BEHIND) in REASONS
        if desk.story not in REASONS and desk.session.head.startswith(before.head):
            kept = name == "type" or desk.story.endswith(BEHIND)
            assert not (typed_only and kept) or desk.last.startswith(former)
        elif desk.story not in REASONS:
            assert name == "pause", "only a pause changes a head without a word in the trail"
        check_last_hole(desk)
        assert desk.prompts.estimator.count(desk.last) + ANSWER <= 4_096


def check_last_hole(desk: Desk) -> None:
    """The end of the prompt is the document at the cursor, as far as the window reaches."""
    session = desk.session
    growing = clean(text_before(desk.snapshot, session.anchor_line, desk.cursor))
    frozen = desk.snapshot.slice(
        Range(Position(session.window_line, 0), Position(session.anchor_line, 0))
    )

    assert session.broken is None
    line = desk.snapshot.line(desk.cursor.line)[: desk.cursor.character]
    assert desk.last == session.head + growing.removesuffix(left_to_the_model(line))
    assert clean(frozen) in session.head[-len(frozen) - 4_000 :]
    if desk.story != "continued":
        shown = "".join([text for name, text in session.parts if name == "suffix"])
        rest = clean(desk.snapshot.slice(Range(desk.cursor, desk.snapshot.end)))
        assert rest.startswith(shown.rstrip("\n"))


@pytest.mark.parametrize("layout", list(Layout))
def test_a_jump_costs_the_tokens_of_the_new_hole(layout: Layout) -> None:
    desk = Desk(prompts=builder(layout), cursor=Position(40, 0))
    desk.ask(said="value")
    desk.type("value")
    first = desk.last

    desk.jump(93)
    second = desk.ask()

    assert desk.story == f"jump{BEHIND}"
    assert second.startswith(first + "value")
    assert second.count("class Group18:\n") == 1, "the line that names the block is shown"
    assert "        return [first, 17]\n\n" in second.removeprefix(first)
    assert "        first = value + 18\n" in second
    assert desk.prompts.estimator.count(second[len(first) :]) < 300


def test_going_back_shows_less_of_what_was_shown_and_more_of_what_has_changed() -> None:
    desk = Desk(prompts=builder(), cursor=Position(41, 0))
    desk.ask()
    desk.jump(93)
    there = desk.ask()
    desk.jump(41)
    unchanged = desk.ask().removeprefix(there)
    desk.jump(93)
    there = desk.ask()
    desk.edit_at(38, "        changed = 1\n")
    desk.jump(42)
    changed = desk.ask().removeprefix(there)

    assert len(unchanged) < 0.75 * len(changed)
    assert "changed = 1" in changed


def test_what_was_typed_and_never_sent_is_told_at_the_jump() -> None:
    desk = Desk(prompts=builder(), cursor=Position(40, 0))
    first = desk.ask(said="other")
    desk.type("total = <|fim_middle|> 1")

    desk.jump(93)

    assert desk.ask().startswith(f"{first}total = < |fim_middle|> 1<|file_sep|>")


def test_a_prefetch_that_was_not_taken_does_not_stand_in_the_prompt() -> None:
    desk = Desk(prompts=builder(), cursor=Position(40, 0))
    first = desk.ask(said="wrong_guess")
    desk.prefetch("wrong_guess")
    desk.type("right")

    desk.jump(93)

    assert desk.ask().startswith(f"{first}right<|file_sep|>")


def test_the_answer_s_fence_is_closed_before_the_next_turn() -> None:
    desk = Desk(prompts=builder(Layout.PREFILL), cursor=Position(40, 0))
    first = desk.ask()
    desk.type("x = 1")

    desk.jump(93)

    assert desk.ask().startswith(f"{first}x = 1\n````<|im_end|>\n<|im_start|>user\n")


def test_another_file_goes_on_behind_the_first_with_a_window_of_full_size() -> None:
    desk = Desk(prompts=builder(), cursor=Position(40, 0))
    first = desk.ask()

    desk.switch(60)
    second = desk.ask()

    assert second.startswith(f"{first}<|file_sep|>b.py\n")
    assert len(second) - len(first) > 0.5 * len(first)


def test_no_prompt_shows_a_document_that_was_closed() -> None:
    desk = Desk(prompts=builder(), cursor=Position(40, 0))
    desk.ask()
    first = desk.snapshot.uri
    other = Snapshot.from_text("x = 1\n\n", uri="file:///w/other.py")
    desk.snapshot, desk.cursor = other, Position(1, 0)
    assert "Group" in desk.ask()

    desk.prompts.document_closed(first)

    assert "Group" not in desk.ask()


@pytest.mark.parametrize(
    ("profile", "layout", "kind"),
    [
        (DEEPSEEK_CODER, Layout.PSM, CacheKind.DENSE),
        (PLAIN, Layout.PREFILL, CacheKind.DENSE),
        (QWEN3_5, Layout.SPM, CacheKind.NONE),
    ],
    ids=["no separator", "no chat", "no cache"],
)
def test_where_a_prompt_cannot_go_on_a_jump_begins_it_anew(
    profile: ModelProfile, layout: Layout, kind: CacheKind
) -> None:
    desk = Desk(prompts=builder(layout, profile=profile, kind=kind))
    desk.jump(40)
    first = desk.ask()
    desk.jump(93)
    desk.ask()
    there = desk.story
    desk.jump(40)

    assert there == "jump"
    assert desk.ask() == first, "the session of the earlier place is still there"


def test_a_full_prompt_begins_anew_and_a_pause_does_it_beforehand() -> None:
    desk = Desk(prompts=builder(), cursor=Position(10, 0))
    stories: list[str] = []
    for turn in range(60):
        desk.jump(10 if turn % 2 else 100)
        desk.type(f"value_{turn} = {turn}\n")
        desk.ask()
        stories.append(desk.story)
        if turn > 30:
            desk.pause()

    assert "prompt full" in stories[:31]
    assert "prompt full" not in stories[33:]


@pytest.mark.parametrize("layout", list(Layout))
def test_typing_on_and_on_in_one_place_never_leaves_the_window(layout: Layout) -> None:
    desk = Desk(prompts=builder(layout, window=2_048))
    desk.jump(100)
    for number in range(240):
        desk.type(f"\n        total_{number} = compute(value, {number})")

        assert desk.prompts.estimator.count(desk.ask()) + ANSWER <= 2_048


def test_an_edit_far_above_in_the_growing_text_opens_a_new_hole() -> None:
    desk = Desk(prompts=builder(), cursor=Position(60, 0))
    first = desk.ask()
    line = desk.session.window_line + 2

    desk.edit_at(line, "# another word\n")
    second = desk.ask()

    assert desk.story == f"edit above{BEHIND}"
    assert second.startswith(first)


def test_a_resting_cursor_gets_its_hole_before_the_first_key() -> None:
    desk = Desk(prompts=builder(), cursor=Position(40, 0))
    first = desk.ask()
    desk.jump(93)
    warm = desk.prompts.to_warm(desk.hole)
    assert warm is not None
    desk.prompts.generation_ended(warm, "x")
    desk.type("v")

    asked = desk.ask()

    assert warm.startswith(first)
    assert asked.startswith(warm)
    assert desk.story == "continued"
    assert desk.prompts.forecast.expect(asked) < 20


def test_the_trail_tells_the_earlier_prompt_from_the_new_hole() -> None:
    made = builder(detailed=True)
    desk = Desk(prompts=made, cursor=Position(40, 0))
    desk.ask()
    desk.jump(93)
    trail = DecisionTrail()
    made.build(desk.hole, trail)
    costs = {cost.name: cost.tokens for cost in trail.segments}

    assert costs["earlier"] > costs["prefix"] > costs["suffix"] > 0
    assert trail.expected_evaluated_tokens is not None
    assert trail.expected_evaluated_tokens < costs["earlier"]


def test_an_answer_s_code_block_is_closed_before_the_next_turn() -> None:
    """Also where lines that name the blocks around stand between its fence and what grows."""
    body = "".join(f"        value_{n} = value_{n - 1} + {n}\n" for n in range(1, 200))
    source = f"class Deep:\n    def method(self, value_0):\n{body}"
    desk = Desk(
        prompts=builder(Layout.PREFILL),
        snapshot=Snapshot.from_text(source, uri="file:///w/a.py", language_id="python"),
        cursor=Position(180, 0),
    )
    desk.ask(said="        done = True\n````")
    desk.type("        done = True")
    desk.jump(60)
    prompt = desk.ask()

    assert "````python\nclass Deep:\n    def method(self, value_0):\n" in prompt
    assert "        done = True\n````<|im_end|>" in prompt
    assert prompt.count("````") % 2 == 1, "the last one is open"
