"""A model that knows how the file will look: it answers with what really follows the cursor.

Benchmarks type a target text key by key; the oracle finds the code before the cursor in it,
whatever the prompt's layout, and goes on from there until the text that already stands after
the cursor begins. With `support.stub_ollama.answers.noise` it errs after some characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from support.stub_ollama.answers import Reply
from support.stub_ollama.cursor_in_prompt import HOLE_MARKS, CursorContext, cursor_context
from support.stub_ollama.tokens import common_prefix

PROBE_CHARACTERS = 16
"""So many characters before the cursor (or all there are) must occur in a target."""
COMPARED_CHARACTERS = 2000
"""Among several places the one that agrees longest, looking back this far, is taken."""
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
        places = [
            (_agreement(target, start, context), target, start)
            for target in self.targets
            for start in _places(target, context.before)
        ]
        if not places:
            return None
        _, target, start = max(places, key=lambda it: it[0])
        return target, start


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


def _places(target: str, before: str) -> Iterator[int]:
    """Every position of `target` that the last characters before the cursor lead up to."""
    probe = before[-PROBE_CHARACTERS:]
    if len(before) < PROBE_CHARACTERS:
        if target.startswith(before):
            yield len(before)
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
    return agreeing, bool(head) and head in target[start:]


def _common_end(left: str, right: str) -> int:
    return common_prefix(left[::-1], right[::-1])
