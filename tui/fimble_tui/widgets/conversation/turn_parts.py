"""The lines around an answer: the question, what was sent with it, thoughts, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fimble.chat.transcript import Answer, AnswerState, AnswerStatistics, Attachment, Question
from fimble.conversation.question_expander import DEFAULT_PROMPT
from fimble.policy.printable import printable, printable_line
from fimble_tui.markdown.blocks import READING_WIDTH
from fimble_tui.markdown.lines import BLANK, Line, Span, indented
from fimble_tui.markdown.wrapping import Run, wrap_runs

_YOU_BAR: Final = (Span("▌ ", "you-bar"),)
_THOUGHT_BAR: Final = (Span("│ ", "faint"),)
_QUESTION_LINES: Final = 12
"""More of a question is shown only when its turn is unfolded; a paste may have a megabyte."""
_UNFOLDED_LINES: Final = 2000
_TAB: Final = 4
_ENDINGS: Final = {
    AnswerState.STOPPED: ("■ stopped; what came is kept", "/continue goes on, /again asks anew"),
    AnswerState.CUT: ("■ cut off; what came is kept", "/continue goes on, /again asks anew"),
    AnswerState.LENGTH: ("■ no room for more", "/continue goes on"),
    AnswerState.FAILED: ("✕ no answer", "/again asks anew"),
}


def question_lines(question: Question, width: int, *, unfolded: bool) -> list[Line]:
    """Return what was asked, folded when it is long, and what went with it."""
    most = _UNFOLDED_LINES if unfolded else _QUESTION_LINES
    rows = question.text.strip("\n").split("\n")
    shown = rows[: most + 1]
    text = printable("\n".join(row[: most * width] for row in shown)).expandtabs(_TAB)
    lines = wrap_runs([Run(text, "you")], width - 3)
    left_out = len(rows) - len(shown) + max(len(lines) - most, 0)
    lines = lines[:most]
    if left_out > 0:
        words = f"{left_out:,} more lines" if not unfolded else f"{left_out:,} lines not shown"
        lines.append(_quiet(words + ("; t shows them" if not unfolded else "")))
    if question.prompt is not None and question.prompt.name != DEFAULT_PROMPT:
        lines.append(_quiet(f"/{printable_line(question.prompt.name)}"))
    if question.attachments:
        lines += _attachment_lines(question.attachments, width - 3)
    return indented(lines, _YOU_BAR, _YOU_BAR, fill="you")


def _attachment_lines(attachments: Sequence[Attachment], width: int) -> list[Line]:
    words = [printable_line(one.label) + _price(one) for one in attachments]
    return wrap_runs([Run(f"+ {' · '.join(words)}", "you quiet")], width)


def _price(attachment: Attachment) -> str:
    masked = f", {attachment.masking}" if attachment.masked else ""
    return f" ({attachment.tokens:,} tokens{masked})" if attachment.tokens else ""


def thinking_lines(thinking: str, width: int, *, unfolded: bool, running: bool) -> list[Line]:
    """Return the model's thoughts: one line, or all of them when unfolded."""
    if not thinking.strip():
        return []
    word = "thinking" if running else "thought"
    if unfolded:
        head = Line(spans=(Span(f"▾ {word}", "thinking"),), lead=2)
        text = printable(thinking.strip()).expandtabs(_TAB)
        body = wrap_runs([Run(text, "thinking")], min(width - 2, READING_WIDTH))
        return [head, *indented(body, _THOUGHT_BAR, _THOUGHT_BAR), BLANK]
    room = min(width, READING_WIDTH) - len(word) - 6
    tail = printable_line(_last_row(thinking))
    tail = tail if len(tail) <= room else f"…{tail[1 - room :]}"
    line = Line(spans=(Span(f"▸ {word} ", "thinking"), Span(f" {tail}", "quiet")), lead=2)
    return [line, BLANK]


def _last_row(text: str) -> str:
    return text.rstrip()[-500:].rpartition("\n")[2].strip()


def ending_lines(answer: Answer, width: int) -> list[Line]:
    """Return how a final answer ended, what to do about it, and what it cost."""
    lines: list[Line] = []
    if answer.state in _ENDINGS:
        words, next_step = _ENDINGS[answer.state]
        if answer.state is AnswerState.FAILED and answer.text:
            words = "✕ failed; what came is kept"
        style = "failed" if answer.state is AnswerState.FAILED else "stopped"
        problem = f": {printable_line(answer.problem)}" if answer.problem else ""
        step = "" if answer.problem and answer.state is AnswerState.FAILED else f" · {next_step}"
        lines += wrap_runs([Run(words + problem, style), Run(step, "quiet")], width)
    costs = _costs(answer.statistics)
    if costs:
        lines.append(_quiet(costs))
    return lines


def _costs(statistics: AnswerStatistics) -> str:
    if not statistics.generated_tokens:
        return ""
    words = [f"{statistics.generated_tokens:,} tokens"]
    duration_s = statistics.total_s - statistics.first_token_s
    if duration_s > 0:
        words.append(f"{statistics.generated_tokens / duration_s:.1f} tokens/s")
    words.append(f"{statistics.total_s:.1f} s")
    if statistics.evaluated_tokens is not None:
        words.append(f"read {statistics.evaluated_tokens:,} of {statistics.prompt_tokens:,}")
    return " · ".join(words)


def waiting_line(words: str, elapsed_s: float) -> Line:
    """Return what stands where the answer will be."""
    return Line(spans=(Span("● ", "running"), Span(f"{words} · {elapsed_s:.0f} s", "quiet")))


def _quiet(text: str) -> Line:
    return Line(spans=(Span(text, "quiet"),))
