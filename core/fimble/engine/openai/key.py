"""The server's key: from the environment or the system's keyring, and nowhere else (T4, T16).

The configuration holds the name of a variable or a switch, never a key, and a repository may set
neither. The key is read when the first request goes out, is sent to the checked endpoint alone,
and is taken out of every text that a server sends back before anybody is shown it.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fimble.errors import EngineRejected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fimble.config.schema import OpenAISettings

ENGINE = "openai"
KEYRING_SERVICE = "fimble"
_HIDDEN = "[key]"
_LONGEST_KEY = 4096
_SHORTEST_HIDDEN = 4


class ServerKey:
    """Finds the key once and remembers it."""

    def __init__(self, settings: OpenAISettings) -> None:
        self._variable = settings.api_key_env
        self._in_keyring = settings.api_key_in_keyring
        self._host = urlsplit(settings.endpoint).hostname or ""
        self._key: str | None = None

    @property
    def named(self) -> bool:
        """Whether the configuration names a place for a key."""
        return bool(self._variable) or self._in_keyring

    async def headers(self) -> Mapping[str, str]:
        """Return the header that carries the key; none where none is configured.

        Raises:
            EngineRejected: It is not where the configuration says.
        """
        if not self.named:
            return {}
        if self._key is None:
            self._key = _checked(await self._find(), self._place)
        return {"Authorization": f"Bearer {self._key}"}

    def hidden_in(self, text: str) -> str:
        """Return `text` without the key: servers quote a refused one, in whole or at its ends."""
        key = self._key
        if not key or len(key) < _SHORTEST_HIDDEN:
            return text
        return text.replace(key, _HIDDEN)

    @property
    def _place(self) -> str:
        if self._variable:
            return f"the environment variable {self._variable} (openai.api_key_env)"
        return f"the keyring, service {KEYRING_SERVICE}, user {self._host}"

    async def _find(self) -> str:
        if self._variable:
            found = os.environ.get(self._variable, "")
            hint = f"Set {self._variable} where Fimble or your editor is started."
        else:
            found = await asyncio.to_thread(_from_keyring, self._host)
            hint = f"Store it with `keyring set {KEYRING_SERVICE} {self._host}`."
        if not found:
            raise _refused(f"There is no key in {self._place}.", hint)
        return found


def _from_keyring(host: str) -> str:
    """Ask the keyring; it may ask the user to unlock it, so this runs in a thread."""
    try:
        import keyring  # noqa: PLC0415 - an optional dependency, slow to import
        from keyring.errors import KeyringError  # noqa: PLC0415
    except ImportError as error:
        raise _refused(
            "openai.api_key_in_keyring needs the package keyring, which is not installed.",
            "Install `fimble[keyring]`, or name a variable in openai.api_key_env.",
        ) from error
    try:
        return keyring.get_password(KEYRING_SERVICE, host) or ""
    except KeyringError as error:
        raise _refused(
            f"The system's keyring cannot be read ({type(error).__name__}).",
            "Unlock it, or name a variable in openai.api_key_env.",
        ) from error


def _checked(key: str, place: str) -> str:
    """Refuse what no header can carry; the sentence does not show it."""
    key = key.strip()
    if not key.isascii() or not key.isprintable() or not 0 < len(key) <= _LONGEST_KEY:
        raise _refused(f"What is in {place} is no key: it is empty, long or holds odd characters.")
    return key


def _refused(sentence: str, hint: str = "") -> EngineRejected:
    return EngineRejected(sentence, status=0, engine=ENGINE, hint=hint)
