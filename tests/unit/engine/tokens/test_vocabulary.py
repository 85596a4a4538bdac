"""Only a vocabulary that holds together is counted with."""

from __future__ import annotations

import pytest

from fimble.engine.tokens.vocabulary import VocabularyRefusedError, checked_vocabulary
from support.vocabularies import stated_vocabulary


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model": "llama"}, "of the kind 'llama'"),
        ({"model": ""}, "of the kind 'none'"),
        ({"pre": "next-year"}, "'next-year', is unknown"),
        ({"pre": ""}, "'', is unknown"),
        ({"merges": ()}, "does not tell its merges"),
        ({"merges": ("zz zz",)}, "lead to what is no token"),
        ({"merges": ("de",)}, "lead to what is no token"),
        ({"tokens": ("ab",), "merges": ("a b",)}, "begin with what is no token"),
    ],
)
def test_what_cannot_be_counted_with_is_refused_with_its_reason(changes, reason):
    with pytest.raises(VocabularyRefusedError, match=reason):
        checked_vocabulary(stated_vocabulary(**changes))


def test_only_what_counting_needs_is_kept():
    kept = checked_vocabulary(stated_vocabulary())

    assert kept.tokens == ()
    assert kept.control_tokens == ("<|im_start|>", "<|im_end|>", "<|fim_middle|>")
    assert checked_vocabulary(stated_vocabulary("llama-bpe")).tokens


def test_types_that_are_fewer_than_tokens_hide_nothing_else():
    kept = checked_vocabulary(stated_vocabulary(token_types=(1, 3)))

    assert len(kept.control_tokens) == 1
