"""Control tokens inside user text are broken up, so that no tokenizer reads them as special.

Raw prompts are tokenized with special tokens on: a source file that holds `<|im_end|>` would end
the turn, one that holds `<|fim_middle|>` would end the prompt (threat T14). `neutralise` puts one
space after the first character of each such string (`< |im_end|>`): readable, the same for every
family, and undone by a person at a glance. Prompts are for reading by a model; the document
itself is never changed.

The list covers every family of `fimble.engine.profile_table` and the chat and tool markers of
their tokenizers; strings of the forms `<|word|>` and `<｜word｜>` are always broken, listed or not,
since that is how new families name their tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_ANGLE_WORDS = (
    # starcoder2, granite 3, stable-code: bigcode/starcoder2-3b:tokenizer_config.json
    *("fim_prefix", "fim_middle", "fim_suffix", "fim_pad", "repo_name", "file_sep"),
    *("issue_start", "issue_comment", "issue_closed", "jupyter_start", "jupyter_text"),
    *("jupyter_code", "jupyter_output", "jupyter_script", "empty_output", "code_to_intermediate"),
    *("intermediate_to_code", "pr", "pr_status", "pr_is_merged", "pr_base", "pr_file"),
    *("pr_base_code", "pr_diff", "pr_diff_hunk", "pr_comment", "pr_event_id", "pr_review"),
    *("pr_review_state", "pr_review_comment", "pr_in_reply_to_review_id"),
    *("pr_in_reply_to_comment_id", "pr_diff_hunk_comment_line", "gh_stars", "commit_before"),
    *("commit_msg", "commit_after", "reponame", "filename"),
    # codellama: codellama/CodeLlama-7b-hf:tokenizer_config.json
    *("PRE", "SUF", "MID", "EOT"),
    # codegemma: google/codegemma-7b:tokenizer_config.json
    *("start_of_turn", "end_of_turn", "bos", "eos"),
    # sentencepiece families: beginning, end, padding and unknown
    *("s", "/s", "pad", "unk", "mask"),
    # qwen3.x: tool and thinking markers are single tokens too
    *("think", "/think", "tool_call", "/tool_call", "tool_response", "/tool_response"),
)
"""Tokens of the form `<word>`, case-exact: `<PRE>` is a token and `<pre>` is HTML."""

_SQUARE_WORDS = (
    # codestral: mistralai/Codestral-22B-v0.1:tokenizer_config.json
    *("PREFIX", "SUFFIX", "MIDDLE", "INST", "/INST", "IMG", "IMG_BREAK", "IMG_END"),
    *("AVAILABLE_TOOLS", "/AVAILABLE_TOOLS", "TOOL_CALLS", "TOOL_RESULTS", "/TOOL_RESULTS"),
    *("SYSTEM_PROMPT", "/SYSTEM_PROMPT", "TOOL_CONTENT", "ARGS", "CALL_ID", "THINK", "/THINK"),
)
"""Tokens of the form `[WORD]`."""

CONTROL_TOKENS = frozenset(
    [f"<{word}>" for word in _ANGLE_WORDS]
    + [f"[{word}]" for word in _SQUARE_WORDS]
    # llama 2 chat writes <<SYS>>; what lies inside the outer brackets is enough to break it.
    + ["<SYS>", "</SYS>"]
)
"""The listed tokens; those of the forms `<|word|>` and `<｜word｜>` need no list."""

_LONGEST_NAME = 64


def _trie_pattern(words: Iterable[str]) -> str:
    """Return a pattern that matches exactly `words`, sharing their beginnings.

    A plain alternation tries every word at every `<`; sharing keeps the search linear and about
    as fast on text made of brackets only as on prose.
    """
    by_first: dict[str, list[str]] = {}
    ends = False
    for word in words:
        if word:
            by_first.setdefault(word[0], []).append(word[1:])
        else:
            ends = True
    branches = [re.escape(first) + _trie_pattern(rest) for first, rest in sorted(by_first.items())]
    if not branches:
        return ""
    body = branches[0] if len(branches) == 1 and not ends else f"(?:{'|'.join(branches)})"
    return f"{body}?" if ends else body


_PATTERN = re.compile(
    rf"<(?=[a-zA-Z/|｜])(?=\|[^\s<>|]{{1,{_LONGEST_NAME}}}\|>"
    rf"|｜[^\s<>｜]{{1,{_LONGEST_NAME}}}｜>"
    rf"|{_trie_pattern(token[1:] for token in CONTROL_TOKENS if token[0] == '<')})"
    rf"|\[(?=[A-Z/])(?={_trie_pattern(token[1:] for token in CONTROL_TOKENS if token[0] == '[')})"
)


def neutralise(text: str) -> str:
    """Return `text` with every control token broken by a space after its first character.

    Text without control tokens is returned unchanged, as the same object. Idempotent.
    """
    if "<" not in text and "[" not in text:
        return text
    return _PATTERN.sub(r"\g<0> ", text)


def has_control_token(text: str) -> bool:
    """Whether `text` holds a string that some family's tokenizer reads as special."""
    return _PATTERN.search(text) is not None
