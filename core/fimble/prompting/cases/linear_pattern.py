r"""Regular expressions whose search takes time linear in the text, whatever the pattern (T17).

Patterns of a template's tests come out of a repository, and Python's `re` takes exponential time
for some of them. Here a pattern becomes a Thompson automaton that is run on all its states at
once (Russ Cox, "Regular Expression Matching Can Be Simple And Fast"), its transitions kept as
they are found. Known are literals, `.`, classes (`[a-z]`, `\w`, `\d`, `\s` and their
opposites), groups, `|`, `* + ? {m,n}`, and `^` and `$` at the ends of lines. Look-around,
back-references and flags are not: nothing can run them in linear time, or nobody needs them here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MAX_PATTERN_CHARACTERS = 500
MAX_STATES = 1_000
MAX_REPEAT = 200
_MAX_DEPTH = 20
_MAX_TRANSITIONS = 20_000

_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_SET_SIGNS = re.compile(r"(?<!\\)(?:\[|&(?=&)|\|(?=\|)|~(?=~)|-(?=-))")
"""What Python may one day read as nested sets and as operations on them; here plain characters."""
_REPEAT = re.compile(r"\{([0-9]{1,4})(,([0-9]{0,4}))?\}")
_LINE_START, _LINE_END = "^", "$"
_ESCAPED = "wWdDsSntrf"
"""Letters that mean something after a backslash; other letters are refused."""


class PatternRefusedError(Exception):
    """A pattern that is wrong or not supported; the text is a sentence for people."""


@dataclass(slots=True)
class _State:
    """A state of the automaton: consumes one character, or leads on without one."""

    accepts: re.Pattern[str] | None = None
    """What one character must match; None consumes nothing."""
    anchor: str = ""
    """`^` or `$`: may be passed at that end of a line only."""
    to: list[int] = field(default_factory=list[int])


class LinearPattern:
    """A compiled pattern."""

    def __init__(self, pattern: str) -> None:
        """Compile `pattern`; raises `PatternRefusedError` when it is wrong or not supported."""
        self._states: list[_State] = []
        self._start, self._end = _Compiler(pattern, self._states).compile()
        self._steps: dict[tuple[frozenset[int], bool, str], tuple[bool, frozenset[int]]] = {}

    def search(self, text: str) -> bool:
        """Whether the pattern matches anywhere in `text`."""
        current: frozenset[int] = frozenset()
        at_start = True
        for character in (*text, ""):
            key = (current, at_start, character)
            known = self._steps.get(key)
            if known is None:
                if len(self._steps) >= _MAX_TRANSITIONS:
                    self._steps.clear()
                known = self._steps[key] = self._step(current, character, at_start=at_start)
            found, current = known
            if found:
                return True
            at_start = character == "\n"
        return False

    def _step(
        self, current: frozenset[int], character: str, *, at_start: bool
    ) -> tuple[bool, frozenset[int]]:
        """Return whether a match ends before `character`, and the states after it."""
        anchors = {_LINE_START} if at_start else set[str]()
        if character in ("", "\n"):
            anchors.add(_LINE_END)
        closed: set[int] = set()
        waiting = [self._start, *current]
        while waiting:
            at = waiting.pop()
            state = self._states[at]
            if at in closed or (state.anchor and state.anchor not in anchors):
                continue
            closed.add(at)
            if state.accepts is None:
                waiting += state.to
        after = [
            onward
            for at in closed
            if (state := self._states[at]).accepts and character and state.accepts.match(character)
            for onward in state.to
        ]
        return self._end in closed, frozenset(after)


@dataclass(slots=True)
class _Compiler:
    """Recursive descent over the pattern; a part compiled is (first state, last state)."""

    pattern: str
    states: list[_State]
    at: int = 0
    depth: int = 0

    def compile(self) -> tuple[int, int]:
        if len(self.pattern) > MAX_PATTERN_CHARACTERS:
            limit = MAX_PATTERN_CHARACTERS
            raise PatternRefusedError(f"The pattern is longer than {limit} characters.")
        whole = self._alternatives()
        if self.at < len(self.pattern):
            raise PatternRefusedError("There is a `)` too many in the pattern.")
        return whole

    def _alternatives(self) -> tuple[int, int]:
        first, last = self._new(), self._new()
        while True:
            inner, end = self._sequence()
            self.states[first].to.append(inner)
            self.states[end].to.append(last)
            if not self._take("|"):
                return first, last

    def _sequence(self) -> tuple[int, int]:
        first = last = self._new()
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            begin = self.at
            part = self._atom()
            part = self._repeated(part, begin, self.at)
            self.states[last].to.append(part[0])
            last = part[1]
        return first, last

    def _atom(self) -> tuple[int, int]:
        character = self.pattern[self.at]
        if character == "(":
            return self._group()
        if character in "*+?{":
            raise PatternRefusedError(f"There is nothing that the `{character}` could repeat.")
        if character in (_LINE_START, _LINE_END):
            self.at += 1
            return self._single(_State(anchor=character))
        return self._single(_State(accepts=self._character_test()))

    def _character_test(self) -> re.Pattern[str]:
        character = self.pattern[self.at]
        text = character if character == "." else re.escape(character)
        length = 1
        if character == "\\":
            text = self.pattern[self.at : self.at + 2]
            length = 2
            if len(text) < length or (text[1].isalnum() and text[1] not in _ESCAPED):
                raise PatternRefusedError(f"`{text}` is not supported in a pattern.")
        elif character == "[":
            found = _CLASS.match(self.pattern, self.at)
            if found is None:
                raise PatternRefusedError("A `[` is not closed in the pattern.")
            length = len(found[0])
            text = "[" + _SET_SIGNS.sub(r"\\\g<0>", found[0][1:])
        self.at += length
        try:
            return re.compile(text)
        except re.error as error:
            raise PatternRefusedError(f"`{text}` is no class of characters: {error}.") from None

    def _group(self) -> tuple[int, int]:
        self.at += 1
        if self.pattern.startswith("?", self.at):
            if not self.pattern.startswith("?:", self.at):
                raise PatternRefusedError(
                    "Look-around, flags and names of groups are not supported in a pattern."
                )
            self.at += 2
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise PatternRefusedError(f"Groups are nested more than {_MAX_DEPTH} deep.")
        inner = self._alternatives()
        self.depth -= 1
        if not self._take(")"):
            raise PatternRefusedError("A `(` is not closed in the pattern.")
        return inner

    def _repeated(self, part: tuple[int, int], begin: int, end: int) -> tuple[int, int]:
        """Repeat the part that was read from `begin` to `end` as the pattern says next."""
        low, high = self._bounds()
        if (low, high) == (1, 1):
            return part
        after = self.at
        self._take("?")  # lazy or not makes no difference to whether there is a match
        done = self.at
        first, last = self._new(), self._new()
        at = first
        for number in range(max(low, high or 0, 1)):
            if number >= low:
                self.states[at].to.append(last)
            copy = part if number == 0 else self._again(begin, end)
            self.states[at].to.append(copy[0])
            at = copy[1]
            if high is None and number >= low - 1:
                self.states[at].to.append(copy[0])
        self.states[at].to.append(last)
        if high == 0:
            self.states[first].to = [last]
        self.at = max(done, after)
        return first, last

    def _again(self, begin: int, end: int) -> tuple[int, int]:
        """Compile the same stretch of the pattern once more."""
        kept, self.at = self.at, begin
        copy = self._atom()
        if self.at != end:
            raise PatternRefusedError("The pattern cannot be read.")
        self.at = kept
        return copy

    def _bounds(self) -> tuple[int, int | None]:
        """Read a quantifier: least and most repetitions, None for any number."""
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return bounds
        found = _REPEAT.match(self.pattern, self.at)
        if found is None:
            return 1, 1
        self.at = found.end()
        low = int(found[1])
        high = low if found[2] is None else int(found[3]) if found[3] else None
        if max(low, high or 0) > MAX_REPEAT or (high is not None and high < low):
            raise PatternRefusedError(f"`{found[0]}` is out of order or over {MAX_REPEAT}.")
        return low, high

    def _single(self, state: _State) -> tuple[int, int]:
        first, last = self._new(state), self._new()
        self.states[first].to.append(last)
        return first, last

    def _new(self, state: _State | None = None) -> int:
        if len(self.states) >= MAX_STATES:
            raise PatternRefusedError("The pattern repeats too much.")
        self.states.append(state or _State())
        return len(self.states) - 1

    def _take(self, character: str) -> bool:
        taken = self.pattern.startswith(character, self.at)
        self.at += taken
        return taken
