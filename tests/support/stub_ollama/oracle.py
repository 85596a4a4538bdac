"""A model that knows how the file will look: it answers with what really follows the cursor.

Benchmarks type a target text key by key; the oracle finds the code before the cursor in it,
whatever the prompt's layout, and goes on from there until the text that already stands after
the cursor begins. With `support.stub_ollama.answers.noise` it errs after some characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from support.stub_ollama.answers import Reply
from support.stub_ollama.cursor_in_prompt import HOLE_MARKS, CursorContext, cursor_context
from support.stub_ollama.tokens import common_prefix

PROBE_SIZES = (2000, 400, 80, 16)
"""So many characters before the cursor are looked for, the longest first; when there are fewer
than the last figure, they must be the beginning of a target."""
COMPARED_CHARACTERS = 2000
"""Among several places the one that agrees longest, looking back this far, is taken."""
MAX_PLACES = 64
"""So many places are compared at most: a repetitive file must not stop the stub."""
SUFFIX_HEAD_CHARACTERS = 80
"""So much of the text after the cursor decides where the answer ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Oracle:
    """Callable as an `Answer`."""

    targets: Sequence[str]
    """The texts as they will be when everything is typed."""
    otherwise: str = ""
    """The answer when the cursor's surroundings occur in no target."""
    max_characters: int = 4000
    hole_marks: Sequence[str] = HOLE_MARKS

    def __call__(self, prompt: str) -> Reply:
        """What follows the cursor of `prompt`."""
        context = cursor_context(prompt, self.hole_marks)
        place = self._find(context)
        if place is None:
            return Reply(text=self.otherwise)
        target, start = place
        end = hole_end(target, start, context.after)
        text = target[start : min(end, start + self.max_characters)]
        return Reply(text=f"{text}\n{context.fence}\n" if context.fence else text)

    def _find(self, context: CursorContext) -> tuple[str, int] | None:
        """The place that the longest piece of text before the cursor leads up to."""
        for size in PROBE_SIZES:
            probe = context.before[-size:]
            places = [
                (_agreement(target, start, context), target, start)
                for target in self.targets
                for start in islice(_places(target, probe), MAX_PLACES)
            ]
            if places:
                _, target, start = max(places, key=lambda it: it[0])
                return target, start
        return None


def hole_end(target: str, start: int, after: str | None) -> int:
    """Where the text that stands `after` the cursor begins in `target`; its end if nowhere."""
    if not after:
        return len(target)
    at_end = len(target) - len(after)
    if len(after) < SUFFIX_HEAD_CHARACTERS and at_end >= start and target.endswith(after):
        return at_end
    found = target.find(after[:SUFFIX_HEAD_CHARACTERS], start)
    if found >= 0:
        return found
    first_line = next((it for it in after.splitlines() if it.strip()), "")
    found = target.find(first_line, start) if first_line else -1
    return found if found >= 0 else len(target)


def _places(target: str, probe: str) -> Iterator[int]:
    """Every position of `target` that `probe` ends at; a short probe must begin the target."""
    if len(probe) < PROBE_SIZES[-1]:
        if target.startswith(probe):
            yield len(probe)
        return
    found = target.find(probe)
    while found >= 0:
        yield found + len(probe)
        found = target.find(probe, found + 1)


def _agreement(target: str, start: int, context: CursorContext) -> tuple[int, bool]:
    """How well a place fits: characters that agree going back, then whether the suffix follows."""
    window = target[max(0, start - COMPARED_CHARACTERS) : start]
    agreeing = _common_end(window, context.before[-COMPARED_CHARACTERS:])
    head = (context.after or "")[:SUFFIX_HEAD_CHARACTERS]
    return agreeing, bool(head) and target.find(head, start) >= 0


def _common_end(left: str, right: str) -> int:
    return common_prefix(left[::-1], right[::-1])
