"""Reads templates, their tests and fixtures from disk, layer by layer; the prompts' only I/O."""
