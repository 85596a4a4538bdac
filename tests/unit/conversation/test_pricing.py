"""Counting long texts by parts counts what the whole counts."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fimble.conversation.pricing import Pricing
from fimble.engine.tokens.byte_pairs import BytePairCounter
from fimble.engine.tokens.vocabulary import checked_vocabulary
from support.vocabularies import all_pairs_vocabulary

LINES = ["def f(x):", "    return 1", "", "\t", "a b  c", "12345", "}", "— ü", "  "]
COUNTER = BytePairCounter(checked_vocabulary(all_pairs_vocabulary("qwen2", LINES)), model="any")


@settings(max_examples=10, deadline=None)
@given(st.lists(st.sampled_from(LINES), min_size=3, max_size=8))
def test_a_long_text_is_counted_as_a_whole(lines):
    text = "\n".join([*lines, "end"] * 6000)

    assert Pricing(counter=lambda: COUNTER).tokens(text) == COUNTER.count(text)
