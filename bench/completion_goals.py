"""What the comparison must show, and whether it does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from fimble_cli.bench.metrics import Figures

Results = Mapping[tuple[str, str], Figures]
"""Figures by trace and contestant."""

OURS = "fimble "
"""Contestants whose names begin so are ours."""

_MOST_REQUESTS = {"agreeing": 0.15, "mixed": 0.5}
_SHARE_OF_BEST_PEER = {"spm": 0.1, "prefill": 0.1, "psm": 0.25}
_STEADY_SHARE = 0.95
_CLOSE_MS = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One goal and what was measured."""

    what: str
    measured: str
    met: bool

    def __str__(self) -> str:
        """Return the line of the report."""
        return f"- {self.what}: {self.measured}: {'met' if self.met else 'MISSED'}."


def verdicts(results: Results, *, extra: Collection[str] = ()) -> Iterator[Verdict]:
    """Hold the figures of every layout of ours against the goals.

    The goals are about the systems with their own defaults. Against the rows that `extra` names
    the same comparison is printed by itself.
    """
    for (trace, name), figures in results.items():
        if not name.startswith(OURS):
            continue
        layout = name.removeprefix(OURS)
        place = f"{layout}, {trace}"
        yield from _own(place, trace, figures)
        share = _SHARE_OF_BEST_PEER[layout]
        peers = _peers(results, trace)
        what = f"{place}: evaluated/char at most {share:g} of the best"
        defaults = {name: it for name, it in peers.items() if name not in extra}
        others = {name: it for name, it in peers.items() if name in extra}
        for whose, compared in (
            (f"of the {len(defaults)} with their defaults", defaults),
            ("of the extra rows", others),
        ):
            for label, cost in (("", _all), (", in place", _in_place)):
                if compared:
                    yield _against(f"{what} {whose}{label}", share, figures, compared, cost)


def _own(place: str, trace: str, figures: Figures) -> Iterator[Verdict]:
    most = _MOST_REQUESTS[trace]
    measured = figures.requests_per_character
    yield Verdict(
        what=f"{place}: requests/char at most {most:g}",
        measured=f"{measured:.3f}",
        met=measured <= most,
    )
    if figures.prompt_pairs:
        steady = figures.steady_pairs / figures.prompt_pairs
        yield Verdict(
            what=f"{place}: consecutive prompts share at least {_STEADY_SHARE:.0%} of their bytes",
            measured=f"{figures.steady_pairs} of {figures.prompt_pairs} pairs",
            met=steady >= _STEADY_SHARE,
        )
    if figures.typed_through_share is not None:
        yield Verdict(
            what=f"{place}: a suggestion typed through stays on the screen",
            measured=f"{figures.typed_through_share:.2%}",
            met=figures.typed_through_share == 1.0,
        )
    if figures.close_p50_ms is not None and figures.close_worst_ms is not None:
        yield Verdict(
            what=f"{place}: a contradicted stream is closed within {_CLOSE_MS:.0f} ms",
            measured=f"median {figures.close_p50_ms:.0f} ms, worst {figures.close_worst_ms:.0f} ms "
            f"of {figures.diverged}",
            met=figures.close_worst_ms <= _CLOSE_MS,
        )


def _all(figures: Figures) -> float:
    return figures.evaluated_per_character


def _in_place(figures: Figures) -> float:
    return figures.evaluated_per_character_in_place


def _peers(results: Results, trace: str) -> dict[str, Figures]:
    return {
        name: figures
        for (its_trace, name), figures in results.items()
        if its_trace == trace and not name.startswith(OURS)
    }


def _against(
    what: str,
    share: float,
    figures: Figures,
    peers: Mapping[str, Figures],
    cost: Callable[[Figures], float],
) -> Verdict:
    best = min(peers, key=lambda name: cost(peers[name]))
    ours, theirs = cost(figures), cost(peers[best])
    ratio = ours / theirs if theirs else float("inf")
    return Verdict(
        what=what,
        measured=f"{ours:.1f} against {theirs:.1f} of {best}, {ratio:.3f}",
        met=ratio <= share,
    )
