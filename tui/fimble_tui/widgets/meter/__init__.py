"""The context meter: one line that says what the next question costs.

Contract: `MeterLine.want(draft)` after each change of the draft, the conversation or the server;
it prices in a thread, at most five times a second, and the newest draft wins.
"""
