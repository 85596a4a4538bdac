"""The context meter: one line that says what the next question costs.

Contract: `MeterLine.show_meter(meter)` takes a `fimble.chat.meter.ContextMeter`, or None while
the price is unknown; the chat screen calls it after each change of the draft, at most ten times a
second.
"""
