r"""How a text is cut into pieces before any merging: the patterns that a vocabulary was made with.

A model file names its pattern in `tokenizer.ggml.pre`. The table holds the names of which we know
what llama.cpp does, from ggml-org/llama.cpp:src/llama-vocab.cpp (`llm_tokenizer_bpe` for the
patterns, `llama_vocab::impl::load` for names and flags); each was compared with libllama itself.
Models of any other name are estimated instead.

Several patterns are applied one after the other: what one has cut, the next cuts further, and
what none matches stays a piece. Patterns are written for the `regex` package, whose `\s` and
`\p{…}` are Unicode's, as llama.cpp's are; Python's own `re` has neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Splitting:
    """What a name in `tokenizer.ggml.pre` stands for."""

    patterns: tuple[str, ...]
    whole_pieces: bool = False
    """A piece that is a token is taken as such, merges or not (`ignore_merges`)."""
    begins: bool = False
    """Whether a prompt gets a token for its beginning unless the model file says otherwise."""


_CONTRACTION = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
_SPACES = r"\s*[\r\n]+|\s+(?!\S)|\s+"
_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

# llama.cpp reads upper and lower case as "a letter outside a-z" and "outside A-Z".
_UPPER, _LOWER = r"(?:(?=\p{L})[^a-z])", r"(?:(?=\p{L})[^A-Z])"


def _worded(digits: str, *, letters: str = r"\p{L}", marks: str = "") -> str:
    """The pattern of GPT-4's vocabulary, which most later ones vary."""
    return (
        rf"{_CONTRACTION}|[^\r\n\p{{L}}\p{{N}}]?[{letters}]+|{digits}"
        rf"| ?[^\s\p{{L}}{marks}\p{{N}}]+[\r\n]*|{_SPACES}"
    )


def _cased(digits: str, ending: str) -> str:
    """The pattern of GPT-4o's vocabulary: words are cut where capitals begin."""
    head = r"[^\r\n\p{L}\p{N}]?"
    return (
        rf"{head}{_UPPER}*{_LOWER}+{ending}|{head}{_UPPER}+{_LOWER}*{ending}|{digits}"
        rf"| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{_SPACES}"
    )


_QWEN2 = Splitting(patterns=(_worded(r"\p{N}"),))
_LLAMA3 = Splitting(patterns=(_worded(r"\p{N}{1,3}"),), whole_pieces=True, begins=True)
_PLAIN = Splitting(patterns=(_GPT2,))
_SINGLE_DIGITS = Splitting(patterns=(r"\p{N}", _GPT2))
_GPT4O = Splitting(patterns=(_cased(r"\p{N}{1,3}", f"{_CONTRACTION}?"),))
_DEEPSEEK3 = Splitting(
    patterns=(
        r"\p{N}{1,3}",
        "[一-龥\u3040-ゟ゠-ヿ]+",
        (
            r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"""
            rf"| ?[\p{{P}}\p{{S}}]+[\r\n]*|{_SPACES}"
        ),
    )
)

SPLITTINGS: Final[Mapping[str, Splitting]] = MappingProxyType(
    {
        "qwen35": Splitting(patterns=(_worded(r"\p{N}", letters=r"\p{L}\p{M}", marks=r"\p{M}"),)),
        **dict.fromkeys(("qwen2", "deepseek-r1-qwen", "stablelm2", "hunyuan", "megrez"), _QWEN2),
        **dict.fromkeys(("llama3", "llama-v3", "llama-bpe", "falcon3", "pixtral"), _LLAMA3),
        **dict.fromkeys(("dbrx", "smaug-bpe"), Splitting(patterns=_LLAMA3.patterns)),
        "glm4": Splitting(patterns=_LLAMA3.patterns, whole_pieces=True),
        **dict.fromkeys(("gpt-2", "phi-2", "mellum", "olmo"), _PLAIN),
        **dict.fromkeys(
            ("starcoder", "refact", "command-r", "smollm", "codeshell"), _SINGLE_DIGITS
        ),
        **dict.fromkeys(("gpt-4o", "llama4", "minimax-m2"), _GPT4O),
        "tekken": Splitting(patterns=(_cased(r"\p{N}", ""),), whole_pieces=True, begins=True),
        "deepseek-v3": _DEEPSEEK3,
        "deepseek-coder": Splitting(
            patterns=(
                r"[\r\n]",
                r"\s?\p{L}+",
                r"\s?\p{P}+",
                r"(?:(?!\s)[一-龥ࠀ-一가-\ud7ff])+",
                r"\p{N}",
            )
        ),
    }
)
"""By the names that model files use."""
