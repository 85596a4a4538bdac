"""A vocabulary for a verbose /api/show: small, byte level and sound, as real ones are.

Every byte is a token, in the alphabet of GPT-2 (openai/gpt-2:src/encoder.py), and so is the result
of every merge. The stub does not count with it (`support.stub_ollama.tokens` says how it counts):
what matters here is that the answer has the shape and the inner order of a real one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, product
from string import ascii_lowercase

NORMAL, CONTROL, USER_DEFINED = 1, 3, 4
"""Of `llama_token_type` (ggml-org/llama.cpp:include/llama.h)."""

_SPACE = "\u0120"


def alphabet() -> list[str]:
    """The characters that stand for the bytes 0 to 255."""
    printing = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte) if byte in printing else chr(next(others)) for byte in range(256)]


def merges(count: int) -> list[str]:
    """That many merges: a space before a letter, two letters, a space before two, four letters."""
    pairs = ["".join(pair) for pair in product(ascii_lowercase, repeat=2)]
    everything = (
        *(f"{_SPACE} {letter}" for letter in ascii_lowercase),
        *(f"{pair[0]} {pair[1]}" for pair in pairs),
        *(f"{_SPACE} {pair}" for pair in pairs),
        *(f"{left} {right}" for left, right in islice(product(pairs, repeat=2), count)),
    )
    return list(everything[: max(count, 0)])


def special_types(tokens: Sequence[str]) -> list[int]:
    """Qwen's files call turn and FIM tokens control, thinking and tool markers user-defined."""
    return [CONTROL if token.startswith("<|") else USER_DEFINED for token in tokens]
