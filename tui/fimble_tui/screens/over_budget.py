"""A question that does not fit into the window: the user says what stays behind.

Contract: pushed with the question and its price; dismisses itself with the attachments that go
along, or None. Nothing is ever cut by itself.
"""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region, Size
from textual.screen import ModalScreen
from textual.scroll_view import ScrollView
from textual.strip import Strip

from fimble.chat.meter import ContextMeter
from fimble.chat.transcript import Attachment, Question
from fimble_tui.screens.guarded import GuardedScreen
from fimble_tui.sinks import PlainText, screen_line


class AttachmentList(ScrollView, can_focus=False):
    """Attachments with their tokens, each going along or not."""

    ALLOW_SELECT = False

    def __init__(self, attachments: tuple[Attachment, ...], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._attachments = attachments
        self._at = 0
        self.dropped: set[str] = set()
        """Labels of what stays behind."""

    def on_mount(self) -> None:
        """Take one line for each."""
        self.virtual_size = Size(0, len(self._attachments))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return one line for each, up to half the screen."""
        del container, width
        return max(1, min(len(self._attachments), viewport.height // 2))

    def move(self, steps: int) -> None:
        """Mark another one."""
        if self._attachments:
            self._at = max(0, min(self._at + steps, len(self._attachments) - 1))
            self.scroll_to_region(Region(0, self._at, 1, 1), animate=False)
            self.refresh()

    def toggle(self) -> None:
        """Take the marked one off, or along again."""
        if self._attachments:
            self.dropped ^= {self._attachments[self._at].label}
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Toggle what was clicked."""
        place = round(self.scroll_y) + event.y
        if place < len(self._attachments):
            self._at = place
            self.toggle()

    def render_line(self, y: int) -> Strip:
        """Return the line of one attachment."""
        place = y + round(self.scroll_y)
        width = self.size.width
        if place >= len(self._attachments):
            return Strip.blank(width, self.rich_style)
        one = self._attachments[place]
        gone = one.label in self.dropped
        tokens = f"{one.tokens:,}"
        label = screen_line(one.label)
        room = max(width - cell_len(tokens) - 8, 1)
        label = label if cell_len(label) <= room else f"…{label[-room + 1 :]}"
        line = Content.assemble(
            " [", ("x" if not gone else " ", "$success"), "] ",
            (label, "$quiet strike" if gone else ""),
            " " * max(room - cell_len(label) + 1, 1),
            (tokens, "$quiet"), " ",
        )  # fmt: skip
        if place == self._at:
            line = line.stylize("on $primary 25%")
        return Strip(line.render_segments(self.visual_style), line.cell_length).adjust_cell_length(
            width, self.rich_style
        )


class OverBudgetScreen(
    GuardedScreen[tuple[Attachment, ...] | None], ModalScreen[tuple[Attachment, ...] | None]
):
    """Lists what could be dropped, the largest first, with the running total."""

    BINDINGS: ClassVar = [
        Binding("escape", "dismiss", "back", id="budget.back"),
        Binding("up,k", "move(-1)", "up", id="budget.up"),
        Binding("down,j", "move(1)", "down", id="budget.down"),
        Binding("space", "take_off", "take off", id="budget.toggle"),
        Binding("enter", "send", "send", id="budget.send"),
    ]

    def __init__(self, question: Question, meter: ContextMeter) -> None:
        """Ask about `question`, which `meter` says is over."""
        super().__init__()
        self._modal = True
        self._question = question
        self._meter = meter
        largest_first = sorted(question.attachments, key=lambda it: -it.tokens)
        self._list = AttachmentList(tuple(largest_first), id="budget-list")
        self._total = PlainText(id="budget-total")

    def compose(self) -> ComposeResult:
        """Show what it is about, the list, the total and the keys."""
        with Vertical(classes="foot-dialog"):
            yield PlainText(_advice(self._question, self._meter), id="budget-advice")
            yield self._list
            yield self._total
            keys = "space takes off · enter sends what is left · esc back to the prompt"
            if not self._question.attachments:
                keys = "esc back to the prompt"
            yield PlainText(keys, classes="dialog-keys")

    def on_mount(self) -> None:
        """Count."""
        self._list.display = bool(self._question.attachments)
        self._count()

    @property
    def over(self) -> int:
        """Tokens that are still too many."""
        saved = sum(it.tokens for it in self._question.attachments if self._is_dropped(it))
        return max(0, self._meter.over - saved)

    def _is_dropped(self, attachment: Attachment) -> bool:
        return attachment.label in self._list.dropped

    def _count(self) -> None:
        meter, over = self._meter, self.over
        tokens = meter.tokens - (meter.over - over if over else self._saved())
        room = meter.window_tokens - meter.reserved_tokens
        state = f"{over:,} tokens too many" if over else "it fits"
        style = "bold $error" if over else "bold $success"
        self._total.show(
            Content.assemble(f"{tokens:,} of {room:,} tokens for the prompt: ", (state, style))
        )

    def _saved(self) -> int:
        return sum(it.tokens for it in self._question.attachments if self._is_dropped(it))

    def action_move(self, steps: int) -> None:
        """Mark another attachment."""
        self._list.move(steps)

    def action_take_off(self) -> None:
        """Take the marked one off, or along again."""
        self._list.toggle()
        self._count()

    def on_click(self) -> None:
        """Count again: a row may have been clicked."""
        self._count()

    def action_send(self) -> None:
        """Send what is left, if that fits."""
        if self.over:
            self.app.bell()  # pyright: ignore[reportUnknownMemberType]
            return
        self.dismiss(tuple(it for it in self._question.attachments if not self._is_dropped(it)))


def _advice(question: Question, meter: ContextMeter) -> str:
    many = f"This question is {meter.over:,} tokens over the window of {meter.window_tokens:,}"
    kept = f"{meter.reserved_tokens:,} of them are kept for the answer"
    if question.attachments:
        return f"{many}; {kept}. What should stay behind?"
    return (
        f"{many}; {kept}. Nothing is attached that could be dropped: shorten the question, "
        "or begin anew with /new."
    )
