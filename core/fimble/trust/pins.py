"""What a user reviewed in a workspace, pinned by content: the one decision about repository files.

Trust is not given to a folder but to texts. After a pull only what changed asks again, and until
then the reviewed text of a file stays in force: a colleague's commit neither changes what a user's
prompts say nor takes one away. What is used is the very text that was reviewed, so nothing can be
swapped between the question and the use.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from fimble.config.keys import SettingValue

SETTINGS_FILE = ".fimble/config.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One reviewed text."""

    path: str
    """From the workspace's root, with slashes; a setting is `.fimble/config.toml#its.key`."""
    text: str
    """Kept whole, so that a change can be shown as a difference."""

    @property
    def sha256(self) -> str:
        """The hash of the text, in hexadecimal."""
        return content_hash(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustRecord:
    """What one user reviewed in one workspace."""

    workspace: str
    """The workspace's path with all links followed."""
    reviewed: str
    """When it was reviewed last: an ISO date with time, in UTC."""
    pins: tuple[Pin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceTrust:
    """Which files of a workspace may take part."""

    record: TrustRecord | None = None
    """None: the workspace was never reviewed, and none of its files counts."""
    everything: bool = False
    """Whether the user vouches for the whole workspace, for one command."""
    _texts: Mapping[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the pins."""
        pins = self.record.pins if self.record is not None else ()
        texts = MappingProxyType({pin.path: pin.text for pin in pins})
        object.__setattr__(self, "_texts", texts)

    @property
    def granted(self) -> bool:
        """Whether anything of the workspace may take part."""
        return self.everything or self.record is not None

    def allows(self, path: str, text: str) -> str | None:
        """Return the text that the file at `path` (from the root, with slashes) counts with.

        Args:
            path: As in `Pin.path`.
            text: What was just read from it.

        Returns:
            That very text once it was reviewed; until then the text that was reviewed before, which
            no pull can take away; None when none ever was.
        """
        return text if self.everything else self._texts.get(path)

    def allows_setting(self, key: str, value: SettingValue) -> bool:
        """Whether the repository's value for a setting counts."""
        line = setting_line(key, value)
        return self.allows(setting_path(key), line) == line


def content_hash(text: str) -> str:
    """Return the SHA-256 of the text's UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def setting_path(key: str) -> str:
    """Return what a setting of the repository's configuration is pinned as."""
    return f"{SETTINGS_FILE}#{key}"


def setting_line(key: str, value: SettingValue) -> str:
    """Return a setting as the text that is reviewed: the same for every way to write it."""
    return f"{key} = {value!r}\n"
