"""The line that says what the next question would cost."""

from __future__ import annotations

from fimble.chat.meter import ContextMeter
from fimble_tui.sinks import PlainText


class MeterLine(PlainText):
    """Always visible, so that nothing is ever cut without a word."""

    def show_meter(self, meter: ContextMeter | None) -> None:
        """Show the price; None while it is unknown."""
        if meter is None:
            self.show("")
            return
        first = (
            "" if meter.first_token_s is None else f" · first token in {meter.first_token_s:.1f} s"
        )
        self.show(
            f"{meter.tokens:,} of {meter.window_tokens:,} tokens · "
            f"{meter.to_be_read:,} to be read{first}"
        )
