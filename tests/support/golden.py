"""Golden cases of post-processing: a place, what a model said there, what must become of it.

A case is driven exactly as the pipeline drives a stream: chunk by chunk through a `CutFinder`, then
through the rules. Places are marked with `<|cursor|>`; control pictures stand for what YAML cannot
hold (`␀` for NUL) and `␍` for a CR.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from fimble.completion.draft import Draft, Dropped, Place, RuleEffect
from fimble.completion.planning import Plan, TokenLimits, Trigger, plan_request
from fimble.completion.postprocess import RULES, apply_rules
from fimble.completion.stopping import Cut, CutFinder
from fimble.completion.surroundings import Extent, Surroundings, look_around
from fimble.syntax.languages import language_named
from fimble.syntax.one_shot import parse
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot
from support.marked import marked

_LIMITS = TokenLimits(line=64, block=256)
_NO_HURRY_US = 20_000_000
_PICTURES = {"␀": "\0", "␍": "\r", "␛": "\x1b"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenCase:
    """One entry of a file under `tests/unit/completion/golden/`."""

    name: str
    language: str
    input: str
    """The document with its cursor mark."""
    model: str
    """Everything the model would have said."""
    expected: str | None = None
    """The document after the suggestion was accepted."""
    inserted: str | None = None
    """The suggestion itself, where the document adds nothing."""
    dropped: str | None = None
    """Why nothing is shown; the reason that the rule must give, or a part of it."""
    extent: Extent | None = None
    """How much was asked for; what the syntax says when None."""
    partial: bool = False
    truncated: bool = False
    tree: bool = True
    """Whether a syntax tree was ready."""
    logprobs: tuple[float, ...] = ()
    min_mean_logprob: float | None = None

    def __str__(self) -> str:
        return f"{self.language}: {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Processed:
    """What became of a case."""

    around: Surroundings
    extent: Extent
    cut: Cut | None
    outcome: Draft | Dropped
    effects: tuple[RuleEffect, ...] = field(default=())

    def document(self) -> str:
        """Return the document after the suggestion was accepted."""
        if isinstance(self.outcome, Dropped):
            return self.around.snapshot.text
        return accepted(self.around, self.outcome).text


def load_cases(folder: Path) -> Iterator[GoldenCase]:
    """Read every case of every language."""
    for path in sorted(folder.glob("*.yaml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            if "extent" in entry:
                entry["extent"] = Extent(entry["extent"])
            entry["logprobs"] = tuple(entry.get("logprobs", ()))
            for key in ("input", "model", "expected", "inserted"):
                for picture, character in _PICTURES.items():
                    if key in entry:
                        entry[key] = entry[key].replace(picture, character)
            yield GoldenCase(language=path.stem, **entry)


def around_of(case: GoldenCase) -> Surroundings:
    """Build the place of a case."""
    snapshot, cursor = marked(case.input, uri="file:///w/a", language_id=case.language)
    row = language_named(case.language)
    if row is None:
        raise ValueError(f"no language is called {case.language!r}")
    tree = parse(snapshot, language=row, deadline_ms=20_000) if case.tree else None
    return look_around(snapshot, cursor, tree, parse_budget_us=_NO_HURRY_US)


def process(case: GoldenCase, *, chunks: Sequence[str] | None = None) -> Processed:
    """Drive a case as the pipeline does; by default in chunks of seven characters."""
    around = around_of(case)
    extent = case.extent or extent_at(around)
    if chunks is None:
        chunks = [case.model[start : start + 7] for start in range(0, len(case.model), 7)]
    text = ""
    cut: Cut | None = None
    finder = CutFinder(around, extent)
    for chunk in chunks:
        text += chunk
        cut = finder.look(text)
        if cut is not None:
            text = text[: cut.end]
            break
    place = Place(
        around=around,
        extent=extent,
        partial=case.partial,
        truncated=case.truncated,
        logprobs=case.logprobs,
        min_mean_logprob=case.min_mean_logprob,
    )
    outcome, effects = apply_rules(Draft(text=text), place, RULES)
    return Processed(around=around, extent=extent, cut=cut, outcome=outcome, effects=effects)


def extent_at(around: Surroundings) -> Extent:
    """Ask the planner how much is wanted at a place."""
    plan = plan_request(around, Trigger.INVOKED, _LIMITS)
    if not isinstance(plan, Plan):
        raise TypeError(f"a request by key is always asked, but {plan!r}")
    return plan.extent


def accepted(around: Surroundings, draft: Draft) -> Snapshot:
    """Return the document with a suggestion in it."""
    line, character = around.cursor
    end = Position(line, character + draft.replaced_characters)
    text = draft.text.replace("\n", around.line_ending)
    return around.snapshot.replace(Range(around.cursor, end), text, version=2)[0]
