"""A value over its token budget is left out, cut at its end or beginning, or refused."""

from __future__ import annotations

from collections.abc import Callable

from fimble.errors import TemplateError
from fimble.prompting.guards import CountTokens
from fimble.prompting.rendered import Cut
from fimble.prompting.template import Budget
from fimble.prompting.values import Part, joined


def fit(
    parts: tuple[Part, ...], budget: Budget, *, count: CountTokens, source: str
) -> tuple[tuple[Part, ...], Cut | None]:
    """Return what of a value its budget allows, and the cut when there was one.

    Whole lines are kept where one fits, else a part of the first (or last) line. `head` keeps the
    beginning of the value, `tail` its end.

    Raises:
        TemplateError: It does not fit and the template says `error`.
    """
    text = joined(parts)
    tokens = count(text)
    if tokens <= budget.max_tokens:
        return parts, None
    if budget.on_overflow == "error":
        raise TemplateError(
            f"`{budget.variable}` is {tokens} tokens long, over its limit of {budget.max_tokens}.",
            source=source,
            line=budget.place.line,
            column=budget.place.column,
            hint="Give it less text, or set `on_overflow` to `head`, `tail` or `drop`.",
        )
    kept = "" if budget.on_overflow == "drop" else _cut(text, budget, count)
    cut = Cut(variable=budget.variable, tokens=tokens, kept_tokens=count(kept) if kept else 0)
    from_end = budget.on_overflow == "tail"
    return _take(parts, len(kept), from_end=from_end), cut


def _cut(text: str, budget: Budget, count: CountTokens) -> str:
    limit = budget.max_tokens
    if budget.on_overflow == "tail":
        starts = [at + 1 for at, character in enumerate(text) if character == "\n"]
        lengths = [0, *(len(text) - start for start in reversed(starts))]
        length = _longest(lengths, lambda size: count(text[len(text) - size :]) <= limit)
        if length == 0:
            length = _longest(range(len(text)), lambda size: count(text[-size:]) <= limit)
        return text[len(text) - length :]
    ends = [0, *(at + 1 for at, character in enumerate(text) if character == "\n")]
    length = _longest(ends, lambda size: count(text[:size]) <= limit)
    if length == 0:
        length = _longest(range(len(text)), lambda size: count(text[:size]) <= limit)
    return text[:length]


def _longest(lengths: list[int] | range, fits: Callable[[int], bool]) -> int:
    """Return the greatest of the ascending `lengths` that fits, by bisection; 0 always does."""
    low, high = 0, len(lengths) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if fits(lengths[middle]):
            low = middle
        else:
            high = middle - 1
    return lengths[low]


def _take(parts: tuple[Part, ...], length: int, *, from_end: bool) -> tuple[Part, ...]:
    """Return the first (or last) `length` characters; a control string is kept whole or not."""
    kept: list[Part] = []
    for part in reversed(parts) if from_end else parts:
        size = len(part) if isinstance(part, str) else len(part.text)
        if size <= length:
            kept.append(part)
        elif isinstance(part, str) and length:
            kept.append(part[len(part) - length :] if from_end else part[:length])
        length -= size
        if length <= 0:
            break
    return tuple(reversed(kept)) if from_end else tuple(kept)
