"""A model's vocabulary as its file states it, checked to be one that we can count with."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from fimble.engine.tokens.byte_pairs import byte_alphabet
from fimble.engine.tokens.splitting import SPLITTINGS
from fimble.policy.control_tokens import has_control_token

# ggml-org/llama.cpp:include/llama.h `llama_token_type`
_UNKNOWN, _CONTROL, _USER_DEFINED = 2, 3, 4
_BYTE_LEVEL = "gpt2"
_MOST_MERGES = 2_000_000


class VocabularyRefusedError(Exception):
    """Why this vocabulary cannot be counted with: the end of a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedVocabulary:
    """What `model_info` of a verbose /api/show says, under `tokenizer.ggml`."""

    model: str
    pre: str
    tokens: tuple[str, ...]
    merges: tuple[str, ...]
    token_types: tuple[int, ...]
    begins: bool | None
    """`add_bos_token`, None when it is left out."""


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """All that counting needs."""

    splitting: str
    """A name in `SPLITTINGS`."""
    merges: tuple[str, ...]
    """Pairs as "left right" in the byte alphabet, first things first."""
    tokens: tuple[str, ...] = ()
    """Kept only where a piece may be a token without merges."""
    control_tokens: tuple[str, ...] = ()
    """One token each where the server reads control strings: in raw prompts."""
    plain_tokens: tuple[str, ...] = ()
    """One token each wherever they stand ("user-defined"), such as runs of spaces."""
    missing_bytes: str = ""
    """Characters of the byte alphabet that are no tokens: the server drops them."""
    begins: bool = False
    """Whether the server puts a token before every prompt."""


def checked_vocabulary(stated: StatedVocabulary) -> Vocabulary:
    """Return the vocabulary; 0.2 s for the largest, so call it off the event loop.

    Raises:
        VocabularyRefusedError: It is of another kind, or does not hold together.
    """
    if stated.model != _BYTE_LEVEL:
        kind = stated.model or "none"
        raise VocabularyRefusedError(f"its vocabulary is of the kind {kind[:40]!r}")
    splitting = SPLITTINGS.get(stated.pre)
    if splitting is None:
        raise VocabularyRefusedError(f"its way of splitting text, {stated.pre[:40]!r}, is unknown")
    tokens = frozenset(stated.tokens)
    if not stated.merges or len(stated.merges) > _MOST_MERGES:
        raise VocabularyRefusedError("the server does not tell its merges")
    for merge in stated.merges:
        left, separator, right = merge.partition(" ")
        if not separator or left + right not in tokens:
            raise VocabularyRefusedError("its merges lead to what is no token")
    missing = set(byte_alphabet().values()) - tokens
    if not missing.isdisjoint("".join(stated.merges)):
        raise VocabularyRefusedError("its merges begin with what is no token")
    # Model files call their FIM and tool markers either; in a text both are data.
    defined = _of_types(stated, _USER_DEFINED)
    return Vocabulary(
        splitting=stated.pre,
        merges=stated.merges,
        tokens=stated.tokens if splitting.whole_pieces else (),
        control_tokens=(
            *_of_types(stated, _UNKNOWN, _CONTROL),
            *(token for token in defined if has_control_token(token)),
        ),
        plain_tokens=tuple(token for token in defined if not has_control_token(token)),
        missing_bytes="".join(sorted(missing)),
        begins=splitting.begins if stated.begins is None else stated.begins,
    )


def _of_types(stated: StatedVocabulary, *types: int) -> tuple[str, ...]:
    """Return what llama.cpp looks for before it cuts a text into pieces.

    ggml-org/llama.cpp:src/llama-vocab.cpp `tokenizer_st_partition`.
    """
    pairs = zip(stated.tokens, stated.token_types, strict=False)
    return tuple(token for token, kind in pairs if kind in types and token)
