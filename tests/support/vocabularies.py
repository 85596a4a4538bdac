"""Hand-made byte-level vocabularies: small, complete, and the same on every machine."""

from __future__ import annotations

from fimble.engine.tokens.byte_pairs import byte_alphabet
from fimble.engine.tokens.vocabulary import StatedVocabulary

CONTROL = ("<|im_start|>", "<|im_end|>", "<|fim_middle|>")
MERGED_WORDS = ("def", "return", "self", "the", "ing", "    ", "import", "item", "total", "()")


def stated_vocabulary(pre: str = "qwen2", **changes: object) -> StatedVocabulary:
    """Every byte, the beginnings of a few words, and control tokens; `changes` replaces fields."""
    alphabet = byte_alphabet()
    tokens = [alphabet[byte] for byte in range(256)]
    merges: list[str] = []
    for word in MERGED_WORDS:
        spelt = "".join(alphabet[byte] for byte in f" {word}".encode())
        for end in range(1, len(spelt)):
            if spelt[: end + 1] not in tokens:
                merges.append(f"{spelt[:end]} {spelt[end]}")
                tokens.append(spelt[: end + 1])
    fields: dict[str, object] = {
        "model": "gpt2",
        "pre": pre,
        "tokens": (*tokens, *CONTROL),
        "merges": tuple(merges),
        "token_types": (1,) * len(tokens) + (3,) * len(CONTROL),
        "begins": False,
    }
    return StatedVocabulary(**(fields | changes))  # pyright: ignore[reportArgumentType]


def all_pairs_vocabulary(pre: str, texts: list[str]) -> StatedVocabulary:
    """Every byte and every pair of bytes that stands in `texts`: where pieces end, shows."""
    alphabet = byte_alphabet()
    tokens = [alphabet[byte] for byte in range(256)]
    spelt = ["".join(alphabet[byte] for byte in text.encode()) for text in texts]
    pairs = sorted({word[at : at + 2] for word in spelt for at in range(len(word) - 1)})
    return StatedVocabulary(
        model="gpt2",
        pre=pre,
        tokens=(*tokens, *pairs),
        merges=tuple(f"{pair[0]} {pair[1]}" for pair in pairs),
        token_types=(1,) * (len(tokens) + len(pairs)),
        begins=False,
    )


def as_model_info(stated: StatedVocabulary) -> dict[str, object]:
    """The vocabulary as a verbose /api/show states it."""
    return {
        "tokenizer.ggml.add_bos_token": stated.begins,
        "tokenizer.ggml.merges": list(stated.merges),
        "tokenizer.ggml.model": stated.model,
        "tokenizer.ggml.pre": stated.pre,
        "tokenizer.ggml.token_type": list(stated.token_types),
        "tokenizer.ggml.tokens": list(stated.tokens),
    }
