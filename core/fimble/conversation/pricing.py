"""What the next question would cost, and the exact prompt that it would be: before it is sent."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from fimble.chat.meter import ContextMeter, MeterSegment
from fimble.chat.transcript import Question, Turn
from fimble.conversation.question_expander import Expansion
from fimble.engine.tokens.counter import TokenCounter

_CACHED_COUNTS: Final = 512
_COUNTED_AT_ONCE: Final = 50_000
"""Characters that are counted without letting go of the interpreter."""
_LINE_START: Final = re.compile(r"\n(?=\S)")
_FEWEST_MEASURED: Final = 64
"""Tokens below which a prompt's time says nothing of the reading speed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewSegment:
    """A stretch of the prompt, for the X-ray."""

    name: str
    """"rules and role", "turn 3", "src/shop.py", "question"."""
    text: str
    tokens: int
    reused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptPreview:
    """The whole next prompt."""

    segments: tuple[PreviewSegment, ...]
    meter: ContextMeter
    problem: str = ""
    """Why the question cannot be sent as it is; empty when it can."""
    cuts: tuple[str, ...] = ()
    """What the template shortens or leaves out to keep its budget, one sentence each."""

    @property
    def text(self) -> str:
        """Everything that the model will see."""
        return "\n\n".join(segment.text for segment in self.segments)


@dataclass(slots=True, kw_only=True)
class Pricing:
    """Counts tokens of a conversation, from any thread; counts of unchanged texts are kept."""

    counter: Callable[[], TokenCounter]
    """The best counter at the moment."""
    tokens_per_s: float | None = None
    held: tuple[str, ...] = ()
    """The texts that the server has evaluated, in order."""
    _counts: OrderedDict[str, int] = field(default_factory=OrderedDict[str, int])
    _counted_by: TokenCounter | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    """Counters are not safe from several threads at once."""

    def preview(
        self,
        turns: Sequence[Turn],
        expansion: Expansion | None,
        *,
        window_tokens: int,
        reserved_tokens: int,
        problem: str = "",
        unexpanded: Question | None = None,
    ) -> PromptPreview:
        """Return the prompt that asks `expansion` after `turns`, by segments.

        What cannot be expanded is priced by its parts: it is often too large for its template.
        """
        counter = self.counter()
        named = [*_history(turns), *_question(expansion, first=not turns), *_parts(unexpanded)]
        segments: list[PreviewSegment] = []
        reused = True
        for place, (name, text) in enumerate(named):
            reused = reused and place < len(self.held) and self.held[place] == text
            segments.append(
                PreviewSegment(name=name, text=text, tokens=self.tokens(text), reused=reused)
            )
        meter = ContextMeter(
            segments=tuple(
                MeterSegment(name=each.name, tokens=each.tokens, reused=each.reused)
                for each in segments
            ),
            window_tokens=window_tokens,
            reserved_tokens=reserved_tokens,
            exact=counter.exact,
            counted_by=counter.name,
            tokens_per_s=self.tokens_per_s,
        )
        return PromptPreview(
            segments=tuple(segments), meter=meter, problem=problem, cuts=_cuts(expansion)
        )

    def tokens(self, text: str) -> int:
        """Return the tokens of a text."""
        with self._lock:
            counter = self.counter()
            if counter is not self._counted_by:
                self._counts.clear()
                self._counted_by = counter
            known = self._counts.get(text)
            if known is None:
                known = self._counts[text] = sum(map(counter.count, _pieces(text)))
                if len(self._counts) > _CACHED_COUNTS:
                    self._counts.popitem(last=False)
            else:
                self._counts.move_to_end(text)
            return known

    def note_answered(self, turns: Sequence[Turn]) -> None:
        """Note that the server holds all of these turns now."""
        self.held = tuple(text for _, text in _history(turns))

    def note_speed(self, evaluated_tokens: int, seconds: float) -> None:
        """Take a measured reading speed; the first prompt of a session is never cached."""
        if evaluated_tokens >= _FEWEST_MEASURED and seconds > 0:
            self.tokens_per_s = evaluated_tokens / seconds


def _pieces(text: str) -> list[str]:
    """Return a long text in parts that are counted in milliseconds each, so that keys get through.

    Cut between a line's end and a letter, digit or bracket: no tokenizer that we count for joins
    these, so the sum is the whole's count.
    """
    if len(text) <= _COUNTED_AT_ONCE:
        return [text]
    pieces: list[str] = []
    start = 0
    while len(text) - start > _COUNTED_AT_ONCE:
        found = _LINE_START.search(text, start + _COUNTED_AT_ONCE // 2, start + _COUNTED_AT_ONCE)
        end = found.start() + 1 if found else start + _COUNTED_AT_ONCE
        pieces.append(text[start:end])
        start = end
    return [*pieces, text[start:]]


def _cuts(expansion: Expansion | None) -> tuple[str, ...]:
    if expansion is None:
        return ()
    return tuple(
        f"The template cuts {cut.variable} from {cut.tokens:,} to {cut.kept_tokens:,} tokens."
        if cut.kept_tokens
        else f"The template leaves out {cut.variable}: {cut.tokens:,} tokens."
        for cut in expansion.rendered.cuts
    )


def _history(turns: Sequence[Turn]) -> list[tuple[str, str]]:
    named: list[tuple[str, str]] = []
    system = next((turn.question.system for turn in turns if turn.question.system), "")
    if system:
        named.append(("rules and role", system))
    for number, turn in enumerate(turns, 1):
        if turn.answer.text:
            named.extend(_examples(turn.question))
            named.append((f"question {number}", turn.question.expanded or turn.question.text))
            named.append((f"answer {number}", turn.answer.text))
    return named


def _examples(question: Question) -> list[tuple[str, str]]:
    examples = question.prompt.examples if question.prompt else ()
    return [("examples", text) for _, text in examples]


def _parts(question: Question | None) -> list[tuple[str, str]]:
    if question is None:
        return []
    attached = [(attachment.label, attachment.text) for attachment in question.attachments]
    return [*attached, ("question", question.text)]


def _question(expansion: Expansion | None, *, first: bool) -> list[tuple[str, str]]:
    """Return the parts of the user message, attachments by their names."""
    if expansion is None:
        return []
    question = expansion.question
    named = [("rules and role", question.system)] if first and question.system else []
    named.extend(_examples(question))
    rest = question.expanded
    for attachment in question.attachments:
        before, found, after = rest.partition(attachment.text.rstrip("\r\n"))
        if found and attachment.text:
            if before.strip():
                named.append(("frame", before))
            named.append((attachment.label, found))
            rest = after
    named.append(("question", rest))
    return named
