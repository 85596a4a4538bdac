"""The chat without the alternate screen: turns go into the terminal's own scrollback.

For tmux, ssh, phones and screen readers; the same conversations as the full chat.
"""
