"""The chat without its screen: turns, questions, prices and what an answer's code would change.

Pure, except that nothing here knows a clock, a file or a socket; `fimble.conversation` brings
them, and the terminal (`fimble_tui`) and `fimble ask` show what both say.
"""
