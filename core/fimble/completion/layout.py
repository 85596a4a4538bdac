"""The three orders in which a prompt can show the code around a hole."""

from __future__ import annotations

from enum import StrEnum


class Layout(StrEnum):
    """How prefix, suffix and the place to fill are arranged; each is a bundled template."""

    PSM = "psm"
    """Prefix, suffix, middle: what models were trained on; what is typed is a begun middle."""
    SPM = "spm"
    """Suffix first: the prompt ends at the cursor and only grows."""
    PREFILL = "prefill"
    """A chat turn whose answer has already begun: the code before the cursor is its open end."""
