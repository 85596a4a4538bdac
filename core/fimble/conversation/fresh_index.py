"""Keeps a workspace's symbol index as fresh as its users need it: at once, or soon and quietly."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

from fimble.errors import FimbleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from fimble.context.index.symbol_index import SymbolIndex

_FRESH_NOW_S: Final = 2.0
_FRESH_SOON_S: Final = 15.0


class FreshIndex:
    """An index and when it was last compared with the disk; thread-safe."""

    def __init__(self, index: SymbolIndex, *, now: Callable[[], float] = time.monotonic) -> None:
        self.index = index
        self._clock = now
        self._built_at = float("-inf")
        self._building = threading.Lock()
        self.builds = 0
        """How often it was brought up to date."""
        self._stop = threading.Event()
        self._settled = threading.Event()
        self._settled.set()

    def now(self) -> None:
        """Bring the index up to date before returning: some 20 ms for each thousand files.

        Raises:
            SymbolIndexError: It cannot be.
        """
        with self._building:
            if self._clock() - self._built_at > _FRESH_NOW_S:
                self.index.build(polite=True, stop=self._stop)
                self._built_at = self._clock()
                self.builds += 1

    def soon(self) -> None:
        """Begin to bring the index up to date in a thread, if it was not a short time ago."""
        old = self._clock() - self._built_at > _FRESH_SOON_S
        if old and not self._building.locked() and not self._stop.is_set():
            self._settled.clear()
            threading.Thread(target=self._quietly, name="symbol index", daemon=True).start()

    def settle(self) -> None:
        """Wait for what `soon` began, if anything."""
        self._settled.wait()

    def close(self) -> None:
        """Stop what is being built; what was written is kept."""
        self._stop.set()
        with self._building:
            self.index.close()

    def _quietly(self) -> None:
        try:
            self.now()
        except FimbleError:
            # Whoever asks for a symbol is told why; a popup shows the files that there are.
            self._built_at = self._clock()
        finally:
            self._settled.set()
