"""What the next question sends, segment by segment, before it is sent.

Contract: pushed with the draft, its exact prompt and what was taken off; dismisses itself with
what is taken off now and whether to send, or None when nothing changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from rich.cells import chop_cells
from textual.app import ComposeResult, RenderResult
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from fimble.chat.meter import MeterSegment
from fimble.chat.transcript import Attachment, Question
from fimble.conversation.pricing import PreviewSegment, PromptPreview
from fimble_tui.conversation_port import ConversationPort
from fimble_tui.newest import NewestOnly
from fimble_tui.screens.guarded import GuardedScreen
from fimble_tui.sinks import PlainText, screen_line, screen_text
from fimble_tui.widgets.meter.meter_line import MeterLine
from fimble_tui.widgets.meter.segments import ATTACHED, QUESTION, RULES, STYLES, TALK, kind_of

_ORIGINS: Final = {
    RULES: "the template's system message and the project's rules",
    TALK: "this session",
    ATTACHED: "mentioned in the question",
    QUESTION: "what you wrote, in its template",
}
_LONGEST_BROKEN_AT_WORDS: Final = 4_000
"""Characters; a longer row is no prose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class XrayResult:
    """What the user decided."""

    dropped: frozenset[str]
    """Labels of attachments that stay behind."""
    send: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """The line over a segment's text."""

    name: str
    tokens: int
    reused: bool
    kind: str
    droppable: bool
    dropped: bool = False


class SegmentView(ScrollView, can_focus=True):
    """All of the prompt as lines; only those in view are drawn."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar = {"segments--head", "segments--marked"}

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._heads: list[_Head] = []
        self._texts: list[str] = []
        self._lines: list[_Head | str] = []
        self._wrapped_at = 0
        self._at = 0

    @property
    def marked(self) -> str:
        """The name of the attachment that is marked; empty when none is."""
        head = self._heads[self._at] if self._at < len(self._heads) else None
        return head.name if head is not None and head.droppable else ""

    def show(self, preview: PromptPreview, attachments: tuple[Attachment, ...]) -> None:
        """Show a prompt; `attachments` are all that were mentioned, also those taken off."""
        first = not self._heads
        labels = {it.label: it for it in attachments}
        heads = [_head(it, droppable=it.name in labels) for it in preview.segments]
        texts = [screen_text(it.text) for it in preview.segments]
        marked = self.marked
        place = max(len(heads) - 1, 0)
        for label, attachment in reversed(labels.items()):
            found = next((n for n, it in enumerate(heads) if it.name == label), None)
            if found is None:
                # What was taken off keeps its place: before what is mentioned after it.
                heads.insert(place, _gone(attachment))
                texts.insert(place, "")
            else:
                place = found
        self._heads, self._texts = heads, texts
        self._at = next((n for n, it in enumerate(heads) if it.name == marked), self._at)
        if first:
            self._at = next((n for n, it in enumerate(heads) if it.droppable), len(heads) - 1)
        self._at = max(0, min(self._at, len(heads) - 1))
        self._wrap()
        if first and self._lines:
            # One line of what is before it tells that there is more above.
            self.scroll_to(y=self._lines.index(self._heads[self._at]) - 1, animate=False)

    def on_resize(self) -> None:
        """Break the lines anew."""
        if self._wrapped_at != self._width:
            self._wrap()

    @property
    def _width(self) -> int:
        return max(self.scrollable_content_region.width - 2, 1)

    def _wrap(self) -> None:
        self._wrapped_at = width = self._width
        lines: list[_Head | str] = []
        for head, text in zip(self._heads, self._texts, strict=True):
            lines.append(head)
            for row in text.split("\n") if text else ():
                lines += _chunks(row.expandtabs(4), width)
        self._lines = lines
        self.virtual_size = Size(0, len(lines))
        self.refresh()

    def step(self, steps: int) -> None:
        """Mark another segment and show its beginning."""
        if self._heads:
            self._at = (self._at + steps) % len(self._heads)
            self.scroll_to(y=self._lines.index(self._heads[self._at]), animate=False)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return one line."""
        place = y + round(self.scroll_y)
        width = self.size.width
        if place >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        line = self._lines[place]
        content = Content(f"  {line}") if isinstance(line, str) else self._head_line(line, width)
        return Strip(
            content.render_segments(self.visual_style), content.cell_length
        ).adjust_cell_length(width, self.rich_style)

    def _head_line(self, head: _Head, width: int) -> Content:
        marked = self._heads[self._at] is head
        box = "" if not head.droppable else "[ ] " if head.dropped else "[x] "
        state = "stays behind" if head.dropped else "reused" if head.reused else "to be read"
        tokens = f"{head.tokens:,} tokens · {state} "
        origin = f"  {_ORIGINS[head.kind]}"
        left = Content.assemble(
            ("▌", STYLES[head.kind]),
            (" " if not marked else "›", "bold"),
            box,
            (screen_line(head.name), "$quiet strike" if head.dropped else "bold"),
        )
        room = width - len(tokens)
        if left.cell_length + len(origin) + 2 <= room:
            left = Content.assemble(left, (origin, "$quiet"))
        left = left.truncate(max(room - 1, 1), ellipsis=True)
        gap = " " * max(room - left.cell_length, 0)
        line = Content.assemble(left, gap, (tokens, "$quiet" if head.reused else "$foreground"))
        return line.stylize_before("on $primary 25%" if marked else "on $surface")


class XrayScreen(GuardedScreen[XrayResult | None]):
    """The exact prompt."""

    BINDINGS: ClassVar = [
        Binding("escape,f4", "leave", "back", id="xray.back", key_display="esc"),
        Binding("tab", "step(1)", "next part", id="xray.next", priority=True),
        Binding("shift+tab", "step(-1)", "part before", id="xray.previous", priority=True),
        Binding("space", "take_off", "take off, or along again", id="xray.toggle"),
        Binding("enter", "send", "send", id="xray.send"),
    ]

    def __init__(
        self, conversation: ConversationPort, draft: Question, *, dropped: frozenset[str]
    ) -> None:
        """Show `draft`, which has all attachments that were mentioned."""
        super().__init__()
        self._draft = draft
        self._dropped_before = dropped
        self._dropped = dropped
        self._preview: PromptPreview | None = None
        self._view = SegmentView(id="xray-segments")
        self._notes = PlainText(id="xray-notes")
        self._meter = MeterLine(conversation.meter, id="xray-meter")
        self._previewer = NewestOnly(self, conversation.preview, self._show)

    def compose(self) -> ComposeResult:
        """Show price, notes, segments and keys."""
        yield self._meter
        yield self._notes
        yield self._view
        yield XrayKeys(id="xray-keys")

    def on_mount(self) -> None:
        """Ask for the prompt."""
        self._notes.display = False
        self._previewer.want(self._kept)
        self._view.focus()

    @property
    def _kept(self) -> Question:
        kept = tuple(it for it in self._draft.attachments if it.label not in self._dropped)
        return Question(text=self._draft.text, attachments=kept, prompt=self._draft.prompt)

    def _show(self, question: Question, preview: PromptPreview) -> None:
        del question
        self._preview = preview
        notes = [preview.problem, *preview.cuts, *self._masked()]
        self._notes.show("\n".join(note for note in notes if note))
        self._notes.display = any(notes)
        self._meter.show_meter(preview.meter)
        self._view.show(preview, self._draft.attachments)

    def _masked(self) -> list[str]:
        return [f"{it.label}: {it.masking}." for it in self._kept.attachments if it.masked]

    def action_step(self, steps: int) -> None:
        """Mark another segment."""
        self._view.step(steps)

    def action_take_off(self) -> None:
        """Take the marked attachment off, or along again."""
        label = self._view.marked
        if label:
            self._dropped ^= {label}
            self._previewer.want(self._kept)

    def action_send(self) -> None:
        """Send it as it is shown."""
        self.dismiss(XrayResult(dropped=self._dropped, send=bool(self._draft.text.strip())))

    def action_leave(self) -> None:
        """Go back; what was taken off stays off."""
        changed = self._dropped != self._dropped_before
        self.dismiss(XrayResult(dropped=self._dropped, send=False) if changed else None)


class XrayKeys(Widget):
    """The line of keys."""

    def render(self) -> RenderResult:
        """Return the keys that do something here."""
        parts: list[tuple[str, str]] = []
        rows = (
            ("tab", "next part"),
            ("space", "take off"),
            ("enter", "send"),
            ("esc", "back"),
            ("↑↓ pgdn", "scroll"),
        )
        for key, meaning in rows:
            parts += [(key, "$footer-key-foreground"), (f" {meaning}   ", "$quiet")]
        return Content.assemble(" ", *parts)


def _head(segment: PreviewSegment, *, droppable: bool) -> _Head:
    metered = MeterSegment(name=segment.name, tokens=segment.tokens, reused=segment.reused)
    return _Head(
        name=segment.name,
        tokens=segment.tokens,
        reused=segment.reused,
        kind=ATTACHED if droppable else kind_of(metered),
        droppable=droppable,
    )


def _gone(attachment: Attachment) -> _Head:
    return _Head(
        name=attachment.label,
        tokens=attachment.tokens,
        reused=False,
        kind=ATTACHED,
        droppable=True,
        dropped=True,
    )


def _chunks(row: str, width: int) -> list[str]:
    """Return a row in pieces that fit, broken between words while that is cheap."""
    if len(row) <= width and row.isascii():
        return [row]
    if len(row) <= _LONGEST_BROKEN_AT_WORDS:
        return [line.plain for line in Content(row).wrap(width)] or [""]
    return list(chop_cells(row, width)) or [""]
