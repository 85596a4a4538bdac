"""The stub's tokenizer: deterministic, about four characters a token, stable under appending.

No real vocabulary is imitated; what matters to clients is how many tokens change when text does.
Three properties hold, and `tests/unit/support/test_tokens.py` checks them:

- joining the tokens of a text gives the text back;
- appending to a text changes at most its last token (as byte-pair encoders mostly do), unless the
  appended text completes a special token such as ``<|fim_middle|>``;
- a special token of any model family is exactly one token, also inside user text, because
  Ollama parses special tokens in prompts (that is why clients must neutralise them).

A token is its own text: ids would add nothing and make journals unreadable.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

Tokens = tuple[str, ...]
"""A tokenised text."""

SPECIAL_TOKEN = re.compile(
    r"<\|[A-Za-z][A-Za-z0-9_]{1,30}\|>"  # Qwen, Granite 4, CodeGemma, DeepSeek-V2 end markers
    r"|<｜[^｜<>\n]{1,30}｜>"  # DeepSeek, with full-width bars
    r"|<(?:fim_(?:prefix|suffix|middle|pad)|file_sep|repo_name|reponame|filename|jupyter_code)>"
    r"|\[(?:SUFFIX|PREFIX|MIDDLE|INST|/INST)\]"  # Codestral
    r"| <(?:SUF|MID)>|<(?:PRE|SUF|MID|EOT)>"  # Code Llama, whose middle pieces carry a space
    r"|</?think>|</?s>|<(?:start|end)_of_turn>|<bos>|<eos>"
)
"""Control tokens of the families of `fimble.engine.profiles`, and the chat markers."""

_PIECE = re.compile(
    r"\r?\n"
    r"| ?[A-Za-z]{1,8}"
    r"| ?[0-9]{1,3}"
    r"| ?(?:[^\W\d_A-Za-z]){1,2}"
    r"| ?_{1,2}"
    r"| ?[!-/:-@\[-^`{-~]{1,2}"
    r"| {1,16}(?!\S)| {1,15}(?= )"
    r"|\t{1,4}"
    r"|.",
    re.DOTALL,
)


@lru_cache(maxsize=256)
def tokenize(text: str) -> Tokens:
    """Split `text` into tokens; nothing is lost or normalised."""
    tokens: list[str] = []
    end = 0
    for special in SPECIAL_TOKEN.finditer(text):
        tokens += _PIECE.findall(text, end, special.start())
        tokens.append(special[0])
        end = special.end()
    tokens += _PIECE.findall(text, end)
    return tuple(tokens)


def common_prefix(left: Sequence[str], right: Sequence[str]) -> int:
    """How many tokens (or characters) both have in common from the start."""
    shortest = min(len(left), len(right))
    if left[:shortest] == right[:shortest]:
        return shortest
    low, high = 0, shortest
    while low < high:  # invariant: the first `low` tokens agree, the first `high` + 1 may not
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
