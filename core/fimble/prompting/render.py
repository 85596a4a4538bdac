"""Template and values to segments: substituted once, never expanded again.

Three things are guaranteed for every template and every value, and tested with hypothesis:
a value is never read as template text; outside of control strings given by the model's profile
the prompt holds no control token, not even one that spans a value and the words beside it; and
nothing but `TemplateError` is raised.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from fimble.errors import TemplateError
from fimble.prompting.budget import fit
from fimble.prompting.guards import CountTokens, Neutralise
from fimble.prompting.inputs import with_inputs
from fimble.prompting.rendered import Cut, Rendered, RenderedMessage, Segment
from fimble.prompting.template import FenceMark, Message, Piece, Role, Slot, Template, Text
from fimble.prompting.values import ControlText, Part, Value, joined, safe_parts
from fimble.prompting.volatility import Volatility

MAX_VALUE_CHARACTERS = 8_000_000
"""A value longer than this is a mistake in the caller, and no context window holds it."""

_SEAM = 96
"""Characters on each side of a seam that are checked; the longest control token has 68."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renderer:
    """Renders templates; holds the two judgements that it does not make itself."""

    neutralise: Neutralise
    count_tokens: CountTokens
    """Used only for templates with budgets."""

    def render(self, template: Template, values: Mapping[str, Value]) -> Rendered:
        """Return the prompt for `values`, which may hold more names than the template uses.

        Raises:
            TemplateError: A value is missing, too long, over its budget or not an allowed input.
        """
        run = _Run(renderer=self, template=template, values=with_inputs(template, values))
        messages = tuple(
            message
            for source in template.messages
            if (message := run.message(source)).segments or source.role is Role.RAW
        )
        rendered = Rendered(messages=messages, cuts=tuple(run.cuts))
        self._check_length(template, rendered)
        return rendered

    def _check_length(self, template: Template, rendered: Rendered) -> None:
        limit = template.front.prompt_tokens
        if limit is None:
            return
        tokens = self.count_tokens(rendered.text)
        if tokens > limit:
            raise TemplateError(
                f"The prompt is {tokens} tokens long, over the template's budget of {limit}.",
                source=template.source,
                hint="Give it less text, or raise `budget.prompt`.",
            )


@dataclass(slots=True, kw_only=True)
class _Run:
    """One rendering: every value is made safe once, however often it stands in the body."""

    renderer: Renderer
    template: Template
    values: Mapping[str, Value]
    cuts: list[Cut] = field(default_factory=list[Cut])
    _safe: dict[str, tuple[Part, ...]] = field(default_factory=dict[str, "tuple[Part, ...]"])

    def message(self, message: Message) -> RenderedMessage:
        """Render one message; blank lines at its ends go, since blocks may have vanished."""
        pieces = self._present(message.pieces)
        segments = self._segments(pieces)
        if message.role is not Role.RAW:
            segments = _stripped(segments)
        return RenderedMessage(message.role, tuple(segments))

    def _present(self, pieces: tuple[Piece, ...]) -> list[Piece]:
        """Leave out the blocks of which an optional variable is empty."""
        optional = self.template.front.optional
        if not optional:
            return list(pieces)
        gone = {
            piece.block
            for piece in pieces
            if isinstance(piece, Slot)
            and piece.variable.name in optional
            and not joined(self._value(piece))
        }
        return [piece for piece in pieces if piece.block is None or piece.block not in gone]

    def _segments(self, pieces: list[Piece]) -> list[Segment]:
        fences = self._fences(pieces)
        seams = _Seams(self.renderer.neutralise)
        segments: list[Segment] = []
        for piece in pieces:
            if isinstance(piece, Slot):
                variable = piece.variable
                text = seams.pass_over(self._value(piece))
                segments.append(Segment(text, variable.volatility, variable.name))
            elif isinstance(piece, Text):
                text = seams.pass_over((piece.text,))
                segments.append(Segment(text, Volatility.STATIC, ""))
            else:
                run, volatility = fences[piece.fence]
                segments.append(Segment(seams.pass_over((run,)), volatility, ""))
        return segments

    def _fences(self, pieces: list[Piece]) -> dict[int, tuple[str, Volatility]]:
        """Return each fence's run, longer than every such run inside it."""
        marks = {piece.fence: piece for piece in pieces if isinstance(piece, FenceMark)}
        contents: dict[int, list[str]] = {group: [] for group in marks}
        volatile = dict.fromkeys(marks, Volatility.STATIC)
        for piece in pieces if marks else ():
            if isinstance(piece, FenceMark) or piece.fence is None:
                continue
            if isinstance(piece, Slot):
                contents[piece.fence].append(joined(self._value(piece)))
                volatile[piece.fence] = max(volatile[piece.fence], piece.variable.volatility)
            else:
                contents[piece.fence].append(piece.text)
        return {
            group: (_outgrown(mark, "".join(contents[group])), volatile[group])
            for group, mark in marks.items()
        }

    def _value(self, slot: Slot) -> tuple[Part, ...]:
        name = slot.variable.name
        parts = self._safe.get(name)
        if parts is None:
            parts = self._safe[name] = self._prepared(slot)
        return parts

    def _prepared(self, slot: Slot) -> tuple[Part, ...]:
        name, front = slot.variable.name, self.template.front
        value = self.values.get(name)
        if value is None:
            if name in front.optional:
                return ()
            sentence = f"There is no value for `${{{name}}}` here."
            raise self._error(slot, sentence, hint=f"It is needed: {slot.variable.summary}")
        parts = safe_parts(slot.variable, value, self.renderer.neutralise)
        if sum([len(part) for part in parts if isinstance(part, str)]) > MAX_VALUE_CHARACTERS:
            limit = f"{MAX_VALUE_CHARACTERS:,}"
            raise self._error(slot, f"The value of `${{{name}}}` is over {limit} characters.")
        for budget in front.context:
            if budget.variable == name:
                count = self.renderer.count_tokens
                parts, cut = fit(parts, budget, count=count, source=self.template.source)
                if cut is not None:
                    self.cuts.append(cut)
        return parts

    def _error(self, slot: Slot, sentence: str, hint: str = "") -> TemplateError:
        return TemplateError(
            sentence,
            source=self.template.source,
            line=slot.place.line,
            column=slot.place.column,
            hint=hint,
        )


class _Seams:
    """Finds control tokens that come to be where two texts meet, and parts them with a space.

    Each text is neutral by itself, so only the seams between control strings need a look, and of
    these only the ones without whitespace: no control token holds any. The space goes to the
    later text: what stands before it is the part of the prompt that a model server has cached.
    """

    def __init__(self, neutralise: Neutralise) -> None:
        self._neutralise = neutralise
        self._tail = ""

    def pass_over(self, parts: tuple[Part, ...]) -> str:
        """Return the parts as one text, parted from what went before where that is needed."""
        texts: list[str] = []
        for part in parts:
            if isinstance(part, ControlText):
                if part.text:
                    self._tail = ""
                    texts.append(part.text)
            elif part:
                texts.append(self._parted(part))
        return "".join(texts)

    def _parted(self, text: str) -> str:
        if self._tail and not self._tail[-1].isspace() and not text[0].isspace():
            seam = self._tail + text[:_SEAM]
            if self._neutralise(seam) != seam:
                text = " " + text
        self._tail = text[-_SEAM:] if len(text) >= _SEAM else (self._tail + text)[-_SEAM:]
        return text


def _outgrown(mark: FenceMark, content: str) -> str:
    runs = re.findall(f"{re.escape(mark.character)}{{{mark.length},}}", content)
    longest = max((len(run) for run in runs), default=mark.length - 1)
    return mark.character * (longest + 1)


def _stripped(segments: list[Segment]) -> list[Segment]:
    """Drop empty words and the line breaks of the template's own words at both ends."""
    segments = [segment for segment in segments if segment.text]
    while segments and not segments[0].variable:
        text = segments[0].text.lstrip("\n")
        if text:
            segments[0] = segments[0]._replace(text=text)
            break
        del segments[0]
    while segments and not segments[-1].variable:
        text = segments[-1].text.rstrip("\n")
        if text:
            segments[-1] = segments[-1]._replace(text=text)
            break
        del segments[-1]
    return segments
