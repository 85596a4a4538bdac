"""Trust of a workspace as every front end asks for it: which files count, which wait for review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fimble.errors import TrustError
from fimble.trust.granted import trust_of
from fimble.trust.inventory import offers
from fimble.trust.pins import WorkspaceTrust
from fimble.trust.review import OfferKind, Review, approved, review
from fimble.trust.store import TrustStore


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustState:
    """A workspace's trust, and what of it the user is to look at."""

    trust: WorkspaceTrust
    waiting: int = 0
    """How many files and settings wait for `fimble trust`."""
    mistake: str = ""
    """Why the record could not be used, as a sentence; then nothing is trusted."""

    def sentence(self) -> str:
        """Return what to tell the user once; empty when there is nothing to do."""
        if self.mistake:
            return self.mistake
        if not self.waiting:
            return ""
        what = "prompt file or setting" if self.waiting == 1 else "prompt files and settings"
        verb = "waits" if self.waiting == 1 else "wait"
        return (
            f"{self.waiting} {what} of this workspace {verb} for your review: run `fimble trust`."
        )


def trust_state(workspace: Path, store: TrustStore | None = None) -> TrustState:
    """Return the workspace's trust and how much waits for review; never raises.

    Looks at what is quickly found, `.fimble` and the root's rules. Rules alone do not make an
    unknown workspace wait: many repositories have them, and few of their users asked for this.
    """
    try:
        trust = trust_of(workspace, store)
    except TrustError as error:
        return TrustState(trust=WorkspaceTrust(), mistake=str(error))
    found = review(trust.record, offers(workspace, quick=True))
    waiting = [
        each for each in found.waiting if trust.granted or each.offer.kind is not OfferKind.RULES
    ]
    return TrustState(trust=trust, waiting=len(waiting))


def review_of(workspace: Path, store: TrustStore | None = None) -> Review:
    """Return everything that the workspace offers, held against what was reviewed.

    Raises:
        TrustError: The record is unsafe or damaged.
    """
    record = (store or TrustStore()).load(workspace)
    return review(record, offers(workspace))


def approve(workspace: Path, shown: Review, store: TrustStore | None = None) -> None:
    """Pin what was shown to the user: those texts, not what the files hold by now.

    Raises:
        TrustError: The record cannot be kept.
    """
    store = store or TrustStore()
    pins = approved(store.load(workspace), shown)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    store.save(workspace, reviewed=now, pins=pins)
