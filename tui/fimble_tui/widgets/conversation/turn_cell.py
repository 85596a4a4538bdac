"""One turn as lines: laid out when it is in view, dropped when it is far from it.

A turn is in one of three states. *Live*: its answer grows, and only the end is laid out again.
*Finished*: rendered once from its source, which also cures what a stream cannot know. *Dropped*:
only its height is left, so that the scroll bar stays true.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from textual.strip import Strip

from fimble.chat.transcript import Answer, AnswerState, Turn
from fimble_tui.markdown.blocks import render_markdown
from fimble_tui.markdown.lines import BLANK, Line
from fimble_tui.markdown.streaming import StreamedMarkdown
from fimble_tui.widgets.conversation.turn_parts import (
    ending_lines,
    question_lines,
    thinking_lines,
    waiting_line,
)

_AROUND: Final = 5
"""Lines of a turn that are not its answer, as a first guess."""


class TurnCell:
    """The lines of one turn at one width, and the strips they were drawn as."""

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self.unfolded = False
        """Whether thoughts and a long question are shown whole."""
        self.lines: list[Line] | None = None
        self.strips: dict[int, Strip] = {}
        self.height = 0
        self.changed_from = 0
        """The first line that the last `lay` may have changed."""
        self._width = 0
        self._live: StreamedMarkdown | None = None
        self._pending = ""

    @property
    def live(self) -> bool:
        """Whether more may come."""
        return not self.turn.answer.state.final

    def guess(self, width: int) -> None:
        """Give it a height for `width` without laying it out."""
        if width == self._width and self.height:
            return
        self.drop()
        text = self.turn.answer.text
        self.height = _AROUND + text.count("\n") + len(text) // max(width, 1)

    def drop(self) -> None:
        """Forget the lines; the height stays."""
        self.lines = None
        self.strips.clear()

    def think(self, text: str) -> None:
        """Take more of what the model thinks."""
        answer = self.turn.answer
        self._renew(replace(answer, thinking=answer.thinking + text, state=AnswerState.STREAMING))

    def write(self, text: str) -> None:
        """Take more of the answer; it is laid out by `lay`."""
        self._pending += text

    def end(self, turn: Turn) -> None:
        """Take the final answer."""
        self.turn = turn
        self._live, self._pending = None, ""
        self.drop()

    def whole_text(self) -> str:
        """Return the answer with what is not laid out yet."""
        return self.turn.answer.text + self._pending

    def lay(self, width: int, *, waiting_for: str = "", elapsed_s: float = 0.0) -> list[Line]:
        """Return the lines at `width`, laying out what changed."""
        if self.lines is not None and self._width == width and not self.live:
            return self.lines
        if self._width != width:
            self.strips.clear()
            self._live = None
        self._width = width
        turn, answer = self.turn, self.turn.answer
        before = [
            *question_lines(turn.question, width, unfolded=self.unfolded),
            BLANK,
            *thinking_lines(
                answer.thinking,
                width,
                unfolded=self.unfolded,
                running=self.live and not self.whole_text(),
            ),
        ]
        if self.live:
            lines, changed = self._lay_live(width)
            after = [waiting_line(waiting_for, elapsed_s)]
            self._forget_strips(before, changed)
        else:
            self.changed_from = 0
            lines = render_markdown(answer.text, width) if answer.text.strip() else []
            after = ending_lines(answer, width)
        gap = [BLANK] if lines and after else []
        self.lines = [*before, *lines, *gap, *after, BLANK]
        self.height = len(self.lines)
        return self.lines

    def _lay_live(self, width: int) -> tuple[list[Line], int]:
        """Return the answer so far, and the first of its lines that may have changed."""
        if self._live is None:
            self._live = StreamedMarkdown(width)
            self._pending = self.whole_text()
            self._renew(replace(self.turn.answer, text=""))
        changed = len(self._live.lines)
        if self._pending:
            changed = self._live.append(self._pending)
            text, self._pending = self._live.source, ""
            self._renew(replace(self.turn.answer, text=text, state=AnswerState.STREAMING))
        return self._live.lines, changed

    def _forget_strips(self, before: list[Line], changed: int) -> None:
        """Drop the strips of lines that are not what they were."""
        old = self.lines or []
        first = len(before) + changed
        if old[: len(before)] != before:
            first = next((n for n, line in enumerate(before) if n >= len(old) or old[n] != line), 0)
        self.changed_from = first
        for number in [number for number in self.strips if number >= first]:
            del self.strips[number]

    def _renew(self, answer: Answer) -> None:
        self.turn = replace(self.turn, answer=answer)
