"""What models put around code though nobody asked: thoughts, fences, a sentence of introduction.

The one place that knows what these look like; the stream is cut and the item is unwrapped by the
same rules.
"""

from __future__ import annotations

import re
from functools import lru_cache

from fimble.completion.surroundings import Surroundings
from fimble.syntax.cursor import Region, cursor_region

_THOUGHT_OPEN = re.compile(r"\s*<think(?:ing)?>")
_THOUGHT_CLOSE = re.compile(r"</think(?:ing)?>[ \t]*\n{0,2}")
_FENCE_OPEN = re.compile(r"[ \t\n]*(?:```|~~~)[^\n`]*\n")
_FENCE_BEGUN = re.compile(r"[ \t\n]*(?:```|~~~)[^\n`]*")
_FENCE_LINE = re.compile(r"[ \t]*(?:```|~~~)")
_CODE_IN_PROSE = re.compile(r"`[^`\n]{1,80}`")
_PROSE = re.compile(
    r"(?:here(?:['’]s| is| are)|sure|certainly|of course|below is|okay|alright|great|"
    r"the (?:complete|completed|completion|following|missing|updated|full|corrected|code|above)|"
    r"i(?:['’]ll|['’]ve| will| have| need| would| think| can)|to complete|to fix|we need|we can|"
    r"this (?:code|function|method|snippet|completes|implementation|will|completion)|you can|"
    r"let me|let['’]s|note that|please note|explanation|in this (?:code|example|function))\b"
    r"[ ,:!.][^{}\[\];=<>]*$|explanation:$|sure[!,.]$|certainly[!,.]$",
    re.IGNORECASE,
)
_PROSE_WORDS = 3
_PROSE_LANGUAGES = frozenset({"markdown"})
_CONTROL_TOKEN = re.compile(
    r"<\|[^\s<>|]{1,64}\|>|<｜[^\s<>｜]{1,64}｜>|"
    r"<(?:fim_(?:prefix|middle|suffix|pad)|file_sep|repo_name|end_of_turn|start_of_turn|"
    r"EOT|MID|PRE|SUF|endoftext)>"
)
"""Control tokens that reached us as text; those a person writes in code (`<s>`) are left alone."""


@lru_cache(maxsize=1)
def holds_code(around: Surroundings) -> bool:
    """Whether code belongs at the cursor, so that prose and fences there are wrapping.

    Several rules ask this about the same place, and the answer costs a walk over its tree.
    """
    if around.language is None or around.language.name in _PROSE_LANGUAGES:
        return False
    return around.tree is None or cursor_region(around.tree, around.cursor) is Region.CODE


def code_start(text: str, *, code: bool) -> int | None:
    """Return where the text behind thoughts, introduction and opening fence begins.

    Args:
        text: The answer so far.
        code: Whether prose and fences are wrapping here (see `holds_code`).

    Returns:
        An offset; None while the answer is still inside the wrapping.
    """
    start = after_thought(text)
    if start is None or not code:
        return start
    start = after_preamble(text, start)
    fence = _FENCE_OPEN.match(text, start)
    if fence is not None:
        return fence.end()
    return None if _FENCE_BEGUN.fullmatch(text, start) else start


def after_thought(text: str) -> int | None:
    """Return the offset behind a block of thoughts; None while it is open, 0 without one."""
    opening = _THOUGHT_OPEN.match(text)
    if opening is None:
        return 0
    closing = _THOUGHT_CLOSE.search(text, opening.end())
    return None if closing is None else closing.end()


def after_stray_thought(text: str) -> int:
    """Return the offset behind thoughts whose opening mark was part of the prompt."""
    closing = _THOUGHT_CLOSE.search(text)
    return 0 if closing is None else closing.end()


def after_preamble(text: str, start: int = 0) -> int:
    """Return the offset behind sentences such as "Here is the code:", and blank lines there."""
    place = start
    while (newline := text.find("\n", place)) != -1:
        line = text[place:newline]
        if not is_prose(line) and (line.strip() or place == start):
            break
        place = newline + 1
    return place if text[start:place].strip() else start


def opening_fence(text: str) -> int:
    """Return the length of a fence line that `text` begins with; 0 without one."""
    fence = _FENCE_OPEN.match(text)
    return 0 if fence is None else fence.end()


def is_fence(line: str) -> bool:
    """Whether a line opens or closes a Markdown fence."""
    return _FENCE_LINE.match(line) is not None


def is_prose(line: str) -> bool:
    """Whether a line talks to the reader instead of being code."""
    text = _CODE_IN_PROSE.sub("code", line).strip()
    if _PROSE.match(text) is None:
        return False
    return len(text.split()) >= _PROSE_WORDS or text.endswith((":", "!", "."))


def control_token(text: str, document: str) -> tuple[int, int] | None:
    """Return where a control token begins and ends in `text`; None without one.

    A token that the document itself holds is taken for code about tokens.
    """
    if "<" not in text:
        return None
    for found in _CONTROL_TOKEN.finditer(text):
        if found.group() not in document:
            return found.span()
    return None
