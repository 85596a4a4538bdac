"""The line that says what the next question would cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from fimble.chat.meter import ContextMeter
from fimble.chat.transcript import Question
from fimble_tui.newest import NewestOnly
from fimble_tui.sinks import screen_line
from fimble_tui.widgets.meter.segments import STYLES, bar, totals

_PAUSE_S: Final = 0.2
"""The price follows the draft at most five times a second."""
_WIDEST_BAR: Final = 24
_NARROWEST_BAR: Final = 8
_BAR_SHARE: Final = 5
_SHORTEST_S: Final = 0.1
_WITH_TENTHS_S: Final = 10.0


class MeterLine(Widget):
    """Always visible, so that nothing is ever cut without a word."""

    ALLOW_SELECT = False

    def __init__(
        self,
        price: Callable[[Question], ContextMeter],
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """Show prices; `price` is called in a thread, where a large draft takes its time."""
        super().__init__(id=id)
        self._meter: ContextMeter | None = None
        self._pricer = NewestOnly(self, price, self._priced, pause_s=_PAUSE_S)

    @property
    def meter(self) -> ContextMeter | None:
        """What is shown; None while it is unknown."""
        return self._meter

    @property
    def idle(self) -> bool:
        """Whether the newest draft's price is shown."""
        return self._pricer.idle

    def want(self, draft: Question) -> None:
        """Show the price of another draft soon."""
        self._pricer.want(draft)

    def _priced(self, draft: Question, meter: ContextMeter) -> None:
        del draft
        self.show_meter(meter)

    def show_meter(self, meter: ContextMeter | None) -> None:
        """Show a price; None while it is unknown."""
        self._meter = meter
        self.refresh()

    def render(self) -> RenderResult:
        """Return the bar and as many words as fit, the most telling ones first."""
        meter = self._meter
        if meter is None:
            return ""
        width = self.size.width
        cells = min(_WIDEST_BAR, max(_NARROWEST_BAR, width // _BAR_SHARE))
        line = Content.assemble(*((part.text, part.style) for part in bar(meter, cells)))
        for words in _words(meter):
            if line.cell_length + words.cell_length + 2 <= width:
                line = Content.assemble(line, "  ", words)
        return line


def _words(meter: ContextMeter) -> list[Content]:
    at_most = "" if meter.exact else "≤ "
    size = f"{at_most}{meter.tokens:,} of {meter.window_tokens:,}"
    words: list[Content] = []
    if meter.over:
        words.append(Content.styled(f"{meter.over:,} tokens over", "bold $error"))
    words.append(Content.styled(size, "$error" if meter.over else "$foreground"))
    if meter.to_be_read:
        words.append(Content.styled(f"{meter.to_be_read:,} to read", "$quiet"))
    if meter.first_token_s is not None and meter.to_be_read:
        words.append(Content.styled(f"{_seconds(meter.first_token_s)} to first token", "$quiet"))
    legend = [
        Content.assemble((kind, STYLES[kind]), (f" {tokens:,}", "$quiet"))
        for kind, tokens in totals(meter).items()
    ]
    words.append(Content(" · ").join(legend))
    if meter.counted_by:
        words.append(Content.styled(f"by {screen_line(meter.counted_by)}", "$quiet"))
    return words


def _seconds(seconds: float) -> str:
    if seconds < _SHORTEST_S:
        return f"under {_SHORTEST_S} s"
    return f"≈ {seconds:.1f} s" if seconds < _WITH_TENTHS_S else f"≈ {round(seconds):,} s"
