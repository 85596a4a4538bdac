"""What the user has granted to a workspace: the light half, for those who only ask.

Nothing here reads templates or the workspace, so that a start-up can afford it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fimble.config.keys import SettingValue
from fimble.errors import TrustError
from fimble.trust.pins import WorkspaceTrust
from fimble.trust.store import TrustStore


def trust_of(workspace: Path, store: TrustStore | None = None) -> WorkspaceTrust:
    """Return which files of `workspace` count.

    Raises:
        TrustError: The record is unsafe or damaged.
    """
    return WorkspaceTrust(record=(store or TrustStore()).load(workspace))


def trusted_settings(
    workspace: Path, store: TrustStore | None = None
) -> Callable[[str, SettingValue], bool]:
    """Return the judge of the repository's settings for as long as a program runs.

    It reads the record each time it is asked, and trusts nothing when that cannot be read.
    """

    def is_trusted(key: str, value: SettingValue) -> bool:
        try:
            return trust_of(workspace, store).allows_setting(key, value)
        except TrustError:
            return False

    return is_trusted
