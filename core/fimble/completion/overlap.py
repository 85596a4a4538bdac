"""How much two texts share at their starts, and where the end of one is the start of another."""

from __future__ import annotations


def shared_prefix_length(first: str, second: str) -> int:
    """Count the characters that both texts begin with; bisection, so long texts are cheap."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def end_start_overlap(first: str, second: str) -> int:
    """Count the characters at the end of `first` that `second` begins with."""
    for length in range(min(len(first), len(second)), 0, -1):
        if first.endswith(second[:length]):
            return length
    return 0
