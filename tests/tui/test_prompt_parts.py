"""The prompt's parts that need no screen: what is completed, chips, the past, the meter's bar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.chat.meter import ContextMeter, MeterSegment
from fimble_tui.commands.registry import COMMANDS
from fimble_tui.widgets.meter.segments import bar, totals
from fimble_tui.widgets.prompt.choices import command_choices
from fimble_tui.widgets.prompt.completing import completing, invocation
from fimble_tui.widgets.prompt.past_questions import PastQuestions
from fimble_tui.widgets.prompt.pasted import PastedTexts


@pytest.mark.parametrize(
    ("written", "sign", "typed"),
    [
        ("@", "@", ""),
        ("why @src/ca", "@", "src/ca"),
        ('see @"my fi', "@", "my fi"),
        ("(@Cart.to", "@", "Cart.to"),
        ("/rev", "/", "rev"),
        ("/", "/", ""),
    ],
)
def test_what_is_being_written_is_known(written, sign, typed):
    found = completing(written, len(written), first_row=True)

    assert found is not None
    assert (found.sign, found.typed) == (sign, typed)
    assert written[found.start] == sign


@pytest.mark.parametrize(
    "written", ["me@example.org", "`@property", "@done ", 'see @"my file" ', "a /path", "/review x"]
)
def test_other_words_complete_nothing(written):
    assert completing(written, len(written), first_row=True) is None


def test_a_command_begins_the_first_row_only():
    assert completing("/rev", 4, first_row=False) is None
    assert invocation("/review @a.py\nmore") == ("review", "@a.py\nmore")
    assert invocation("and /review") is None


@given(st.lists(st.text(max_size=60), max_size=6))
def test_pasted_texts_come_back_whole(texts):
    pasted = PastedTexts()
    large = [text * 500 for text in texts]
    shown = " and ".join(pasted.collapse(text) for text in large)

    assert pasted.expand(shown) == " and ".join(large)


def test_a_chip_inside_of_a_pasted_text_is_no_chip():
    pasted = PastedTexts()
    first = pasted.collapse("a\n" * 50)
    second = pasted.collapse(f"{first}\n" * 60)

    assert pasted.expand(second) == f"{first}\n" * 60


def test_the_past_has_the_draft_at_its_end():
    past = PastQuestions()
    past.remember(["new", "old", "new"])

    assert past.older("draft") == "new"
    assert past.older("new") == "old"
    assert past.older("old") is None
    assert past.newer() == "new"
    assert past.newer() == "draft"
    assert past.newer() is None


def test_what_begins_so_comes_before_what_only_holds_the_letters():
    assert command_choices("co", COMMANDS, ())[0].insert in {"/continue", "/copy"}
    assert command_choices("zzz", COMMANDS, ()) == []


NAMES = st.sampled_from(["rules and role", "question 1", "answer 1", "src/a.py", "question"])


@given(
    st.lists(st.tuples(NAMES, st.integers(0, 50_000), st.booleans()), max_size=12),
    st.integers(1, 40_000),
    st.integers(8, 60),
)
def test_the_bar_is_as_wide_as_it_should_be_and_counts_every_kind(segments, window, cells):
    meter = ContextMeter(
        segments=tuple(MeterSegment(name=n, tokens=t, reused=r) for n, t, r in segments),
        window_tokens=window,
        reserved_tokens=window // 4,
        exact=True,
    )

    assert sum(len(part.text) for part in bar(meter, cells)) == cells
    assert sum(totals(meter).values()) == meter.tokens
