"""Markdown as lines of styled text: one renderer for answers that stream and that are finished.

Pure: text and a width in, lines out; it knows no widget and no theme. A style is a name, and the
conversation's style sheet says what it looks like.
"""
