"""The code is over when it begins to repeat: the text below the cursor, or itself."""

from __future__ import annotations

from itertools import pairwise

from fimble.completion.indentation import width
from fimble.completion.similarity import is_near_copy, is_substantial, same_line
from fimble.completion.stops.generated import Cut, Generated

_PAIR = 2
_EQUAL_LINES = 3
_EQUAL_MARKS = 6
"""Equal lines without letters, such as rows of zeros, may be meant."""

_SHORT_PERIOD = 2
_LONGEST_PERIOD = 12
_MIN_PERIOD_LETTERS = 30

_LOOP_STEP = 16
"""A line is looked at for loops each time it has grown by so many characters."""

_LONGEST_TURN = 60
_TURNS_BY_LENGTH = ((1, 120), (3, 40), (10, 10), (_LONGEST_TURN + 1, 4))
"""Below which length of a turn how many make a loop; long turns repeat by chance least
(TabbyML/tabby:clients/tabby-agent/src/codeCompletion/postprocess/removeLineEndsWithRepetition.ts
takes 5 turns of 3 characters and 3 of 10, which cuts arrays and tables)."""

_TURNS_WITHOUT_LETTERS = 120


def stop_at_repetition_of_below(seen: Generated) -> Cut | None:
    """A line that stands right below the cursor already is the end of what is missing.

    A first line or a short one may stand there twice by right (`@property`, `}`): there, the line
    after it decides.
    """
    below = seen.around.below
    if seen.newest.is_blank:
        return None
    lines = [line.text for line in seen.content(2)]
    if len(lines) == _PAIR and len(below) >= _PAIR and _repeat(lines, below[:_PAIR]):
        return seen.cut_before(seen.content(2)[0], "the text below began to repeat")
    is_first = len(lines) == 1
    if not is_first and any(is_substantial(b) and same_line(lines[-1], b) for b in below[:1]):
        return seen.cut_before(seen.newest, "the text below began to repeat")
    return None


def stop_at_repeated_lines(seen: Generated) -> Cut | None:
    """The same line three times, or the same group of lines twice, is a loop."""
    if seen.newest.is_blank:
        return None
    lines = seen.content(2 * _LONGEST_PERIOD)
    texts = [line.text.rstrip() for line in lines]
    equal = _equal_at_end(texts)
    needed = _EQUAL_LINES if any(map(str.isalpha, texts[-1])) else _EQUAL_MARKS
    if equal >= needed:
        return Cut(end=lines[len(lines) - equal].end, reason="the same line again and again")
    for period in range(2, len(texts) // 2 + 1):
        group = texts[-period:]
        turns = 3 if period == _SHORT_PERIOD else 2
        if texts[-period * turns :] != group * turns:
            continue
        if sum(map(str.isalpha, "".join(group))) >= _MIN_PERIOD_LETTERS:
            last = len(lines) - period * (turns - 1) - 1
            return Cut(end=lines[last].end, reason="the same lines again and again")
    return None


def loop_in_line(line: str, *, start: int = 0) -> int | None:
    """Return the length at which a growing line is seen to repeat itself; None if it does not.

    Args:
        line: The line so far.
        start: A length up to which it was looked at before; the answer does not depend on it.
    """
    first = start - start % _LOOP_STEP + _LOOP_STEP
    for length in range(first, len(line) + 1, _LOOP_STEP):
        if _turn_length(line[:length]):
            return length
    return None


def loop_start(line: str) -> int:
    """Return where the repetition at the end of a looping line begins."""
    turn = _turn_length(line)
    if not turn:
        return len(line)
    start = len(line) - turn
    while start > 0 and line[start - 1] == line[start - 1 + turn]:
        start -= 1
    return start


def _turn_length(text: str) -> int:
    """Return the length of the piece that a text ends with again and again; 0 without one."""
    for length in range(1, min(_LONGEST_TURN, len(text) // 4) + 1):
        piece = text[-length:]
        if not any(map(str.isalpha, piece)):
            turns = -(-_TURNS_WITHOUT_LETTERS // length)
        else:
            turns = next(turns for below, turns in _TURNS_BY_LENGTH if length <= below)
        if text.endswith(piece * turns):
            return length
    return 0


def _repeat(lines: list[str], below: tuple[str, ...]) -> bool:
    """Whether two lines are the next two below the cursor, or nearly so."""
    if all(map(same_line, lines, below)):
        return True
    if list(map(width, lines)) != list(map(width, below)):
        return False
    return is_near_copy("\n".join(lines), "\n".join(below))


def _equal_at_end(texts: list[str]) -> int:
    """Count the equal texts at the end."""
    count = 1
    for later, earlier in pairwise(reversed(texts)):
        if later != earlier:
            break
        count += 1
    return count
