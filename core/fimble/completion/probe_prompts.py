"""The prompts of the cache probe: made-up code, cut and changed in the ways that typing does it.

One text, begun differently for every probe so that no server has it in a cache. What is sent are
beginnings of it (the pilot, the head, the whole), the same with a key typed somewhere, and once
the head with another end. All cuts lie between lines, so that no token straddles one.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from enum import StrEnum

_NAMES = (
    *("count", "data", "entry", "event", "field", "first", "group", "index", "input", "item"),
    *("last", "limit", "line", "list", "name", "node", "order", "output", "page", "path"),
    *("price", "record", "result", "size", "state", "table", "text", "time", "total", "user"),
)

_PILOT_CHARACTERS = 320
"""About 100 tokens of Qwen's vocabulary: enough to estimate speed and characters per token."""

_WHOLE_TOKENS = 1_200
_LEAST_WHOLE_TOKENS = 400
"""Below it, what a hybrid cache reads again is too little to tell from what a dense one does."""

_WHOLE_S = 8.0
"""A slow machine gets shorter prompts, so that evaluating the whole takes about this long."""

_WINDOW_SHARE = 0.9
"""Part of the context window that the whole may take by an estimate from above."""

_SUFFIX_SHARE = 1 / 20
_CLOSING = " #"
"""Stands for the control token behind the cursor in a suffix-first prompt."""


class ProbeStep(StrEnum):
    """What a request of the probe does to the slot, in the order of asking."""

    PILOT = "pilot"
    """A short cold prompt: speed and density, for the sizes of the others."""
    HEAD = "head"
    """Half of the whole; goes on from the pilot."""
    AGAIN = "again"
    """The head once more: costs nothing where anything is reused."""
    WHOLE = "whole"
    """Goes on from the head."""
    APPEND = "append"
    """A key at the end, as in suffix-first and prefill layouts: all but the last tokens agree."""
    SUFFIX_KEY = "suffix key"
    """A key in front of a short suffix, as in the prefix-suffix-middle layout."""
    MIDDLE_EDIT = "middle edit"
    """A line put into the middle of the second half."""
    WARM_SUFFIX = "warm suffix"
    """The head, a new line and a short suffix: goes on from where an earlier request ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSizes:
    """Lengths in characters of the text; each is the end of a line."""

    pilot: int
    head: int = 0
    whole: int = 0
    suffix: int = 0
    """What stands behind the key of `SUFFIX_KEY`."""
    middle: int = 0
    """Where `MIDDLE_EDIT` puts its line."""


class ProbeText:
    """The text of one probe and the prompts that are made of it.

    Args:
        seed: Makes this text different from that of any other probe.
    """

    def __init__(self, seed: int) -> None:
        self._lines = random.Random(seed)  # noqa: S311 - made-up names, no secret
        self._text = ""
        self.sizes = ProbeSizes(pilot=self._line_end(_PILOT_CHARACTERS))

    def fit(self, *, pilot_tokens: int, pilot_s: float, longest: float) -> None:
        """Choose the sizes of the prompts after the pilot.

        Args:
            pilot_tokens: What the server counted for the pilot.
            pilot_s: How long it took to evaluate it.
            longest: How many times the pilot fits into the context window by a safe estimate.
        """
        per_token = self.sizes.pilot / pilot_tokens
        affordable = _WHOLE_S * pilot_tokens / pilot_s if pilot_s > 0 else _WHOLE_TOKENS
        tokens = min(max(affordable, _LEAST_WHOLE_TOKENS), _WHOLE_TOKENS)
        characters = min(tokens * per_token, self.sizes.pilot * longest * _WINDOW_SHARE)
        whole = self._line_end(int(characters))
        head = self._line_end(whole // 2)
        self.sizes = replace(
            self.sizes,
            head=head,
            whole=whole,
            suffix=whole - self._line_end(int(whole * (1 - _SUFFIX_SHARE))),
            middle=self._line_end((head + whole) // 2),
        )

    def prompt(self, step: ProbeStep, turn: int = 0) -> str:
        """Return the prompt of `step`; `turn` makes the key of a repeated one another key."""
        sizes, text = self.sizes, self._text
        key = _NAMES[turn]
        whole = text[: sizes.whole]
        before, suffix = whole[: -sizes.suffix], whole[-sizes.suffix :]
        return {
            ProbeStep.PILOT: text[: sizes.pilot],
            ProbeStep.HEAD: text[: sizes.head],
            ProbeStep.AGAIN: text[: sizes.head],
            ProbeStep.WHOLE: f"{whole}return{_CLOSING}",
            ProbeStep.APPEND: f"{whole}return {key}{_CLOSING}",
            ProbeStep.SUFFIX_KEY: f"{before}{key}\n{suffix}",
            ProbeStep.MIDDLE_EDIT: f"{text[: sizes.middle]}{key}\n{whole[sizes.middle :]}",
            ProbeStep.WARM_SUFFIX: f"{text[: sizes.head]}return {key}\n{suffix}",
        }[step]

    def _line_end(self, characters: int) -> int:
        """Return the length of the text's shortest beginning of whole lines with so many."""
        while len(self._text) < characters:
            one, other, called, given = self._lines.choices(_NAMES, k=4)
            number = self._lines.randrange(10)
            self._text += f"{one}_{other} = {called}({given}, {number})\n"
        return self._text.index("\n", max(0, characters - 1)) + 1
