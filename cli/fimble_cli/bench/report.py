"""Figures for people (a Markdown table) and for programs (JSON)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Final

from fimble_cli.bench.holes import HoleFigures
from fimble_cli.bench.metrics import Figures

Cell = Callable[[Figures], str]


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def _milliseconds(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"


COLUMNS: Final[tuple[tuple[str, Cell], ...]] = (
    ("typed", lambda it: str(it.typed_characters)),
    ("accepted", lambda it: str(it.accepted_characters)),
    ("requests/char", lambda it: f"{it.requests_per_character:.3f}"),
    ("evaluated/char", lambda it: f"{it.evaluated_per_character:.1f}"),
    ("in place", lambda it: f"{it.evaluated_per_character_in_place:.1f}"),
    ("prompt p50", lambda it: "" if it.prompt_p50 is None else f"{it.prompt_p50:.0f}"),
    ("wasted/char", lambda it: f"{it.wasted_per_character:.2f}"),
    ("cancelled", lambda it: str(it.cancelled)),
    ("foreseen", lambda it: _share(it.foreseen_share)),
    ("typed through", lambda it: _share(it.typed_through_share)),
    ("shown p50 ms", lambda it: _milliseconds(it.shown_p50_ms)),
    ("p90 ms", lambda it: _milliseconds(it.shown_p90_ms)),
    ("prefix kept", lambda it: f"{it.steady_pairs}/{it.prompt_pairs}"),
    ("close p50 ms", lambda it: _milliseconds(it.close_p50_ms)),
    ("worst ms", lambda it: _milliseconds(it.close_worst_ms)),
)
"""What the table shows of each row of figures; `LEGEND` says what it means."""

LEGEND: Final = """\
typed: keys that put text in (Enter with its indentation is one); accepted: characters taken over.
requests/char, evaluated/char, wasted/char: requests, prompt tokens computed, and generated tokens
that were neither shown nor typed, for each typed key. in place: evaluated/char without the first
prompt after each jump. prompt p50: tokens of the median prompt: what the model gets to see.
foreseen: keys that a suggestion on the screen had already said. typed through: of the keys typed
into a suggestion, those after which the rest of it stayed without a gap. shown: from the last key
to a suggestion that was not there before. prefix kept: consecutive prompts, no jump between, that
share at least 95 % of their bytes from the start. close: from the key that contradicts a running
stream to its closed connection."""


def markdown_table(label: str, rows: Sequence[tuple[str, Figures]]) -> str:
    """Lay figures out, one row each, under a column of names."""
    header = (label, *(name for name, _ in COLUMNS))
    body = [(name, *(cell(figures) for _, cell in COLUMNS)) for name, figures in rows]
    return aligned_table(header, body)


def aligned_table(header: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """Lay cells out as Markdown, the first column to the left, all others to the right."""
    widths = [max(map(len, column)) for column in zip(header, *body, strict=True)]
    rule = [
        "-" * width if number == 0 else "-" * (width - 1) + ":"
        for number, width in enumerate(widths)
    ]
    return "\n".join(_line(cells, widths) for cells in (header, rule, *body))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    aligned = [
        cell.ljust(width) if number == 0 else cell.rjust(width)
        for number, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return f"| {' | '.join(aligned)} |"


def holes_line(figures: HoleFigures) -> str:
    """Say in one line how well holes were filled."""
    return (
        f"{figures.holes} holes asked for by key: {figures.answered} answered, "
        f"exact {_share(figures.exact_share)}, "
        f"similarity {_share(figures.similarity)}, p50 {_milliseconds(figures.answer_p50_ms)} ms"
    )


def as_json_object(figures: Figures) -> Mapping[str, object]:
    """Return all figures by name, the quotients too."""
    return {
        **asdict(figures),
        "requests_per_character": figures.requests_per_character,
        "evaluated_per_character": figures.evaluated_per_character,
        "evaluated_per_character_in_place": figures.evaluated_per_character_in_place,
        "wasted_per_character": figures.wasted_per_character,
    }


def holes_as_json(figures: HoleFigures) -> Mapping[str, object]:
    """Return the figures about holes by name."""
    return asdict(figures)
