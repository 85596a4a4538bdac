"""What a workspace offers, held against what was reviewed: which counts, which waits, and why."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from fimble.trust.pins import Pin, TrustRecord, content_hash


class OfferKind(StrEnum):
    """What a file of the repository would do."""

    TEMPLATE = "template"
    PARTIAL = "partial"
    LAYOUT = "layout"
    """A completion layout: it shapes the prompt of every completion."""
    RULES = "rules"
    SETTING = "setting"


class ReviewState(StrEnum):
    """Where an offer stands."""

    ENABLED = "enabled"
    """It was reviewed as it is now."""
    NEW = "new"
    CHANGED = "changed"
    REFUSED = "refused"
    """Nobody can enable it: a link, hidden characters, too large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One file, or one setting, that a repository would have take part."""

    kind: OfferKind
    path: str
    """As in `Pin.path`."""
    text: str = ""
    refusal: str = ""
    """Why it can never take part, as a sentence; empty when it can."""
    note: str = ""
    """What the reviewer should know besides, as a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedOffer:
    """An offer and where it stands."""

    offer: Offer
    state: ReviewState
    pinned: str = ""
    """The text that was reviewed; empty for what is new."""

    @property
    def waits(self) -> bool:
        """Whether the user is to look at it."""
        return self.state in (ReviewState.NEW, ReviewState.CHANGED)

    @property
    def sha256(self) -> str:
        """The hash of the offer's text; empty for a refused one, which was not read."""
        return "" if self.offer.refusal else content_hash(self.offer.text)

    def diff(self) -> Iterator[str]:
        """Yield the lines of a unified difference from what was reviewed to what is there now."""
        path = self.offer.path
        before = f"reviewed/{path}" if self.state is ReviewState.CHANGED else "/dev/null"
        lines = list(
            difflib.unified_diff(
                _lines(self.pinned), _lines(self.offer.text), before, path, lineterm=""
            )
        )
        yield from lines or [f"{path}: only the end of its last line changed."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """All offers of a workspace."""

    offers: tuple[ReviewedOffer, ...]
    gone: tuple[str, ...]
    """Paths that were reviewed and are not there now."""

    @property
    def waiting(self) -> tuple[ReviewedOffer, ...]:
        """What the user is to look at."""
        return tuple(each for each in self.offers if each.waits)

    def part(self, path: str) -> Review:
        """Return the offer at `path`, or all below it."""
        below = f"{path}/"
        found = (each for each in self.offers if f"{each.offer.path}/".startswith(below))
        return Review(offers=tuple(found), gone=())

    def joined(self, parts: Iterable[Review]) -> Review:
        """Return what is in any of `parts`, in the order of this review."""
        paths = {each.offer.path for part in parts for each in part.offers}
        found = (each for each in self.offers if each.offer.path in paths)
        return Review(offers=tuple(found), gone=())

    def count(self, state: ReviewState) -> int:
        """Return how many offers stand there."""
        return sum(each.state is state for each in self.offers)


def review(record: TrustRecord | None, offers: Iterable[Offer]) -> Review:
    """Say of each offer whether it counts."""
    pinned = {pin.path: pin.text for pin in record.pins} if record else {}
    reviewed = tuple(_held_against(offer, pinned.get(offer.path)) for offer in offers)
    seen = {each.offer.path for each in reviewed}
    return Review(offers=reviewed, gone=tuple(path for path in pinned if path not in seen))


def approved(record: TrustRecord | None, review: Review) -> tuple[Pin, ...]:
    """Return the pins after the user has said yes to everything that is shown in `review`.

    What is gone stays pinned: another branch has it again, with the text that was reviewed.
    """
    pins = {pin.path: pin for pin in (record.pins if record else ())}
    for each in review.offers:
        if each.state is ReviewState.REFUSED:
            pins.pop(each.offer.path, None)
        else:
            pins[each.offer.path] = Pin(path=each.offer.path, text=each.offer.text)
    return tuple(pins[path] for path in sorted(pins))


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def _held_against(offer: Offer, pinned: str | None) -> ReviewedOffer:
    if offer.refusal:
        state = ReviewState.REFUSED
    elif pinned is None:
        state = ReviewState.NEW
    else:
        state = ReviewState.ENABLED if pinned == offer.text else ReviewState.CHANGED
    return ReviewedOffer(offer=offer, state=state, pinned=pinned or "")
