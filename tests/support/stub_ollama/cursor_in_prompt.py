"""Finds the code around the cursor in any prompt: every FIM family, prefill, chat with a hole.

The stub's oracle must not know which layout the product chose, so this module recognises them
all by their control tokens, and falls back to "the prompt ends at the cursor".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CursorContext:
    """The code before and after the cursor, as the model is shown it."""

    before: str
    after: str | None
    """None when the prompt shows nothing of what follows; "" when nothing follows."""
    fence: str = ""
    """The code fence that a prefilled answer has to close; empty in other layouts."""


@dataclass(frozen=True, slots=True)
class _FimTokens:
    """Patterns for one family's three tokens; blanks that belong to a token are eaten by it."""

    prefix: re.Pattern[str]
    suffix: re.Pattern[str]
    middle: re.Pattern[str]


def _literal(prefix: str, suffix: str, middle: str) -> _FimTokens:
    return _FimTokens(*(re.compile(re.escape(it)) for it in (prefix, suffix, middle)))


_FAMILIES = (
    _literal("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    _literal("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
    _literal("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
    _literal("[PREFIX]", "[SUFFIX]", "[MIDDLE]"),
    _FimTokens(re.compile(r"<PRE> ?"), re.compile(r" ?<SUF>"), re.compile(r" ?<MID> ?")),
)
_ASSISTANT = re.compile(
    r"<\|im_start\|>assistant\n|<\|start_of_role\|>assistant<\|end_of_role\|>|\[/INST\]"
)
_TURN_END = re.compile(r"<\|im_end\|>\n?|<\|end_of_text\|>\n?")
_THOUGHT = re.compile(r"\A\s*<think>.*?</think>\n*", re.DOTALL)
_OPENING_FENCE = re.compile(r"\A(`{3,})[^\n`]*\n")
_BLOCK = re.compile(r"^(`{3,})[^\n`]*\n(.*?)\n?^\1$", re.DOTALL | re.MULTILINE)
HOLE_MARKS = ("<|cursor|>", "<CURSOR>", "<HOLE>", "<FILL_HERE>")


def cursor_context(prompt: str, hole_marks: Sequence[str] = HOLE_MARKS) -> CursorContext:
    """Where the cursor is in `prompt`."""
    for tokens in _FAMILIES:
        found = _fim_context(prompt, tokens)
        if found is not None:
            return found
    turns = list(_ASSISTANT.finditer(prompt))
    if turns:
        return _chat_context(prompt[: turns[-1].start()], prompt[turns[-1].end() :], hole_marks)
    return _hole_context(prompt, hole_marks) or CursorContext(before=prompt, after=None)


def _fim_context(prompt: str, tokens: _FimTokens) -> CursorContext | None:
    """The last prefix and suffix of the prompt; None when it is not of this family."""
    marks = {
        name: _last(pattern, prompt)
        for name, pattern in (
            ("prefix", tokens.prefix),
            ("suffix", tokens.suffix),
            ("middle", tokens.middle),
        )
    }
    if marks["prefix"] is None:
        return None
    starts = sorted(it.start() for it in marks.values() if it is not None)

    def region(name: str) -> str:
        mark = marks[name]
        if mark is None:
            return ""
        end = next((it for it in starts if it > mark.start()), len(prompt))
        return prompt[mark.end() : max(end, mark.end())]

    after = None if marks["suffix"] is None else region("suffix")
    # In the suffix-first forms of StarCoder and Code Llama the prefix follows the middle token.
    return CursorContext(before=region("prefix") + region("middle"), after=after)


def _chat_context(head: str, answer: str, hole_marks: Sequence[str]) -> CursorContext:
    answer = _THOUGHT.sub("", answer, count=1)
    if not answer.strip() or _TURN_END.match(answer):
        return _hole_context(head, hole_marks) or CursorContext(before="", after=None)
    fence = _OPENING_FENCE.match(answer)
    blocks = _BLOCK.findall(head)
    return CursorContext(
        before=answer[fence.end() :] if fence else answer,
        after=blocks[-1][1] if blocks else None,
        fence=fence[1] if fence else "",
    )


def _hole_context(text: str, hole_marks: Sequence[str]) -> CursorContext | None:
    """The text on both sides of the last hole mark."""
    at, mark = max((text.rfind(it), it) for it in hole_marks)
    if at < 0:
        return None
    after = text[at + len(mark) :]
    turn_end = _TURN_END.search(after)
    after = after[: turn_end.start()] if turn_end else after
    return CursorContext(before=text[:at], after=after)


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    last = None
    for match in pattern.finditer(text):
        last = match
    return last
