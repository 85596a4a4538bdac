"""Whole screens; each owns its state and hears of everything else through messages."""
